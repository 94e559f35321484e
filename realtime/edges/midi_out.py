"""The band's MIDI: holds what the heart wants played until its time, then sends it.

Rules. Every note-on that leaves has its note-off leave, at the latest when this is closed. A note-off no
later than its own note-on, which has not left yet, takes it along: neither is sent. At the same time, offs of
older notes go before ons. The player's own part leaves only when `thru` is on, on channel 1 whatever it came on.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from realtime.core.events import CHANNEL_OF_PART, ControlChange, NoteOff, NoteOn, Output, Part, PitchBend, Stamped
from realtime.core.units import Micros
from realtime.edges.clock import Clock
from realtime.edges.timed import Timed

SUSTAIN: Final = 64
ALL_SOUND_OFF: Final = 120
ALL_NOTES_OFF: Final = 123

_OFF_FIRST: Final = 0
_AS_THEY_CAME: Final = 1

Key = tuple[Part, int, int]
"""Part, channel, pitch: what a note-off must share with its note-on."""


class SendMidi(Protocol):
    """Puts one whole message of a part on the wire, at its time (`MidiPort.send`). It must not raise."""

    def __call__(self, data: bytes, at: Micros, part: Part) -> None:
        """`data` is to be on the wire at `at`."""
        ...


@dataclass(frozen=True, slots=True)
class MidiOutStatistics:
    """What was sent. Counts; `worst_late` in microseconds."""

    sent: int
    late: int
    worst_late: int
    cancelled: int
    """Notes ended before they began, so never sent."""
    unmatched: int
    """Note-offs with no note-on; not sent."""
    sounding: int
    waiting: int


@dataclass(slots=True, eq=False)
class _Pending:
    """A message on its way; a cancelled one is passed over when its time comes."""

    at: Micros
    event: NoteOn | NoteOff | ControlChange | PitchBend
    is_promised_an_off: bool = False
    is_cancelled: bool = False


def encode(event: Output) -> bytes | None:
    """The MIDI message of an output, or None for what is no MIDI.

    Thread: any one.
    """
    match event:
        case NoteOn(channel=channel, pitch=pitch, velocity=velocity):
            return bytes((0x90 | channel, pitch, velocity))
        case NoteOff(channel=channel, pitch=pitch):
            return bytes((0x80 | channel, pitch, 64))
        case ControlChange(channel=channel, controller=controller, value=value):
            return bytes((0xB0 | channel, controller, value))
        case PitchBend(channel=channel, value=value):
            return bytes((0xE0 | channel, (value + 8192) & 0x7F, (value + 8192) >> 7))
        case _:
            return None


class MidiOut:
    """A sink for the heart's outputs: notes, controllers and bends, each at its time.

    Args:
        send: puts one whole message on the wire.
        ahead_micros: how long before its time a message is given to `send`; 0: when its time has come.
        thru: whether the player's own part leaves too.

    Thread: trio.
    """

    name: Final = "MIDI"

    def __init__(self, send: SendMidi, clock: Clock, *, ahead_micros: int = 0, thru: bool = False) -> None:
        self.thru = thru
        self._send = send
        self._clock = clock
        self._timed: Timed[_Pending] = Timed(clock, self._play, ahead_micros=ahead_micros)
        self._coming: dict[Key, deque[_Pending]] = {}
        self._sounding: dict[Key, int] = {}
        self._ending: dict[Key, int] = {}
        self._channels: set[tuple[int, Part]] = set()
        self._cancelled = 0
        self._unmatched = 0
        self._is_closed = False
        self._latest = Micros(0)
        """The latest time that was given to a message: what is sent last must not overtake it."""

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """Takes `outputs`; each leaves at its time, or now if that has passed.

        Thread: trio; never waits.
        """
        for stamped in outputs:
            match stamped.event:
                case NoteOn() as note:
                    self._begin(stamped.at, note)
                case NoteOff() as note:
                    self._end(stamped.at, note)
                case ControlChange() | PitchBend() as event:
                    if not self._is_muted(event):
                        self._timed.push(stamped.at, _Pending(stamped.at, event), rank=_AS_THEY_CAME)
                case _:
                    pass
        self._timed.send_due()

    async def run(self) -> None:
        """Sends everything at its time, for ever.

        Thread: trio.
        """
        await self._timed.run()

    def close(self) -> None:
        """Ends every sounding note now, drops what has not begun, and quiets every channel used.

        Sent last: pedal up, all sound off, all notes off, for synths that lost something. Call it while the
        ports are still open. Afterwards nothing leaves any more.

        Thread: trio; never waits.
        """
        if self._is_closed:
            return
        self._is_closed = True
        for _ in self._timed.take_all():
            pass
        at = max(self._clock.now(), self._latest)
        for (part, channel, pitch), count in list(self._sounding.items()):
            for _ in range(count):
                self._emit(at, NoteOff(part, channel, pitch))
        self._sounding.clear()
        for channel, part in sorted(self._channels):
            for controller in (SUSTAIN, ALL_SOUND_OFF, ALL_NOTES_OFF):
                self._send(bytes((0xB0 | channel, controller, 0)), at, part)

    def statistics(self) -> MidiOutStatistics:
        """What was sent so far.

        Thread: any one.
        """
        timed = self._timed.statistics()
        return MidiOutStatistics(
            sent=timed.sent - self._cancelled,
            late=timed.late,
            worst_late=timed.worst_late,
            cancelled=self._cancelled,
            unmatched=self._unmatched,
            sounding=sum(self._sounding.values()),
            waiting=timed.waiting,
        )

    def _is_muted(self, event: NoteOn | ControlChange | PitchBend) -> bool:
        return self._is_closed or (event.part == "player" and not self.thru)

    def _begin(self, at: Micros, note: NoteOn) -> None:
        if self._is_muted(note):
            return
        pending = _Pending(at, note)
        self._coming.setdefault(_key(note), deque()).append(pending)
        self._timed.push(at, pending, rank=_AS_THEY_CAME)

    def _end(self, at: Micros, note: NoteOff) -> None:
        """Finds the note this ends: the oldest that sounds, else the oldest that is coming."""
        key = _key(note)
        if self._sounding.get(key, 0) > self._ending.get(key, 0):
            self._ending[key] = self._ending.get(key, 0) + 1
            self._timed.push(at, _Pending(at, note), rank=_OFF_FIRST)
            return
        coming = next((on for on in self._coming.get(key, ()) if not on.is_promised_an_off), None)
        if coming is None:
            # The player's, while thru is off; or nobody's.
            self._unmatched += note.part != "player"
        elif at <= coming.at:
            coming.is_cancelled = True
            self._coming[key].remove(coming)
        else:
            coming.is_promised_an_off = True
            self._timed.push(at, _Pending(at, note), rank=_OFF_FIRST)

    def _play(self, pending: _Pending) -> None:
        """The time of `pending` has come."""
        if pending.is_cancelled:
            self._cancelled += 1
            return
        match pending.event:
            case NoteOn() as note:
                key = _key(note)
                self._coming[key].remove(pending)
                if not self._coming[key]:
                    del self._coming[key]
                self._sounding[key] = self._sounding.get(key, 0) + 1
                self._ending[key] = self._ending.get(key, 0) + pending.is_promised_an_off
            case NoteOff() as note:
                key = _key(note)
                self._sounding[key] -= 1
                self._ending[key] -= 1
                if not self._sounding[key]:
                    del self._sounding[key], self._ending[key]
            case _:
                pass
        self._emit(pending.at, pending.event)

    def _emit(self, at: Micros, event: NoteOn | NoteOff | ControlChange | PitchBend) -> None:
        if event.part == "player":
            event = replace(event, channel=CHANNEL_OF_PART["player"])
        data = encode(event)
        if data is not None:
            self._channels.add((event.channel, event.part))
            self._latest = max(self._latest, at)
            self._send(data, at, event.part)


def _key(note: NoteOn | NoteOff) -> Key:
    return note.part, note.channel, note.pitch
