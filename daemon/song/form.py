"""The form of a piece: its sections and their phrases, fitted to the bars that were asked for."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from daemon.song.genre import PHRASE_BARS

FORMS: Final[dict[str, str]] = {
    "aaba": "AABA", "verse_chorus": "VCVCBC", "blues": "A", "hymn": "AB", "loop": "AABA", "period": "A",
    "binary": "AABB", "through": "ABCDEFGH",
}  # fmt: skip
"""What each form's sections are called; letters of one's own, as `AABAC`, are a form, too."""

_LETTERS: Final = re.compile(r"[A-Z]{1,32}")
BRIDGE_LETTERS: Final = "B"
SECTION_BARS: Final = 8
BLUES_BARS: Final = 12

Kind = Literal["open", "close", "bridge", "loop", "whole"]


@dataclass(frozen=True, slots=True)
class PhrasePlan:
    """A phrase: how it is made, its first bar and its bars."""

    kind: Kind
    first_bar: int
    bars: int


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """A section; those of one letter and length have the same chords, but for the turn at their ends."""

    letter: str
    first_bar: int
    bars: int
    phrases: tuple[PhrasePlan, ...]
    is_last: bool
    returns: bool
    """Whether it has been played before."""

    @property
    def name(self) -> str:
        """What musicians call it."""
        return {"V": "verse", "C": "chorus"}.get(self.letter, self.letter)


def is_form(name: str) -> bool:
    """Whether it is one of ours, or letters."""
    return name in FORMS or _LETTERS.fullmatch(name) is not None


def plan_form(name: str, bars: int) -> tuple[SectionPlan, ...]:
    """The sections of a piece of `bars` bars. A form too long is cut, one too short goes round."""
    letters = FORMS.get(name, name)
    lengths = _lengths(name, bars)
    sections: list[SectionPlan] = []
    first = 0
    seen: set[tuple[str, int]] = set()
    for place, length in enumerate(lengths):
        letter = letters[place % len(letters)]
        is_last = place + 1 == len(lengths)
        if is_last and letter in BRIDGE_LETTERS and letters[0] in "AV" and name in FORMS and len(lengths) > 1:
            letter = "C" if "C" in letters else letters[0]  # nobody ends in the middle
        phrases = tuple(_phrases(name, letter, first, length))
        sections.append(SectionPlan(letter, first, length, phrases, is_last, (letter, length) in seen))
        seen.add((letter, length))
        first += length
    return tuple(sections)


def _lengths(name: str, bars: int) -> list[int]:
    size = BLUES_BARS if name == "blues" and bars >= BLUES_BARS else SECTION_BARS
    if name == "aaba" and SECTION_BARS < bars < 4 * SECTION_BARS:
        size = PHRASE_BARS
    whole, rest = divmod(bars, size)
    return [size] * whole + [rest] * (rest > 0)


def _phrases(form: str, letter: str, first: int, bars: int) -> list[PhrasePlan]:
    if form == "blues" and bars in (8, BLUES_BARS):
        return [PhrasePlan("whole", first, bars)]
    starts = list(range(0, bars, PHRASE_BARS))
    plans = []
    for start in starts:
        kind = _kind(form, letter, is_last=start == starts[-1])
        plans.append(PhrasePlan(kind, first + start, min(PHRASE_BARS, bars - start)))
    return plans


def _kind(form: str, letter: str, *, is_last: bool) -> Kind:
    """What a phrase of a section is: a bridge stays away from home to its end, but where it is half of the piece."""
    comes_home = is_last and (letter not in BRIDGE_LETTERS or form in ("binary", "hymn"))
    if letter in BRIDGE_LETTERS and not comes_home:
        return "bridge"
    if form == "loop":
        return "loop"
    return "close" if is_last else "open"
