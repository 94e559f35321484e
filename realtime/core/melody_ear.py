"""Whether the player plays a melody alone, and what of it falls into each beat.

A single line above the bass says little of its harmony by itself: then others must find the chords. Keys count while
they are down; what a pedal holds is no chord.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.evidence import Span
from realtime.core.units import Micros

Floats = NDArray[np.float64]

ONSET_WEIGHT: Final = 0.35
"""A note that begins a beat, or sounds through its beginning, counts so much more, in beats."""

EARLY_SHARE: Final = 0.12
"""The beginning of a beat is its first part of this size."""

LOWEST_MELODY: Final = 47
"""A note this low, or lower, is a bass."""

TOGETHER: Final = 0.3
"""Keys held together for this part of a beat are no legato."""

FADE: Final = 0.8
"""What is left of the memory of a chord a beat later."""

ALONE: Final = 0.17
"""Below this a melody is alone: eight beats after the last chord."""

LEAST_MELODY: Final = 3
"""From the beginning on, so many beats of melody are waited for."""

_CHORD, _PAIR = 1.0, 0.15


@dataclass(slots=True)
class MelodyEar:
    """Watches how many keys are down together."""

    chords_lately: float = 0.0
    """1 while chords are struck, and fading since."""
    beats_of_melody: int = 0
    """Beats with notes and without chords, since there was one."""
    was_line: bool = False
    """Whether in the last beat no two keys were down together, and none was low."""

    @property
    def hears_chords(self) -> bool:
        """Whether chords are, or have lately been, struck."""
        return self.chords_lately >= ALONE

    @property
    def is_line(self) -> bool:
        """Whether the player has gone over from chords to a single line: the chords go on as they are planned."""
        return self.hears_chords and self.was_line

    @property
    def is_alone(self) -> bool:
        """Whether a single line has been all there is for long enough."""
        return not self.hears_chords and self.beats_of_melody >= LEAST_MELODY

    def take(self, spans: Sequence[Span], start: Micros, end: Micros) -> Floats:
        """The beat from `start` until `end` is over; how long each pitch class was heard in it, in beats."""
        self.chords_lately *= FADE
        together = _most_together(spans, start, end)
        low = any(span.pitch <= LOWEST_MELODY and span.start >= start for span in spans)
        if together > 2 or low:
            self.chords_lately = _CHORD
        elif together == 2:
            self.chords_lately = min(_CHORD, self.chords_lately + _PAIR)
        melody = melody_of(spans, start, end)
        self.was_line = together == 1 and not low
        self.beats_of_melody = 0 if self.chords_lately == _CHORD else self.beats_of_melody + bool(melody.any())
        return melody


def melody_of(spans: Sequence[Span], start: Micros, end: Micros) -> Floats:
    """How long each pitch class's key was down from `start` until `end`, in beats; twelve numbers."""
    length = max(1, end - start)
    weights = np.zeros(12)
    for span in spans:
        down = (_up(span, end) - max(span.start, start)) / length
        if down <= 0.0:
            continue
        weights[span.pitch % 12] += down
        begins = (span.start - start) / length
        if begins < EARLY_SHARE + 0.1 and begins + down > EARLY_SHARE:
            weights[span.pitch % 12] += ONSET_WEIGHT
    return weights


def _up(span: Span, end: Micros) -> int:
    """When the key came up, or the window's end."""
    until = span.lifted if span.lifted is not None else span.end
    return end if until is None else min(until, end)


def _most_together(spans: Sequence[Span], start: Micros, end: Micros) -> int:
    """How many keys were held together at the most, for more than a moment."""
    least = TOGETHER * max(1, end - start)
    held = [(max(span.start, start), _up(span, end)) for span in spans]
    held = [(begin, until) for begin, until in held if until - begin >= least]
    return max((sum(b <= begin and until - begin >= least for b, until in held) for begin, _ in held), default=0)
