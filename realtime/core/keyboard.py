"""The player's keyboard: which keys are down, which notes sound, and for how long they have.

Harmony is read from what *sounds* (pedals included), phrases from the keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from realtime.core.midi_codec import MidiMessage
from realtime.core.units import DRUM_CHANNEL, Micros

SUSTAIN: Final = 64
SOSTENUTO: Final = 66
ALL_SOUND_OFF: Final = 120
ALL_NOTES_OFF: Final = 123
_DOWN: Final = 64
"""Pedals are down from the middle of their travel on (MIDI 1.0, controllers 64-69)."""


@dataclass(frozen=True, slots=True)
class SoundingNote:
    """A note that can be heard: since when, and whether its key is still down."""

    pitch: int
    velocity: int
    since: Micros
    key_down: bool


@dataclass(slots=True)
class Keyboard:
    """All of one player's notes, whatever channel they come on (an MPE keyboard uses many)."""

    _notes: dict[int, SoundingNote] = field(default_factory=dict)
    _latched: set[int] = field(default_factory=set)
    _sustain: bool = False

    def take(self, message: MidiMessage, at: Micros) -> None:
        """Lets a message change the keyboard. Percussion is nobody's harmony and is left out."""
        if message.channel == DRUM_CHANNEL:
            return
        match message.kind:
            case "note_on":
                self._notes[message.a] = SoundingNote(message.a, message.b, at, key_down=True)
            case "note_off":
                self._release(message.a)
            case "control":
                self._control(message.a, message.b)
            case _:
                pass

    def _release(self, pitch: int) -> None:
        note = self._notes.get(pitch)
        if note is None:
            return
        if self._sustain or pitch in self._latched:
            self._notes[pitch] = SoundingNote(pitch, note.velocity, note.since, key_down=False)
        else:
            del self._notes[pitch]

    def _control(self, controller: int, value: int) -> None:
        if controller == SUSTAIN:
            self._sustain = value >= _DOWN
            self._damp()
        elif controller == SOSTENUTO:
            self._latched = {n.pitch for n in self._notes.values() if n.key_down} if value >= _DOWN else set()
            self._damp()
        elif controller in (ALL_SOUND_OFF, ALL_NOTES_OFF):
            self.clear()

    def _damp(self) -> None:
        """Notes whose key is up and that no pedal holds fall silent."""
        if not self._sustain:
            self._notes = {p: n for p, n in self._notes.items() if n.key_down or p in self._latched}

    def clear(self) -> None:
        """Forgets every note and pedal."""
        self._notes.clear()
        self._latched.clear()
        self._sustain = False

    def sounding(self) -> Iterator[SoundingNote]:
        """Every note that sounds, from the lowest up."""
        return iter(sorted(self._notes.values(), key=lambda note: note.pitch))

    @property
    def is_sounding(self) -> bool:
        """Whether any note sounds."""
        return bool(self._notes)

    @property
    def keys_down(self) -> int:
        """How many keys are held."""
        return sum(note.key_down for note in self._notes.values())
