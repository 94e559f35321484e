"""Stand-ins for the world: a heart that counts, sinks that remember, and the way edges are run under a
test's time."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import trio
from trio.testing import MockClock

from realtime.core.events import Beat, Input, MidiReceived, NoteOff, NoteOn, Output, Stamped
from realtime.core.snapshot import Snapshot
from realtime.core.units import Micros, Ticks

T = TypeVar("T")

AHEAD = 20_000


def run_in_virtual_time(main: Callable[[], Awaitable[T]]) -> T:
    """Runs a test's coroutine on a clock that jumps whenever everybody waits."""
    return trio.run(main, clock=MockClock(autojump_threshold=0))


def a_snapshot(**changes: object) -> Snapshot:
    """A picture of a heart that plays."""
    values: dict[str, object] = {
        "playing": True,
        "tempo_bpm": 120.0,
        "meter": "4/4",
        "bar": 1,
        "beat": 1,
        "beat_number": 0,
        "chord": "C",
        "chord_confidence": 1.0,
        "key": "C major",
        "key_confidence": 1.0,
        "energy": 0.5,
        "style": "pop_ballad",
        "variation": "A",
        "parameters": {"transport/tempo": 120.0, "part/bass/mute": False},
    }
    return Snapshot(**{**values, **changes})


class CountingHeart:
    """A heart whose every output tells how much it has seen, so that any other order of asking shows.

    It plays a note every `period` µs, stamped a little ahead, and one for each input; from the first
    microsecond on, or, `waiting`, from the first input.
    """

    def __init__(self, period: int = 50_000, *, waiting: bool = False) -> None:
        self.period = period
        self.waiting = waiting
        self.beats = 0
        self.inputs = 0
        self.outbox: list[Stamped[Output]] = []
        self.sounding: list[NoteOn] = []
        self.asked: list[int] = []

    def receive(self, event: Input, at: Micros) -> None:
        self.inputs += 1
        if self.waiting:
            self.waiting = False
            self.beats = at // self.period
        velocity = event.data[2] if isinstance(event, MidiReceived) and len(event.data) > 2 else 1
        note = NoteOn("keys", 2, self.beats % 128, max(velocity % 128, 1))
        self.outbox += [Stamped(at, note), Stamped(Micros(at + 7_000), _off(note))]

    def advance(self, now: Micros) -> list[Stamped[Output]]:
        self.asked.append(now)
        while not self.waiting and self.beats * self.period <= now:
            at = Micros(self.beats * self.period + AHEAD)
            self.outbox += [Stamped(at, _off(note)) for note in self.sounding]
            self.sounding = [NoteOn("bass", 1, self.inputs % 128, 1 + self.beats % 127)]
            self.outbox += [Stamped(at, self.sounding[0]), Stamped(at, Beat(self.beats, 1, 1, 120.0))]
            self.beats += 1
        due, self.outbox = self.outbox, []
        return due

    def next_wakeup(self) -> Micros | None:
        return None if self.waiting else Micros(self.beats * self.period)

    def silence(self, now: Micros) -> list[Stamped[Output]]:
        owed, self.sounding = self.sounding, []
        return [Stamped(Micros(now + AHEAD), _off(note)) for note in owed]

    def position(self, at: Micros) -> Ticks:
        return Ticks(at // 500)

    def snapshot(self) -> Snapshot:
        return a_snapshot(beat_number=self.beats)


class RestingHeart(CountingHeart):
    """A heart that does nothing by itself."""

    def advance(self, now: Micros) -> list[Stamped[Output]]:
        self.asked.append(now)
        due, self.outbox = self.outbox, []
        return due

    def next_wakeup(self) -> Micros | None:
        return None


@dataclass
class RememberingSink:
    """A sink that keeps what it is given."""

    name: str = "memory"
    taken: list[Stamped[Output]] = field(default_factory=list)

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        self.taken += outputs


@dataclass
class BrokenSink:
    """A sink that always fails."""

    name: str = "broken"

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        raise OSError("the cable is out")


def _off(note: NoteOn) -> NoteOff:
    return NoteOff(note.part, note.channel, note.pitch)


def hanging(messages: Sequence[bytes]) -> dict[tuple[int, int], int]:
    """Keys that MIDI messages leave sounding, and how many times, by explicit note-offs alone."""
    held: dict[tuple[int, int], int] = {}
    for data in messages:
        key = (data[0] & 0x0F, data[1] if len(data) > 1 else 0)
        match data[0] & 0xF0:
            case 0x90 if data[2]:
                held[key] = held.get(key, 0) + 1
            case 0x80 | 0x90:
                held[key] = held.get(key, 0) - 1
    return {key: count for key, count in held.items() if count}
