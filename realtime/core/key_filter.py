"""How likely each key is, carried from beat to beat: a hidden Markov model over 12 tonics in six modes, and noise.

A state looks at five rows of twelve from its own tonic: the beat's notes and basses, the notes of just before and of
the last bars, and their basses. What it says of them is a sum of weights and of what a few hidden units make of them;
what has just been heard already tells less than what is new. Each state is left at a rate that knows how well it has
explained the last bars. The numbers are fitted together: `daemon.training.key`.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from realtime._dsp import KeyKernel
from realtime.core import key_tables as tables

Floats = NDArray[np.float64]

MODES: Final = ("major", "minor", "dorian", "mixolydian", "lydian", "phrygian")
TO_MAJOR: Final = (0, 3, 10, 5, 7, 8)
"""From the tonic of each mode up to that of the major key with the same scale."""

IS_MINOR: Final = (False, True, True, False, False, True)
STATES: Final = 12 * len(MODES)
"""The states that are keys, a mode's tonics side by side; the one after them is noise."""

ROWS: Final = 5
RELATIONS: Final = 5
"""What a key is to another: of the same scale, a fifth up, a fifth down, on the same tonic, anything else."""

LOUDEST: Final = 1.5
"""More of one pitch class in a beat does not count."""

SHORT_MEMORY: Final = 0.55
LONG_MEMORY: Final = 0.88
FIT_MEMORY: Final = 0.85
"""What is left a beat later of what was just heard, of the last bars, and of how well they were explained."""

FIRST_NOISE: Final = 0.1
"""How likely noise is before anything was heard."""


def scales_of_states() -> NDArray[np.intp]:
    """The tonic of the major key with the scale of each state."""
    modes, tonics = np.divmod(np.arange(STATES), 12)
    scales: NDArray[np.intp] = (tonics + np.array(TO_MAJOR)[modes]) % 12
    return scales


def relations() -> NDArray[np.intp]:
    """What each state, a column, is to each, a row."""
    tonics, scales = np.arange(STATES) % 12, scales_of_states()
    apart = (scales[None, :] - scales[:, None]) % 12
    same = tonics[:, None] == tonics[None, :]
    kinds = np.full((STATES, STATES), 4)
    kinds[(apart == 7) & ~same] = 1
    kinds[(apart == 5) & ~same] = 2
    kinds[same] = 3
    kinds[apart == 0] = 0
    return kinds


def _chance(odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-odds)))


def _usual() -> Floats:
    """How likely each key is before anything was heard."""
    shares: Floats = np.repeat(np.exp(np.array(tables.ENTERED)), 12)
    return shares / float(shares.sum())


def _switches() -> Floats:
    """How likely each state is to follow each that is left."""
    table = np.exp(np.array(tables.RELATIONS)[relations()] + np.repeat(np.array(tables.ENTERED), 12)[None, :])
    np.fill_diagonal(table, 0.0)
    shares: Floats = table / table.sum(axis=1, keepdims=True)
    return shares


def _tables() -> dict[str, list[float]]:
    """All that was fitted, as the kernel wants it."""
    looks = [np.concatenate(np.array(rows), axis=1) for rows in (tables.LOOKS, tables.HIDDEN)]
    rows: dict[str, ArrayLike] = {
        "looks": np.concatenate(looks), "hidden_offsets": tables.HIDDEN_OFFSETS,
        "hidden_to_mode": np.array(tables.HIDDEN_TO_MODE).T, "always": tables.OFFSETS, "neighbours": tables.NOISE,
        "switches": _switches(), "usual": _usual(), "noise_offset": tables.NOISE_OFFSET,
        "usual_gain": tables.USUAL_GAIN, "new_gain": tables.NEW_GAIN, "forgets": tables.FORGETS,
        "leaves": tables.LEAVES, "misfit_leaves": tables.MISFIT_LEAVES, "into_noise": _chance(tables.INTO_NOISE),
        "out_of_noise": _chance(tables.OUT_OF_NOISE), "first_noise": FIRST_NOISE,
        "loudest": LOUDEST, "short_memory": SHORT_MEMORY, "long_memory": LONG_MEMORY, "fit_memory": FIT_MEMORY,
    }  # fmt: skip
    return {name: np.ravel(row).tolist() for name, row in rows.items()}


_TABLES: Final = _tables()


class KeyFilter:
    """Listens a beat at a time; constant memory."""

    def __init__(self) -> None:
        self._kernel = KeyKernel(_TABLES)

    @property
    def states(self) -> list[float]:
        """How likely each state is: 72 keys, modes x tonics, and noise."""
        return self._kernel.states()

    def hear(self, notes: Sequence[float], bass: Sequence[float]) -> list[float]:
        """A beat later, with the weights of the pitch classes and of the basses heard in it; the bass's shares."""
        return self._kernel.hear(notes, bass)
