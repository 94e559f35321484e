"""What the daemon's tests lean on: a small exact heart with the habits of a real one, and a header for it."""

from collections.abc import Callable

import pytest

from daemon.session_format import Header
from realtime.core.events import Beat, Input, MidiReceived, NoteOff, NoteOn, Output, ParameterSet, Stamped
from realtime.core.snapshot import Snapshot
from realtime.core.units import Micros, Ticks

BEAT_MICROS = 500_000


class EchoHeart:
    """Beats twice a second, and echoes each key a quarter of a second later, an octave lower."""

    def __init__(self, transpose: int = -12) -> None:
        self.transpose = transpose
        self.asked: list[int] = []
        self._due: list[Stamped[Output]] = []
        self._beats = 0
        self._now = 0
        self._sounding: list[int] = []

    def receive(self, event: Input, at: Micros) -> None:
        assert not self.asked or at > self.asked[-1], "an input came before the present"
        self._now = at
        match event:
            case MidiReceived(_, data) if len(data) == 3 and data[0] == 0x90 and data[2]:
                pitch = max(0, min(127, data[1] + self.transpose))
                self._due.append(Stamped(Micros(at + 250_000), NoteOn("keys", 2, pitch, data[2])))
                self._sounding.append(pitch)
            case ParameterSet():
                self.transpose += 1
            case _:
                pass

    def _next_beat(self) -> int:
        return self._beats * BEAT_MICROS

    def next_wakeup(self) -> Micros | None:
        return Micros(max(self._now, min([self._next_beat(), *(s.at for s in self._due)])))

    def advance(self, now: Micros) -> list[Stamped[Output]]:
        self.asked.append(now)
        self._now = now
        out = [s for s in self._due if s.at <= now]
        self._due = [s for s in self._due if s.at > now]
        while self._next_beat() <= now:
            beat = Beat(self._beats, self._beats // 4 + 1, self._beats % 4 + 1, 120.0)
            out.append(Stamped(Micros(self._next_beat()), beat))
            self._beats += 1
        return out

    def silence(self, now: Micros) -> list[Stamped[Output]]:
        offs: list[Stamped[Output]] = [Stamped(now, NoteOff("keys", 2, pitch)) for pitch in self._sounding]
        self._sounding = []
        return offs

    def position(self, at: Micros) -> Ticks:
        return Ticks(at * 960 // BEAT_MICROS)

    def snapshot(self) -> Snapshot:
        raise NotImplementedError


@pytest.fixture(scope="session")
def make_heart() -> Callable[..., EchoHeart]:
    """Makes echo hearts."""
    return EchoHeart


@pytest.fixture(scope="session")
def header() -> Header:
    """A header as a session of the echo heart would have it."""
    return Header(
        version="0",
        seed=3,
        parameters={"energy": 0.5, "style": "none"},
        styles={},
        config={},
        started="2026-01-02T03:04:05.678+00:00",
        python="3",
        platform="test",
    )
