"""Marks: what is counted in each piece, how figures come of it, and how sure they are (bootstrap over pieces).

Everything that is counted adds up over pieces, so a figure of many pieces, or of a thousand resamplings of them, is
the same function of a sum.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES: Final = 1000
ECE_BINS: Final = 15
LONGEST_RECOVERY: Final = 64
"""Beats; longer ones count as this long."""

DECIMALS: Final = 5
CURVE_PLACES: Final = 129
"""How many places of a piece a learning curve tells apart."""

LEAST_PROBABILITY: Final = 1e-9
"""What a predictor gives to what it excludes counts as this much, so that one surprise is dear but finite."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of figure: how many numbers it counts, and the figure that sums of them (rows) make."""

    width: int
    figure: Callable[[Floats], Floats]
    has_interval: bool = True


def _share(sums: Floats) -> Floats:
    return sums[:, 0] / sums[:, 1]


def _perplexity(sums: Floats) -> Floats:
    return np.asarray(np.exp(sums[:, 0] / sums[:, 1]))


def _calibration_error(sums: Floats) -> Floats:
    counts, trust, right = np.split(sums, 3, axis=1)
    return np.asarray(np.abs(trust - right).sum(axis=1) / counts.sum(axis=1))


def _mean(sums: Floats) -> Floats:
    return np.asarray((sums * np.arange(sums.shape[1])).sum(axis=1) / sums.sum(axis=1))


def _median(sums: Floats) -> Floats:
    running = sums.cumsum(axis=1)
    middle = (running < running[:, -1:] / 2).sum(axis=1).astype(np.float64)
    return np.where(running[:, -1] > 0, middle, np.nan)


def _total(sums: Floats) -> Floats:
    return sums[:, 0]


SHARE: Final = Kind(2, _share)
"""Right ones of all, or any mean: a sum and a count."""
PERPLEXITY: Final = Kind(2, _perplexity)
ECE: Final = Kind(3 * ECE_BINS, _calibration_error)
"""Expected calibration error: the gap between trust and truth, over bins of equal width."""
MEAN: Final = Kind(LONGEST_RECOVERY + 1, _mean)
MEDIAN: Final = Kind(LONGEST_RECOVERY + 1, _median)
TOTAL: Final = Kind(1, _total, has_interval=False)


@dataclass(slots=True)
class Tally:
    """What was counted in one piece, by the figure's dotted name."""

    figures: Mapping[str, Kind]
    n: int = 0
    """How many places were judged."""
    sums: dict[str, Floats] = field(default_factory=dict)
    curves: dict[str, Floats] = field(default_factory=dict)
    """Counts by place in the piece, for pictures; two rows: right, judged."""
    lanes: Any = None
    """The piece beat by beat, for a picture (`lanes.Lanes`); None where there is none."""

    def _sum(self, name: str) -> Floats:
        return self.sums.setdefault(name, np.zeros(self.figures[name].width))

    def add(self, name: str, value: float, count: float = 1.0) -> None:
        """Adds to a share, a perplexity or a total."""
        row = self._sum(name)
        row[0] += value
        if len(row) > 1:
            row[1] += count

    def trust(self, name: str, probability: float, *, right: bool) -> None:
        """Adds an answer to a calibration error."""
        row = self._sum(name)
        place = min(ECE_BINS - 1, int(probability * ECE_BINS))
        row[place] += 1
        row[ECE_BINS + place] += probability
        row[2 * ECE_BINS + place] += right

    def lasted(self, name: str, beats: int) -> None:
        """Adds a length to a mean or median."""
        self._sum(name)[min(beats, LONGEST_RECOVERY)] += 1

    def at_place(self, name: str, place: int, *, right: bool) -> None:
        """Adds to a curve, whose last place holds all that come later."""
        curve = self.curves.setdefault(name, np.zeros((2, CURVE_PLACES)))
        curve[:, min(place, CURVE_PLACES - 1)] += (right, 1)


def _rounded(value: float) -> float | None:
    return None if not np.isfinite(value) else round(float(value), DECIMALS)


def _put(tree: dict[str, Any], name: str, value: Any) -> None:  # noqa: ANN401 - a figure or an interval
    *branches, leaf = name.split(".")
    for branch in branches:
        tree = tree.setdefault(branch, {})
    tree[leaf] = value


def totals(figures: Mapping[str, Kind], tallies: Sequence[Tally]) -> dict[str, Floats]:
    """The counts of all pieces together."""
    table = {}
    for name, kind in figures.items():
        zero = np.zeros(kind.width)
        table[name] = np.sum([tally.sums.get(name, zero) for tally in tallies] or [zero], axis=0)
    return table


def marks(figures: Mapping[str, Kind], tallies: Sequence[Tally], seed: int) -> dict[str, Any]:
    """Every figure by its name, and under `ci` the interval that holds 95 % of its resamplings."""
    report: dict[str, Any] = {}
    intervals: dict[str, Any] = {}
    count = len(tallies)
    random = np.random.default_rng(seed)
    draws = random.multinomial(count, np.full(count, 1.0 / count), size=RESAMPLES) if count else np.zeros((1, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, kind in figures.items():
            zero = np.zeros(kind.width)
            rows = np.array([tally.sums.get(name, zero) for tally in tallies]).reshape(count, kind.width)
            _put(report, name, _rounded(kind.figure(rows.sum(axis=0, keepdims=True))[0]))
            if kind.has_interval:
                _put(intervals, name, _interval(kind.figure(draws.astype(np.float64) @ rows)))
    return {**report, "ci": intervals}


def _interval(values: Floats) -> list[float | None]:
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return [None, None]
    return [_rounded(edge) for edge in np.percentile(values, [2.5, 97.5])]


def curve_of(tallies: Sequence[Tally], name: str) -> Floats | None:
    """A curve of all pieces together."""
    found = [tally.curves[name] for tally in tallies if name in tally.curves]
    return np.asarray(np.sum(found, axis=0)) if found else None
