"""What a session's melodies have been like: counts of what came after what, learnt note by note, asked before each.

Three things are foretold of a note, in turn: how many steps after the last onset it begins (`wait`), its pitch, its
duration. Each by several experts: counts in ever longer contexts, blended as prediction by partial matching does
(Cleary and Witten 1984, escape method C), and the longest passage that ends as the melody does now. What no count
tells is left to a prior. `realtime.core.phrase_mixer` weighs the experts.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from realtime.core.phrase_words import DURATIONS

Floats = NDArray[np.float64]
Kind = Literal["wait", "pitch", "duration"]
Note = tuple[int, int, int]
"""Steps since the onset before, pitch, place among `DURATIONS`."""

LONGEST_WAIT: Final = 192
WIDTHS: Final[dict[Kind, int]] = {"wait": LONGEST_WAIT + 1, "pitch": 128, "duration": len(DURATIONS)}
DEEPEST: Final = 6
INTERVAL_ZERO: Final = 64
LEAST_MATCH: Final = 2
MATCH_LENGTHS: Final = (2, 3, 4, 6, 8, 12, 16, 32)
FAINT: Final = 1e-6
FEATURES: Final = 4
EXPERTS: Final[dict[Kind, int]] = {"wait": 4, "pitch": 5, "duration": 4}
"""How many guesses `PhraseMemory.ask` gives of each kind, the match last; what was never seen is none of theirs."""

MOST_NOTES: Final = 20_000
"""A longer session's beginning is forgotten, all at once."""

PRIORS: Final[dict[Kind, tuple[int, int]]] = {"wait": (12, LONGEST_WAIT + 1), "pitch": (12, 128), "duration": (12, 56)}


@dataclass(frozen=True, slots=True)
class Guess:
    """An expert's distribution, and what it leans on: depth, evidence, variety, share of the likeliest (each 0..1)."""

    odds: Floats
    features: tuple[float, float, float, float]


class Counts:
    """What came after contexts, each a chain of keys from the shallowest to the deepest."""

    def __init__(self) -> None:
        self._after: dict[Hashable, dict[int, int]] = {}

    def learn(self, chain: Sequence[Hashable], symbol: int) -> None:
        """`symbol` came after this."""
        for key in chain:
            counts = self._after.setdefault(key, {})
            counts[symbol] = counts.get(symbol, 0) + 1

    def guess(self, chain: Sequence[Hashable], prior: Floats) -> Guess:
        """What comes after this."""
        odds: dict[int, float] = {}
        left, depth, evidence, variety = 1.0, 0, 0, 0
        for place in range(len(chain) - 1, -1, -1):
            counts = self._after.get(chain[place])
            if counts is None:
                continue
            fresh = [(symbol, count) for symbol, count in counts.items() if symbol not in odds]
            if not evidence:
                depth, evidence, variety = place + 1, sum(counts.values()), len(counts)
            if not fresh:
                continue
            total = sum(count for _, count in fresh) + len(fresh)
            for symbol, count in fresh:
                odds[symbol] = left * count / total
            left *= len(fresh) / total
        table = prior * left
        for symbol, share in odds.items():
            table[symbol] += share
        best = max(odds.values(), default=0.0)
        return Guess(table, (depth / len(chain), min(1.0, np.log1p(evidence) / 5), variety / (evidence + 1), best))


@dataclass(slots=True)
class Match:
    """The passage heard before that ends as the melody does now, and how often going by it was right."""

    place: int = 0
    """The note of the passage that would come now."""
    length: int = 0
    _right: list[list[float]] = field(default_factory=lambda: [[1.0, 2.0] for _ in MATCH_LENGTHS])
    _last: dict[Hashable, int] = field(default_factory=dict)

    def trust(self) -> float:
        """How likely the passage goes on, by how often it did at such a length."""
        right, seen = self._right[self._class()]
        return right / seen

    def follow(self, notes: Sequence[Note]) -> None:
        """The newest note has come: goes on along the passage, or looks for another."""
        newest = notes[-1]
        if self.length:
            tally = self._right[self._class()]
            hit = notes[self.place][:2] == newest[:2]
            tally[0] += hit
            tally[1] += 1
            self.place, self.length = (self.place + 1, self.length + 1) if hit else (0, 0)
        if len(notes) >= LEAST_MATCH:
            key = tuple(note[:2] for note in notes[-LEAST_MATCH:])
            if not self.length and key in self._last:
                self.place = self._last[key]
                self.length = self._common(notes, self.place)
            self._last[key] = len(notes)

    @staticmethod
    def _common(notes: Sequence[Note], place: int) -> int:
        length = 0
        while length < place and length < MATCH_LENGTHS[-1]:
            if notes[place - 1 - length][:2] != notes[len(notes) - 1 - length][:2]:
                break
            length += 1
        return length

    def _class(self) -> int:
        return max(0, sum(self.length >= length for length in MATCH_LENGTHS) - 1)


class PhraseMemory:
    """The melody so far and what it teaches. `priors` are tables by kind, rows by the onset's place in the quarter."""

    def __init__(self, priors: Mapping[Kind, Floats]) -> None:
        self._priors = priors
        self.clear()

    def clear(self) -> None:
        """Forgets everything."""
        self._notes: list[Note] = []
        self._phases: list[int] = [0]
        self._chord = -1
        self._counts: dict[tuple[Kind, int], Counts] = {
            (kind, expert): Counts() for kind, count in EXPERTS.items() for expert in range(count - 1)
        }
        self._match = Match()

    @property
    def notes(self) -> Sequence[Note]:
        """The melody so far."""
        return self._notes

    def ask(self, kind: Kind, phase: int, wait: int = 0, pitch: int = 0, chord: int = -1) -> list[Guess]:
        """What every expert holds likely, its distribution as wide as `WIDTHS` says.

        `phase` is the onset's place in the bar in steps (of a wait: the last onset's); `wait`, `pitch` and `chord`
        are the note's own as far as they are known by then.
        """
        prior = self._prior(kind, phase)
        guesses = []
        for expert, chain in enumerate(self._chains(kind, phase, wait, pitch, chord)):
            counts = self._counts[kind, expert]
            if kind == "pitch" and expert == 2:
                guesses.append(self._from_interval(counts.guess(chain, self._as_intervals(prior))))
            else:
                guesses.append(counts.guess(chain, prior))
        guesses.append(self._matched(kind, wait, pitch, prior))
        return guesses

    def prior(self, kind: Kind, phase: int) -> Floats:
        """What is likely in any session."""
        return self._prior(kind, phase)

    def learn(self, note: Note, phase: int, chord: int = -1) -> None:
        """A note has come: `phase` is its place in the bar."""
        if len(self._notes) >= MOST_NOTES:
            self.clear()
        wait, pitch, duration = note
        symbols: dict[Kind, int] = {"wait": wait, "pitch": pitch, "duration": duration}
        for kind, symbol in symbols.items():
            if kind == "wait" and not self._notes:
                continue
            at = self._phases[-1] if kind == "wait" else phase
            for expert, chain in enumerate(self._chains(kind, at, wait, pitch, chord)):
                told = symbol
                if kind == "pitch" and expert == 2:
                    if not self._notes:
                        continue
                    told = _interval(self._notes[-1][1], pitch)
                self._counts[kind, expert].learn(chain, told)
        self._notes.append(note)
        self._phases.append(phase)
        self._match.follow(self._notes)

    def _chains(self, kind: Kind, phase: int, wait: int, pitch: int, chord: int) -> list[list[Hashable]]:
        past = self._notes[-DEEPEST:]
        both = [note[:2] for note in past]
        depth = range(len(past) + 1)
        last = past[-1] if past else (0, 0, 0)
        match kind:
            case "wait":
                waits = tuple(note[0] for note in past)
                return [
                    [tuple(both[len(both) - n :]) for n in depth],
                    [(phase, waits[len(waits) - n :]) for n in depth],
                    [(), (last[2],), (last[2], phase), (last[2], phase, last[1]), (last[2], phase, last[1], last[0])],
                ]
            case "pitch":
                pitches = tuple(note[1] for note in past)
                steps = tuple(b - a for a, b in pairwise(pitches))
                return [
                    [(wait, *both[len(both) - n :]) for n in depth],
                    [pitches[len(pitches) - n :] for n in depth],
                    [steps[len(steps) - n :] for n in range(len(steps) + 1)],
                    [(chord,), (chord, last[1]), (chord, last[1], phase), (chord, last[1], phase, wait)],
                ]
            case _:
                durations = tuple(note[2] for note in past)
                now = [*both, (wait, pitch)]
                return [
                    [tuple(now[len(now) - n :]) for n in range(len(now) + 1)],
                    [(phase, durations[len(durations) - n :]) for n in depth],
                    [(), (phase,), (phase, pitch), (phase, pitch, wait)],
                ]

    def _matched(self, kind: Kind, wait: int, pitch: int, prior: Floats) -> Guess:
        match = self._match
        if not match.length:
            return Guess(prior, (0.0, 0.0, 0.0, 0.0))
        told = self._notes[match.place]
        agrees = {"wait": True, "pitch": told[0] == wait, "duration": told[:2] == (wait, pitch)}[kind]
        trust = match.trust() if agrees else 0.2
        odds = prior * (1.0 - trust)
        odds[told[("wait", "pitch", "duration").index(kind)]] += trust
        return Guess(odds, (min(1.0, match.length / 16), float(agrees), trust, 1.0))

    def _prior(self, kind: Kind, phase: int) -> Floats:
        row: Floats = self._priors[kind][phase % 12]
        if kind != "pitch":
            return row
        # The prior of pitches is one of intervals from the last.
        last = self._notes[-1][1] if self._notes else 67
        table = np.full(128, 1e-5)
        low, high = max(0, last - INTERVAL_ZERO), min(128, last + 64)
        table[low:high] += row[low - last + INTERVAL_ZERO : high - last + INTERVAL_ZERO]
        return np.asarray(table / float(table.sum()))

    def _as_intervals(self, pitches: Floats) -> Floats:
        return self._moved(pitches, -(self._notes[-1][1] if self._notes else 67) + INTERVAL_ZERO)

    def _from_interval(self, guess: Guess) -> Guess:
        last = self._notes[-1][1] if self._notes else 67
        odds = self._moved(guess.odds, last - INTERVAL_ZERO) + FAINT
        return Guess(np.asarray(odds / float(odds.sum())), guess.features)

    @staticmethod
    def _moved(table: Floats, by: int) -> Floats:
        moved = np.zeros(128)
        low, high = max(0, by), min(128, 128 + by)
        moved[low:high] = table[low - by : high - by]
        return moved


def _interval(last: int, pitch: int) -> int:
    return min(127, max(0, pitch - last + INTERVAL_ZERO))
