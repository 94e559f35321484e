"""How to lay a chord on the keys: a search for the voicing that moves least, sits well and leaves the player room."""

from itertools import pairwise, product
from typing import Final

from realtime.core.chord import QUALITIES, Chord

Voicing = tuple[int, ...]
"""Pitches from the lowest up."""

_MOVE_COST: Final = 1.0
_CENTRE_COST: Final = 0.25
_CROWD_COST: Final = 2.5
_TENSION: Final = {"": (2,), "m": (2,), "7": (2,), "maj7": (2,), "m7": (2,)}
"""Colours a comping player adds by themselves: the ninth."""


def tones_of(chord: Chord, *, colour: bool = False) -> tuple[int, ...]:
    """Pitch classes for comping: the third and seventh (or what stands for them) first; the bass has the root."""
    intervals = list(QUALITIES[chord.quality].intervals)
    if colour:
        intervals += [tension for tension in _TENSION.get(chord.quality, ()) if tension not in intervals]
    order = sorted(intervals, key=lambda i: (i in (0, 7), i == 0))  # guide tones, then the fifth, then the root
    return tuple((chord.root + interval) % 12 for interval in order)


def candidates(tones: tuple[int, ...], low: int, high: int) -> list[Voicing]:
    """Every way to place these pitch classes, one note each, in low..high."""
    places = [[pitch for pitch in range(low, high + 1) if pitch % 12 == tone] for tone in tones]
    return [tuple(sorted(choice)) for choice in product(*places)]


def voice(
    chord: Chord, before: Voicing, *, low: int, high: int, notes: int, avoid: float, colour: bool = False
) -> Voicing:
    """The best voicing of `notes` voices in low..high after `before`; `avoid` is where the player's hands are.

    Cost: how far voices move (by sorted order), how far the middle is from the middle of the range, seconds at the
    bottom, wide gaps, and notes where the player plays.
    """
    return place(tones_of(chord, colour=colour)[:notes], before, low=low, high=high, avoid=avoid)


def place(tones: tuple[int, ...], before: Voicing, *, low: int, high: int, avoid: float) -> Voicing:
    """The best way to lay these pitch classes, one note each, in low..high, as `voice` judges it."""
    best: Voicing = ()
    best_cost = float("inf")
    for voicing in candidates(tones, low, high):
        cost = _cost(voicing, before, (low + high) / 2, avoid)
        if cost < best_cost:
            best, best_cost = voicing, cost
    return best


def _cost(voicing: Voicing, before: Voicing, centre: float, avoid: float) -> float:
    gaps = [upper - lower for lower, upper in pairwise(voicing)]
    cost = sum(3.0 for gap in gaps if gap > 9) + sum(2.0 for gap in gaps if gap == 1)
    if gaps and gaps[0] < 3:
        cost += 2.0
    cost += _CENTRE_COST * abs(sum(voicing) / len(voicing) - centre)
    cost += sum(_CROWD_COST for pitch in voicing if abs(pitch - avoid) < 2)
    if before:
        old = before if len(before) >= len(voicing) else before + before[-1:] * (len(voicing) - len(before))
        cost += _MOVE_COST * sum(abs(new - was) for new, was in zip(voicing, old, strict=False))
    return cost
