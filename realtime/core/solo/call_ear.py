"""Hears the player's melody as phrases: which notes are of it, where a phrase began, and whether it is over.

A phrase is over when the next note is overdue: by more than its own notes have taken lately, the sooner if it came to
rest on a long note or with the bars, the later if it has hardly begun. (Silence against the usual gap is the strongest
cue of phrase ends: Temperley, The Cognition of Basic Musical Structures, 2001, ch. 3.)
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Final

from realtime.core.units import Micros, Ticks

MOST_NOTES: Final = 96
TOGETHER: Final = 40_000
"""Keys struck within so many microseconds make one chord."""

MOST_KEYS: Final = 10
"""Nobody strikes more at once."""

CHORD: Final = 3
APART: Final = 5
"""The top of a chord is melody only where it stands this many semitones above the rest."""

BREAK_BEATS: Final = 1.5
"""A silence of this long parts phrases, however slow."""

LEAST_NOTES: Final = 3
_LEAST_WAIT, _MOST_WAIT = 0.7, 1.9
"""Beats since the last note began, after which a phrase can and must be over."""

QUIET_BEATS: Final = 0.25
"""After a note as short as the rest, it must have been still for so long, too."""

STILL_BEATS: Final = 0.85
"""A stillness that ends a phrase, unless its notes come more slowly than this:"""

SLOW_BEATS: Final = 1.25

LONG: Final = 1.4
"""A note this many times as long as they usually come is one to rest on."""

_HELD_BEATS: Final = 2.0
"""A note held so long ends a phrase while it sounds."""


@dataclass(slots=True)
class HeardNote:
    """A key the player struck: `start` and `end` in ticks, `end` is `start` while it is down."""

    pitch: int
    velocity: int
    at: Micros
    start: Ticks
    end: Ticks
    down: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """A phrase of the player's, over."""

    notes: tuple[HeardNote, ...]
    end: Ticks
    """When its last note came up, or came to rest."""

    @property
    def start(self) -> Ticks:
        """When its first note was struck."""
        return self.notes[0].start


@dataclass(slots=True)
class CallEar:
    """Remembers the last notes."""

    _notes: deque[HeardNote] = field(default_factory=lambda: deque(maxlen=MOST_NOTES))

    def strike(self, pitch: int, velocity: int, at: Micros, tick: Ticks) -> None:
        """A key goes down."""
        self._notes.append(HeardNote(pitch, velocity, at, tick, tick))

    def lift(self, pitch: int, tick: Ticks) -> None:
        """A key comes up."""
        for note in reversed(self._notes):
            if note.pitch == pitch and note.down:
                note.down, note.end = False, max(tick, note.start)
                return

    def release_all(self, tick: Ticks) -> None:
        """The keyboard has gone."""
        for note in self._notes:
            if note.down:
                note.down, note.end = False, max(tick, note.start)

    def clear(self) -> None:
        """Time begins anew: ticks from before mean nothing."""
        self._notes.clear()

    def melody(self, lowest: int, since: Ticks) -> list[HeardNote]:
        """The notes of melody struck from `since` on, in order; keys below `lowest` are none."""
        notes = [note for note in self._notes if note.start >= since]
        return [note for place, note in enumerate(notes) if note.pitch >= lowest and _is_melody(place, notes)]

    def is_line(self, lowest: int, since: Ticks, until: Ticks) -> bool:
        """Whether keys were down from `since` to `until`, and only as in a melody: none low, no three together."""
        notes = [note for note in self._notes if note.start < until and (note.down or note.end > since)]
        struck = [note.at for note in notes]
        chord = any(abs(first - third) < TOGETHER for first, third in zip(struck, struck[CHORD - 1 :], strict=False))
        return bool(notes) and not chord and all(note.pitch >= lowest for note in notes)

    def phrase(self, lowest: int, since: Ticks, beat_ticks: int) -> list[HeardNote]:
        """The notes of the last phrase, over or not."""
        melody = self.melody(lowest, since)
        first = len(melody) - 1
        while first > 0 and melody[first].start - _until(melody[first - 1]) < BREAK_BEATS * beat_ticks:
            first -= 1
        return melody[max(0, first) :]

    def call(self, lowest: int, since: Ticks, now: Ticks, beat_ticks: int, bar_ticks: int) -> Call | None:
        """The last phrase, if it is over at `now`."""
        notes = self.phrase(lowest, since, beat_ticks)
        if len(notes) < LEAST_NOTES:
            return None
        last = notes[-1]
        waited = now - last.start
        if last.down:
            rests = waited >= _HELD_BEATS * beat_ticks and waited >= 2 * _usual_gap(notes)
            return Call(tuple(notes), Ticks(last.start + beat_ticks)) if rests else None
        quiet = now - last.end
        rested = last.end - last.start >= LONG * _usual_gap(notes)
        over = waited >= _wait(notes, beat_ticks, bar_ticks) and quiet >= (0 if rested else QUIET_BEATS * beat_ticks)
        return Call(tuple(notes), last.end) if over else None


def _wait(notes: Sequence[HeardNote], beat_ticks: int, bar_ticks: int) -> float:
    """How long after the last note's beginning the phrase is taken to be over, in ticks."""
    usual = _usual_gap(notes)
    wait = 1.4 * usual
    last = notes[-1]
    if last.end - last.start >= LONG * usual:
        wait *= 0.85
    length = last.end - notes[0].start
    if length < 2 * beat_ticks:
        wait *= 1.3
    elif abs((last.end + beat_ticks) % (2 * bar_ticks) - beat_ticks) <= beat_ticks:
        wait *= 0.85
    if usual < SLOW_BEATS * beat_ticks:
        wait = min(wait, last.end - last.start + STILL_BEATS * beat_ticks)
    return min(max(wait, _LEAST_WAIT * beat_ticks), _MOST_WAIT * beat_ticks)


def _usual_gap(notes: Sequence[HeardNote]) -> float:
    """Ticks from a note to the next, lately."""
    gaps = [b.start - a.start for a, b in pairwise(notes)]
    return float(median(gaps[-6:]))


def _until(note: HeardNote) -> float:
    return math.inf if note.down else note.end


def _is_melody(place: int, notes: Sequence[HeardNote]) -> bool:
    """Whether a note stands alone, or on top of what was struck with it and apart from a chord's rest."""
    note = notes[place]
    near = (*notes[max(0, place - MOST_KEYS) : place], *notes[place + 1 : place + 1 + MOST_KEYS])
    others = [other.pitch for other in near if abs(other.at - note.at) < TOGETHER]
    if not others:
        return True
    if max(others) >= note.pitch:
        return False
    return len(others) + 1 < CHORD or note.pitch - max(others) >= APART
