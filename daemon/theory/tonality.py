"""The keys of a progression: where it is at home, and where it moves to.

The cheapest way through all keys (Viterbi 1967): a chord costs what its best reading in the key costs, a change of key
more the further it goes round the circle of fifths, and beginning and ending at home is rewarded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from daemon.theory.numeral import inversion
from daemon.theory.reading import readings
from realtime.core.chord import Chord
from realtime.core.key_finder import Key

KEYS: Final = tuple(Key(tonic, minor) for minor in (False, True) for tonic in range(12))
MODES: Final = (("mixolydian", False), ("lydian", False), ("dorian", True), ("phrygian", True))

MOVE: Final = 2.6
"""What a change of key costs, and a little more for each fifth that it goes."""
A_FIFTH: Final = 0.25
HOME_LAST: Final = 1.1
HOME_FIRST: Final = 0.9
CADENCE: Final = 0.5
"""Rewards: the last chord is the tonic, the first is, a dominant goes to it."""


@dataclass(frozen=True, slots=True)
class Region:
    """Chords `first` up to but without `last` are in `key`."""

    first: int
    last: int
    key: Key


def regions(chords: Sequence[Chord], key: Key | None = None) -> tuple[Region, ...]:
    """The keys that a progression goes through, in order. With `key`, that one throughout."""
    if key is not None:
        return (Region(0, len(chords), key),)
    path = _cheapest_path(chords)
    found: list[Region] = []
    for index, state in enumerate(path):
        if found and found[-1].key == KEYS[state]:
            found[-1] = Region(found[-1].first, index + 1, KEYS[state])
        else:
            found.append(Region(index, index + 1, KEYS[state]))
    return tuple(_in_its_mode(found[0], chords) if len(found) == 1 else region for region in found)


def _cheapest_path(chords: Sequence[Chord]) -> list[int]:
    states = range(len(KEYS))
    costs = [_cost(chords, 0, KEYS[state]) for state in states]
    ways: list[list[int]] = []
    for index in range(1, len(chords)):
        leaving = [min((costs[old] + _DISTANCES[new][old], old) for old in states) for new in states]
        ways.append([old for _, old in leaving])
        costs = [leaving[new][0] + _cost(chords, index, KEYS[new]) for new in states]
    state = min(states, key=lambda each: costs[each])
    path = [state]
    for way in reversed(ways):
        state = way[state]
        path.append(state)
    return path[::-1]


def _cost(chords: Sequence[Chord], index: int, key: Key) -> float:
    chord = chords[index]
    before = chords[index - 1] if index else None
    following = chords[index + 1] if index + 1 < len(chords) else None
    cost = readings(chord, key, following, before)[0].cost
    if is_home(chord, key):
        firm = 1.0 if inversion(chord) == 0 else 0.5
        cost -= firm * (HOME_FIRST if index == 0 else 0.0)
        cost -= firm * (HOME_LAST if index == len(chords) - 1 else 0.0)
        if before is not None and before.family in ("dom", "dim") and (before.root - key.tonic) % 12 in (7, 11):
            cost -= CADENCE
        if before is not None and before.quality == "" and (before.root - key.tonic) % 12 == 7:
            cost -= CADENCE / 2
    return cost


def is_home(chord: Chord, key: Key) -> bool:
    """Whether a chord is the tonic of a key, in any colour."""
    return chord.root == key.tonic and (chord.family == "min") == key.minor and chord.family != "dim"


def _distance(old: Key, new: Key) -> float:
    if old == new:
        return 0.0
    fifths = min((_signature(old) - _signature(new)) % 12, (_signature(new) - _signature(old)) % 12)
    return MOVE + A_FIFTH * fifths


def _signature(key: Key) -> int:
    """Where the key's scale is on the circle of fifths."""
    relative = (key.tonic + 3) % 12 if key.minor else key.tonic
    return relative * 7 % 12


def _in_its_mode(region: Region, chords: Sequence[Chord]) -> Region:
    """A progression that stays in a mode of its tonic, and leaves the plain scale, is in that mode."""
    key = region.key
    tones = {tone for chord in chords for tone in chord.pitch_classes}
    if tones <= set(key.scale) or not any(is_home(chord, key) for chord in (chords[0], chords[-1])):
        return region
    for mode, minor in MODES:
        modal = Key(key.tonic, minor, mode)
        if minor == key.minor and tones <= set(modal.scale):
            return Region(region.first, region.last, modal)
    return region


_DISTANCES: Final = tuple(tuple(_distance(old, new) for old in KEYS) for new in KEYS)
