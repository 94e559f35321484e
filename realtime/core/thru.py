"""The player's own notes on their way to the sound engine and, if wanted, to a MIDI output."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from realtime.core.events import ControlChange, NoteOff, NoteOn, Output, PitchBend, Stamped
from realtime.core.keyboard import ALL_NOTES_OFF, ALL_SOUND_OFF
from realtime.core.midi_codec import MidiMessage
from realtime.core.units import DRUM_CHANNEL, Micros

FIRST_MODE_MESSAGE = ALL_SOUND_OFF
"""Controllers from here up are channel mode messages: they are acted on, never passed on."""

SUSTAIN = 64


@dataclass(slots=True)
class Thru:
    """Passes notes, controllers and the wheel; owes a note-off for every note-on passed."""

    _held: dict[tuple[int, int], None] = field(default_factory=dict)
    _pedalled: dict[int, None] = field(default_factory=dict)

    def take(self, message: MidiMessage, at: Micros) -> Iterator[Stamped[Output]]:
        """What the player's message becomes. Percussion channels are not the player's keyboard."""
        if message.channel == DRUM_CHANNEL:
            return
        key = (message.channel, message.a)
        match message.kind:
            case "note_on":
                if key in self._held:
                    yield Stamped(at, NoteOff("player", *key))
                self._held[key] = None
                yield Stamped(at, NoteOn("player", message.channel, message.a, message.b))
            case "note_off":
                if key in self._held:
                    del self._held[key]
                    yield Stamped(at, NoteOff("player", *key))
            case "control":
                yield from self._control(message, at)
            case "bend":
                yield Stamped(at, PitchBend("player", message.channel, message.bend))
            case _:
                pass

    def _control(self, message: MidiMessage, at: Micros) -> Iterator[Stamped[Output]]:
        if message.a in (ALL_SOUND_OFF, ALL_NOTES_OFF):
            yield from self.silence(at)
        elif message.a < FIRST_MODE_MESSAGE:
            if message.a == SUSTAIN:
                self._pedalled[message.channel] = None
                if message.b < 64:
                    del self._pedalled[message.channel]
            yield Stamped(at, ControlChange("player", message.channel, message.a, message.b))

    def silence(self, at: Micros) -> Iterator[Stamped[Output]]:
        """Lifts every pedal and ends every note passed."""
        for channel in self._pedalled:
            yield Stamped(at, ControlChange("player", channel, SUSTAIN, 0))
        self._pedalled.clear()
        held, self._held = list(self._held), {}
        for channel, pitch in held:
            yield Stamped(at, NoteOff("player", channel, pitch))
