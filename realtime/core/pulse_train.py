"""A train of pulses as MIDI clock sends them, seen through jitter: where the last one truly was, and how far apart
they are.

A straight line is laid through the pulses so far by an expanding-memory polynomial filter of the first degree
(Morrison, "Introduction to Sequential Smoothing and Prediction", 1969): each new one is weighed against as many as are
believed. While the tempo stands, that is up to `LONGEST`, so jitter averages out; where the pulses come persistently
early or late, fewer are believed, and the line turns at once.
"""

import math
from dataclasses import dataclass
from typing import Final

from realtime.core.units import MAX_TEMPO_BPM, MICROS_PER_MINUTE, MIN_TEMPO_BPM, PULSES_PER_QUARTER, Micros

LONGEST: Final = 96
SHORTEST: Final = 8
"""Pulses that the line is laid through, at most and at least."""

LOCKED_AFTER: Final = 24
"""Pulses before the tempo is trusted."""

_DRIFT_PULSES: Final = 8
_DRIFT_SIGMAS: Final = 2.5
"""The mean error of so many pulses must be so many times what chance explains for the line to turn."""

_LEAST_DRIFT_MICROS: Final = 100.0
_FIRST_NOISE_MICROS: Final = 300.0
_LEAST_PERIOD: Final = MICROS_PER_MINUTE / MAX_TEMPO_BPM / PULSES_PER_QUARTER
_MOST_PERIOD: Final = MICROS_PER_MINUTE / MIN_TEMPO_BPM / PULSES_PER_QUARTER
_STEADY: Final = 0.15
_FAR: Final = 0.65
"""Shares of a period: where there is less noise than that, an error of so much is no jitter."""

_OUTLIER_SIGMAS: Final = 6
_LEAST_OUTLIER_MICROS: Final = 1_000.0


@dataclass(slots=True)
class PulseTrain:
    """The line through the pulses. Times in microseconds."""

    count: int = 0
    """Pulses since the first."""
    time: float = 0.0
    """When the last pulse truly was."""
    period: float = 0.0
    """From one to the next; 0 before the second."""
    heard_at: Micros | None = None
    _believed: int = 0
    _noise: float = _FIRST_NOISE_MICROS
    _drift: float = 0.0
    _far: int = 0

    @property
    def tempo_bpm(self) -> float:
        """Quarter notes a minute; 0 before the second pulse."""
        return MICROS_PER_MINUTE / (self.period * PULSES_PER_QUARTER) if self.period else 0.0

    @property
    def is_locked(self) -> bool:
        """Whether enough came for the tempo to be trusted."""
        return self._believed >= LOCKED_AFTER

    def pulse(self, at: Micros) -> None:
        """A pulse came. One that leaves no possible tempo begins a new train."""
        before, self.heard_at = self.heard_at, at
        if before is None:
            self._begin(at)
        elif self.period == 0.0:
            self._second(at)
        else:
            self._follow(at)

    def forget(self) -> None:
        """The next pulse is the first."""
        self.heard_at, self.period, self._believed, self.count = None, 0.0, 0, 0

    def _begin(self, at: Micros) -> None:
        """The tempo is to be found anew; the count goes on."""
        self.time, self.period, self._believed = float(at), 0.0, 1
        self._noise, self._drift, self._far = _FIRST_NOISE_MICROS, 0.0, 0

    def _second(self, at: Micros) -> None:
        self.count += 1
        period = at - self.time
        self.time = float(at)
        if _LEAST_PERIOD / 2 <= period <= _MOST_PERIOD * 2:  # two pulses alone may be far off
            self.period, self._believed = period, 2

    def _follow(self, at: Micros) -> None:
        error = at - (self.time + self.period)
        self.count += 1
        is_far = self._noise < _STEADY * self.period and abs(error) > _FAR * self.period
        self._far = self._far + 1 if is_far and self.is_locked else 0
        if self._far > 1:  # one may be an accident; two are another tempo
            self._begin(at)
            return
        self._weigh(error)
        if not _LEAST_PERIOD / 2 <= self.period <= _MOST_PERIOD * 2:
            self._begin(at)

    def _weigh(self, error: float) -> None:
        self._drift += (error - self._drift) / _DRIFT_PULSES
        chance = _DRIFT_SIGMAS * self._noise / math.sqrt(2 * _DRIFT_PULSES - 1) + _LEAST_DRIFT_MICROS
        if self._believed > SHORTEST and abs(self._drift) > chance:
            self._believed = max(SHORTEST, self._believed // 2)
            self._drift /= 2
        n = self._believed
        if self.is_locked:
            most = _OUTLIER_SIGMAS * self._noise + _LEAST_OUTLIER_MICROS
            error = min(max(error, -most), most)
        self.time += self.period + error * 2 * (2 * n + 1) / ((n + 1) * (n + 2))
        self.period += error * 6 / ((n + 1) * (n + 2))
        limit = 4 * self._noise + 500 if n > SHORTEST else math.inf
        self._noise += (min(abs(error), limit) - self._noise) / (32 if n > SHORTEST else 8)
        self._believed = min(n + 1, LONGEST)
