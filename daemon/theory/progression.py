"""A progression as somebody writes it: chord symbols or Roman numerals, with or without bar lines.

Dm7 G7 | Cmaj7 | % | N.C.        the chords of a bar share it evenly; % is the bar before again
ii7 V7 Imaj7                     numerals count on the major scale of the key that is given, C without one
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from daemon.chart_symbols import symbol
from realtime.core.chart import BadChart
from realtime.core.chord import BadChord, Chord
from realtime.core.degrees import parse_degrees
from realtime.core.key_finder import Key

MOST_CHORDS: Final = 1024
MOST_CHARACTERS: Final = 16_384

_NUMERAL: Final = re.compile(r"^[b#♭♯]?(?:VII|III|VI|IV|II|V|I|vii|iii|vi|iv|ii|v|i)")
_SEPARATORS: Final = re.compile(r"(?:\s|,|;|:|→|->|–|—)+(?:-\s+)?")
_SILENCE: Final = ("N.C.", "NC", "N")


class BadProgression(ValueError):
    """A progression that cannot be read; the text says which chord, what was seen and what is allowed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One chord: what was written, where it begins and how long it lasts, both in bars."""

    chord: Chord
    text: str
    bar: float
    bars: float


@dataclass(frozen=True, slots=True)
class Progression:
    """Chords in order; silences and repetitions of the same chord are left out, their time is not."""

    steps: tuple[Step, ...]
    bars: float

    @property
    def chords(self) -> tuple[Chord, ...]:
        """The chords alone."""
        return tuple(step.chord for step in self.steps)


def read_progression(text: str, key: Key | None = None) -> Progression:
    """The progression that `text` writes down; numerals are read in `key` (C major where there is none).

    Raises:
        BadProgression: it cannot be read, is empty, or longer than `MOST_CHORDS`.
    """
    if len(text) > MOST_CHARACTERS:
        raise BadProgression(f"a progression has at most {MOST_CHARACTERS} characters, but this has {len(text)}")
    bars = _bars(text)
    if sum(map(len, bars)) > MOST_CHORDS:
        raise BadProgression(f"a progression has at most {MOST_CHORDS} chords, but this has {sum(map(len, bars))}")
    tonic = 0 if key is None else key.tonic
    steps: list[Step] = []
    for bar, words in enumerate(bars):
        for place, word in enumerate(words):
            chord = _chord(word, tonic)
            begin, length = bar + place / len(words), 1 / len(words)
            if chord is not None:
                steps.append(Step(chord, word, begin, length))
    joined = _joined(steps)
    if not joined:
        raise BadProgression(f"a progression is chords such as Dm7 G7 Cmaj7, but {text!r:.40} has none")
    return Progression(joined, float(len(bars)))


def of_chords(chords: Sequence[Chord], bars_each: float = 1.0) -> Progression:
    """The progression of `chords`, each `bars_each` long.

    Raises:
        BadProgression: there are none, or more than `MOST_CHORDS`.
    """
    if not 0 < len(chords) <= MOST_CHORDS:
        raise BadProgression(f"a progression has 1 to {MOST_CHORDS} chords, but this has {len(chords)}")
    steps = [Step(chord, chord.name(), index * bars_each, bars_each) for index, chord in enumerate(chords)]
    return Progression(_joined(steps), len(chords) * bars_each)


def _bars(text: str) -> list[list[str]]:
    """The words of each bar; without bar lines each word is a bar, and `%` the bar before."""
    if "|" in text:
        rows = [_words(row) for row in re.split(r"\|+", text)]
        rows = [row for index, row in enumerate(rows) if row or 0 < index < len(rows) - 1]
    else:
        rows = [[word] for word in _words(text)]
    bars: list[list[str]] = []
    for row in rows:
        again = row in ([], ["%"])
        if again and not bars:
            raise BadProgression(f"% is the bar before again, but {text!r:.40} begins with it")
        bars.append(bars[-1] if again else row)
    return bars


def _words(text: str) -> list[str]:
    return [word for word in _SEPARATORS.split(text) if word]


def _chord(word: str, tonic: int) -> Chord | None:
    if word in _SILENCE:
        return None
    try:
        if _NUMERAL.match(word):
            numeral = parse_degrees(_plain(word), 1).beats[0]
            return None if numeral is None else numeral.transposed(tonic)
        return symbol(word)
    except BadChart as bad:
        raise BadProgression(str(bad)) from bad
    except BadChord as bad:
        raise BadProgression(
            f"{word!r:.40} is neither a chord symbol (as Dm7, F#m7b5, Bb/D) nor a Roman numeral (as ii7, bVII, V7/ii)"
        ) from bad


def _plain(word: str) -> str:
    """A numeral with the accidentals of a keyboard."""
    return word.replace("♭", "b").replace("♯", "#")


def _joined(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same chord twice is one longer chord."""
    joined: list[Step] = []
    for step in steps:
        last = joined[-1] if joined else None
        if last is not None and last.chord == step.chord and abs(last.bar + last.bars - step.bar) < 1e-9:
            joined[-1] = Step(last.chord, last.text, last.bar, last.bars + step.bars)
        else:
            joined.append(step)
    return tuple(joined)
