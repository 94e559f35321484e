"""What the player strikes at once: the notes of one chord, gathered, and what kind of onset they are.

A chord's notes come spread over some 40 ms. What is struck within `GATHER_MICROS` of its first note is one onset; it
is over when that time has passed.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from realtime.core.units import DRUM_CHANNEL, Micros

GATHER_MICROS: Final = 50_000
"""How long after its first note a chord's last one may come."""

LOW_MICROS: Final = 1_200_000
"""A note that is the lowest for so long is a bass note."""

HIGHEST_BASS: Final = 59
"""From middle C on up nothing is a bass note."""

LEAST_CHORD: Final = 3
MOST_NOTES: Final = 16
MOST_LOWS: Final = 64

_KICKS: Final = frozenset((35, 36))
_BACKBEATS: Final = frozenset((37, 38, 39, 40))
_CRASHES: Final = frozenset((49, 52, 55, 57))
_GHOST: Final = 50
"""A backbeat as soft as this is a ghost note."""


class Kind(IntEnum):
    """What an onset is to the beat; a bass note or not, whatever is struck with it. The last four are drums."""

    NOTE = 0
    PAIR = 1
    CHORD = 2
    BASS = 3
    """As before, or an octave from it."""
    NEW_BASS = 4
    """Another one: the harmony moves."""
    CYMBAL = 5
    BACKBEAT = 6
    KICK = 7
    CRASH = 8
    """A crash with a kick."""


@dataclass(frozen=True, slots=True)
class Onset:
    """What was struck together; `at` in microseconds: when, the middle of its notes."""

    at: Micros
    kind: Kind


@dataclass(slots=True)
class Gathering:
    """The notes of the onset that is being struck, and the low ones of the last second."""

    _first: Micros | None = None
    _notes: list[tuple[Micros, int, int]] = field(default_factory=list)
    _drums: list[tuple[Micros, int, int]] = field(default_factory=list)
    _lows: deque[tuple[Micros, int]] = field(default_factory=lambda: deque(maxlen=MOST_LOWS))
    _bass: int = -1

    def due(self) -> Micros | None:
        """When the onset is over; None while there is none."""
        return None if self._first is None else Micros(self._first + GATHER_MICROS)

    def strike(self, pitch: int, velocity: int, channel: int, at: Micros) -> None:
        """A note-on; what was struck before and is over must have been taken."""
        if self._first is None:
            self._first = at
        notes = self._drums if channel == DRUM_CHANNEL else self._notes
        if len(notes) < MOST_NOTES:
            notes.append((at, pitch, velocity))

    def take(self) -> Onset:
        """The onset, whole; the next note begins another."""
        notes = self._notes or self._drums
        at = sorted(note[0] for note in notes)[(len(notes) - 1) // 2]
        kind = self._of_keys(at) if self._notes else self._of_drums()
        self._first, self._notes, self._drums = None, [], []
        return Onset(at, kind)

    def clear(self) -> None:
        """Nothing was struck yet."""
        self._first, self._notes, self._drums, self._bass = None, [], [], -1
        self._lows.clear()

    def _of_keys(self, at: Micros) -> Kind:
        low = min(note[1] for note in self._notes)
        while self._lows and at - self._lows[0][0] > LOW_MICROS:
            self._lows.popleft()
        is_bass = low <= HIGHEST_BASS and all(low <= other for _, other in self._lows)
        self._lows.append((at, low))
        if is_bass:
            is_new = self._bass < 0 or (low - self._bass) % 12 != 0
            self._bass = low
            return Kind.NEW_BASS if is_new else Kind.BASS
        count = len({note[1] for note in self._notes})
        return Kind.CHORD if count >= LEAST_CHORD else Kind.PAIR if count == 2 else Kind.NOTE

    def _of_drums(self) -> Kind:
        struck = {pitch for _, pitch, velocity in self._drums if velocity > _GHOST or pitch not in _BACKBEATS}
        if struck & _KICKS:
            return Kind.CRASH if struck & _CRASHES else Kind.KICK
        return Kind.BACKBEAT if struck & (_BACKBEATS | _CRASHES) else Kind.CYMBAL
