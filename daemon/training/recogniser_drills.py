"""Drills for the chord recogniser: chords of every quality one after the other, cleanly played, and plain nonsense.

Tunes teach what chords are like in tunes, where a seventh on top is often only the melody. Drills have no melody and
no favourite progressions: what is struck is the chord. Nonsense comes from the first beat on, as from a cat.
"""

from itertools import pairwise
from typing import Final

import numpy as np

from daemon.training.recogniser_data import Piece, with_notes
from daemon.training.recogniser_voicing import INTERVALS, Random, humanised, noise, voiced

BEATS: Final = 48
NONSENSE_SHARE: Final = 0.3
"""The share of drills that are nonsense."""

STYLES: Final = ("block", "block", "spread", "stride", "arpeggio", "alberti", "oneHand", "shell")
"""In which the chord can be heard without knowing what came before, but for a shell's fifth."""

QUALITIES: Final = {
    "maj": 5, "min": 4, "7": 3, "maj7": 4, "min7": 4, "hdim7": 2, "dim7": 1, "dim": 1, "aug": 1, "sus4": 2, "sus2": 1,
    "7sus4": 1, "add9": 1, "9": 1, "maj9": 1, "min9": 1, "13": 1, "7b9": 1,
}  # fmt: skip
"""How often each quality comes."""

STEPS: Final = (5, 5, 5, 7, 2, 9, 3, 10, 8, 1, 4, 11, 6)
"""How far the root moves, in semitones up; fourths most often."""

Chord = list[float | int | str | None]


def _progression(rng: Random) -> list[Chord]:
    names = list(QUALITIES)
    odds = np.array([QUALITIES[name] for name in names], dtype=np.float64)
    root, now = int(rng.integers(12)), 0
    chords: list[Chord] = []
    while now < BEATS:
        length = min(BEATS - now, int(rng.choice((1, 1, 2, 2, 4))))
        name = str(rng.choice(names, p=odds / odds.sum()))
        bass = (root + INTERVALS[name][int(rng.integers(1, 3))]) % 12 if rng.random() < 0.1 else None
        chords.append([now, length, root, name, bass])
        now += length
        root = (root + int(rng.choice(STEPS))) % 12
    return chords


def drill(number: int, rng: Random) -> Piece:
    """One drill, as drawn by `rng`."""
    record = {"id": f"drill {number}", "meter": "4/4", "tempo": float(rng.uniform(60, 160)), "chords": []}
    if rng.random() < NONSENSE_SHARE:
        edges = (0.0, *sorted(float(edge) for edge in rng.integers(1, BEATS, size=2)), float(BEATS))
        notes = [note for begin, end in pairwise(edges) for note in noise(begin, end, rng)]
        return with_notes({**record, "chords": [[0, BEATS, None, "N"]]}, notes)
    piece = voiced({**record, "chords": _progression(rng)}, rng, styles=STYLES)
    if rng.random() < 0.3:  # fuller hands: some keys an octave away as well
        doubled = [(s, d, p + int(rng.choice((-12, 12))), v) for s, d, p, v in piece.notes if rng.random() < 0.5]
        piece.notes = sorted(piece.notes + [note for note in doubled if 28 <= note[2] <= 96])
    if rng.random() < 0.5:
        humanised(piece, rng)
    return piece
