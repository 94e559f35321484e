"""Who predicts chord symbols: one small protocol, and the oracle behind it, warm and cold.

Tokens are those of `realtime.core.chord_tokens`.
"""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from daemon.evaluation.rehearsal import BandOrder
from daemon.evaluation.symbols import Passed
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

    def elapse(self, passed: Passed) -> None:
        """Beats have passed since the last chord began; the next one begins now."""
        ...

    def distribution(self) -> Floats:
        """How likely each of the `TOKEN_COUNT` tokens is to be next; sums to 1."""
        ...


class OraclePredictor:
    """The oracle as it plays: it learns from all that it has heard in the piece."""

    def __init__(self, grid: GridName, beats_per_bar: int, weights: Tensors, without: str = "") -> None:
        self.oracle = Oracle(BARS_A_GROUP if grid == "bars" else beats_per_bar, weights, grid)
        if without:
            self.oracle.leave_out(without)

    def observe(self, token: int) -> None:
        """The next chord was `token`."""
        self.oracle.observe(chord_of(token))

    def elapse(self, passed: Passed) -> None:
        """The oracle is told the beats."""
        beats = [chord_of(token) for token in passed.beats]
        self.oracle.elapse(beats, passed.beats_per_bar, passed.position)

    def distribution(self) -> Floats:
        """What the oracle foresees for the next place."""
        return _summing_to_one(self.oracle.foresee(1)[0].distribution)


class ColdPredictor(OraclePredictor):
    """The oracle as it comes: it knows the last chords and what chords do in general, nothing of the piece."""

    def distribution(self) -> Floats:
        """What those of its experts foresee who learn nothing from the session."""
        return _summing_to_one(self.oracle.foresee_cold().distribution)


def makers_of(order: BandOrder, beats_per_bar: int) -> Mapping[str, Callable[[], ChordPredictor]]:
    """Who predicts, by the figure: the oracle, or who was put in its place."""
    weights, without, rival = order.weights.oracle, order.without, order.rival
    if rival is not None:
        return {
            "cold": lambda: rival.predictor("changes", cold=True),
            "adaptive": lambda: rival.predictor("changes", cold=False),
            "beat_grid": lambda: rival.predictor("beats", cold=False),
            "bar_grid": lambda: rival.predictor("bars", cold=False),
        }
    return {
        "cold": lambda: ColdPredictor("changes", beats_per_bar, weights, without),
        "adaptive": lambda: OraclePredictor("changes", beats_per_bar, weights, without),
        "beat_grid": lambda: OraclePredictor("beats", beats_per_bar, weights, without),
        "bar_grid": lambda: OraclePredictor("bars", beats_per_bar, weights, without),
    }


def _summing_to_one(distribution: Floats) -> Floats:
    """The kernel's numbers are short ones; their sum is 1 to seven places."""
    total = float(distribution.sum())
    return distribution / total if total > 0 else np.full(TOKEN_COUNT, 1.0 / TOKEN_COUNT)
