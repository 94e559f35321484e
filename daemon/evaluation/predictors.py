"""Who predicts chord symbols: one small protocol, and the oracle behind it, warm and cold.

Tokens are those of `realtime.core.chord_tokens`.
"""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.core.chord_tokens import TOKEN_COUNT, chord_of
from realtime.core.oracle import GridName, Oracle
from realtime.core.weights import Tensors

Floats = NDArray[np.float64]

BARS_A_GROUP: Final = 4
"""On the grid of bars the metre is that of phrases."""


class ChordPredictor(Protocol):
    """Hears chord tokens one at a time, and says what the next may be."""

    def observe(self, token: int) -> None:
        """The next chord was `token`."""
        ...

    def distribution(self) -> Floats:
        """How likely each of the `TOKEN_COUNT` tokens is to be next; sums to 1."""
        ...


class OraclePredictor:
    """The oracle as it plays: it learns from all that it has heard in the piece."""

    def __init__(self, grid: GridName, beats_per_bar: int, weights: Tensors) -> None:
        self.oracle = Oracle(BARS_A_GROUP if grid == "bars" else beats_per_bar, weights, grid)

    def observe(self, token: int) -> None:
        """The next chord was `token`."""
        self.oracle.observe(chord_of(token))

    def distribution(self) -> Floats:
        """What the oracle foresees for the next place."""
        return _summing_to_one(self.oracle.foresee(1)[0].distribution)


class ColdPredictor(OraclePredictor):
    """The oracle as it comes: it knows the last chords and what chords do in general, nothing of the piece."""

    def distribution(self) -> Floats:
        """What those of its experts foresee who learn nothing from the session."""
        return _summing_to_one(self.oracle.foresee_cold().distribution)


def _summing_to_one(distribution: Floats) -> Floats:
    """The kernel's numbers are short ones; their sum is 1 to seven places."""
    total = float(distribution.sum())
    return distribution / total if total > 0 else np.full(TOKEN_COUNT, 1.0 / TOKEN_COUNT)
