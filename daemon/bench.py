"""`sideman bench`: what this machine does, measured here and now, with how busy it was.

Wall-clock figures of a shared machine are noisy: read p50 for the program, p99 and worst for the machine too.
"""

import os
import platform
import random
import resource
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from daemon.config import Config
from daemon.demo_tune import demo_script
from daemon.midi_file import Script
from daemon.session_folder import make_header
from daemon.styles_folder import StyleShelf, performer_of
from realtime.core.events import Input, MidiReceived, Output, ParameterSet, Stamped
from realtime.core.units import MICROS_PER_SECOND, Micros
from realtime.edges.latency import Latency

if TYPE_CHECKING:
    from daemon.rig import Rig

JITTER_WAKEUPS: Final = 400
JITTER_SPACING_MICROS: Final = 5_000
RENDER_RATE: Final = 48_000
BENCH_SONGS: Final = 32
BENCH_SEED: Final = 1
DIATONIC: Final = (0, 18, 32, 35, 51, 64, 0, 35)
"""C, Dm7, Em7, F, G7, Am: tokens of the oracle's kernel, the commonest twice."""

ENGINE_FIGURES: Final = (
    *("device", "rate", "frames", "xruns", "late", "losses", "callback_p50", "callback_p99", "callback_worst"),
    *("thrifty", "load_p50", "load_p99", "load_p999", "load_worst", "jitter_p99", "load_histogram"),
)

Say = Callable[[str], None]
Meanwhile = Callable[["Rig"], Awaitable[object]]


def bench(task: str, config: Config, shelf: StyleShelf, seconds: float, say: Say) -> dict[str, Any]:
    """Runs one task; returns its figures and the machine they were taken on.

    Raises:
        EngineUnavailable: the task needs the sound engine, and it is not built.
    """
    return report(task, lambda: TASKS[task](config, shelf, seconds, say))


def report(task: str, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `measure` gives, and the machine it was taken on."""
    load_before = os.getloadavg()[0]
    figures = measure()
    machine = {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_before": round(load_before, 2),
        "load_after": round(os.getloadavg()[0], 2),
    }
    return {"task": task, "figures": figures, "machine": machine}


def _latency(config: Config, shelf: StyleShelf, seconds: float, say: Say) -> dict[str, Any]:
    """A full band in real time, played to by another thread as a MIDI callback would."""
    import trio  # noqa: PLC0415 - only the live tasks need it

    audio = replace(config.audio, device="null" if config.audio.device == "auto" else config.audio.device)
    midi = replace(config.midi, backend="loopback")
    live = replace(config, audio=audio, midi=midi)

    async def wait(_: "Rig") -> None:
        await trio.sleep(seconds)

    statistics: dict[str, Any] = trio.run(play_for, live, shelf, wait, say)
    stage, sound = statistics["stage"], statistics.get("sound", {})
    return {
        "callback_to_heart_micros": stage["input_latency"],
        "heart_to_ring_micros": {sink["name"]: sink["latency"] for sink in stage["sinks"]},
        "wakeup_late_micros": stage["wakeup_latency"],
        "engine": {name: sound[name] for name in ENGINE_FIGURES} if sound else {},
        "inputs": stage["inputs"],
        "outputs": stage["outputs"],
    }


async def play_for(config: Config, shelf: StyleShelf, meanwhile: "Meanwhile", say: Say) -> dict[str, Any]:
    """A full band plays while something else goes on; the statistics of its edges."""
    import trio  # noqa: PLC0415

    from daemon.rig import Rig  # noqa: PLC0415
    from daemon.serve import tune_interpreter  # noqa: PLC0415

    heart = performer_of(make_header(config, shelf.mappings, config.band.seed, forms=shelf.forms))
    rig = Rig(config, heart, say)
    stop = threading.Event()
    try:
        rig.open(must_have_osc=False)
        tune_interpreter()
        async with trio.open_nursery() as nursery:
            await nursery.start(rig.run)
            hands = threading.Thread(target=_hands, args=(demo_script(0), rig.clock.now, rig.put, stop), daemon=True)
            hands.start()
            await meanwhile(rig)
            stop.set()
            nursery.cancel_scope.cancel()
        return rig.statistics()
    finally:
        stop.set()
        rig.close()


def _hands(
    script: Script, now: Callable[[], Micros], put: Callable[[Input, Micros], None], stop: threading.Event
) -> None:
    """Plays the script over and over, stamping each message as it is played."""
    while not stop.is_set():
        begin = now()
        for stamped in script.inputs:
            wait = (begin + stamped.at - now()) / MICROS_PER_SECOND
            if wait > 0 and stop.wait(wait):
                return
            if isinstance(stamped.event, MidiReceived | ParameterSet):
                put(stamped.event, now())


def _jitter(config: Config, shelf: StyleShelf, seconds: float, say: Say) -> dict[str, Any]:
    """How late a wake-up comes, with nothing else going on: what the operating system and trio give."""
    import trio  # noqa: PLC0415

    from realtime.edges.clock import SystemClock  # noqa: PLC0415

    late = Latency()

    async def sleep() -> None:
        clock = SystemClock()
        due = clock.now()
        for _ in range(min(JITTER_WAKEUPS, int(seconds * MICROS_PER_SECOND / JITTER_SPACING_MICROS))):
            due = Micros(due + JITTER_SPACING_MICROS)
            await clock.sleep_until(due)
            late.add(clock.now() - due)

    trio.run(sleep)
    return {"wakeup_late_micros": asdict(late.summary())}


def _demo_outputs(config: Config, shelf: StyleShelf) -> tuple[list[Stamped[Output]], Micros, float]:
    """The demo with its band, how long it is, and the seconds it took to play it fast."""
    from realtime.core.offline import play  # noqa: PLC0415

    script = demo_script(0)
    heart = performer_of(make_header(config, shelf.mappings, config.band.seed, forms=shelf.forms))
    until = Micros(script.last_input + MICROS_PER_SECOND)
    began = time.perf_counter()
    outputs = list(play(heart, script.inputs, until))
    return outputs, until, time.perf_counter() - began


def _render(config: Config, shelf: StyleShelf, seconds: float, say: Say) -> dict[str, Any]:
    """The demo's mix, offline, on one core."""
    from realtime.edges.engine import render_outputs  # noqa: PLC0415

    outputs, _, _ = _demo_outputs(config, shelf)
    figures = {}
    for name, effects in (("with_effects", True), ("dry", False)):
        began = time.process_time()
        samples = render_outputs(outputs, rate=RENDER_RATE, effects=effects)
        cpu = time.process_time() - began
        length = len(samples) / 8 / RENDER_RATE
        figures[name] = {
            "audio_seconds": round(length, 2),
            "cpu_seconds": round(cpu, 3),
            "x_realtime": round(length / cpu),
        }
    return figures


def _predict(config: Config, shelf: StyleShelf, seconds: float, say: Say) -> dict[str, Any]:
    """The oracle's step, foreseeing eight beats and learning one, over a long set."""
    from realtime.core.chord import Chord  # noqa: PLC0415
    from realtime.core.oracle import MEMORY_BEATS, Oracle  # noqa: PLC0415

    oracle, foresee, observe = Oracle(), Latency(), Latency()
    song = [Chord(root, "", root) for root in (0, 9, 5, 7, 0, 5, 2, 7) for _ in range(4)]
    for beat in range(MEMORY_BEATS):
        began = time.perf_counter_ns()
        oracle.foresee(8)
        foreseen = time.perf_counter_ns()
        oracle.observe(song[beat % len(song)])
        observe.add((time.perf_counter_ns() - foreseen) // 1000)
        foresee.add((foreseen - began) // 1000)
    return {
        "beats": MEMORY_BEATS,
        "foresee_8_beats_micros": asdict(foresee.summary()),
        "learn_a_beat_micros": asdict(observe.summary()),
        "kernel_step_micros": _kernel_steps(),
    }


def _kernel_steps() -> dict[str, float]:
    """The next beat foreseen and learnt, in the kernel alone, with trained tables: songs of 32 bars, thrice each."""
    import numpy as np  # noqa: PLC0415

    from daemon.weights_folder import load_weights  # noqa: PLC0415
    from realtime._dsp import OracleKernel  # noqa: PLC0415

    tables = load_weights().oracle["beats"].tobytes()
    chance = random.Random(BENCH_SEED)
    spent: list[int] = []
    for _ in range(BENCH_SONGS):
        sections = [[chance.choice(DIATONIC) for _ in range(8)] for _ in "AB"]
        form = [*sections[0], *sections[0], *sections[1], *sections[0]] * 3
        spent += OracleKernel("beats", 4, tables).time_steps(bytes(token for token in form for _ in range(4)))
    p50, p99 = np.percentile(spent, (50, 99)) / 1000
    return {"count": len(spent), "p50": round(p50, 1), "p99": round(p99, 1), "worst": round(max(spent) / 1000, 1)}


def _load(config: Config, shelf: StyleShelf, seconds: float, say: Say) -> dict[str, Any]:
    """The whole heart, as fast as it goes."""
    outputs, until, took = _demo_outputs(config, shelf)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "music_seconds": round(until / MICROS_PER_SECOND, 1),
        "cpu_seconds": round(took, 3),
        "x_realtime": round(until / MICROS_PER_SECOND / took),
        "outputs": len(outputs),
        "peak_memory_mib": peak // (1 << 20 if sys.platform == "darwin" else 1 << 10),
    }


def _thru(config: Config, shelf: StyleShelf, seconds: float, say: Say) -> dict[str, Any]:
    """From a key to `sideman out`, over JACK."""
    from daemon.bench_thru import key_to_out  # noqa: PLC0415

    return key_to_out(config, shelf, seconds, say)


TASKS: Final[dict[str, Callable[[Config, StyleShelf, float, Say], dict[str, Any]]]] = {
    "latency": _latency,
    "jitter": _jitter,
    "render": _render,
    "predict": _predict,
    "load": _load,
    "thru": _thru,
}


def report_lines(report: dict[str, Any]) -> list[str]:
    """The figures for people: one a line, nested names joined."""
    machine = report["machine"]
    lines = [
        f"{report['task']} on {machine['system']} {machine['processor']}, {machine['cores']} cores, "
        f"Python {machine['python']}, load {machine['load_before']} → {machine['load_after']}"
    ]

    def walk(prefix: str, value: object) -> None:
        if isinstance(value, dict) and set(value) >= {"p50", "p99", "worst"}:
            lines.append(f"  {prefix:<34} p50 {value['p50']:>6}  p99 {value['p99']:>6}  worst {value['worst']:>6}")
        elif prefix.endswith("histogram") and isinstance(value, tuple):
            lines.append(f"  {prefix:<34} {' '.join(f'≤{end:g}%:{count}' for end, count in value)}")
        elif isinstance(value, dict):
            for name, inner in value.items():
                walk(f"{prefix} {name}".strip(), inner)
        else:
            lines.append(f"  {prefix:<34} {value}")

    walk("", report["figures"])
    return lines
