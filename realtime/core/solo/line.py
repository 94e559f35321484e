"""The search for a line: the cheapest pitches for a phrase's notes, over the chords as they are planned.

A Viterbi search over pitch and the way it was reached (by step, by a leap up, by a leap down), so that leaps are
answered by a step back and a note outside the scale moves on by a semitone. Exact, and quick enough to be made again
whenever the plan changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.solo.chord_scale import ChordScale
from realtime.core.solo.idiom import Idiom

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Flags = NDArray[np.bool_]

FORBIDDEN: Final = 60.0
"""What is never done while there is another way."""

LEAP: Final = 5
"""Semitones: from a fourth on, an interval is a leap that wants an answer."""

UNANSWERED: Final = 2.6
"""What it costs to go on after a leap, or to leap again."""

_INTERVALS: Final = (0.0, 0.2, 0.0, 0.2, 0.25, 0.5, 1.5, 0.7, 1.4, 1.3, 2.2, 3.0, 1.6, 6.0)
"""What it costs to move so many semitones; further is out of the question."""

_WANTED: Final = 0.55
"""What a semitone away from the motif's own step costs."""

_NOT_LED: Final = 1.8
"""What it costs to come otherwise to a note that should be come to by a semitone."""

_OFF_BLUES: Final = 0.9
"""What a note that is neither blue nor of the chord costs in a phrase on the blues scale."""

_FROM_ARC, _SLACK = 0.18, 2.5
"""What a semitone away from the arc costs, but for the first few."""

_CROWDED: Final = 3.0
_MOOD: Final = 0.6

_STEP, _UP, _DOWN = 0, 1, 2

_GUIDE, _TONE, _ROOT, _COLOUR, _SCALE, _AVOIDED, _BLUE, _OUTSIDE = range(8)
_COSTS: Final = np.array(
    [
        [0.1, 0.0, 0.1, 0.15, 0.3, 0.6, 0.0, 0.8],  # off the beat
        [0.0, 0.15, 0.3, 0.9, 1.3, 3.0, 0.2, 3.0],  # on a beat
        [0.0, 0.35, 0.6, 1.4, 2.2, 5.0, 0.7, FORBIDDEN],  # where harmony is told
    ]
)
"""By strength, what each kind of note costs before the idiom has its say."""


@dataclass(frozen=True, slots=True)
class Spot:
    """What a note has to answer to."""

    scale: ChordScale
    onward: ChordScale | None
    """The chord that it sounds on into, if it does."""
    strength: int
    """0 off the beat, 1 on it, 2 where harmony is told: a strong beat, a new chord, a long note."""
    arrives: bool
    """Whether the chord is new here: the place for a guide tone."""
    last: bool
    """Whether a rest follows: nothing is left hanging."""
    height: float
    """The pitch that the arc would have."""
    want: int | None
    """The step from the note before that the motif would take, in semitones."""
    fresh: bool
    """Whether a breath was taken before it: the line begins anew."""
    approach: bool = False
    """Whether it is to be a semitone from the next."""


def find_line(
    spots: Sequence[Spot], reach: range, idiom: Idiom, crowd: Sequence[float], mood: Floats, last: int | None
) -> tuple[list[int], float]:
    """The pitches out of `reach` for `spots`, and what they cost a note.

    `crowd` is how much each of the 128 keys is the player's. `mood` has a number, 0..1, by chance, for each spot and
    each pitch of `reach`. `last` is the pitch played before, if any.
    """
    if not spots:
        return [], 0.0
    search = _Search(reach, idiom, np.array(crowd)[reach.start : reach.stop])
    costs = np.full((3, len(reach)), np.inf)
    costs[_STEP] = search.fitness(spots[0]) + _MOOD * mood[0]
    if last is not None:
        costs[_STEP] += 0.12 * np.maximum(0, np.abs(search.pitches - last) - 4)
    came: list[tuple[Places, Places]] = []
    for index in range(1, len(spots)):
        own = search.fitness(spots[index]) + _MOOD * mood[index]
        costs, back = search.advance(costs, spots[index - 1], spots[index], own)
        came.append(back)
    return _trace(costs, came, reach)


def _trace(costs: Floats, came: Sequence[tuple[Places, Places]], reach: range) -> tuple[list[int], float]:
    kind, place = divmod(int(costs.argmin()), len(reach))
    total = float(costs[kind, place])
    places = [place]
    for from_place, from_kind in reversed(came):
        before = int(from_place[kind, place])
        kind, place = int(from_kind[before, place]), before
        places.append(place)
    return [reach[place] for place in reversed(places)], total / len(places)


class _Search:
    """The tables of one search."""

    def __init__(self, reach: range, idiom: Idiom, crowd: Floats) -> None:
        self.pitches = np.arange(reach.start, reach.stop)
        self._classes = self.pitches % 12
        self._idiom = idiom
        self._crowd = _CROWDED * crowd
        self._steps, self._moves, self._kinds = _moves(len(reach), idiom.leap, idiom.repeat)

    def fitness(self, spot: Spot) -> Floats:
        """What each pitch costs on a spot, wherever the line comes from."""
        idiom = replace(self._idiom, chromatic=0.0) if spot.approach else self._idiom
        costs = _colours(spot.scale, spot.strength, idiom)[self._classes]
        if spot.onward is not None:
            costs = np.maximum(costs, _colours(spot.onward, spot.strength, self._idiom)[self._classes])
        if spot.arrives:
            costs = costs + 0.5 * ~_flags(spot.scale.guides)[self._classes]
        if spot.last:
            costs = costs + FORBIDDEN * ~_flags(spot.scale.scale | self._at_home(spot))[self._classes]
        off = np.maximum(0.0, np.abs(self.pitches - spot.height) - _SLACK)
        return np.asarray(costs + _FROM_ARC * off + self._crowd, dtype=np.float64)

    def _at_home(self, spot: Spot) -> frozenset[int]:
        """The notes outside the scale that need not move on."""
        return spot.scale.blue if self._idiom.blue else frozenset()

    def advance(self, costs: Floats, before: Spot, spot: Spot, own: Floats) -> tuple[Floats, tuple[Places, Places]]:
        """One spot further: the costs by kind and pitch, and from which pitch and kind each came."""
        pair = self._moves + self._hanging(before, spot)
        if spot.fresh:
            pair = 0.5 * np.minimum(self._moves, 2.0)
        elif before.approach:
            pair = pair + _NOT_LED * (np.abs(self._steps) != 1)
        elif spot.want is not None:
            pair = pair + _WANTED * np.abs(self._steps - spot.want)
        by_kind = costs[:, :, None] + pair[None]
        if not spot.fresh:
            by_kind[_UP] += UNANSWERED * ((self._steps >= 0) | (self._steps <= -LEAP))
            by_kind[_DOWN] += UNANSWERED * ((self._steps <= 0) | (self._steps >= LEAP))
        from_kind = by_kind.argmin(axis=0)
        cheapest = by_kind.min(axis=0)
        reached = np.full_like(costs, np.inf)
        from_place = np.zeros(costs.shape, dtype=np.intp)
        for kind in (_STEP,) if spot.fresh else (_STEP, _UP, _DOWN):
            these = cheapest if spot.fresh else np.where(self._kinds == kind, cheapest, np.inf)
            from_place[kind] = these.argmin(axis=0)
            reached[kind] = these.min(axis=0) + own
        return reached, (from_place, from_kind)

    def _hanging(self, before: Spot, spot: Spot) -> Floats:
        """What it costs to leave a note outside its scale otherwise than by a semitone to one inside the next."""
        outside = ~_flags(before.scale.scale | self._at_home(before))[self._classes]
        inside = _flags(spot.scale.scale)[self._classes]
        near = np.abs(self._steps)
        avoided = _flags(before.scale.avoided)[self._classes] & (before.strength > 0)
        wrong = outside[:, None] & ~((near == 1) & inside[None, :])
        return np.asarray(FORBIDDEN * wrong + 1.5 * (avoided[:, None] & (near > 2)), dtype=np.float64)


@lru_cache(maxsize=64)
def _moves(size: int, leap: float, repeat: float) -> tuple[NDArray[np.intp], Floats, Places]:
    """For a move from each place to each: the step in semitones, its cost, and its kind."""
    steps = np.arange(size)[None, :] - np.arange(size)[:, None]
    far = np.minimum(np.abs(steps), len(_INTERVALS) - 1)
    costs = np.array(_INTERVALS)[far] * np.where(far > 4, leap, 1.0)
    costs = costs + repeat * (steps == 0) + FORBIDDEN * (np.abs(steps) > 12)
    kinds = np.where(steps >= LEAP, _UP, np.where(steps <= -LEAP, _DOWN, _STEP))
    return steps, costs, kinds


@lru_cache(maxsize=4096)
def _flags(classes: frozenset[int]) -> Flags:
    return np.array([pitch_class in classes for pitch_class in range(12)])


@lru_cache(maxsize=4096)
def _colours(scale: ChordScale, strength: int, idiom: Idiom) -> Floats:
    """What each pitch class costs over a chord."""
    costs = np.empty(12)
    for pitch_class in range(12):
        kind = _kind(scale, pitch_class)
        cost = float(_COSTS[strength][kind])
        if kind == _COLOUR:
            cost *= idiom.colour
        elif kind == _BLUE:
            cost = cost if idiom.blue else FORBIDDEN
        elif kind == _OUTSIDE:
            cost += idiom.chromatic
        if idiom.blue and pitch_class not in scale.blues | scale.tones:
            cost += _OFF_BLUES
        if kind in (_COLOUR, _SCALE, _AVOIDED) and pitch_class not in scale.plain:
            cost += idiom.pentatonic
        costs[pitch_class] = cost
    return costs


def _kind(scale: ChordScale, pitch_class: int) -> int:
    if pitch_class in scale.guides:
        return _GUIDE
    if pitch_class in scale.tones:
        return _ROOT if pitch_class == scale.root else _TONE
    if pitch_class in scale.avoided:
        return _AVOIDED
    if pitch_class in scale.scale:
        return _COLOUR if (pitch_class - scale.root) % 12 in (2, 6, 9) else _SCALE
    return _BLUE if pitch_class in scale.blue else _OUTSIDE
