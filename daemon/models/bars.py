"""Cuts what is played into closed bars, as they close: the unit in which music is turned into tokens.

Rules. Onsets are rounded to the token grid before they are cut, so that a note struck a breath before the bar
line belongs to the bar it was meant for. A bar is closed a beat after its end, if none of its notes still sounds; a
note that never ends is cut at the longest duration there is a token for.
"""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from realtime.core.events import Part
from realtime.core.units import TICKS_PER_QUARTER

GRID_TICKS: Final = TICKS_PER_QUARTER // 8
MAX_DURATION_TICKS: Final = 12 * TICKS_PER_QUARTER


class BarNote(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A note of a bar: its onset in ticks from the bar line, its duration in ticks."""

    onset: int
    pitch: int
    duration: int
    velocity: int
    part: Part


class ClosedBar(msgspec.Struct, frozen=True):
    """A bar that nothing more can happen in. `number` counts from 1."""

    number: int
    numerator: int
    denominator: int
    tempo_bpm: float
    notes: list[BarNote]


@dataclass(slots=True)
class _OpenBar:
    start: int
    end: int
    numerator: int
    denominator: int
    tempo_bpm: float
    notes: list[BarNote] = field(default_factory=list)


@dataclass(slots=True)
class _Held:
    onset: int
    velocity: int


class BarBook:
    """Bars being written. Ticks go forward only; `closed` gives what is finished."""

    def __init__(self) -> None:
        self._bars: list[_OpenBar] = []
        self._held: dict[tuple[Part, int, int], _Held] = {}
        self._next_number = 1
        self.missed = 0
        """Notes that came too late for their bar."""
        self._end = 0
        self._meter = (4, 4)
        self._tempo = 96.0

    def set_meter(self, numerator: int, denominator: int) -> None:
        """The meter of the bars that begin from now on."""
        self._meter = (numerator, denominator)

    def set_tempo(self, tempo_bpm: float) -> None:
        """The tempo of the bars that begin from now on."""
        self._tempo = tempo_bpm

    def note_on(self, key: tuple[Part, int, int], velocity: int, tick: int) -> None:
        """A note begins; `key` is its part, channel and pitch."""
        self.note_off(key, tick)
        onset = _to_grid(tick)
        self._extend(onset)
        self._held[key] = _Held(onset, velocity)

    def note_off(self, key: tuple[Part, int, int], tick: int) -> None:
        """A note ends."""
        held = self._held.pop(key, None)
        if held is not None:
            self._add(key, held, max(1, tick - held.onset))

    def closed(self, tick: int) -> list[ClosedBar]:
        """The bars that are finished at `tick`, each given once."""
        for key, held in list(self._held.items()):
            if tick - held.onset >= MAX_DURATION_TICKS:
                self.note_off(key, tick)
        self._extend(tick)
        earliest_held = min((held.onset for held in self._held.values()), default=tick)
        # The band's notes are stamped a little ahead and the player's are not: a beat covers what may still come.
        safe = min(tick - TICKS_PER_QUARTER, earliest_held)
        finished: list[ClosedBar] = []
        while self._bars and self._bars[0].end <= safe:
            finished.append(self._close(self._bars.pop(0)))
        return finished

    def finish(self, tick: int) -> list[ClosedBar]:
        """The rest: every note ends, every bar with music in it closes."""
        for key in list(self._held):
            self.note_off(key, tick)
        while self._bars and not self._bars[-1].notes:
            self._bars.pop()
        finished = [self._close(bar) for bar in self._bars]
        self._bars = []
        return finished

    def _extend(self, tick: int) -> None:
        while self._end <= tick:
            numerator, denominator = self._meter
            length = TICKS_PER_QUARTER * 4 * numerator // denominator
            bar = _OpenBar(self._end, self._end + length, numerator, denominator, self._tempo)
            self._bars.append(bar)
            self._end = bar.end

    def _add(self, key: tuple[Part, int, int], held: _Held, duration: int) -> None:
        for bar in self._bars:
            if bar.start <= held.onset < bar.end:
                part, _, pitch = key
                duration = min(duration, MAX_DURATION_TICKS)
                bar.notes.append(BarNote(held.onset - bar.start, pitch, duration, held.velocity, part))
                return
        self.missed += 1

    def _close(self, bar: _OpenBar) -> ClosedBar:
        number = self._next_number
        self._next_number += 1
        return ClosedBar(number, bar.numerator, bar.denominator, bar.tempo_bpm, sorted(bar.notes))


def _to_grid(tick: int) -> int:
    return max(0, (tick + GRID_TICKS // 2) // GRID_TICKS * GRID_TICKS)
