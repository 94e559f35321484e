"""The chord symbols of a tune on three grids (beats, chord changes, bars), with the beats that pass between them.

Tokens are those of `realtime.core.chord_tokens`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Final

from daemon.evaluation.chart import chart_token
from daemon.evaluation.corpus import Tune
from daemon.evaluation.grid import Grid, chart_on_beats
from realtime.core.chord_tokens import NO_CHORD_TOKEN

_NO_TIME: Final = 1e-3
"""Quarters; a hole in the chart shorter than this is rounding."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What is known when a symbol begins: the chords of the beats since the last began, and the place in the bar."""

    beats: Sequence[int]
    beats_per_bar: int
    position: int


@dataclass(frozen=True, slots=True)
class Symbols:
    """Chord symbols one after the other; and where the beats are known, when each begins and what was on each beat."""

    tokens: Sequence[int]
    positions: Sequence[int]
    """The place of each in the bar, counted as `beats_per_bar` counts it."""
    beats_per_bar: int
    """Symbols a bar; 1 where bars are nothing to them."""
    starts: Sequence[int] = ()
    """The beat on which each begins, counted from the first one's; empty where nobody knows."""
    beats: Sequence[int] = ()
    """What is heard on each beat, from the first symbol on."""
    bar: int = 4
    """Beats a bar."""

    def passed(self, place: int) -> Passed | None:
        """What passed up to symbol number `place`; None where nobody knows."""
        if not self.starts:
            return None
        since = self.starts[max(0, place - 1)]
        return Passed(self.beats[since : self.starts[place]], self.bar, self.positions[place])


def changes(tune: Tune) -> list[int]:
    """The tokens of a chart, one a change; a hole in the chart is no chord."""
    return [token for token, _ in _changes(tune)]


def _changes(tune: Tune) -> list[tuple[int, float]]:
    """The tokens with their starts in quarters."""
    found: list[tuple[int, float]] = []
    end = tune.chart[0].start if tune.chart else 0.0
    for span in tune.chart:
        if span.start > end + _NO_TIME:
            found.append((NO_CHORD_TOKEN, end))
        found.append((chart_token(span.chord), span.start))
        end = span.start + span.length
    return [entry for place, entry in enumerate(found) if place == 0 or found[place - 1][0] != entry[0]]


def on_beats(tune: Tune, grid: Grid) -> list[int]:
    """The token of each beat, up to the last one of the chart; beats before the first chord hold no chord."""
    tokens = [chart_token(chart) for chart in chart_on_beats(tune, grid)]
    while tokens and tokens[-1] == NO_CHORD_TOKEN:
        del tokens[-1]
    return tokens


def on_bars(tune: Tune, grid: Grid) -> list[int]:
    """The token of the first beat of each bar."""
    beats = on_beats(tune, grid)
    return [beats[bar] for bar in grid.bars if bar < len(beats)]


def symbols_of_changes(tune: Tune, grid: Grid) -> Symbols:
    """The changes; each begins on the beat that it falls into."""
    tokens = changes(tune)
    if not tune.bars_known or not tokens:
        return Symbols(tokens, [0] * len(tokens), 1)
    numbers = [floor(grid.position(start) + _NO_TIME) for _, start in _changes(tune)]
    bar = grid.meter.beats_per_bar
    positions = [grid.place_in_bar(number)[0] % bar for number in numbers]
    return beaten(Symbols(tokens, positions, bar, [number - numbers[0] for number in numbers], bar=bar))


def beaten(symbols: Symbols) -> Symbols:
    """The same with each beat on the symbol that is on when it begins; the last one lasts a beat."""
    ends = [*symbols.starts[1:], symbols.starts[-1] + 1]
    spans = zip(symbols.tokens, symbols.starts, ends, strict=True)
    return replace(symbols, beats=[token for token, start, end in spans for _ in range(end - start)])


def symbols_of_bars(tune: Tune, grid: Grid) -> Symbols:
    """The bars whose first beat has a chord in the chart."""
    tokens, beats = on_bars(tune, grid), on_beats(tune, grid)
    starts = [bar - grid.bars[0] for bar in grid.bars[: len(tokens)]]
    bar = grid.meter.beats_per_bar
    return Symbols(tokens, [0] * len(tokens), 1, starts, beats[grid.bars[0] :], bar) if tokens else Symbols([], [], 1)


def symbols_of_beats(tune: Tune, grid: Grid) -> Symbols:
    """The beats: they need no others."""
    beats, bar = on_beats(tune, grid), grid.meter.beats_per_bar
    return Symbols(beats, [grid.place_in_bar(beat)[0] % bar for beat in range(len(beats))], bar, bar=bar)
