"""`prediction`: the chart's symbols so far; how likely is the one that comes next?

At each change (equal neighbours in the vocabulary of 85 are joined first), `cold` with nothing learnt from the piece
and `adaptive` as it plays; and adaptive on the grids of beats and of bars (the chord on the bar's first beat). Each is
asked for as it begins: how long the earlier ones lasted is known then, and of a bar what was on all its beats. The
first chord of a piece is given, not asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.evaluation.corpus import Tune
from daemon.evaluation.corruption import misheard
from daemon.evaluation.grid import grid_of
from daemon.evaluation.predictors import ChordPredictor, makers_of
from daemon.evaluation.rehearsal import BandOrder
from daemon.evaluation.scores import ECE, LEAST_PROBABILITY, PERPLEXITY, SHARE, Kind, Tally
from daemon.evaluation.symbols import Symbols, symbols_of_bars, symbols_of_beats, symbols_of_changes
from daemon.evaluation.task import Task
from realtime.core.chord_tokens import NO_CHORD_TOKEN

Floats = NDArray[np.float64]

GRIDS: Final = ("cold", "adaptive", "bar_grid", "beat_grid")
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


def foretell(heard: Symbols | Sequence[int], predictor: ChordPredictor) -> Iterator[Floats]:
    """For each token, in turn, what the predictor held likely before it came: as it began, and not of itself."""
    symbols = heard if isinstance(heard, Symbols) else Symbols(heard, [0] * len(heard), 1)
    for place, token in enumerate(symbols.tokens):
        passed = symbols.passed(place)
        if passed is not None:
            predictor.elapse(passed)
        yield predictor.distribution()
        predictor.observe(token)


def judge(tune: Tune, order: BandOrder) -> Tally | None:
    """Marks what is foretold of a tune."""
    grid = grid_of(tune)
    symbols = symbols_of_changes(tune, grid)
    if len(symbols.tokens) < 2:
        return None
    tally = Tally(FIGURES)
    beats = symbols_of_beats(tune, grid)
    bars = symbols_of_bars(tune, grid) if tune.bars_known else Symbols([], [], 1)
    makers = makers_of(order, grid.meter.beats_per_bar)
    for name, heard in (("cold", symbols), ("adaptive", symbols), ("beat_grid", beats), ("bar_grid", bars)):
        rough = misheard(heard, order.corrupt, tune.name, order.seed) if order.corrupt else heard
        mark(tally, name, heard.tokens, foretell(rough, makers[name]()))
    tally.n = len(symbols.tokens) - 1
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
