"""A score as MidiTok tokens, in the file that sessions have: a header, then a line a bar."""

from io import BytesIO
from typing import Any

import msgspec

from daemon.models.bars import GRID_TICKS, MAX_DURATION_TICKS, BarNote, ClosedBar
from daemon.models.token_worker import work
from daemon.song.continuation import parse_before
from daemon.song.score import Score, Tempi
from realtime.core.meter import Meter


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


def token_lines(score: Score) -> tuple[bytes, int]:
    """The content of `tokens.jsonl`, and how many tokens it has; a bar that there are none for says so."""
    sink = BytesIO()
    work(BytesIO(b"\n".join(msgspec.json.encode(bar) for bar in bars_of(score))), sink)
    data = sink.getvalue()
    return data, sum(len(msgspec.json.decode(line)["ids"]) for line in data.splitlines()[1:])


def tokens_of_file(data: bytes) -> dict[str, Any]:
    """The bytes of a MIDI file as tokens, bar by bar.

    Raises:
        MidiFileError: they are no MIDI file that we can read; see `parse_before`.
    """
    before = parse_before(data)
    tempi = Tempi(((0, before.tempo),))
    score = Score(before.notes, Meter(*map(int, before.meter.split("/"))), tempi, before.bars)
    lines, count = token_lines(score)
    header, *bars = (msgspec.json.decode(line) for line in lines.splitlines())
    return {**header, "count": count, "bars": bars}
