"""What was heard in a stretch of time, weighed note by note: the raw material of harmony.

A note counts by how long it sounded in the window, more when it began there, less as it decays, less high up, and
less still when it is the melody: one line on top that moves while the rest stays. The bass is judged apart, by who
is lowest for how long.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from realtime._dsp import weigh_notes
from realtime.core.keyboard import Keyboard
from realtime.core.midi_codec import MidiMessage
from realtime.core.units import DRUM_CHANNEL, MICROS_PER_SECOND, Micros

MAX_NOTES_KEPT: Final = 512
"""Notes remembered; at 30 a second, that is more than any window asks for."""

LONGEST_WINDOW: Final = 20 * MICROS_PER_SECOND
"""Longer than any window: a beat at the slowest tempo is 18 seconds at most (a dotted whole note)."""

DECAY_MICROS: Final = 2 * MICROS_PER_SECOND
"""A piano note in the middle has lost most of its weight after about this long."""

ONSET_WEIGHT: Final = 0.35
"""What beginning in the window counts for, in windows of full sounding."""

MELODY_GAP: Final = 7
MELODY_WEIGHT: Final = 0.35
"""The top note counts this much when it stands this many semitones above the rest."""

_SCALES: Final = (float(DECAY_MICROS), ONSET_WEIGHT, MELODY_GAP, MELODY_WEIGHT)


@dataclass(slots=True)
class Span:
    """A note that sounded from `start` until `end` (None: it still does), its key up from `lifted` on."""

    pitch: int
    velocity: int
    start: Micros
    end: Micros | None = None
    lifted: Micros | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Weights of the twelve pitch classes, and of each being the bass; both 12 numbers >= 0, about 1 a full beat."""

    weights: tuple[float, ...]
    bass: tuple[float, ...]
    notes: int
    """How many different notes took part."""

    @property
    def total(self) -> float:
        """How much was heard at all."""
        return sum(self.weights)


class Ear:
    """Remembers the notes of the last few seconds."""

    def __init__(self) -> None:
        self.keyboard = Keyboard()
        self._spans: deque[Span] = deque(maxlen=MAX_NOTES_KEPT)
        self._open: dict[int, Span] = {}

    def take(self, message: MidiMessage, at: Micros) -> None:
        """Hears a message at `at`."""
        self.keyboard.take(message, at)
        if message.kind == "note_on" and message.channel != DRUM_CHANNEL:
            self._close(message.a, at)
            span = Span(message.a, message.b, at)
            self._open[message.a] = span
            self._spans.append(span)
            self._forget(at)
        if message.kind == "note_off" and message.a in self._open:
            self._open[message.a].lifted = at
        if message.kind in ("note_off", "control"):
            self._close_silent(at)

    def _forget(self, at: Micros) -> None:
        """Of notes that ended long ago nobody asks."""
        spans = self._spans
        while spans[0].end is not None and spans[0].end < at - LONGEST_WINDOW:
            spans.popleft()

    def first_onset(self, since: Micros) -> Micros | None:
        """When the first note from `since` on began."""
        return min((span.start for span in self._spans if span.start >= since), default=None)

    def release_all(self, at: Micros) -> None:
        """The keyboard has gone: nothing sounds any more."""
        self.keyboard.clear()
        self._close_silent(at)

    def _close(self, pitch: int, at: Micros) -> None:
        span = self._open.pop(pitch, None)
        if span is not None:
            span.end = at

    def _close_silent(self, at: Micros) -> None:
        sounding = {note.pitch for note in self.keyboard.sounding()}
        for pitch in [pitch for pitch in self._open if pitch not in sounding]:
            self._close(pitch, at)

    def spans(self, since: Micros) -> list[Span]:
        """The notes that sound or sounded after `since`."""
        return [span for span in self._spans if span.end is None or span.end > since]

    def strikes(self, since: Micros) -> list[int]:
        """The pitches struck from `since` on."""
        return [span.pitch for span in self._spans if span.start >= since]

    def evidence(self, start: Micros, end: Micros, *, ringing_weight: float = 1.0) -> Evidence:
        """What was heard from `start` until `end`; notes from before whose key is up count `ringing_weight`."""
        return Evidence(*weigh_notes(self.spans(start), start, end, ringing_weight, _SCALES))
