"""Chords written in degrees of a key: `I vi7 | ii7 V7/ii`, read as a chart in C.

A Roman numeral counts on the major scale, `b` and `#` before it alter it; a small one is a minor chord. What follows is
the quality as in a chord symbol (`ii7`, `IVmaj7`, `viiø`, `V7sus4`). After a stroke comes the bass, a degree of the
key in Arabic figures (`I/3`, `IV/b7`), or what the chord is the dominant of, in Roman ones (`V7/ii`). Bars, `%`, `/`
and `N.C.` are those of a chart; without any bar line each chord fills a bar.
"""

import re
from collections.abc import Sequence
from typing import Final

from realtime.core.chart import BadChart, Chart, parse_chart
from realtime.core.chord import Chord
from realtime.core.units import PITCH_CLASS_NAMES_FLAT

_MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII")
_DEGREE: Final = re.compile(r"^([b#]?)(VII|III|VI|IV|II|V|I|vii|iii|vi|iv|ii|v|i)([^/]*)(?:/([b#]?)([1-7]|[IViv]+))?$")
_WORD: Final = re.compile(r"[^\s|\[\]:]+")
_ACCIDENTALS: Final = {"": 0, "b": -1, "#": 1}
_AS_THEY_ARE: Final = ("%", "/", "N.C.", "NC", "N")

_MINOR_QUALITIES: Final = {
    "": "m", "7": "m7", "9": "m9", "6": "m6", "add9": "madd9", "maj7": "mmaj7", "b5": "dim", "7b5": "m7b5",
}  # fmt: skip
"""What a quality means after a small numeral; those that are not here mean what they always do."""

_IN_MINOR: Final[dict[tuple[int, str], tuple[int, str]]] = {
    (0, ""): (0, "m"), (0, "6"): (0, "m6"), (0, "maj7"): (0, "m7"), (0, "maj9"): (0, "m9"), (0, "add9"): (0, "madd9"),
    (2, "m"): (2, "m7b5"), (2, "m7"): (2, "m7b5"), (2, "m9"): (2, "m7b5"),
    (4, "m"): (3, ""), (4, "m7"): (3, "maj7"),
    (5, ""): (5, "m"), (5, "6"): (5, "m6"), (5, "maj7"): (5, "m7"), (5, "maj9"): (5, "m9"), (5, "add9"): (5, "madd9"),
    (9, "m"): (8, ""), (9, "m7"): (8, "maj7"), (9, "m9"): (8, "maj7"),
}  # fmt: skip
"""Diatonic chords of major, above its tonic, and what stands in their place in minor; dominants stay."""

_BASS_IN_MINOR: Final = {4: 3, 9: 8}


def parse_degrees(text: str, beats_per_bar: int) -> Chart:
    """The chart, as in C major, that `text` writes down in degrees.

    Raises:
        BadChart: it cannot be read; the text says what was seen and what is allowed.
    """
    if "|" not in text:
        text = " | ".join(text.split())
    return parse_chart(_WORD.sub(lambda match: _symbol(match.group()), text), beats_per_bar)


def in_minor(chords: Sequence[Chord | None]) -> tuple[Chord | None, ...]:
    """What stands in C minor for chords in C major."""
    return tuple(None if chord is None else _minor_of(chord) for chord in chords)


def _minor_of(chord: Chord) -> Chord:
    root, quality = _IN_MINOR.get((chord.root, chord.quality), (chord.root, chord.quality))
    if chord.bass == chord.root:
        return Chord(root, quality, root)
    return Chord(root, quality, _BASS_IN_MINOR.get(chord.bass, chord.bass))


def _symbol(word: str) -> str:
    """The chord symbol, in C, of one word."""
    if word in _AS_THEY_ARE:
        return word
    match = _DEGREE.match(word)
    if match is None:
        raise BadChart(f"a chord in degrees is as I, vi7, bVIImaj7, V7/ii or I/3, but was {word!r:.40}")
    accidental, numeral, quality, under_accidental, under = match.groups()
    root = _above_tonic(accidental, _ROMAN.index(numeral.upper()))
    if numeral.islower():
        quality = _MINOR_QUALITIES.get(quality, quality)
    bass = ""
    if under is not None and under.isdigit():
        bass = "/" + PITCH_CLASS_NAMES_FLAT[_above_tonic(under_accidental, int(under) - 1)]
    elif under is not None:
        if under.upper() not in _ROMAN:
            raise BadChart(f"after the stroke comes a degree, as in V7/ii or I/3, but {word!r:.40} has {under!r}")
        root = (root + _above_tonic(under_accidental, _ROMAN.index(under.upper()))) % 12
    return PITCH_CLASS_NAMES_FLAT[root] + quality + bass


def _above_tonic(accidental: str, degree: int) -> int:
    """Semitones above the tonic, 0..11."""
    return (_MAJOR[degree] + _ACCIDENTALS[accidental]) % 12
