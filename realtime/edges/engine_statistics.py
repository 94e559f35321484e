"""What the sound engine tells about itself: its device, what was lost, and how its time is spent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Histogram = tuple[tuple[float, int], ...]
"""Upper end of a bucket, and how often; empty buckets are left out."""

PLAYING: Final = "playing"
LOST: Final = "lost"


@dataclass(frozen=True, slots=True)
class Device:
    """What was opened. `rate` in Hz, `frames` a block. `trouble` says what is wrong, and is empty if nothing is."""

    host: str
    name: str
    rate: int
    frames: int
    trouble: str = ""

    def __str__(self) -> str:
        return f"{self.host}:{self.name} {self.rate} Hz/{self.frames}"


@dataclass(frozen=True, slots=True)
class EngineStatistics:
    """How the engine does. Counts since the start; times in µs; loads in percent of a block's time, the deadline at
    100; `peaks` are linear, 1.0 is full scale.
    """

    running: bool
    sent: int
    refused: int
    """Events that the ring had no room for."""
    xruns: int
    """Callbacks that took longer than their block, and gaps that the device reported."""
    late: int
    voices: int
    callback_p50: int
    callback_p99: int
    callback_worst: int
    peaks: Mapping[str, float]
    lost: bool
    """Whether the device went away."""
    state: str = PLAYING
    """playing, lost (the null device keeps the music going), or closed."""
    device: str = ""
    trouble: str = ""
    """What is wrong with the device, for people; empty if nothing is."""
    losses: int = 0
    """How often a device was lost."""
    rate: int = 0
    frames: int = 0
    measured_rate: float = 0.0
    """The device's sample rate in Hz, as the clock of the process sees it."""
    load_p50: float = 0.0
    load_p99: float = 0.0
    load_p999: float = 0.0
    load_worst: float = 0.0
    jitter_p99: int = 0
    """How far from the expected moment callbacks begin, in µs."""
    thrift: int = 0
    """What the engine saves to stay in time: 0 nothing, 1 quiet tails, 2 all tails, 3 and 4 notes beyond a number."""
    thrifty: int = 0
    """Callbacks after which something was saved."""
    callback_histogram: Histogram = ()
    load_histogram: Histogram = ()


def read_statistics(seen: Mapping[str, Any], sent: int, refused: int, peaks: Mapping[str, float]) -> EngineStatistics:
    """The extension's own mapping, put in order."""
    device = seen["device"]
    return EngineStatistics(
        running=seen["running"],
        sent=sent,
        refused=refused,
        xruns=seen["xruns"],
        late=seen["late"],
        voices=seen["voices"],
        callback_p50=seen["callback_p50_micros"],
        callback_p99=seen["callback_p99_micros"],
        callback_worst=seen["callback_max_micros"],
        peaks=peaks,
        lost=seen["lost"],
        state=device["state"],
        device=str(_device(device)),
        trouble=device["trouble"],
        losses=device["losses"],
        rate=device["rate"],
        frames=device["frames"],
        measured_rate=round(device["measured_rate"], 2),
        load_p50=_percent(seen["load_p50_percent"]),
        load_p99=_percent(seen["load_p99_percent"]),
        load_p999=_percent(seen["load_p999_percent"]),
        load_worst=_percent(seen["load_max_percent"]),
        jitter_p99=seen["jitter_p99_micros"],
        thrift=seen["thrift"],
        thrifty=seen["thrifty"],
        callback_histogram=_histogram(seen["callback_histogram"]),
        load_histogram=_histogram(seen["load_histogram"]),
    )


def read_device(opened: Mapping[str, Any], trouble: str) -> Device:
    """What `Engine.start` returned."""
    return Device(opened["host"], opened["name"], opened["rate"], opened["frames"], trouble)


def _device(seen: Mapping[str, Any]) -> Device:
    return Device(seen["host"], seen["name"], seen["rate"], seen["frames"])


def _percent(value: float) -> float:
    return round(value, 2)


def _histogram(counts: list[tuple[float, int]]) -> Histogram:
    return tuple((float(f"{end:.4g}"), count) for end, count in counts)
