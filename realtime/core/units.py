"""The quantities of music in time: what each number means, and its range.

Rules. Time is one of two integers and nothing else: `Micros` (real time since the session began) and
`Ticks` (musical time, 960 a quarter note). Only `realtime.core.timeline` converts between them.
"""

from typing import Final, NewType

Micros = NewType("Micros", int)
"""Microseconds since the session began. Monotonic; never wall-clock time."""

Ticks = NewType("Ticks", int)
"""Musical time since the transport started, `TICKS_PER_QUARTER` a quarter note. May be negative before it."""

TICKS_PER_QUARTER: Final = 960
TICKS_PER_SIXTEENTH: Final = TICKS_PER_QUARTER // 4
"""MIDI's song position counts in these."""

PULSES_PER_QUARTER: Final = 24
TICKS_PER_PULSE: Final = TICKS_PER_QUARTER // PULSES_PER_QUARTER
"""MIDI clock counts in these."""

MICROS_PER_SECOND: Final = 1_000_000
MICROS_PER_MINUTE: Final = 60_000_000

MIN_TEMPO_BPM: Final = 20.0
MAX_TEMPO_BPM: Final = 400.0
"""Quarter notes a minute. Wide enough for every metronome marking, narrow enough to refuse a typing slip."""

PITCH_COUNT: Final = 128
"""MIDI key numbers 0..127; 60 is middle C (C4)."""

DRUM_CHANNEL: Final = 9
"""General MIDI percussion: channel 10 to people, 9 on the wire."""

PITCH_CLASS_NAMES_SHARP: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
PITCH_CLASS_NAMES_FLAT: Final = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")


def clamp(value: float, low: float, high: float) -> float:
    """`value` brought into [low, high]; NaN becomes `low`."""
    if value >= low:
        return min(value, high)
    return low
