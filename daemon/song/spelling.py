"""Names of chords as the key spells them."""

from typing import Final

from realtime.core.chord import Chord, parse_chord
from realtime.core.key_finder import Key

_LETTERS: Final = "CDEFGAB"
_NATURALS: Final = (0, 2, 4, 5, 7, 9, 11)
_DEGREES: Final = ((0, 0), (1, -1), (1, 0), (2, -1), (2, 0), (3, 0), (3, 1), (4, 0), (5, -1), (5, 0), (6, -1), (6, 0))
"""Semitones above the tonic as a degree, from 0, of the major scale and how it is altered."""

_RAISED: Final = {1: (0, 1), 3: (1, 1), 8: (4, 1), 10: (5, 1)}
"""How diminished chords, which lead up, have it."""

_STEPS: Final = (0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6)
"""By how many letters each interval above a root goes."""

_NUMERALS: Final = ("I", "II", "III", "IV", "V", "VI", "VII")


def chord_name(chord: Chord, key: Key) -> str:
    """The symbol, spelt as in `key`: E/G# in A minor, Ab in C minor."""
    letter = _root_letter(chord, key)
    root = _note(letter, chord.root)
    plain = chord.name(flats=key.uses_flats)
    if root is None:
        return plain
    name = root + chord.quality
    if chord.bass != chord.root:
        bass = _note((letter + _STEPS[(chord.bass - chord.root) % 12]) % 7, chord.bass)
        if bass is None:
            return plain
        name += "/" + bass
    return name if parse_chord(name) == chord else plain


def _degree(chord: Chord, key: Key) -> tuple[int, int]:
    """The degree of the root, 0..6, and how it is altered."""
    above = (chord.root - key.tonic) % 12
    return _RAISED.get(above, _DEGREES[above]) if chord.family == "dim" else _DEGREES[above]


def _root_letter(chord: Chord, key: Key) -> int:
    """The letter of the root, 0..6 from C."""
    return (_LETTERS.index(key.name[0]) + _degree(chord, key)[0]) % 7


def _note(letter: int, pitch_class: int) -> str | None:
    """The pitch class on a letter; None where it would take more than one accidental."""
    off = (pitch_class - _NATURALS[letter] + 6) % 12 - 6
    return _LETTERS[letter] + {-1: "b", 0: "", 1: "#"}[off] if off in (-1, 0, 1) else None


def degree_name(chord: Chord, key: Key) -> str:
    """The degree a chord stands on, as "bVI", whatever its quality."""
    degree, altered = _degree(chord, key)
    return {-1: "b", 0: "", 1: "#"}[altered] + _NUMERALS[degree]
