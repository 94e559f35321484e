"""Where in a bar people strike: how often each twelfth of a beat has an onset of each kind.

Counted over 531 pop songs at the piano (POP909) and 290 drummers' takes (Groove MIDI), all in 4/4 and in even time, and
rounded. 3/4 (20 songs) has the same rows without the middle of the bar. Players in triplets are too few to count:
theirs are the same rows with what stands on the half of a beat on its thirds.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

TWELFTHS: Final = 12

_COLUMNS: Final = (0, 3, 4, 6, 8, 9)
"""Twelfths of a beat on which notes are written: quarters and thirds of it."""

_ONE: Final = (
    (0.05, 0.17, 0.007, 0.41, 0.007, 0.21),
    (0.05, 0.04, 0.002, 0.30, 0.002, 0.09),
    (0.09, 0.005, 0.001, 0.09, 0.001, 0.04),
    (0.12, 0.004, 0.001, 0.014, 0.001, 0.006),
    (0.68, 0.004, 0.001, 0.009, 0.001, 0.004),
    (0.20, 0.33, 0.05, 0.50, 0.05, 0.22),
    (0.06, 0.08, 0.010, 0.14, 0.010, 0.11),
    (0.62, 0.06, 0.010, 0.16, 0.020, 0.16),
    (0.060, 0.001, 0.001, 0.002, 0.001, 0.002),
)
_HALF: Final = (
    (0.15, 0.18, 0.008, 0.33, 0.007, 0.20),
    (0.12, 0.045, 0.002, 0.25, 0.002, 0.08),
    (0.15, 0.012, 0.001, 0.11, 0.001, 0.04),
    (0.16, 0.008, 0.001, 0.08, 0.001, 0.013),
    (0.36, 0.005, 0.001, 0.06, 0.001, 0.006),
    (0.36, 0.33, 0.05, 0.48, 0.05, 0.24),
    (0.10, 0.14, 0.010, 0.16, 0.010, 0.13),
    (0.48, 0.10, 0.010, 0.23, 0.020, 0.14),
    (0.007, 0.001, 0.001, 0.002, 0.001, 0.001),
)
_OTHER: Final = (
    (0.23, 0.19, 0.009, 0.29, 0.009, 0.22),
    (0.25, 0.05, 0.002, 0.29, 0.002, 0.08),
    (0.33, 0.017, 0.001, 0.15, 0.001, 0.025),
    (0.05, 0.016, 0.001, 0.075, 0.001, 0.013),
    (0.045, 0.016, 0.001, 0.065, 0.001, 0.015),
    (0.35, 0.32, 0.05, 0.48, 0.05, 0.32),
    (0.40, 0.11, 0.010, 0.18, 0.010, 0.12),
    (0.26, 0.08, 0.010, 0.24, 0.020, 0.11),
    (0.010, 0.001, 0.001, 0.004, 0.001, 0.003),
)
"""On the first beat of a bar, on the middle of one of four beats or more, on any other: a row for each `onset.Kind`."""

KEY_KINDS: Final = 5
"""So many kinds are struck on keys; the rest are drums."""

_LEAST: Final = 2e-4
_MOST: Final = 0.8
"""Nobody is so regular that a rest, or a stroke, is impossible."""

_SPILL: Final = 0.12


def _triplets(row: Floats) -> Floats:
    """The same beat in triplets: what stood on its half stands on its thirds, most of it on the last."""
    quarter, _, half, _, late = row[..., 1], row[..., 2], row[..., 3], row[..., 4], row[..., 5]
    moved = row.copy()
    moved[..., 1], moved[..., 3], moved[..., 5] = _SPILL * quarter, _SPILL * half, _SPILL * late
    moved[..., 2], moved[..., 4] = 0.6 * half, 0.9 * half
    return moved


def strikes(beats_per_bar: int) -> Floats:
    """By feel (even, triplets), `onset.Kind` and twelfth of the bar: how many such onsets there are, of one bar."""
    middle = beats_per_bar // 2 if beats_per_bar >= 4 and beats_per_bar % 2 == 0 else 0
    rows = [_ONE if beat == 0 else _HALF if beat == middle else _OTHER for beat in range(beats_per_bar)]
    even = np.array(rows).transpose(1, 0, 2)
    table = np.full((2, len(_ONE), beats_per_bar, TWELFTHS), _LEAST)
    table[0][..., _COLUMNS] = even
    table[1][..., _COLUMNS] = _triplets(even)
    return np.asarray(np.maximum(table, _LEAST).reshape(2, len(_ONE), beats_per_bar * TWELFTHS))


def rests(table: Floats) -> Floats:
    """By who plays (keys, drums), feel and twelfth: the logarithm of how likely nothing is struck there."""
    struck = np.stack([table[:, :KEY_KINDS].sum(axis=1), table[:, KEY_KINDS:].sum(axis=1)])
    return np.asarray(np.log1p(-np.minimum(_MOST, struck)))
