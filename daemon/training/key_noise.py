"""Music that is in no key, as the ear has it: random chords, clusters, chromatic runs and random notes."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from daemon.evaluation.corpus import Tune, TuneNote
from daemon.evaluation.grid import Grid, grid_of
from daemon.evaluation.keys import evidence_of
from realtime.core.meter import Meter

BEATS: Final = 128
APART: Final = 424_242
"""Keeps these dice from those of the sequences."""


def keyless(count: int, seed: int) -> Iterator[list[tuple[float, ...]]]:
    """So many pieces: of each beat, the weights of the pitch classes and of the basses."""
    for number in range(count):
        rng = np.random.default_rng([seed, APART, number])
        notes = list((_chords, _clusters, _run, _lone)[number % 4](rng))
        tempo = float(rng.uniform(60.0, 150.0))
        tune = Tune("noise", ((0.0, Meter(4, 4)),), 0.0, tempo, (), tuple(notes))
        grid: Grid = grid_of(tune)
        yield [(*beat.weights, *beat.bass) for beat in evidence_of(notes, tune, grid)]


def _struck(rng: np.random.Generator, at: float, gap: float, pitches: list[int]) -> list[TuneNote]:
    return [TuneNote(at, float(gap * rng.uniform(0.6, 1.4)), p, int(rng.integers(30, 120))) for p in pitches]


def _chords(rng: np.random.Generator) -> Iterator[TuneNote]:
    at = 0.0
    while at < BEATS - 1:
        gap = float(rng.choice([0.25, 0.5, 1.0]))
        pitches = sorted({int(p) for p in rng.integers(28, 100, size=int(rng.integers(1, 8)))})
        yield from _struck(rng, at, gap, pitches)
        at += gap


def _clusters(rng: np.random.Generator) -> Iterator[TuneNote]:
    at = 0.0
    while at < BEATS - 1:
        gap, low = float(rng.choice([0.5, 1.0, 2.0])), int(rng.integers(30, 80))
        yield from _struck(rng, at, gap, list(range(low, low + int(rng.integers(4, 12)))))
        at += gap


def _run(rng: np.random.Generator) -> Iterator[TuneNote]:
    """Chromatic, with a turn now and then."""
    pitch = int(rng.integers(30, 80))
    for step in range(4 * (BEATS - 1)):
        pitch = (pitch + int(rng.choice([-1, 1, 1])) - 30) % 60 + 30
        yield from _struck(rng, step / 4, 0.25, [pitch])


def _lone(rng: np.random.Generator) -> Iterator[TuneNote]:
    at, low = 0.0, int(rng.integers(28, 60))
    while at < BEATS - 1:
        gap = float(rng.choice([0.12, 0.17, 0.25, 0.5]))
        yield from _struck(rng, at, gap, [int(rng.integers(low, 100))])
        at += gap
