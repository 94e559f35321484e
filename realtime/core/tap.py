"""Tap tempo: a few taps give a tempo, and four of them count the band in."""

from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Final

from realtime.core.units import MAX_TEMPO_BPM, MICROS_PER_MINUTE, MIN_TEMPO_BPM, Micros

FORGET_AFTER_MICROS: Final = 2_500_000
"""A pause longer than this begins a new count (24 taps a minute)."""

MAX_TAPS: Final = 8
COUNT_IN_TAPS: Final = 4


@dataclass(slots=True)
class TapTempo:
    """The last taps."""

    _taps: list[Micros] = field(default_factory=list)

    def tap(self, at: Micros) -> float | None:
        """Takes a tap; returns the tempo (quarters a minute) once there are two."""
        if self._taps and (at - self._taps[-1] > FORGET_AFTER_MICROS or at <= self._taps[-1]):
            self._taps.clear()
        self._taps.append(at)
        del self._taps[:-MAX_TAPS]
        if len(self._taps) < 2:
            return None
        tempo = MICROS_PER_MINUTE / self.interval_micros
        return min(max(tempo, MIN_TEMPO_BPM), MAX_TEMPO_BPM)

    @property
    def interval_micros(self) -> int:
        """The middle of the intervals between the taps; 0 with fewer than two."""
        intervals = [later - earlier for earlier, later in pairwise(self._taps)]
        return round(median(intervals)) if intervals else 0

    @property
    def is_count_in(self) -> bool:
        """Whether exactly four taps have come: one, two, three, four."""
        return len(self._taps) == COUNT_IN_TAPS
