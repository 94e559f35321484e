"""The count-in: sticks before the first bar, as a drummer counts a band in."""

from typing import Final

from realtime.core.band.note import BandNote
from realtime.core.meter import Meter
from realtime.core.style import DRUM_VOICES
from realtime.core.units import Ticks

STICKS: Final = DRUM_VOICES["rim"]
FIRST: Final = 112
OTHERS: Final = 92
"""Velocities of the one, and of the other beats."""

_HALVED: Final = 4
"""In bars of so many beats all but the last bar are counted in halves: one, two, one two three four."""


def count_in(meter: Meter, bars: int) -> list[BandNote]:
    """The strokes of `bars` bars that end where beat 0 begins."""
    beats = meter.beats_per_bar
    notes = []
    for number in range(-bars * beats, 0):
        is_last_bar = number >= -beats
        if is_last_bar or beats != _HALVED or number % 2 == 0:
            start = meter.start_of_beat(number)
            velocity = FIRST if number % beats == 0 else OTHERS
            notes.append(BandNote("drums", STICKS, velocity, start, Ticks(start + meter.beat_ticks // 4)))
    return notes
