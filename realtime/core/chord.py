"""Chords: a root, a quality and a bass, with the names musicians give them."""

import re
from dataclasses import dataclass
from typing import Final

from realtime.core.units import PITCH_CLASS_NAMES_FLAT, PITCH_CLASS_NAMES_SHARP


@dataclass(frozen=True, slots=True)
class Quality:
    """A kind of chord: its symbol, its notes above the root in semitones, and the plainer family it belongs to."""

    symbol: str
    intervals: tuple[int, ...]
    family: str


QUALITIES: Final[dict[str, Quality]] = {
    quality.symbol: quality
    for quality in [
        Quality("", (0, 4, 7), "maj"),
        Quality("m", (0, 3, 7), "min"),
        Quality("7", (0, 4, 7, 10), "dom"),
        Quality("maj7", (0, 4, 7, 11), "maj"),
        Quality("m7", (0, 3, 7, 10), "min"),
        Quality("m7b5", (0, 3, 6, 10), "dim"),
        Quality("dim", (0, 3, 6), "dim"),
        Quality("dim7", (0, 3, 6, 9), "dim"),
        Quality("aug", (0, 4, 8), "maj"),
        Quality("sus4", (0, 5, 7), "sus"),
        Quality("sus2", (0, 2, 7), "sus"),
        Quality("7sus4", (0, 5, 7, 10), "sus"),
        Quality("6", (0, 4, 7, 9), "maj"),
        Quality("m6", (0, 3, 7, 9), "min"),
        Quality("add9", (0, 2, 4, 7), "maj"),
        Quality("madd9", (0, 2, 3, 7), "min"),
        Quality("9", (0, 2, 4, 7, 10), "dom"),
        Quality("maj9", (0, 2, 4, 7, 11), "maj"),
        Quality("m9", (0, 2, 3, 7, 10), "min"),
        Quality("mmaj7", (0, 3, 7, 11), "min"),
        Quality("7b9", (0, 1, 4, 7, 10), "dom"),
        Quality("7#9", (0, 3, 4, 7, 10), "dom"),
        Quality("7#5", (0, 4, 8, 10), "dom"),
        Quality("11", (0, 2, 5, 7, 10), "sus"),
        Quality("13", (0, 4, 7, 9, 10), "dom"),
        Quality("5", (0, 7), "maj"),
    ]
}

_ALIASES: Final = {
    "M": "", "maj": "", "min": "m", "-": "m", "mi": "m", "M7": "maj7", "ma7": "maj7", "^7": "maj7", "^": "maj7",
    "min7": "m7", "-7": "m7", "mi7": "m7", "ø": "m7b5", "ø7": "m7b5", "-7b5": "m7b5", "min7b5": "m7b5",
    "hdim7": "m7b5", "o": "dim", "°": "dim", "o7": "dim7", "°7": "dim7", "+": "aug", "sus": "sus4", "7sus": "7sus4",
    "min6": "m6", "-6": "m6", "2": "add9", "maj6": "6", "M9": "maj9", "-9": "m9", "min9": "m9", "mM7": "mmaj7",
    "minmaj7": "mmaj7", "9sus4": "11", "9sus": "11", "+7": "7#5", "aug7": "7#5",
}  # fmt: skip

_NATURALS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SYMBOL: Final = re.compile(r"^([A-G])([#b♯♭]?)([^/]*)(?:/([A-G])([#b♯♭]?))?$")
_ACCIDENTALS: Final = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}


class BadChord(ValueError):
    """A chord symbol that cannot be read; the text says what was seen."""


@dataclass(frozen=True, slots=True, order=True)
class Chord:
    """A chord: `root` and `bass` are pitch classes 0..11 (0 is C), `quality` a key of `QUALITIES`."""

    root: int
    quality: str
    bass: int

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """The chord's notes as pitch classes, from the root up, without the bass if it is foreign."""
        return tuple((self.root + interval) % 12 for interval in QUALITIES[self.quality].intervals)

    @property
    def family(self) -> str:
        """The plain kind: maj, min, dom, dim or sus."""
        return QUALITIES[self.quality].family

    def name(self, *, flats: bool = True) -> str:
        """The chord symbol, as "Am7" or "C/E"."""
        names = PITCH_CLASS_NAMES_FLAT if flats else PITCH_CLASS_NAMES_SHARP
        over = "" if self.bass == self.root else "/" + names[self.bass]
        return names[self.root] + self.quality + over

    def transposed(self, semitones: int) -> "Chord":
        """The same chord, `semitones` higher."""
        return Chord((self.root + semitones) % 12, self.quality, (self.bass + semitones) % 12)


NO_CHORD: Final = "N"
"""How the absence of a chord is written."""


def name_of(chord: Chord | None, *, flats: bool = True) -> str:
    """A chord's symbol, or "N" for none."""
    return NO_CHORD if chord is None else chord.name(flats=flats)


def is_same_harmony(one: Chord | None, other: Chord | None) -> bool:
    """Whether nothing has to move: the same root, family and bass; sevenths and other shades may differ."""
    if one is None or other is None:
        return one is other
    return (one.root, one.family, one.bass) == (other.root, other.family, other.bass)


def parse_chord(symbol: str) -> Chord | None:
    """The chord that a symbol names; None for "N".

    Raises:
        BadChord: the symbol names no chord we know.
    """
    if symbol in (NO_CHORD, "N.C.", "NC"):
        return None
    match = _SYMBOL.match(symbol.strip())
    if match is None:
        raise BadChord(f"a chord begins with A to G and perhaps # or b, but was {symbol!r:.40}")
    letter, accidental, quality, bass_letter, bass_accidental = match.groups()
    root = (_NATURALS[letter] + _ACCIDENTALS[accidental]) % 12
    quality = _ALIASES.get(quality, quality)
    if quality not in QUALITIES:
        raise BadChord(
            f"unknown chord quality {quality!r:.40} in {symbol!r:.40}; known: {', '.join(filter(None, QUALITIES))}"
        )
    bass = root if bass_letter is None else (_NATURALS[bass_letter] + _ACCIDENTALS[bass_accidental]) % 12
    return Chord(root, quality, bass)
