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
Flags = NDArray[np.bool_]

FORBIDDEN: Final = 60.0
"""What is never done while there is another way."""

LEAP: Final = 5
"""Semitones: from a fourth on, an interval is a leap that wants an answer."""

UNANSWERED: Final = 2.6
"""What it costs to go on after a leap, or to leap again."""

_INTERVALS: Final = (0.0, 0.15, 0.0, 0.1, 0.1, 0.2, 1.2, 0.3, 0.7, 0.7, 1.4, 2.4, 1.3, 6.0)
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
    ways: list[tuple[Floats, bool]] = []
    for index in range(1, len(spots)):
        own = search.fitness(spots[index]) + _MOOD * mood[index]
        costs, way = search.advance(costs, spots[index - 1], spots[index], own)
        ways.append((way, spots[index].fresh))
    places, total = search.trace(costs, ways)
    return [reach[place] for place in places], total / len(places)


class _Search:
    """The tables of one search."""

    def __init__(self, reach: range, idiom: Idiom, crowd: Floats) -> None:
        self.pitches = np.arange(reach.start, reach.stop)
        self._classes = self.pitches % 12
        self._reach, self._idiom, self._led = reach, idiom, replace(idiom, chromatic=0.0)
        self._crowd = _CROWDED * crowd
        self._moves = _moves(len(reach), idiom.leap, idiom.repeat)

    def fitness(self, spot: Spot) -> Floats:
        """What each pitch costs on a spot, wherever the line comes from."""
        idiom = self._led if spot.approach else self._idiom
        costs = _colours(spot.scale, spot.strength, idiom)
        if spot.onward is not None:
            costs = np.maximum(costs, _colours(spot.onward, spot.strength, self._idiom))
        if spot.arrives:
            costs = costs + 0.5 * ~_flags(spot.scale.guides)
        if spot.last:
            costs = costs + FORBIDDEN * ~_flags(spot.scale.scale | self._at_home(spot))
        off = np.maximum(0.0, np.abs(self.pitches - spot.height) - _SLACK)
        return np.asarray(costs[self._classes] + _FROM_ARC * off + self._crowd, dtype=np.float64)

    def _at_home(self, spot: Spot) -> frozenset[int]:
        """The notes outside the scale that need not move on."""
        return spot.scale.blue if self._idiom.blue else frozenset()

    def advance(self, costs: Floats, before: Spot, spot: Spot, own: Floats) -> tuple[Floats, Floats]:
        """One spot further: the costs by kind and pitch; and what each way there costs, by kind, from and to."""
        moves = self._moves
        if spot.fresh:
            ways = costs[:, :, None] + moves.breath
            reached = np.full_like(costs, np.inf)
            reached[_STEP] = ways.min(axis=(0, 1)) + own
            return reached, ways
        pair = moves.cost + _hanging(
            before.scale, self._at_home(before), spot.scale, self._reach, heavy=before.strength > 0
        )
        if before.approach:
            pair = pair + moves.not_led
        elif spot.want is not None:
            pair = pair + _WANTED * np.abs(moves.steps - spot.want)
        ways = moves.unanswered + costs[:, :, None] + pair
        return (ways.min(axis=0) + moves.not_of_kind).min(axis=1) + own, ways

    def trace(self, costs: Floats, ways: Sequence[tuple[Floats, bool]]) -> tuple[list[int], float]:
        """The cheapest places, first to last, and what they cost together."""
        kind, place = divmod(int(costs.argmin()), costs.shape[1])
        total, places = float(costs[kind, place]), [place]
        for way, fresh in reversed(ways):
            to = way[:, :, place]
            if not fresh:
                to = to + self._moves.not_of_kind[kind, :, place]
            kind, place = divmod(int(to.argmin()), costs.shape[1])
            places.append(place)
        return places[::-1], total


@dataclass(frozen=True, slots=True)
class _Moves:
    """For a move from each place to each (the last two axes); the first axis, where there is one, is a kind of move."""

    steps: NDArray[np.intp]
    cost: Floats
    breath: Floats
    """The cost after a breath."""
    not_led: Floats
    """What it costs where a semitone was expected."""
    unanswered: Floats
    """What it costs after having come by a step, by a leap up, by a leap down."""
    not_of_kind: Floats
    """Infinite where the move is not a step, a leap up, a leap down."""


@lru_cache(maxsize=64)
def _moves(size: int, leap: float, repeat: float) -> _Moves:
    steps = np.arange(size)[None, :] - np.arange(size)[:, None]
    far = np.minimum(np.abs(steps), len(_INTERVALS) - 1)
    cost = np.array(_INTERVALS)[far] * np.where(far > 4, leap, 1.0)
    cost = cost + repeat * (steps == 0) + FORBIDDEN * (np.abs(steps) > 12)
    up, down = steps >= LEAP, steps <= -LEAP
    unanswered = np.stack([np.zeros_like(steps), (steps >= 0) | down, (steps <= 0) | up]) * UNANSWERED
    return _Moves(
        steps=steps,
        cost=cost,
        breath=0.5 * np.minimum(cost, 2.0) + 0.06 * np.abs(steps),
        not_led=_NOT_LED * (np.abs(steps) != 1),
        unanswered=unanswered,
        not_of_kind=np.where(np.stack([~(up | down), up, down]), 0.0, np.inf),
    )


@lru_cache(maxsize=512)
def _hanging(before: ChordScale, at_home: frozenset[int], onward: ChordScale, reach: range, *, heavy: bool) -> Floats:
    """What it costs to leave a note outside its scale otherwise than by a semitone to one inside the next."""
    pitches = np.arange(reach.start, reach.stop)
    classes, near = pitches % 12, np.abs(pitches[None, :] - pitches[:, None])
    outside = ~_flags(before.scale | at_home)[classes]
    wrong = outside[:, None] & ~((near == 1) & _flags(onward.scale)[classes][None, :])
    avoided = _flags(before.avoided)[classes] & heavy
    return np.asarray(FORBIDDEN * wrong + 1.5 * (avoided[:, None] & (near > 2)), dtype=np.float64)


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
