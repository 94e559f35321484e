"""What one MIDI input says: its bytes as messages, and an MPE keyboard's many channels as one keyboard.

Rules. A zone is said by the keyboard itself (the MPE configuration message: RPN 6 on channel 1 or 16) or, in its stead,
by whoever opens the port. In a zone every note is its manager channel's; how a finger bends, presses or slides its own
note is expression, not harmony, and no controller to be learnt: it is left out. What is said on the manager channel
holds for the zone and stays; so does everything outside a zone. (MIDI Polyphonic Expression 1.0, RP-053.)
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from realtime.core.keyboard import ALL_NOTES_OFF, ALL_SOUND_OFF, SOSTENUTO, SUSTAIN
from realtime.core.midi_codec import MidiMessage, MidiParser

LOWER, UPPER = 0, 15
"""The manager channels of the two zones, and their names."""

MOST_MEMBERS: Final = 15
_PARAMETER_HIGH, _PARAMETER_LOW, _DATA_ENTRY = 101, 100, 6
_CONFIGURATION: Final = (0, 6)
SOFT: Final = 67
_DOWN_FROM: Final = 64

WHOLE_ZONE: Final = bytes((0xB0, _PARAMETER_HIGH, 0, 0xB0, _PARAMETER_LOW, 6, 0xB0, _DATA_ENTRY, MOST_MEMBERS))
"""The configuration message of a lower zone with all other channels: what most MPE keyboards send."""


@dataclass(slots=True)
class MidiInput:
    """One input; it remembers running status, half messages, and zones."""

    _parser: MidiParser = field(default_factory=MidiParser)
    _members: dict[int, int] = field(default_factory=lambda: {LOWER: 0, UPPER: 0})
    """How many member channels each zone has; 0: there is none."""
    _selected: dict[int, list[int]] = field(default_factory=lambda: {LOWER: [127, 127], UPPER: [127, 127]})
    """The registered parameter that a manager channel has named."""
    _down: dict[tuple[str, int, int], None] = field(default_factory=dict)
    """Keys and pedals that are down: kind, channel, number."""
    _holders: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    """Channels that hold a key of a zone: two fingers may have found the same one."""

    @property
    def rejected(self) -> int:
        """Bytes that belonged to no message."""
        return self._parser.rejected

    def feed(self, data: bytes) -> list[MidiMessage]:
        """The messages completed by `data`, an MPE zone's on its manager channel. Never raises."""
        messages = [merged for message in self._parser.feed(data) for merged in self._take(message)]
        for message in messages:
            self._note(message)
        return messages

    def release(self) -> list[MidiMessage]:
        """What would let go of everything that is held: the cable was pulled."""
        ends = [
            MidiMessage("note_off", channel, number, 64) if kind == "key" else MidiMessage("control", channel, number)
            for kind, channel, number in self._down
        ]
        self._down.clear()
        self._holders.clear()
        return ends

    def _note(self, message: MidiMessage) -> None:
        """Keeps count of what is down."""
        match message.kind:
            case "note_on":
                self._down["key", message.channel, message.a] = None
            case "note_off":
                self._down.pop(("key", message.channel, message.a), None)
            case "control" if message.a in (SUSTAIN, SOSTENUTO, SOFT):
                self._down.pop(("pedal", message.channel, message.a), None)
                if message.b >= _DOWN_FROM:
                    self._down["pedal", message.channel, message.a] = None
            case "control" if message.a in (ALL_SOUND_OFF, ALL_NOTES_OFF):
                self._down = {key: None for key in self._down if key[1] != message.channel}

    def _take(self, message: MidiMessage) -> Iterator[MidiMessage]:
        if message.kind == "system":
            yield message
        elif message.kind == "control" and message.channel in self._members and self._configures(message):
            yield from self._configure(message.channel, min(message.b, MOST_MEMBERS))
        elif (manager := self._manager_of(message.channel)) is None:
            yield message
        else:
            yield from self._merge(message, manager)

    def _configures(self, message: MidiMessage) -> bool:
        """Whether it says how many channels a zone has; which parameter is meant is noted on the way."""
        selected = self._selected[message.channel]
        if message.a in (_PARAMETER_HIGH, _PARAMETER_LOW):
            selected[message.a == _PARAMETER_LOW] = message.b
        return message.a == _DATA_ENTRY and tuple(selected) == _CONFIGURATION

    def _configure(self, manager: int, members: int) -> Iterator[MidiMessage]:
        """Sets up a zone, or takes it away; what it held is let go. The other gives way where both want a channel."""
        other = UPPER if manager == LOWER else LOWER
        for channel, pitch in list(self._holders):
            yield MidiMessage("note_off", channel, pitch, 64)
        self._holders.clear()
        self._members[manager] = members
        self._members[other] = max(0, min(self._members[other], MOST_MEMBERS - 1 - members))

    def _manager_of(self, channel: int) -> int | None:
        """The manager channel of the zone that a channel is in, if any."""
        if self._members[LOWER] and channel <= self._members[LOWER]:
            return LOWER
        if self._members[UPPER] and channel >= UPPER - self._members[UPPER]:
            return UPPER
        return None

    def _merge(self, message: MidiMessage, manager: int) -> Iterator[MidiMessage]:
        key = (manager, message.a)
        match message.kind:
            case "note_on":
                self._holders.setdefault(key, set()).add(message.channel)
                yield replace(message, channel=manager)
            case "note_off":
                if self._let_go(key, message.channel):
                    yield replace(message, channel=manager)
            case "control" if message.a in (ALL_SOUND_OFF, ALL_NOTES_OFF):
                yield from self._all_off(message, manager)
            case _ if message.channel == manager:
                yield message

    def _let_go(self, key: tuple[int, int], channel: int) -> bool:
        """Whether nobody holds the key any more."""
        holders = self._holders.get(key, set())
        holders.discard(channel)
        if not holders:
            self._holders.pop(key, None)
        return not holders

    def _all_off(self, message: MidiMessage, manager: int) -> Iterator[MidiMessage]:
        """On the manager channel it is for all of the zone; on a member, for what that one holds."""
        if message.channel == manager:
            self._holders = {key: held for key, held in self._holders.items() if key[0] != manager}
            yield message
            return
        for key in [key for key, held in self._holders.items() if key[0] == manager and message.channel in held]:
            if self._let_go(key, message.channel):
                yield MidiMessage("note_off", manager, key[1], 64)
