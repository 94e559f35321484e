"""How well beats were followed: F-measure, continuity, and how far off, as beat trackers are judged.

F-measure counts beats within 70 ms of a true one; continuity, beats that are near, and as far from the one before as
the true ones are (Hainsworth 2004; Davies, Degara and Plumbley, "Evaluation Methods for Musical Audio Beat Tracking
Algorithms", 2009). Times in seconds, in order.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

WINDOW_SECONDS: Final = 0.07
TOLERANCE: Final = 0.175
"""Of a beat: how far a beat may be off, and how much longer or shorter, to be a continuous one."""

Times = Sequence[float]


def hits(true: Times, told: Times, window: float = WINDOW_SECONDS) -> int:
    """How many true beats have a told one of their own within the window."""
    count = one = other = 0
    while one < len(true) and other < len(told):
        off = told[other] - true[one]
        if abs(off) <= window:
            count, one, other = count + 1, one + 1, other + 1
        elif off < 0:
            other += 1
        else:
            one += 1
    return count


def f_measure(true: Times, told: Times) -> float:
    """2 x hits / (true + told): 1 where each beat has its own; 0 where there is none."""
    return 2 * hits(true, told) / (len(true) + len(told)) if true or told else 0.0


def nearest(times: Times, at: float) -> int:
    """Which of the times is nearest to `at`."""
    place = bisect_left(times, at)
    if place == 0:
        return 0
    if place == len(times) or at - times[place - 1] <= times[place] - at:
        return place - 1
    return place


def continuous(true: Times, told: Times) -> float:
    """The share of the beats (told or true, whichever are more) that are continuous ones."""
    if len(true) < 2 or len(told) < 2:
        return 0.0
    right, taken = 0, set()
    for place in range(1, len(told)):
        beat = nearest(true, told[place])
        length = true[beat] - true[beat - 1] if beat else true[1] - true[0]
        is_near = abs(told[place] - true[beat]) < TOLERANCE * length
        is_as_long = abs(1 - (told[place] - told[place - 1]) / length) < TOLERANCE
        if is_near and is_as_long and beat not in taken:
            taken.add(beat)
            right += 1
    return right / (max(len(true), len(told)) - 1)


def at_other_levels(true: Times) -> dict[str, list[float]]:
    """The beats as others may count them: on the half, off the beat, twice as many, every second one."""
    between = [(a + b) / 2 for a, b in pairwise(true)]
    return {
        "off-beat": between,
        "double": sorted([*true, *between]),
        "half": list(true[::2]),
        "other half": list(true[1::2]),
    }


def continuous_at_any_level(true: Times, told: Times) -> float:
    """The best of `continuous` over the levels at which people may tap along."""
    return max(continuous(level, told) for level in (true, *at_other_levels(true).values()))


def distances(true: Times, told: Times) -> list[float]:
    """How far each true beat is from the nearest told one, in seconds."""
    return [abs(told[nearest(told, beat)] - beat) for beat in true] if told else []
