"""Names of chords as the key spells them, and their Roman numerals."""

from collections.abc import Sequence
from typing import Final

from realtime.core.chord import QUALITIES, Chord, parse_chord
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
_ALTERED: Final = {-1: "b", 0: "", 1: "#"}
_FIGURES: Final = {"m7b5": "ø7", "dim": "°", "dim7": "°7", "aug": "+", "mmaj7": "maj7"}


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


def roman_of(chord: Chord, after: Chord | None, key: Key) -> str:
    """The Roman numeral of a chord before `after`: V7/ii where it is the dominant of what comes, subV7/I where that
    of its tritone."""
    if chord.family == "dom" and after is not None and chord.bass == chord.root:
        falls, own = (after.root - chord.root) % 12, (chord.root - key.tonic) % 12
        target = numeral(after, key, plain=True)
        if falls == 5 and own not in (7,) and after.root != key.tonic:
            return f"V{chord.quality}/{target}"
        if falls == 11 and own in (1, 3, 6, 8):
            return f"subV{chord.quality}" + ("" if after.root == key.tonic else f"/{target}")
    return numeral(chord, key)


def numeral(chord: Chord, key: Key, *, plain: bool = False) -> str:
    """The numeral by itself; `plain`: only the degree, as after a stroke."""
    degree, altered = _degree(chord, key)
    name = _NUMERALS[degree]
    is_small = chord.family in ("min", "dim")
    name = _ALTERED[altered] + (name.lower() if is_small else name)
    if plain:
        return name
    quality = chord.quality
    figure = _FIGURES.get(quality, quality.removeprefix("m") if is_small and not quality.startswith("maj") else quality)
    if chord.bass == chord.root:
        return name + figure
    intervals = [(i) % 12 for i in QUALITIES[chord.quality].intervals]
    inside = (chord.bass - chord.root) % 12
    has_seventh = len(intervals) > 3 and any(i in intervals for i in (9, 10, 11))
    if inside in (3, 4):
        return name + figure.replace("7", "") + ("65" if has_seventh else "6")
    if inside in (6, 7, 8):
        return name + figure.replace("7", "") + ("43" if has_seventh else "64")
    if inside in (10, 11) or (inside == 9 and quality == "dim7"):
        return name + figure.replace("7", "") + ("42" if has_seventh else "2")
    below, sign = _DEGREES[(chord.bass - key.tonic) % 12]
    return f"{name}{figure}/{_ALTERED[sign]}{below + 1}"


def romans(chords: Sequence[Chord], key: Key) -> list[str]:
    """The numerals of a progression."""
    return [roman_of(chord, after, key) for chord, after in zip(chords, [*chords[1:], None], strict=True)]
