"""The one door between real time and musical time.

A `Timeline` is a straight line through a point: at `origin_micros` the music stands at `origin_ticks`, and a
quarter note lasts `micros_per_quarter`. A change of tempo makes a new line through the present point, so the
music never jumps. The shape follows Ableton Link's `Timeline` (tempo, beat origin, time origin).
"""

from dataclasses import dataclass, replace
from typing import Self

from realtime.core.units import (
    MAX_TEMPO_BPM,
    MICROS_PER_MINUTE,
    MIN_TEMPO_BPM,
    TICKS_PER_QUARTER,
    Micros,
    Ticks,
    clamp,
)


def micros_per_quarter(tempo_bpm: float) -> int:
    """How long a quarter note lasts at `tempo_bpm` (clamped to the allowed tempi), in whole microseconds."""
    return round(MICROS_PER_MINUTE / clamp(tempo_bpm, MIN_TEMPO_BPM, MAX_TEMPO_BPM))


@dataclass(frozen=True, slots=True)
class Timeline:
    """A bijection from ticks into microseconds: `ticks_at(micros_at(t)) == t` for every t.

    It holds because a tick is always longer than a microsecond at the tempi allowed (156 µs at 400 bpm),
    `micros_at` rounds up and `ticks_at` rounds down.
    """

    origin_micros: Micros = Micros(0)
    origin_ticks: Ticks = Ticks(0)
    micros_per_quarter: int = 500_000

    @property
    def tempo_bpm(self) -> float:
        """Quarter notes a minute."""
        return MICROS_PER_MINUTE / self.micros_per_quarter

    def ticks_at(self, at: Micros) -> Ticks:
        """The last tick that has begun at `at`."""
        elapsed = (at - self.origin_micros) * TICKS_PER_QUARTER
        return Ticks(self.origin_ticks + elapsed // self.micros_per_quarter)

    def micros_at(self, ticks: Ticks) -> Micros:
        """The first microsecond of `ticks`."""
        elapsed = (ticks - self.origin_ticks) * self.micros_per_quarter
        return Micros(self.origin_micros - (-elapsed // TICKS_PER_QUARTER))

    def with_tempo(self, tempo_bpm: float, at: Micros) -> Self:
        """The same music, going on at another tempo from `at`."""
        return replace(
            self,
            origin_micros=at,
            origin_ticks=self.ticks_at(at),
            micros_per_quarter=micros_per_quarter(tempo_bpm),
        )

    def with_position(self, ticks: Ticks, at: Micros) -> Self:
        """The same tempo, standing at `ticks` at `at`."""
        return replace(self, origin_micros=at, origin_ticks=ticks)
