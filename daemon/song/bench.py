"""`sideman bench generate`: how long each stage of a piece takes, warm and from a cold shell, in processor time."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from daemon.song.make import Studio
from daemon.song.piece import STAGES
from daemon.song.request import SongRequest
from daemon.styles_folder import StyleShelf
from daemon.worker_environment import worker_environment

ORIGINAL: Final = {
    "chords": "200-500 ms", "melody": "1-2 s", "midi": "< 100 ms", "tokens": "< 100 ms", "audio": "300-500 ms (30 s)",
    "total": "4-6 s",
}  # fmt: skip
"""What the system that sideman grew from told of itself, for eight bars."""

REQUEST: Final = SongRequest(genre="gospel", key="C", tempo=70.0, bars=8, complexity=6, seed=1)
"""Eight bars that last half a minute with their tail: melody, band, MIDI, tokens, theory and audio."""

LONG: Final = replace(REQUEST, bars=32, tempo=120.0)


def bench_generate(shelf: StyleShelf, repeat: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Medians of `repeat` runs, in milliseconds of one core; and one run of the command from nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        studio = Studio(shelf, clock=time.process_time)
        first = _run(studio, REQUEST, folder)
        warm = [_run(studio, REQUEST, folder) for _ in range(repeat)]
        long = [_run(studio, LONG, folder) for _ in range(repeat)]
        say("and once from a cold shell")
        cold = _cold(folder)
    return {
        "8 bars warm, ms": _medians(warm),
        "8 bars, first in its process, ms": _medians([first]),
        "32 bars warm, ms": _medians(long),
        "8 bars from a cold shell": cold,
        "the original's, 8 bars": dict(ORIGINAL),
    }


def _run(studio: Studio, request: SongRequest, folder: Path) -> Mapping[str, float]:
    return studio.make(request, folder).seconds


def _medians(runs: list[Mapping[str, float]]) -> dict[str, float]:
    return {stage: round(1000 * median(run[stage] for run in runs), 1) for stage in (*STAGES, "total")}


def _cold(folder: Path) -> dict[str, float]:
    """A shell's `sideman generate`: processor time of its process, and what a clock on the wall says."""
    words = ["generate", "--genre", "gospel", "--key", "C", "--tempo", "70", "--bars", "8", "--complexity", "6"]
    before, began = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-P", "-m", "daemon", *words, "--seed", "1", "-o", str(folder / "cold")],
        check=True,
        env=worker_environment(),
        stdout=subprocess.DEVNULL,
    )
    wall, after = time.perf_counter() - began, os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return {"processor_ms": round(1000 * cpu), "wall_ms": round(1000 * wall)}
