"""A tune's melody as a line of the phrase model."""

from daemon.evaluation.chart import chart_token
from daemon.evaluation.corpus import Tune
from daemon.models.phrase_lines import FEWEST_NOTES, Line, top_line
from realtime.core.phrase_words import (
    STEPS,
    Bar,
    LineNote,
    bar_quarters,
    duration_steps,
    is_triple,
    onset_steps,
    shift_to_c,
)


def bars_of(tune: Tune, end: int) -> tuple[Bar, ...]:
    """The bars up to `end`; the first one holds the pick-up."""
    first = bar_quarters(tune.meters[0][1])
    start = onset_steps(tune.pickup)
    while start > 0:
        start -= first * STEPS
    bars: list[Bar] = []
    ends = [onset_steps(at) for at, _ in tune.meters[1:]]
    for (_, meter), stop in zip(tune.meters, [*ends, end], strict=True):
        quarters = bar_quarters(meter)
        if bars:
            start = max(start, bars[-1].start + 1)
        while start < stop:
            bars.append(Bar(start, quarters))
            start += quarters * STEPS
        start = stop
    return tuple(bars)


def line_of(tune: Tune, style: str) -> Line | None:
    """The line of a tune; None where it has too little melody."""
    notes = top_line(LineNote(onset_steps(n.start), n.pitch, duration_steps(n.length)) for n in tune.melody)
    if len(notes) < FEWEST_NOTES:
        return None
    key = tune.keys[0] if tune.keys else None
    chords = tuple((onset_steps(span.start), chart_token(span.chord)) for span in tune.chart)
    return Line(
        tune.name,
        style,
        notes,
        chords,
        bars_of(tune, notes[-1].onset + 1),
        is_triple(tune.meters[0][1]),
        None if key is None else shift_to_c(key[1], minor=key[2]),
    )
