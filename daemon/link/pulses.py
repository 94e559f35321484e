"""A Link session as MIDI clock: what a follower of pulses is told, and when exactly.

Twenty-four pulses a quarter, on the session's beats. Where the others start, a start goes before the pulse of the next
bar line, or a song position and a continue if that is over. Every bar line is announced by a song position, so that who
starts by itself can wait for one.
"""

import math
from typing import Final

from daemon.link.wire import Session
from realtime.core.midi_codec import ClockMessage
from realtime.core.units import PULSES_PER_QUARTER

PULSE: Final = bytes((ClockMessage.PULSE,))
START: Final = bytes((ClockMessage.START,))
CONTINUE: Final = bytes((ClockMessage.CONTINUE,))
STOP: Final = bytes((ClockMessage.STOP,))

_PULSES_PER_SIXTEENTH: Final = PULSES_PER_QUARTER // 4
_POSITIONS: Final = 1 << 14
_OWED: Final = 12
_STEP: Final = 3
"""So many pulses late, or early, are counted on: who follows counts them, too. More is another place in the session."""

_SAME_BEAT: Final = 0.02
"""A start within so much of a bar line is on it."""


class LinkPulses:
    """Sessions in; messages and their times out."""

    def __init__(self, quantum: float) -> None:
        """`quantum` is the length of a bar in quarters."""
        self.quantum = quantum
        self.band_plays = False
        """Whether whoever follows plays already."""
        self._session: Session | None = None
        self._next = 0
        self._joined: float | None = None
        """The start of the others that was obeyed, or need not be."""

    def take(self, session: Session, now: int) -> list[bytes]:
        """The session is like this from now on; what is to be said at once: that the others stopped."""
        before, self._session = self._session, session
        following = math.floor(session.beat_at(now) * PULSES_PER_QUARTER) + 1
        if before is None or not -_STEP < following - self._next < _OWED:
            self._next = following
        stopped = before is not None and before.playing and not session.playing
        if not session.playing:
            self._joined = None
        elif self.band_plays:
            self._joined = session.start_beat
        return [STOP] if stopped and self.band_plays else []

    def due(self) -> int | None:
        """When the next pulse is; None before there is a session."""
        return None if self._session is None else self._session.micros_at(self._next / PULSES_PER_QUARTER)

    def pulse(self) -> list[bytes]:
        """The next pulse has come: what is said at its time."""
        number = self._next
        self._next += 1
        return [*self._words(number), PULSE]

    def _words(self, number: int) -> list[bytes]:
        session, bar = self._session, round(self.quantum * PULSES_PER_QUARTER)
        if session is not None and session.playing and session.start_beat != self._joined and not self.band_plays:
            first = math.ceil(session.start_beat / self.quantum - _SAME_BEAT) * bar
            if number >= first and (number - first) % _PULSES_PER_SIXTEENTH == 0:
                self._joined = session.start_beat
                if number == first:
                    return [START]
                return [_position((number - first) // _PULSES_PER_SIXTEENTH), CONTINUE]
        return [_position(number // _PULSES_PER_SIXTEENTH)] if number % bar == 0 else []


def _position(sixteenths: int) -> bytes:
    sixteenths %= _POSITIONS
    return bytes((ClockMessage.SONG_POSITION, sixteenths & 0x7F, sixteenths >> 7))
