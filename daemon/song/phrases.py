"""Chooses the phrases of a piece from its genre's grammar, together with what the oracle expects.

A word of a phrase may be a choice of chords (`vi,IV`), and between the first chord of a phrase and its cadence a plain
chord may give way to another of its function. Which one is taken is drawn by weight: the genre's and the oracle's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from daemon.song.form import PhrasePlan, SectionPlan
from daemon.song.genre import PHRASE_BARS, Grammar
from realtime.core.chance import Chance
from realtime.core.chord import Chord
from realtime.core.degrees import parse_degrees
from realtime.core.oracle import Oracle

Bars = list[list[str]]
"""The degrees of each bar."""

_FROM: Final = re.compile(r"^@(\d+) +(.*)$")
ORACLE_TRUST: Final = 0.6
"""The exponent with which the oracle's probability weighs."""

LEAST_WEIGHT: Final = 0.02
SUBSTITUTED: Final = 0.16
"""How often a plain chord gives way to another of its function, where the oracle knows one."""

_SAME_FUNCTION: Final = {
    "I": ("vi", "iii", "I/3"), "IV": ("ii",), "ii": ("IV",), "vi": ("I", "iii"), "iii": ("vi", "I/3"),
    "Imaj7": ("vi7", "iii7"), "IVmaj7": ("ii7",), "ii7": ("IVmaj7",), "vi7": ("Imaj7", "iii7"),
    "i": ("bVI", "bIII"), "iv": ("bVI", "iiø"), "bVI": ("iv",), "bIII": ("i",), "bVII": ("iv",),
}  # fmt: skip


@lru_cache(maxsize=512)
def degree_chord(word: str) -> Chord:
    """The chord of a degree, as in C.

    Raises:
        BadChart: it is none.
    """
    chord = parse_degrees(word, 1).beats[0]
    assert chord is not None, "a phrase has no silences"
    return chord


@dataclass(slots=True)
class PhraseChooser:
    """Remembers, by way of the oracle, what it has chosen."""

    grammar: Grammar
    complexity: int
    chance: Chance
    oracle: Oracle
    may_substitute: bool
    _last: Chord | None = field(default=None)

    def section(self, plan: SectionPlan) -> Bars:
        """The bars of a section."""
        bars: Bars = []
        for number, phrase in enumerate(plan.phrases):
            if phrase.kind == "loop" and number and not (plan.is_last and number + 1 == len(plan.phrases)):
                bars += [list(bar) for bar in bars[:PHRASE_BARS]][: phrase.bars]
                continue
            ends_piece = plan.is_last and number + 1 == len(plan.phrases)
            bars += self._phrase(phrase, f"{plan.letter}{number}", ends_piece=ends_piece)
        return bars

    def turn(self, where: int) -> list[str]:
        """A bar that leads back to the top."""
        return self._chosen(self._pick(self.grammar.phrases["turn"], "turn", where), "turn", where)[0]

    def _phrase(self, phrase: PhrasePlan, name: str, *, ends_piece: bool) -> Bars:
        kind = "close" if ends_piece and phrase.kind != "whole" else phrase.kind
        lines = self.grammar.phrases[kind] if kind != "whole" else self.grammar.whole.get(phrase.bars, ())
        text = self._pick(lines or self.grammar.phrases["close"], name, 0)
        bars = self._chosen(text, name, phrase.first_bar)
        if len(bars) < phrase.bars:
            bars += [list(bars[-1]) for _ in range(phrase.bars - len(bars))]
        return bars[-phrase.bars :] if kind in ("close", "whole") else bars[: phrase.bars]

    def _pick(self, lines: Sequence[str], name: str, where: int) -> str:
        allowed = [text for level, text in map(_levelled, lines) if level <= self.complexity]
        return allowed[int(self.chance.uniform("line", name, where) * len(allowed))]

    def _chosen(self, text: str, name: str, where: int) -> Bars:
        words = [bar.split() for bar in text.split("|")]
        bars: Bars = []
        for number, bar in enumerate(words):
            inside = 0 < number < len(words) - 2
            bars.append([])
            for place, word in enumerate(bar):
                options = word.split(",")
                if (
                    inside
                    and self.may_substitute
                    and self.chance.uniform("swap", name, where, number, place) < SUBSTITUTED
                ):
                    options += [other for other in _SAME_FUNCTION.get(options[0], ()) if other not in options]
                bars[-1].append(self._drawn(options, name, where, number * 8 + place))
        return bars

    def _drawn(self, options: Sequence[str], *what_for: int | str) -> str:
        """One of the options by the oracle's weight; the oracle then knows it."""
        word = options[0]
        if len(options) > 1:
            expected = self.oracle.foresee(1)[0].distribution
            chords = [degree_chord(option) for option in options]
            weights = [(self.oracle.mass_of(expected, chord) + LEAST_WEIGHT) ** ORACLE_TRUST for chord in chords]
            left = self.chance.uniform("option", *what_for) * sum(weights)
            for option, weight in zip(options, weights, strict=True):
                left -= weight
                if left <= 0:
                    word = option
                    break
        chord = degree_chord(word)
        if chord != self._last:
            self.oracle.observe(chord)
            self._last = chord
        return word


def _levelled(line: str) -> tuple[int, str]:
    match = _FROM.match(line)
    return (int(match.group(1)), match.group(2)) if match else (0, line)
