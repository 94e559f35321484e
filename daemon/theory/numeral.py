"""Roman numerals: how a chord on a degree is written, in the manner of jazz and in that of figured bass.

A capital numeral is a chord with a major third, a small one has a minor third. In major, degrees count on the major
scale; in minor, on the natural minor scale, so that III, VI and VII need no sign (Aldwell and Schachter, Harmony and
Voice Leading; Kostka and Payne, Tonal Harmony).
"""

from typing import Final

from realtime.core.chord import QUALITIES, Chord
from realtime.core.key_finder import Key

_MAJOR: Final = ("I", "bII", "II", "bIII", "III", "IV", "#IV", "V", "bVI", "VI", "bVII", "VII")
_MINOR: Final = ("I", "bII", "II", "III", "#III", "IV", "#IV", "V", "VI", "#VI", "VII", "#VII")
_RAISED: Final = {1: "#I", 3: "#II", 8: "#V"}
"""Diminished chords lead upwards, so these degrees of major are written raised under them."""

_SMALL: Final = frozenset(("m", "m7", "m7b5", "dim", "dim7", "m6", "madd9", "m9", "mmaj7"))
_SUFFIX: Final = {
    "m": "", "m7": "7", "m7b5": "ø7", "dim": "°", "dim7": "°7", "aug": "+", "m6": "6", "madd9": "add9", "m9": "9",
    "mmaj7": "maj7", "7#5": "+7",
}  # fmt: skip
_BASS_DEGREE: Final = ("1", "b2", "2", "b3", "3", "4", "#4", "5", "b6", "6", "b7", "7")
_TRIAD_FIGURES: Final = ("", "6", "6/4")
_SEVENTH_FIGURES: Final = ("7", "6/5", "4/3", "4/2")
_TRIADS: Final = frozenset(("", "m", "dim", "aug"))


def degree_name(chord: Chord, key: Key) -> str:
    """The numeral without its quality: "ii", "bVII", "#iv"."""
    step = (chord.root - key.tonic) % 12
    diminished = chord.family == "dim"
    if key.minor:
        name = "VII" if step == 11 and diminished else "#VI" if step == 9 and diminished else _MINOR[step]
    else:
        name = _RAISED[step] if diminished and step in _RAISED else _MAJOR[step]
    return name.lower() if chord.quality in _SMALL else name


def suffix(quality: str) -> str:
    """What follows the numeral for a quality: "ø7", "maj7", ""."""
    return _SUFFIX.get(quality, quality)


def jazz_numeral(chord: Chord, key: Key) -> str:
    """As "ii7", "bVIImaj7" or "I/3": after the stroke is the bass, as a degree of the major scale on the tonic."""
    written = degree_name(chord, key) + suffix(chord.quality)
    return written if chord.bass == chord.root else f"{written}/{_BASS_DEGREE[(chord.bass - key.tonic) % 12]}"


def figured_numeral(chord: Chord, key: Key) -> str:
    """As "ii6/5" or "I6/4": inversions in the figures of the thorough bass; a foreign bass as in `jazz_numeral`."""
    place = inversion(chord)
    name = degree_name(chord, key)
    if place is None:
        return jazz_numeral(chord, key)
    if chord.quality in _TRIADS:
        return name + suffix(chord.quality) + _TRIAD_FIGURES[place]
    if len(QUALITIES[chord.quality].intervals) == 4 and chord.quality.endswith("7") and place > 0:
        mark = suffix(chord.quality).removesuffix("7").replace("maj", "")
        return name + mark + _SEVENTH_FIGURES[place]
    return jazz_numeral(chord, key)


def inversion(chord: Chord) -> int | None:
    """0 for root position, 1 for the third in the bass, 2 the fifth, 3 the seventh; None where the bass is foreign."""
    above = (chord.bass - chord.root) % 12
    if above == 0:
        return 0
    if above not in QUALITIES[chord.quality].intervals:
        return None
    return 1 if above in (3, 4) else 2 if above in (6, 7, 8) else 3 if above in (9, 10, 11) else None
