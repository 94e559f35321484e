"""`sideman bench osc` and `bench flood`: other programs at the OSC port while a full band plays.

`osc`: how long a knob takes to be told to everybody. `flood`: 20,000 messages a second; is any control lost, any note
late, does memory grow?
"""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import msgspec
import trio

from daemon.bench import Say, play_for
from daemon.config import Config
from daemon.rig import Rig
from daemon.styles_folder import StyleShelf
from daemon.worker_environment import worker_environment
from realtime.edges.latency import Latency

RATE: Final = 20_000
"""Messages a second."""

WARM_SECONDS: Final = 4.0
"""Until the whole band plays."""

PAGE_BYTES: Final = 4_096


def bench_osc(task: str, config: Config, shelf: StyleShelf, seconds: float, say: Say) -> dict[str, Any]:
    """The figures of `osc` or `flood`.

    Raises:
        ConfigError: the OSC port is not to be had.
    """
    audio = replace(config.audio, device="null" if config.audio.device == "auto" else config.audio.device)
    osc = replace(config.osc, port=_free_port())
    live = replace(config, audio=audio, midi=replace(config.midi, backend="loopback"), osc=osc)
    seen: dict[str, Any] = {}

    async def meanwhile(rig: Rig) -> None:
        await trio.sleep(WARM_SECONDS)
        with _processor(seen, "alone"):
            await trio.sleep(WARM_SECONDS)
        seen["memory_before"], seen["notes_before"] = _memory_mib(), _notes(rig.statistics())
        with _processor(seen, "with_clients"):
            seen["client"] = await _client(task, osc.port, seconds, seen)
        seen["memory_after"] = _memory_mib()

    statistics = trio.run(play_for, live, shelf, meanwhile, say)
    return (_round_trips if task == "osc" else _flood)(seen, statistics)


async def _client(task: str, port: int, seconds: float, seen: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", "daemon.bench_osc_client", task, str(port), f"{seconds:g}", str(RATE)]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_look_at_memory, seconds / 2, seen)
        done = await trio.run_process(command, capture_stdout=True, env=worker_environment())
        nursery.cancel_scope.cancel()
    figures: dict[str, Any] = msgspec.json.decode(done.stdout)
    return figures


@contextmanager
def _processor(seen: dict[str, Any], name: str) -> Iterator[None]:
    """How much of a core this process takes meanwhile, in percent."""
    spent, began = time.process_time(), time.perf_counter()
    yield
    share = (time.process_time() - spent) / (time.perf_counter() - began)
    seen.setdefault("processor", {})[name] = round(100 * share, 1)


async def _look_at_memory(seconds: float, seen: dict[str, Any]) -> None:
    await trio.sleep(seconds)
    seen["memory_midway"] = _memory_mib()


def _round_trips(seen: dict[str, Any], statistics: dict[str, Any]) -> dict[str, Any]:
    client = seen["client"]
    figures: dict[str, Any] = {}
    for name in ("ping", "knob"):
        latency = Latency()
        for micros in client[name]:
            latency.add(micros)
        figures[f"{name}_micros"] = asdict(latency.summary())
    return {**figures, "unanswered": client["lost"], "notes": _notes(statistics), **_cost(seen)}


def _flood(seen: dict[str, Any], statistics: dict[str, Any]) -> dict[str, Any]:
    osc, stage = statistics["osc"], statistics["stage"]
    arrived = osc["received"] + osc["replaced"]
    return {
        **seen["client"],
        "arrived_share": round(arrived / (seen["client"]["sent"] + seen["client"]["switches_turned"]), 4),
        "looked_at": osc["received"],
        "replaced_by_later": osc["replaced"],
        "inputs_to_the_heart": stage["inputs"],
        "callback_to_heart_micros": stage["input_latency"],
        "wakeup_late_micros": stage["wakeup_latency"],
        "notes": _notes(statistics),
        **_cost(seen),
        "memory_mib": {name.removeprefix("memory_"): seen.get(name) for name in _MEMORIES},
    }


def _cost(seen: dict[str, Any]) -> dict[str, Any]:
    """What it cost the band, and how it did before."""
    return {"notes_before": seen["notes_before"], "processor_percent": seen["processor"]}


_MEMORIES: Final = ("memory_before", "memory_midway", "memory_after")


def _notes(statistics: dict[str, Any]) -> dict[str, Any]:
    """Of what went to MIDI: how much, how much of it more than 5 ms late, the worst."""
    out = statistics["midi_out"]
    return {"sent": out["sent"], "beyond_5_ms": out["late"], "worst_ms": round(out["worst_late"] / 1_000, 2)}


def _memory_mib() -> float:
    """What this process holds in memory now; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return round(pages * PAGE_BYTES / (1 << 20), 1)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
