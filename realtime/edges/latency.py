"""A histogram of latencies: fixed memory, exact counts, percentiles to within an eighth."""

from dataclasses import dataclass
from typing import Final

_STEPS: Final = 8
"""Buckets per doubling: a percentile is at most 12.5 % too high."""

_BUCKETS: Final = 33 * _STEPS


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """Microseconds, from `count` measurements; all zero if there were none."""

    count: int
    p50: int
    p99: int
    worst: int


class Latency:
    """Measurements of one latency.

    Thread: one owner.
    """

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self._count = 0
        self._worst = 0

    def add(self, micros: int) -> None:
        """One more measurement, in microseconds; less than zero counts as zero.

        Real-time safe: yes.
        """
        micros = max(micros, 0)
        self._counts[min(_bucket_of(micros), _BUCKETS - 1)] += 1
        self._count += 1
        self._worst = max(self._worst, micros)

    def summary(self) -> LatencySummary:
        """The percentiles so far, each the upper end of its bucket, in microseconds."""
        return LatencySummary(self._count, self._percentile(0.50), self._percentile(0.99), self._worst)

    def _percentile(self, share: float) -> int:
        wanted = share * self._count
        seen = 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return min(_top_of(bucket), self._worst)
        return 0


def _bucket_of(micros: int) -> int:
    """The first 16 buckets hold one microsecond each, then every doubling has eight."""
    if micros < 2 * _STEPS:
        return micros
    exponent = micros.bit_length() - 4
    return exponent * _STEPS + (micros >> exponent)


def _top_of(bucket: int) -> int:
    """The largest number of microseconds that falls into `bucket`."""
    if bucket < 2 * _STEPS:
        return bucket
    exponent = bucket // _STEPS - 1
    return ((bucket - exponent * _STEPS + 1) << exponent) - 1
