"""MIDI bytes to messages and back.

The parser takes any bytes, in any pieces, and never raises: running status is understood, real-time bytes (F8..FF)
may stand inside other messages, a note-on with velocity 0 is a note-off, and what makes no sense is counted and
skipped up to the next status byte (MIDI 1.0 Detailed Specification, "Data format").
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Literal

MAX_SYSEX_BYTES: Final = 4096
"""A system exclusive message longer than this is dropped: we use none, and nobody shall fill the memory with one."""

MessageKind = Literal["note_on", "note_off", "poly_pressure", "control", "program", "pressure", "bend", "system"]

_CHANNEL_KINDS: Final[dict[int, tuple[MessageKind, int]]] = {
    0x80: ("note_off", 2),
    0x90: ("note_on", 2),
    0xA0: ("poly_pressure", 2),
    0xB0: ("control", 2),
    0xC0: ("program", 1),
    0xD0: ("pressure", 1),
    0xE0: ("bend", 2),
}
_STATUS_OF_KIND: Final[dict[str, int]] = {kind: status for status, (kind, _) in _CHANNEL_KINDS.items()}
_SYSTEM_LENGTHS: Final[dict[int, int]] = {0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0}
_SYSEX_START: Final = 0xF0
_SYSEX_END: Final = 0xF7
_FIRST_REAL_TIME: Final = 0xF8


class ClockMessage(IntEnum):
    """The system messages that say where time is; the status byte of each."""

    SONG_POSITION = 0xF2
    PULSE = 0xF8
    START = 0xFA
    CONTINUE = 0xFB
    STOP = 0xFC


@dataclass(frozen=True, slots=True)
class MidiMessage:
    """One whole message. `channel` 0..15; `a` and `b` are its data bytes, 0..127.

    For "bend", `bend` gives -8192..8191. For "system", `a` is the status byte (F1..FF) and `b` its data: one byte, or
    the fourteen bits of a song position (in sixteenths).
    """

    kind: MessageKind
    channel: int
    a: int
    b: int = 0

    @property
    def bend(self) -> int:
        """The pitch wheel's position, -8192..8191."""
        return (self.b << 7 | self.a) - 8192


@dataclass(slots=True)
class MidiParser:
    """Bytes in, messages out; one parser a port, for it remembers running status and half messages."""

    rejected: int = 0
    """Bytes that belonged to no message."""
    _status: int = 0
    _data: bytearray = field(default_factory=bytearray)
    _in_sysex: bool = False
    _sysex_bytes: int = 0

    def feed(self, data: bytes) -> list[MidiMessage]:
        """The messages completed by `data`. Never raises; keeps at most two bytes."""
        messages: list[MidiMessage] = []
        for byte in data:
            message = self._take(byte)
            if message is not None:
                messages.append(message)
        return messages

    def _take(self, byte: int) -> MidiMessage | None:
        if byte >= _FIRST_REAL_TIME:
            return MidiMessage("system", 0, byte)
        if byte >= 0x80:
            return self._take_status(byte)
        return self._take_data(byte)

    def _take_status(self, byte: int) -> MidiMessage | None:
        if self._data and not self._in_sysex:
            self.rejected += len(self._data)
        self._data.clear()
        self._in_sysex = byte == _SYSEX_START
        self._sysex_bytes = 0
        if byte in (_SYSEX_START, _SYSEX_END):
            self._status = 0
            return None
        if byte in _SYSTEM_LENGTHS and _SYSTEM_LENGTHS[byte] == 0:
            self._status = 0
            return MidiMessage("system", 0, byte)
        self._status = byte if byte < 0xF0 or byte in _SYSTEM_LENGTHS else 0
        return None

    def _take_data(self, byte: int) -> MidiMessage | None:
        if self._in_sysex:
            self._sysex_bytes += 1
            if self._sysex_bytes == MAX_SYSEX_BYTES:
                self.rejected += self._sysex_bytes
            return None
        if self._status == 0:
            self.rejected += 1
            return None
        self._data.append(byte)
        if self._status >= 0xF0:
            return self._finish_system()
        kind, length = _CHANNEL_KINDS[self._status & 0xF0]
        if len(self._data) < length:
            return None
        a, b = self._data[0], self._data[1] if length == 2 else 0
        self._data.clear()  # the status stays: the next data byte may begin another message (running status)
        if kind == "note_on" and b == 0:
            kind = "note_off"
        return MidiMessage(kind, self._status & 0x0F, a, b)

    def _finish_system(self) -> MidiMessage | None:
        if len(self._data) < _SYSTEM_LENGTHS[self._status]:
            return None
        high = self._data[1] << 7 if len(self._data) > 1 else 0
        message = MidiMessage("system", 0, self._status, self._data[0] | high)
        self._data.clear()
        self._status = 0
        return message


def encode(message: MidiMessage) -> bytes:
    """The bytes of a channel message, status byte always there (receivers differ on running status).

    Raises:
        ValueError: a system message; those are not ours to send this way.
    """
    if message.kind == "system":
        raise ValueError("only channel messages are encoded here, but got a system message")
    status = _STATUS_OF_KIND[message.kind]
    length = _CHANNEL_KINDS[status][1]
    return bytes([status | message.channel, message.a, message.b][: 1 + length])
