"""The beats of a MIDI file, in its first metre and its tempo."""

from collections.abc import Iterable, Sequence
from typing import Any

from daemon.midi_file import FileClock, MidiFileError
from realtime.core.chart import MAX_BARS
from realtime.core.meter import Meter
from realtime.core.timeline import micros_per_quarter
from realtime.core.units import MICROS_PER_MINUTE, TICKS_PER_QUARTER, Micros

Timed = tuple[int, Any]
"""A tick and mido's message there."""


class MidiGrid:
    """The file's beats: from ticks to beats, and from beats to microseconds."""

    def __init__(self, messages: Sequence[Timed], ticks_per_quarter: int) -> None:
        self.meter = first_meter(messages)
        self._ticks = self.meter.beat_ticks * ticks_per_quarter / TICKS_PER_QUARTER
        self.ticks_per_quarter = ticks_per_quarter
        notes = [tick for tick, message in messages if message.type in ("note_on", "note_off")]
        end = notes[-1] if notes else max((tick for tick, _ in messages), default=0)
        beats = -(-end // self._ticks)
        if beats > MAX_BARS * self.meter.beats_per_bar:
            bars = int(beats // self.meter.beats_per_bar)
            raise MidiFileError(f"has {bars} bars, but a chart has at most {MAX_BARS}")
        self.beats = max(1, int(beats))

    def nearest(self, tick: int) -> int:
        """The beat that begins nearest to a tick."""
        return int(tick / self._ticks + 0.5)

    def edges(self, messages: Sequence[Timed]) -> list[Micros]:
        """When each beat begins, and when the last is over."""
        clock = FileClock(self.ticks_per_quarter)
        edges: list[Micros] = []
        for tick, message in messages:
            if message.type == "set_tempo":
                while len(edges) <= self.beats and round(len(edges) * self._ticks) <= tick:
                    edges.append(clock.at(round(len(edges) * self._ticks)))
                clock.set_tempo(tick, micros_per_quarter(MICROS_PER_MINUTE / max(1, message.tempo)))
        return edges + [clock.at(round(beat * self._ticks)) for beat in range(len(edges), self.beats + 1)]


def first_meter(messages: Iterable[Timed]) -> Meter:
    """The first time signature; 4/4 where there is none.

    Raises:
        MidiFileError: it is none that can be played.
    """
    for _, message in messages:
        if message.type == "time_signature":
            try:
                return Meter(message.numerator, message.denominator)
            except ValueError as problem:
                raise MidiFileError(f"has a time signature that is none: {problem}") from None
    return Meter()
