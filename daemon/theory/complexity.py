"""How complex a progression's harmony is, by published measures, and one grade from them.

* Tonal pitch space: the distance between neighbours, i + j + k (Lerdahl, Tonal Pitch Space, 2001, chapter 2): how far
  the keys are apart and the roots, in fifths, and how many tones of the basic space are new.
* Entropy of the chords and of what follows what (Shannon 1948), counted from the tonic, in bits.
* Chromaticity: the share of chord tones outside the key.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import Final

from realtime.core.chord import QUALITIES, Chord
from realtime.core.key_finder import Key

HIGHEST_GRADE: Final = 10


@dataclass(frozen=True, slots=True)
class Complexity:
    """Measures of a progression; each is 0 where there is too little to measure."""

    mean_distance: float
    """Mean distance of neighbours in tonal pitch space: 5 is a fifth in the key, 7 or 8 a third or a second."""
    entropy_bits: float
    """Of the chords, counted from the tonic: 0 for a vamp on one, 2 for four that are equally common."""
    transition_bits: float
    """Of the next chord, knowing the one before."""
    chromaticity: float
    """0..1: the share of chord tones outside the key of their region."""
    tones_per_chord: float
    chords_per_bar: float
    grade: int
    """1..10, a plain sum of the above of our own making: 1 is a vamp of triads, 10 is dense and chromatic."""


def complexity(chords: Sequence[Chord], keys: Sequence[Key], bars: float) -> Complexity:
    """The measures of `chords`, each in its key, over `bars` bars."""
    pairs = list(zip(chords, keys, strict=True))
    distances = [distance(*before, *after) for before, after in pairwise(pairs)]
    mean = sum(distances) / len(distances) if distances else 0.0
    names = [((chord.root - keys[0].tonic) % 12, chord.quality) for chord in chords]
    tones = [(tone, key) for chord, key in pairs for tone in chord.pitch_classes]
    outside = sum(tone not in key.scale for tone, key in tones) / len(tones)
    size = sum(len(chord.pitch_classes) for chord in chords) / len(chords)
    pace = len(chords) / bars
    bits, follows = _entropy(names), _transition_entropy(names)
    score = 0.22 * mean + 0.5 * bits + 9.0 * outside + 1.1 * (size - 3.0) + 0.6 * min(pace, 3.0)
    grade = min(HIGHEST_GRADE, max(1, round(score)))
    return Complexity(mean, bits, follows, outside, size, pace, grade)


def distance(old: Chord, old_key: Key, new: Chord, new_key: Key) -> int:
    """Lerdahl's chord distance: steps between the keys and between the roots on circles of fifths, and new tones."""
    regional = _fifths(_collection(old_key), _collection(new_key))
    chordal = _root_steps(old, new, new_key)
    return regional + chordal + _new_tones(_space(old, old_key), _space(new, new_key))


def _fifths(one: int, other: int) -> int:
    apart = (one - other) * 7 % 12
    return min(apart, 12 - apart)


def _collection(key: Key) -> int:
    """The major tonic of the key's scale."""
    return (key.tonic + 3) % 12 if key.minor else key.tonic


def _root_steps(old: Chord, new: Chord, key: Key) -> int:
    """Steps on the key's own circle of fifths, which has seven; on the circle of twelve for roots outside the key."""
    scale = key.scale
    if old.root in scale and new.root in scale:
        # Four scale steps up are a fifth of the key, pure or not.
        apart = (scale.index(new.root) - scale.index(old.root)) * 2 % 7
        return min(apart, 7 - apart)
    return _fifths(old.root, new.root)


def _space(chord: Chord, key: Key) -> tuple[frozenset[int], ...]:
    """Levels a to d of the basic space: root, root and fifth, the chord, the scale with the chord in it."""
    intervals = QUALITIES[chord.quality].intervals
    fifth = next((step for step in intervals if step in (6, 7, 8)), 7)
    tones = frozenset(chord.pitch_classes)
    root = frozenset((chord.root,))
    return root, root | {(chord.root + fifth) % 12}, tones, frozenset(key.scale) | tones


def _new_tones(old: tuple[frozenset[int], ...], new: tuple[frozenset[int], ...]) -> int:
    return sum(len(fresh - stale) for stale, fresh in zip(old, new, strict=True))


def _entropy(names: Sequence[object]) -> float:
    counts = Counter(names)
    return -sum(count / len(names) * log2(count / len(names)) for count in counts.values())


def _transition_entropy(names: Sequence[object]) -> float:
    if len(names) < 2:
        return 0.0
    return max(0.0, _entropy(list(pairwise(names))) - _entropy(names[:-1]))
