"""The shadow of the player's melody: voices that begin with a key, on the very microsecond, and go with it.

In `harmonise` a choir under each note, in `duet` one voice that moves on the beats. What sounds is the scheduler's.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from realtime.core.band.note import BandNote
from realtime.core.bandleader import BandLeader
from realtime.core.chord import Chord
from realtime.core.events import Part, Value
from realtime.core.key_finder import Key
from realtime.core.keyboard import ALL_NOTES_OFF, ALL_SOUND_OFF, SUSTAIN
from realtime.core.meter import Meter
from realtime.core.midi_codec import MidiMessage
from realtime.core.scheduler import Scheduler
from realtime.core.solo.call_ear import CallEar
from realtime.core.solo.choir import Choir, Layout, harmony_under
from realtime.core.solo.duet import Partner
from realtime.core.solo.idiom import idiom_of
from realtime.core.units import DRUM_CHANNEL, Micros, Ticks

SOLO: Final[tuple[Part, ...]] = ("solo",)

EVER: Final = 1 << 40
"""Ticks: a note held by the player's key ends when that comes up."""

PEDAL_DOWN: Final = 64
_LEVEL: Final = 0.85
"""How loud it is against the player."""


class Shadow:
    """Follows the top of what is played."""

    def __init__(self, ear: CallEar, leader: BandLeader, scheduler: Scheduler, parameters: Mapping[str, Value]) -> None:
        """`parameters` is read live, never written; `ear` hears all that is played."""
        self._ear, self._leader, self._scheduler, self._parameters = ear, leader, scheduler, parameters
        self._choir, self._partner = Choir(), Partner()

    def take(self, message: MidiMessage, at: Micros, tick: Ticks, lowest: int) -> bool:
        """The player's message is remembered, and what it relieves ends; returns whether it strikes a melody note.

        That is one on top of what is held, and not below `lowest`.
        """
        if message.channel == DRUM_CHANNEL:
            return False
        match message.kind:
            case "note_on":
                sings = self._choir.is_melody(message.a, lowest)
                self._ear.strike(message.a, message.b, at, tick)
                self._end(self._choir.strike(message.a, at), tick)
                return sings
            case "note_off":
                self._ear.lift(message.a, tick)
                self._end(self._choir.lift(message.a), tick)
            case "control" if message.a in (ALL_SOUND_OFF, ALL_NOTES_OFF):
                self.release_all(tick)
            case "control" if message.a == SUSTAIN:
                self._end(self._choir.pedal(down=message.b >= PEDAL_DOWN), tick)
            case _:
                pass
        return False

    def harmonise(self, pitch: int, velocity: int, tick: Ticks, chord: Chord | None, key: Key | None) -> None:
        """The choir sings under a melody note."""
        layout: Layout = "drop2" if self._parameters["harmonise/voicing"] == "drop2" else "close"
        passing, count = idiom_of(self._leader.style.genre).passing, int(self._parameters["harmonise/voices"])
        voices = harmony_under(pitch, chord, key, count, layout, passing)
        for voice in self._choir.sing(pitch, voices):
            self._sound(voice, velocity, tick, Ticks(tick + EVER))

    def accompany(
        self, pitch: int, velocity: int, tick: Ticks, chord: Chord | None, key: Key | None, meter: Meter
    ) -> None:
        """The second voice moves with a melody note, or holds."""
        voice = self._partner.move(pitch, tick, meter.beat_ticks, chord, key)
        if voice is not None:
            self._scheduler.cut(SOLO, tick)
            self._sound(voice, velocity, tick, Ticks(tick + self._partner.hold(meter.beat_ticks)))

    def release_all(self, tick: Ticks) -> None:
        """The keyboard has gone."""
        self._ear.release_all(tick)
        self._end(self._choir.clear(), tick)

    def forget(self) -> None:
        """Somebody else has ended, or ends, all that sounds; keys stay down."""
        self._choir.stop_singing()
        self._partner.rest()

    def rest(self) -> None:
        """The second voice falls silent as its note ends."""
        self._partner.rest()

    def _sound(self, pitch: int, velocity: int, start: Ticks, end: Ticks) -> None:
        self._scheduler.add(BandNote("solo", pitch, max(1, min(127, round(_LEVEL * velocity))), start, end))

    def _end(self, voices: Iterable[int], tick: Ticks) -> None:
        for voice in voices:
            self._scheduler.lift("solo", voice, tick)
