"""Which keys make chords: all of them, or only those below a split; and who decides the bass.

`full` reads chords from the whole keyboard. `split` reads them from the keys below the split, `fingered` only where
three or more of those are held. `bass` reads the whole keyboard, and the lowest key is always the bass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from realtime.core.chord import Chord
from realtime.core.events import Value
from realtime.core.evidence import Ear
from realtime.core.midi_codec import MidiMessage
from realtime.core.parameters import DEFAULTS
from realtime.core.units import Micros

FINGERS: Final = 3
"""Fewer keys than this make no fingered chord."""

TAIL: Final = 0.25
"""What is let go within this part of a beat belonged to the beat before."""

LEAST_BASS: Final = 0.12
"""The lowest key must sound for this part of the beat to be the bass."""


@dataclass(slots=True)
class Hands:
    """Hears everything in one ear, and what lies below the split in another."""

    parameters: Mapping[str, Value] = field(default_factory=lambda: DEFAULTS)
    """Read live, never written."""
    whole: Ear = field(default_factory=Ear)
    _low: Ear = field(default_factory=Ear)

    @property
    def chords(self) -> Ear:
        """The ear that chords are read from."""
        return self._low if self.parameters["listen/hands"] in ("split", "fingered") else self.whole

    @property
    def are_down(self) -> bool:
        """Whether any note sounds of those that chords are read from: a key held, or the pedal."""
        return self.chords.keyboard.is_sounding

    def take(self, message: MidiMessage, at: Micros) -> None:
        """Hears a message at `at`."""
        self.whole.take(message, at)
        if message.kind != "note_on" or message.a < int(self.parameters["listen/split"]):
            self._low.take(message, at)

    def rested(self, start: Micros, end: Micros) -> bool:
        """Whether nothing was struck from `start` until `end`, and what sounded from before was let go at once."""
        longest = TAIL * (end - start)
        return all(span.start < start and (span.end or end) - start < longest for span in self.chords.spans(start))

    def release_all(self, at: Micros) -> None:
        """The keyboard has gone: nothing sounds any more."""
        self.whole.release_all(at)
        self._low.release_all(at)

    def may_be_chord(self, start: Micros) -> bool:
        """Whether enough keys sounded since `start` for a chord."""
        if self.parameters["listen/hands"] != "fingered":
            return True
        return len({span.pitch for span in self._low.spans(start)}) >= FINGERS

    def over_bass(self, chord: Chord, start: Micros, end: Micros) -> Chord:
        """The chord over the lowest key of the time from `start` until `end`, where that is how the bass is told."""
        if self.parameters["listen/hands"] != "bass":
            return chord
        least = LEAST_BASS * (end - start)
        spans = [span for span in self.whole.spans(start) if _sounding(span.start, span.end, start, end) >= least]
        lowest = min((span.pitch for span in spans), default=None)
        return chord if lowest is None else replace(chord, bass=lowest % 12)


def _sounding(begin: Micros, until: Micros | None, start: Micros, end: Micros) -> int:
    return (end if until is None else min(until, end)) - max(begin, start)
