"""Which notes go with a chord in a key, and how well: its tones, its guides, colours, and what is only passed through.

Scales follow the usual chord-scale practice: each degree is the key's own where the chord leaves it open (D7 in C has
B natural, A7 in C has F natural, Bb7 in C has E natural).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from realtime.core.chord import Chord
from realtime.core.key_finder import Key

_DEGREES: Final[dict[str, tuple[tuple[int, ...], ...]]] = {
    "maj": ((0,), (2,), (4,), (5, 6), (7,), (9,), (11, 10)),
    "dom": ((0,), (2, 1), (4,), (5, 6), (7,), (9, 8), (10,)),
    "min": ((0,), (2, 1), (3,), (5,), (7,), (9, 8), (10, 11)),
    "dim": ((0,), (1, 2), (3,), (5,), (6,), (8,), (10, 9)),
    "sus": ((0,), (2,), (5,), (7,), (9, 8), (10,)),
}
"""For each family its degrees, and for each degree what it may be: the first that the key has, else the first."""

_DIMINISHED: Final = (0, 2, 3, 5, 6, 8, 9, 11)
_GUIDES: Final[dict[str, tuple[int, ...]]] = {
    "maj": (4, 11, 9), "dom": (4, 10), "min": (3, 10, 11), "dim": (3, 6, 10, 9), "sus": (5, 10),
}  # fmt: skip
_BLUE: Final = (3, 6, 10)
_BLUES: Final = (0, 3, 5, 6, 7, 10)
_MAJOR_PENTATONIC: Final = frozenset((0, 2, 4, 7, 9))
_MINOR_PENTATONIC: Final = frozenset((0, 3, 5, 7, 10))


@dataclass(frozen=True, slots=True)
class ChordScale:
    """The twelve pitch classes over one chord; each set holds pitch classes 0..11."""

    root: int
    tones: frozenset[int]
    guides: frozenset[int]
    """Its third and its seventh (or sixth): what tells it from other chords."""
    scale: frozenset[int]
    avoided: frozenset[int]
    """Scale notes a semitone above one of the chord's: passed through, never rested on."""
    blue: frozenset[int]
    """The tonic's blue notes that are foreign to the scale."""
    blues: frozenset[int]
    """The tonic's blues scale."""
    plain: frozenset[int]
    """The key's pentatonic."""

    def has(self, pitch: int) -> bool:
        """Whether a pitch is in the scale."""
        return pitch % 12 in self.scale


@lru_cache(maxsize=512)
def chord_scale(chord: Chord, key: Key | None) -> ChordScale:
    """The notes over `chord` in `key` (None: not known, the chord speaks for itself)."""
    tones = frozenset(chord.pitch_classes)
    of_key = frozenset(key.scale) if key else frozenset[int]()
    intervals = _intervals(chord, of_key)
    guides = frozenset((chord.root + step) % 12 for step in _GUIDES[chord.family]) & tones
    tonic, minor = (key.tonic, key.minor) if key else (chord.root, chord.family == "min")
    scale = _with_tones(frozenset((chord.root + step) % 12 for step in intervals), tones)
    above = frozenset((tone + 1) % 12 for tone in tones)
    plain = _MINOR_PENTATONIC if minor else _MAJOR_PENTATONIC
    return ChordScale(
        root=chord.root,
        tones=tones,
        guides=guides or tones - {chord.root},
        scale=scale,
        avoided=(scale & above) - tones,
        blue=frozenset((tonic + step) % 12 for step in _BLUE) - scale,
        blues=frozenset((tonic + step) % 12 for step in _BLUES),
        plain=frozenset((tonic + step) % 12 for step in plain),
    )


def _intervals(chord: Chord, of_key: frozenset[int]) -> Sequence[int]:
    if chord.quality in ("dim", "dim7"):
        return _DIMINISHED
    return [
        next((step for step in degree if (chord.root + step) % 12 in of_key), degree[0])
        for degree in _DEGREES[chord.family]
    ]


def _with_tones(scale: frozenset[int], tones: frozenset[int]) -> frozenset[int]:
    """The scale with every tone of the chord, without the neighbours that a foreign tone takes the place of."""
    foreign = tones - scale
    beside = {(tone + step) % 12 for tone in foreign for step in (-1, 1)} - tones
    return (scale - beside) | tones
