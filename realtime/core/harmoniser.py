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

from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN, TOKEN_COUNT
from realtime.core.weights import Tensors

Floats = NDArray[np.float64]
Place = tuple[int, int]
"""Which beat of how many in the bar, from 0."""

KEYS: Final = 24
COMMIT_BEATS: Final = 4
"""So far ahead the chords are decided."""

BEYOND_BEATS: Final = 4
"""So much further is looked, for a chord must also suit what comes after it."""

MOST_KEYS: Final = 4
"""The likeliest keys, in which the future is thought through."""

MEMORY_BEATS: Final = 1024
PHRASE_BEATS: Final = 8
"""So much melody must have been played before for what followed then to be expected again."""

PHRASE_ALIKE: Final = 0.7
"""How much of it must agree (what both have of what either has)."""

RECALL_WEIGHT: Final = 0.8
"""What a note of remembered melody counts for, beside one that is heard."""

ORACLE_WEIGHT: Final = 0.8
"""What the oracle's word counts for where all it learnt was heard; it is less where it learnt what we planned."""

LEAST_EXPECTED: Final = 0.02

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
        steps, notes, usual = (np.asarray(tables[name], dtype=np.float64) for name in ("follow", "notes", "usual"))
        self._change = np.asarray(tables["change"], dtype=np.float64)
        self._follow = np.zeros((KEYS, TOKEN_COUNT, TOKEN_COUNT))
        self._notes = np.zeros((KEYS, TOKEN_COUNT, 12))
        self._usual = np.zeros((KEYS, TOKEN_COUNT))
        for key in range(KEYS):
            minor, tonic = divmod(key, 12)
            there = _moved(tonic)
            self._follow[key][np.ix_(there, there)] = steps[minor] / steps[minor].sum(axis=1, keepdims=True)
            self._notes[key][there] = np.roll(np.log(notes[minor]), tonic, axis=1)
            self._usual[key][there] = usual[minor] / usual[minor].sum()
        self._chords = self._usual.copy()
        self._keys = np.full(KEYS, 1.0 / KEYS)
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
        chords = self._moved_on(self._chords, self._follow, place)
        logs = (self._notes * melody).sum(axis=-1) if heard is None else np.log(heard + LEAST_EXPECTED)[None, :]
        self._chords = _normal(chords * np.exp(logs - logs.max(axis=1, keepdims=True)))
        self._keys = keys
        self._melody.append(melody)
        self._heard += heard is not None
        self._led += heard is None and bool(melody.any())
        self.ahead = self.ahead[1:]
        now = (self._chords * keys[:, None]).sum(axis=0)
        shares: Floats = now / now.sum()
        return shares

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

    def _moved_on(self, chords: Floats, follow: Floats, place: Place) -> Floats:
        """A beat later."""
        change = self._change[beat_strength(place)]
        moved: Floats = (1.0 - change) * chords + change * (chords[:, :, None] * follow).sum(axis=1)
        return moved

    def _look_ahead(self, pitch_class: int | None) -> list[Floats]:
        """How likely each token is on the coming beats, given all that is known and thought of all of them."""
        likeliest = np.argsort(-self._keys, kind="stable")[:MOST_KEYS]
        keys = self._keys[likeliest] / self._keys[likeliest].sum()
        oracle_weight = ORACLE_WEIGHT * self._heard / (self._heard + self._led)
        follow, notes = self._follow[likeliest], self._notes[likeliest]
        chords, lag = self._chords[likeliest], self._phrase_lag()
        beats = COMMIT_BEATS + BEYOND_BEATS
        forward, signs = [], []
        for beat in range(beats):
            chords = self._moved_on(chords, follow, self._place_of(beat))
            sign = np.zeros_like(chords)
            if beat < lag:
                sign = RECALL_WEIGHT * (notes * self._melody[beat - lag]).sum(axis=-1)
            if beat == 0 and pitch_class is not None:
                sign = 0.5 * sign + notes[:, :, pitch_class]
            if beat < len(self._rows):
                sign = sign + oracle_weight * np.log(self._rows[beat] + LEAST_EXPECTED)
            forward.append(chords)
            signs.append(np.exp(sign - sign.max(axis=1, keepdims=True)))
            chords = _normal(chords * signs[-1])
        rows: list[Floats] = []
        after = np.ones_like(chords)
        for beat in reversed(range(beats)):
            row = _normal(forward[beat] * signs[beat] * after)
            rows.append((row * keys[:, None]).sum(axis=0))
            seen = signs[beat] * after
            change = self._change[beat_strength(self._place_of(beat))]
            after = (1.0 - change) * seen + change * (follow * seen[:, None, :]).sum(axis=2)
            after = after / after.max(axis=1, keepdims=True)
        return rows[::-1]

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


def _moved(tonic: int) -> NDArray[np.intp]:
    """Where each token goes when C becomes `tonic`."""
    tokens = np.arange(NO_CHORD_TOKEN)
    roots, families = np.divmod(tokens, FAMILY_COUNT)
    return np.append((roots + tonic) % 12 * FAMILY_COUNT + families, NO_CHORD_TOKEN)


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
