"""Seeded chance without a state: the same question always gets the same answer.

Why not a stream of random numbers: with a stream, one more draw in bar 3 changes every bar after it. Here each
draw is a hash of the seed and of what it is for (part, bar, step), so a groove is the same whenever it is
planned and however often, and a replay needs no generator state. The mixer is splitmix64's finaliser
(Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014).
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_MASK: Final = (1 << 64) - 1
_GAMMA: Final = 0x9E3779B97F4A7C15
_SQRT_3: Final = math.sqrt(3.0)


def _mix(value: int) -> int:
    value = (value + _GAMMA) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def _number(key: int | str) -> int:
    if isinstance(key, int):
        return key & _MASK
    return _number_of_text(key)


@lru_cache(maxsize=256)
def _number_of_text(key: str) -> int:
    return int.from_bytes(key.encode()[:8].ljust(8, b"\0"), "little") ^ len(key)


@dataclass(frozen=True, slots=True)
class Chance:
    """A source of reproducible chance, named by a seed."""

    seed: int = 0

    def uniform(self, *what_for: int | str) -> float:
        """A number in [0, 1), always the same for the same seed and keys (strings count by their first 8 bytes)."""
        return (self._state(what_for) >> 11) / (1 << 53)

    def bell(self, *what_for: int | str) -> float:
        """About normal, mean 0, standard deviation 1, within ±3.5: the sum of four uniforms."""
        return _bell(self.seed, what_for)

    def _state(self, what_for: tuple[int | str, ...]) -> int:
        return _state(self.seed, what_for)


def _state(seed: int, what_for: tuple[int | str, ...]) -> int:
    state = _mix(seed & _MASK)
    for key in what_for:
        state = _mix(state ^ _number(key))
    return state


@lru_cache(maxsize=4096)
def _bell(seed: int, what_for: tuple[int | str, ...]) -> float:
    """Remembered, because a beat is written again when its chord turns out to be another."""
    state = _state(seed, what_for)
    total = (_mix(state) >> 11) + (_mix(state ^ 1) >> 11) + (_mix(state ^ 2) >> 11) + (_mix(state ^ 3) >> 11)
    return (total / (1 << 53) - 2.0) * _SQRT_3
