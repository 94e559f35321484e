"""A score as MidiTok tokens, a line a bar, as sessions are kept (`daemon.models`)."""

from collections.abc import Iterator

import msgspec

from daemon.models.bars import GRID_TICKS, MAX_DURATION_TICKS, BarNote, ClosedBar
from daemon.models.tokens import BarTokens, EncodedBar
from daemon.song.score import Score


def bars_of(score: Score) -> list[ClosedBar]:
    """The bars, with every note on the grid where it is meant: lags are for the ear."""
    bars: list[list[BarNote]] = [[] for _ in range(score.bars)]
    for note in score.notes:
        onset = (note.start + GRID_TICKS // 2) // GRID_TICKS * GRID_TICKS
        bar, within = divmod(onset, score.meter.bar_ticks)
        if 0 <= bar < score.bars:
            length = min(MAX_DURATION_TICKS, max(1, note.end - note.start))
            bars[bar].append(BarNote(within, note.pitch, length, note.velocity, note.part))
    meter = score.meter
    return [
        ClosedBar(
            number, meter.numerator, meter.denominator, _tempo_at(score, (number - 1) * meter.bar_ticks), sorted(bar)
        )
        for number, bar in enumerate(bars, start=1)
    ]


def _tempo_at(score: Score, tick: int) -> float:
    return next(bpm for at, bpm in reversed(score.tempi.changes) if at <= tick)


def encode(score: Score) -> list[EncodedBar]:
    """The tokens of every bar.

    Raises:
        ValueError: there are no tokens for the meter.
    """
    tokens = BarTokens()
    return [tokens.encode(bar) for bar in bars_of(score)]


def token_lines(bars: list[EncodedBar]) -> Iterator[bytes]:
    """A JSON line a bar."""
    for bar in bars:
        yield msgspec.json.encode({"bar": bar.number, "tokens": bar.tokens, "ids": bar.ids}) + b"\n"
