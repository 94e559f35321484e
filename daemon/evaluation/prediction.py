"""`prediction`: the chart's symbols so far; how likely is the one that comes next?

At each change (equal neighbours in the vocabulary of 85 are joined first), `cold` with nothing learnt from the piece
and `adaptive` as it plays; and adaptive on the grids of beats and of bars (the chord on the bar's first beat). The
first chord of a piece is given, not asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.evaluation.chart import chart_token
from daemon.evaluation.corpus import Tune
from daemon.evaluation.corruption import rough_tokens
from daemon.evaluation.grid import Grid, chart_on_beats, grid_of
from daemon.evaluation.predictors import ChordPredictor, ColdPredictor, OraclePredictor
from daemon.evaluation.rehearsal import BandOrder
from daemon.evaluation.scores import ECE, LEAST_PROBABILITY, PERPLEXITY, SHARE, Kind, Tally
from daemon.evaluation.task import Task
from realtime.core.chord_tokens import NO_CHORD_TOKEN

Floats = NDArray[np.float64]

GRIDS: Final = ("cold", "adaptive", "bar_grid", "beat_grid")
_NO_TIME: Final = 1e-3
"""Quarters; a hole in the chart shorter than this is rounding."""

FIGURES: Final[dict[str, Kind]] = {
    f"{grid}.{name}": kind
    for grid in GRIDS
    for name, kind in (
        ("top1", SHARE),
        ("top3", SHARE),
        ("perplexity", PERPLEXITY),
        ("second_half", SHARE),
        ("ece", ECE),
    )
}


def changes(tune: Tune) -> list[int]:
    """The tokens of a chart, one a change; a hole in the chart is no chord."""
    tokens: list[int] = []
    end = tune.chart[0].start if tune.chart else 0.0
    for span in tune.chart:
        if span.start > end + _NO_TIME:
            tokens.append(NO_CHORD_TOKEN)
        tokens.append(chart_token(span.chord))
        end = span.start + span.length
    return [token for place, token in enumerate(tokens) if place == 0 or tokens[place - 1] != token]


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


def foretell(tokens: Sequence[int], predictor: ChordPredictor) -> Iterator[Floats]:
    """For each token, in turn, what the predictor held likely before it came."""
    for token in tokens:
        yield predictor.distribution()
        predictor.observe(token)


def judge(tune: Tune, order: BandOrder) -> Tally | None:
    """Marks what is foretold of a tune."""
    grid = grid_of(tune)
    symbols = changes(tune)
    if len(symbols) < 2:
        return None
    tally = Tally(FIGURES)
    a_bar, weights = grid.meter.beats_per_bar, order.weights.oracle
    asked: list[tuple[str, list[int], ChordPredictor]] = [
        ("cold", symbols, ColdPredictor("changes", a_bar, weights)),
        ("adaptive", symbols, OraclePredictor("changes", a_bar, weights)),
        ("beat_grid", on_beats(tune, grid), OraclePredictor("beats", a_bar, weights)),
        ("bar_grid", on_bars(tune, grid) if tune.bars_known else [], OraclePredictor("bars", a_bar, weights)),
    ]
    for name, tokens, predictor in asked:
        heard = rough_tokens(tokens, order.corrupt, tune.name, order.seed) if order.corrupt else tokens
        mark(tally, name, tokens, foretell(heard, predictor))
    tally.n = len(symbols) - 1
    return tally


def mark(tally: Tally, name: str, tokens: Sequence[int], answers: Iterable[Floats]) -> None:
    """Marks what was foretold of `tokens` on one grid, from the chord after the first on."""
    first = next((place for place, token in enumerate(tokens) if token != NO_CHORD_TOKEN), len(tokens))
    middle = (first + 1 + len(tokens)) / 2
    for place, (token, likely) in enumerate(zip(tokens, answers, strict=True)):
        if place <= first:
            continue
        best = np.argsort(-likely, kind="stable")[:3]
        right = bool(best[0] == token)
        tally.add(f"{name}.top1", right)
        tally.add(f"{name}.top3", token in best)
        tally.add(f"{name}.perplexity", -float(np.log(max(float(likely[token]), LEAST_PROBABILITY))))
        tally.trust(f"{name}.ece", float(likely[best[0]]), right=right)
        if place >= middle:
            tally.add(f"{name}.second_half", right)
        if name in ("cold", "adaptive"):
            tally.at_place(name, place - first, right=right)


PREDICTION: Final = Task("prediction", "a chart with at least one change", FIGURES, judge)
