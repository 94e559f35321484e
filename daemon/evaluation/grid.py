"""The true beats of a tune: where each begins, where bars begin, and which chord of the chart fills each."""

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from daemon.evaluation.chart import ChartChord
from daemon.evaluation.corpus import Tune
from realtime.core.meter import Meter
from realtime.core.units import TICKS_PER_QUARTER

_NO_TIME = 1e-6
"""Quarters; less than this is rounding."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Beat k goes from `edges[k]` until `edges[k + 1]`, in quarters; `bars` are the beats on which a bar begins."""

    edges: tuple[float, ...]
    bars: tuple[int, ...]
    meter: Meter
    """The meter at the start; later ones show in `edges` and `bars`."""

    @property
    def beats(self) -> int:
        """How many beats there are."""
        return len(self.edges) - 1

    def place_in_bar(self, beat: int) -> tuple[int, int]:
        """Which beat of its bar a beat is, from 0, and how many the bar has."""
        bar = max(0, bisect_right(self.bars, beat) - 1)
        until = self.bars[bar + 1] if bar + 1 < len(self.bars) else self.bars[bar] + self.meter.beats_per_bar
        return beat - self.bars[bar], until - self.bars[bar]

    def position(self, quarters: float) -> float:
        """Where a time in quarters stands, in beats from the start of the grid."""
        beat = min(max(bisect_right(self.edges, quarters + _NO_TIME) - 1, 0), self.beats - 1)
        start, end = self.edges[beat], self.edges[beat + 1]
        return max(0.0, beat + (quarters - start) / (end - start))


def grid_of(tune: Tune) -> Grid:
    """The beats of a tune, from the start of its first bar (before its pickup) to its end, a beat at the least."""
    end = max(tune.end, _NO_TIME * 2)
    starts = [start for start, _ in tune.meters[1:]] + [end]
    bar_length = tune.meters[0][1].bar_ticks / TICKS_PER_QUARTER
    begin = tune.pickup - math.ceil(tune.pickup / bar_length - _NO_TIME) * bar_length
    edges: list[float] = []
    bars: list[int] = []
    for (_, meter), until in zip(tune.meters, starts, strict=True):
        beat, count = meter.beat_ticks / TICKS_PER_QUARTER, 0
        while begin + count * beat < min(until, end) - _NO_TIME:
            if count % meter.beats_per_bar == 0:
                bars.append(len(edges))
            edges.append(begin + count * beat)
            count += 1
        last_edge = begin + count * beat
        begin = max(until, begin)
    return Grid((*edges, max(last_edge, edges[-1] + _NO_TIME)), tuple(bars), tune.meters[0][1])


def chart_on_beats(tune: Tune, grid: Grid) -> list[ChartChord | None]:
    """For each beat the chord that fills most of it, the earlier one of two that share it; None for no chord."""
    chords: list[ChartChord | None] = []
    first = 0
    for start, end in pairwise(grid.edges):
        while first < len(tune.chart) and tune.chart[first].start + tune.chart[first].length <= start + _NO_TIME:
            first += 1
        longest, best = _NO_TIME, None
        for span in tune.chart[first:]:
            if span.start >= end:
                break
            shared = min(end, span.start + span.length) - max(start, span.start)
            if shared > longest + _NO_TIME:
                longest, best = shared, span.chord
        chords.append(best)
    return chords
