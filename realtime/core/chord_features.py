"""What the chord net sees of a beat, or of its beginning, as channels of twelve pitch classes each.

A channel holds one kind of evidence for every pitch class: sounding in the second quarter of the beat, struck in it,
being the lowest note of its first half. The net looks at all of it from each of the twelve roots in turn, so a
transposed performance gives exactly the transposed answer. The beats before are the net's to remember.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime._dsp import see_beat
from realtime.core.evidence import Span
from realtime.core.units import Micros

Floats = NDArray[np.float32]

CHANNELS: Final = 16
"""Rows of twelve: sounding in each quarter of the beat; struck in its first quarter, its second, its second half; low,
middle and high keys; the lowest note of each half; the highest; sounding since before the beat; the same with no finger
on the key; and the lowest that was struck."""

FACTS: Final = 16
"""Numbers that do not turn with the root: the place in the bar, how much of the beat was heard, how much sounded."""


class BeatSight:
    """The channels and the facts of one beat, or of its beginning.

    Facts: how much of it was seen; whether less than three tenths, than seven; notes sounding and struck, in twelfths;
    the lowest key, in hundredths; how many lowest notes, in quarters; whether anything sounds.
    """

    __slots__ = ("channels", "elapsed", "facts")

    def __init__(self, spans: Iterable[Span], start: Micros, length: int, now: Micros) -> None:
        """What was heard from `start` until `now`, in a beat that is `length` long."""
        channels, self.facts = see_beat(list(spans), start, length, now)
        self.channels: Floats = np.frombuffer(channels, dtype=np.float32).reshape(CHANNELS, 12)
        self.elapsed = self.facts[0]


def place_facts(place: tuple[int, int] | None) -> tuple[float, ...]:
    """Which beat of how many in the bar, as eight flags; all zero where it is not known."""
    flags = [0.0] * 8
    if place is not None:
        beat, beats = place
        flags[beat % 4 if beats % 4 == 0 else 4 + min(beat % 3, 2) if beats % 3 == 0 else 7] = 1.0
    return tuple(flags)


def features(beat: BeatSight, place: tuple[int, int] | None) -> tuple[Floats, Floats]:
    """`CHANNELS` rows of twelve, and `FACTS` numbers; all of them 0..1."""
    return beat.channels, np.array((*beat.facts, *place_facts(place)), dtype=np.float32)
