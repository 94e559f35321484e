"""Chords for a melody that is played alone: a hidden Markov model of key and chord, and a memory for phrases.

A filter over the 85 tokens runs in each of the 24 keys at once; how likely each key is, the key finder says. What
comes next is what chords do in that key (counted in songs: `daemon.training.harmoniser`), what the oracle expects,
and, when the last bars of melody have been played before, the melody that followed then. Chords change on strong
beats, and only for a clearly likelier one. Deterministic; the memory never grows.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime._dsp import MelodyKernel
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN, TOKEN_COUNT
from realtime.core.weights import Tensors

Floats = NDArray[np.float64]
Place = tuple[int, int]
"""Which beat of how many in the bar, from 0."""

COMMIT_BEATS: Final = 4
"""So far ahead the chords are decided."""

BEYOND_BEATS: Final = 4
"""So much further is looked, for a chord must also suit what comes after it."""

MEMORY_BEATS: Final = 1024
PHRASE_BEATS: Final = 8
"""So much melody must have been played before for what followed then to be expected again."""

PHRASE_ALIKE: Final = 0.7
"""How much of it must agree (what both have of what either has)."""

RECALL_WEIGHT: Final = 0.8
"""What a note of remembered melody counts for, beside one that is heard."""

ORACLE_WEIGHT: Final = 0.8
"""What the oracle's word counts for where all it learnt was heard; it is less where it learnt what we planned."""

CLEARLY: Final = {"bar": 1.5, "half": 1.9, "weak": 6.0, "far": 2.0, "new": 1.2}
"""How many times likelier another chord must be: at a bar line, a half-bar, any other beat; for a strong beat that is
still to come; for a strong beat that nothing was planned for."""


@dataclass(frozen=True, slots=True)
class Led:
    """What the band is led to on one beat: a token, how likely it is, and the distribution it came of."""

    token: int
    probability: float
    distribution: Floats = field(repr=False)


class Harmoniser:
    """Hears a beat at a time, plans the next few."""

    def __init__(self, tables: Tensors) -> None:
        """`tables`: what `daemon.training.harmoniser` counted.

        Raises:
            KeyError: one is missing.
        """
        follow, notes, usual = (np.asarray(tables[name], dtype=np.float64) for name in ("follow", "notes", "usual"))
        self._kernel = MelodyKernel(
            np.asarray(tables["change"], dtype=np.float64).tobytes(),
            (follow / follow.sum(axis=2, keepdims=True)).tobytes(),
            np.log(notes).tobytes(),
            _normal(usual).tobytes(),
        )
        self._melody: deque[Floats] = deque(maxlen=MEMORY_BEATS)
        self._place: Place = (0, 4)
        self._rows: list[Floats] = []
        self._heard, self._led = 0, 1
        self.leads = False
        """Whether the melody is alone, so that the chords are ours to find."""
        self.ahead: list[int] = []
        """The tokens planned from the present beat on."""

    def hear(self, melody: Floats, keys: Floats, place: Place, heard: Floats | None = None) -> Floats:
        """The present beat, at `place`, is over; returns how likely each token is now.

        `melody`: how long each pitch class was heard, in beats; `keys`: how likely each is, major ones first;
        `heard`: what a chord that was struck sounded like, over the tokens.
        """
        struck = None if heard is None else heard.tobytes()
        now = self._kernel.hear(melody.tobytes(), keys.tobytes(), beat_strength(place), struck)
        self._melody.append(melody)
        self._heard += heard is not None
        self._led += heard is None and bool(melody.any())
        self.ahead = self.ahead[1:]
        return np.frombuffer(now)

    def plan(self, place: Place, expected: list[Floats], planned: list[int]) -> list[Led]:
        """What the present beat, at `place`, and those after it shall be.

        `expected` is what the oracle thinks of them, `planned` the tokens that the first of them have been given.
        """
        self._place, self._rows, self.ahead = place, expected, planned[: COMMIT_BEATS + 1]
        return self._decide(self._look_ahead(None), far=True)

    def strike(self, pitch_class: int) -> list[Led]:
        """The same, now that the present beat has begun with a note."""
        return self._decide(self._look_ahead(pitch_class), far=False)

    # -------------------------------------------------------------------------------------------- inside

    def _look_ahead(self, pitch_class: int | None) -> list[Floats]:
        """How likely each token is on the coming beats, given all that is known and thought of all of them."""
        beats, lag = COMMIT_BEATS + BEYOND_BEATS, self._phrase_lag()
        recalled = [self._melody[beat - lag] for beat in range(min(beats, lag))]
        rows = self._kernel.look_ahead(
            [beat_strength(self._place_of(beat)) for beat in range(beats)],
            b"".join(row.tobytes() for row in self._rows[:beats]),
            ORACLE_WEIGHT * self._heard / (self._heard + self._led),
            b"".join(melody.tobytes() for melody in recalled),
            RECALL_WEIGHT,
            pitch_class,
        )
        return list(np.frombuffer(rows).reshape(beats, TOKEN_COUNT))

    def _decide(self, rows: list[Floats], *, far: bool) -> list[Led]:
        """Keeps what was planned, unless another chord is clearly likelier; plans what was not."""
        ratings = [_rating(row) for row in rows]
        for beat, rating in enumerate(ratings[: COMMIT_BEATS + 1]):
            place, best = self._place_of(beat), int(rating.argmax())
            if beat >= len(self.ahead):
                before = self.ahead[beat - 1] if beat else None
                strong = beat_strength(place) < 2 and (before is None or rating[best] > CLEARLY["new"] * rating[before])
                self.ahead.append(best if strong or before is None else before)
            elif best != self.ahead[beat] and self._may_move(beat, place, rating, best, far=far):
                old = self.ahead[beat]
                while beat < len(self.ahead) and self.ahead[beat] == old:
                    self.ahead[beat] = best
                    beat += 1  # noqa: PLW2901 - as long as the old chord would have lasted
        tokens = self.ahead + self.ahead[-1:] * (len(rows) - len(self.ahead))
        return [Led(token, likelihood(row, token), row) for token, row in zip(tokens, rows, strict=True)]

    def _may_move(self, beat: int, place: Place, rating: Floats, best: int, *, far: bool) -> bool:
        strength = beat_strength(place)
        if beat > 0:
            return far and strength < 2 and bool(rating[best] > CLEARLY["far"] * rating[self.ahead[beat]])
        clearly = CLEARLY[("bar", "half", "weak")[strength]]
        return bool(rating[best] > clearly * rating[self.ahead[beat]])

    def _place_of(self, beat: int) -> Place:
        start, length = self._place
        return (start + beat) % max(1, length), length

    def _phrase_lag(self) -> int:
        """How many beats ago the last bars of melody were played before; 0 if they were not."""
        if len(self._melody) < 2 * PHRASE_BEATS:
            return 0
        past = np.array(self._melody)
        now, count = past[-PHRASE_BEATS:], len(past)
        if now.sum() < 1.0:
            return 0
        starts = np.arange(0, count - 2 * PHRASE_BEATS + 1)
        both, either = np.zeros(len(starts)), np.zeros(len(starts))
        for step in range(PHRASE_BEATS):
            then = past[starts + step]
            both += np.minimum(then, now[step]).sum(axis=1)
            either += np.maximum(then, now[step]).sum(axis=1)
        lags = count - PHRASE_BEATS - starts
        alike = both / either - 0.1 * (lags % max(1, self._place[1]) != 0) - 1e-6 * lags
        best = int(alike.argmax())
        return int(lags[best]) if alike[best] >= PHRASE_ALIKE else 0


def beat_strength(place: Place) -> int:
    """0 at a bar line, 1 at a half-bar, 2 on other beats."""
    beat, length = place
    if beat == 0:
        return 0
    return 1 if length % 2 == 0 and 2 * beat == length else 2


def _normal(rows: Floats) -> Floats:
    result: Floats = rows / rows.sum(axis=1, keepdims=True)
    return result


def _rating(row: Floats) -> Floats:
    """How good each chord is: likely itself, and of a likely root. "No chord" harmonises nothing."""
    roots = row[:NO_CHORD_TOKEN].reshape(12, FAMILY_COUNT).sum(axis=1)
    rating = np.zeros(TOKEN_COUNT)
    rating[:NO_CHORD_TOKEN] = np.sqrt(np.repeat(roots, FAMILY_COUNT) * row[:NO_CHORD_TOKEN])
    return rating


def likelihood(row: Floats, token: int) -> float:
    """How likely the root of a token is, whatever stands on it."""
    root = token // FAMILY_COUNT
    return float(row[root * FAMILY_COUNT : (root + 1) * FAMILY_COUNT].sum()) if token < NO_CHORD_TOKEN else 0.0
