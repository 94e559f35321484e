"""The graphics processor as the process sees it: what it does here, and when it is worth asking."""

import os
from dataclasses import dataclass
from typing import Final

from realtime.edges.engine import EngineUnavailable, dsp

WORTH_ASKING: Final = 4_000
"""Messages of a piece from which on looking for a GPU, some 0.2 s, is little beside rendering the piece."""


@dataclass(frozen=True, slots=True)
class Graphics:
    """What was found and measured, or why nothing was: times of a round trip and of one voice's frame."""

    problem: str = ""
    name: str = ""
    api: str = ""
    is_software: bool = False
    round_trip_micros: float = 0.0
    gpu_nanos: float = 0.0
    cpu_nanos: float = 0.0
    is_faster: bool = False

    @property
    def chosen(self) -> str:
        """What `--device auto` takes for a long piece."""
        return "gpu" if self.is_faster else "cpu"

    def text(self) -> str:
        """The whole in a line."""
        if self.problem:
            return self.problem
        kind = ", a program on the CPU" if self.is_software else ""
        return (
            f"{self.name} ({self.api}{kind}), round trip {self.round_trip_micros:.0f} µs, {self.gpu_nanos:.2f} ns "
            f"a voice-frame beside {self.cpu_nanos:.2f} on one core; auto takes the {self.chosen}"
        )


def quieten() -> None:
    """Leaves out Mesa's own choice of a device, which grumbles on stderr where there is no desktop; we choose."""
    os.environ.setdefault("NODEVICE_SELECT", "1")


def look() -> Graphics:
    """Opens the GPU and measures it; never raises."""
    quieten()
    try:
        seen = dsp().probe_gpu()
    except (EngineUnavailable, RuntimeError) as problem:
        return Graphics(str(problem))
    return Graphics(
        "",
        seen["name"],
        seen["api"],
        seen["software"],
        round(seen["round_trip_micros"], 1),
        round(seen["gpu_nanos"], 3),
        round(seen["cpu_nanos"], 3),
        seen["faster"],
    )


def choose_device(wanted: str, messages: int) -> str:
    """cpu or gpu, for a piece of so many messages, where cpu, gpu or auto is wanted."""
    if wanted != "auto":
        quieten()
        return wanted
    return look().chosen if messages >= WORTH_ASKING else "cpu"
