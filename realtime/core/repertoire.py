"""The repertoire: songs and forms that the band knows by heart, and which of them is being played, where, in what key.

Every beat of every chart in every one of the twelve keys is a state of a hidden Markov model; hearing moves its belief
on by a beat and weighs it by what was heard (a forward filter; Rabiner 1989, section III). How far the repertoire as
a whole is believed against the oracle is the odds of the two, with a little forgetting, so that a player who leaves
the tune takes the band along.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.chart import BadChart, Chart, parse_chart
from realtime.core.chord import Chord
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN, TOKEN_COUNT
from realtime.core.chord_tokens import token_of as fine_token_of

Floats = NDArray[np.float64]
Places = NDArray[np.int32]

KEYS: Final = 12
MOST_STATES: Final = 400_000
"""Beats of all charts, times twelve; more would take too long every beat."""

FIRST_TRUST: Final = 0.02
LEAST_TRUST: Final = 0.01
MOST_TRUST: Final = 0.95
SURE_SONG: Final = 0.6
"""How sure the band must be of a song to name it; half as sure, and it still is that song."""

FORGETTING: Final = 0.02
"""The share of trust that goes back to the beginning with each beat."""

_JUMP: Final = 0.01
"""How often a player goes to any other bar of anything, a beat."""
_SAME: Final = 0.8
_SAME_ROOT: Final = 0.1
_OTHER: Final = 0.1 / 40
"""How likely a chord is heard as written, as another on its root, or as any other."""
_FAINT: Final = 1e-7
_NEAR_FAMILIES: Final = np.array([0, 1, 0, 0, 1, 2, 3])
"""Families that players and ears take for one another: major with its sevenths, minor with its."""


class Repertoire:
    """Charts, with a finger on each bar of them all."""

    def __init__(self, texts: Mapping[str, str], beats_per_bar: int) -> None:
        """`texts` are charts by name, in any key; one that has no bars of so many beats is not for this music.

        Raises:
            ValueError: they are too many.
        """
        charts = {name: chart for name, text in texts.items() if (chart := _chart(text, beats_per_bar)) is not None}
        if sum(len(chart.beats) for chart in charts.values()) * KEYS > MOST_STATES:
            raise ValueError(f"the charts of a repertoire have at most {MOST_STATES // KEYS} beats in all")
        self._names = list(charts)
        lengths = np.array([len(chart.beats) for chart in charts.values()], dtype=np.int64)
        self._firsts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
        self._chart_of = np.repeat(np.arange(len(lengths)), lengths)
        following = np.arange(1, lengths.sum() + 1)
        following[self._firsts + lengths - 1] = self._firsts
        self._following: Places = following.astype(np.int32)
        self._tokens = _tokens_in_all_keys(list(charts.values()))
        self._entries = self._entry_belief(beats_per_bar)
        self.trust = FIRST_TRUST
        self._belief = self._entries.copy()
        self._told = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known by heart."""
        return len(self._names) == 0

    @property
    def song(self) -> tuple[str, int, float]:
        """What is being played: its name, the beat of it that comes next, and how sure that is, 0..1."""
        if self.is_empty:
            return "", 0, 0.0
        shares = np.bincount(self._chart_of, weights=self._belief.sum(axis=1), minlength=len(self._names))
        best = int(np.argmax(shares))
        place = int(np.argmax(np.where(self._chart_of == best, self._belief.sum(axis=1), -1.0)))
        return self._names[best], place - int(self._firsts[best]), float(shares[best] * self.weight)

    def news(self) -> tuple[str, int, float] | None:
        """`song` when it has become another one, with "" for none; None while it is the same as last time."""
        name, place, sure = self.song
        name = name if sure > (SURE_SONG if name != self._told else SURE_SONG / 2) else ""
        if name == self._told:
            return None
        self._told = name
        return name, place, sure

    @property
    def weight(self) -> float:
        """How much of what is foreseen is to come from here, 0..1: little until there is hardly a doubt.

        Trust itself would be the weight if the charts were all there is to know; its square costs other songs less
        (0.1 against 0.25 beats in a hundred) and known forms hardly more.
        """
        return self.trust * self.trust

    def begin(self) -> None:
        """Anything may come."""
        self.trust = FIRST_TRUST
        self._belief = self._entries.copy()

    def observe(self, chord: Chord | None, oracle_probability: float) -> None:
        """The next beat was `chord`, to which the oracle alone had given `oracle_probability`."""
        if self.is_empty or chord is None:
            self._move_on()
            return
        heard = fine_token_of(chord)
        weighed = self._belief * _likelihoods(heard)[self._tokens]
        likelihood = float(weighed.sum())
        ours, theirs = self.trust * likelihood, (1.0 - self.trust) * max(oracle_probability, 1e-3)
        trust = ours / (ours + theirs)
        self.trust = min(max(trust + FORGETTING * (FIRST_TRUST - trust), LEAST_TRUST), MOST_TRUST)
        self._belief = weighed / likelihood
        self._move_on()

    def foresee(self, beats: int, now: Chord | None = None) -> Floats:
        """What the charts say of the next `beats` beats: a row a beat, over the tokens; each sums to 1.

        With `now`, the next beat is taken to be that.
        """
        rows = np.zeros((beats, TOKEN_COUNT))
        if self.is_empty:
            return rows + 1.0 / TOKEN_COUNT
        belief = self._belief if now is None else self._belief * _likelihoods(fine_token_of(now))[self._tokens]
        places, keys = np.nonzero(belief > _FAINT)
        shares = belief[places, keys] / belief[places, keys].sum()
        for ahead in range(beats):
            rows[ahead] = np.bincount(self._tokens[places, keys], weights=shares, minlength=TOKEN_COUNT)
            places = self._following[places].astype(np.int64)
        return rows

    def _move_on(self) -> None:
        """A beat later: every finger a beat further, a few somewhere else."""
        moved = np.empty_like(self._belief)
        moved[self._following] = self._belief
        self._belief = (1.0 - _JUMP) * moved + _JUMP * self._entries

    def _entry_belief(self, beats_per_bar: int) -> Floats:
        """Where one may come in: at the top of a chart, or less likely at any other bar; in any key."""
        place = np.arange(len(self._chart_of)) - self._firsts[self._chart_of] if self._names else np.zeros(0)
        share = np.where(place == 0, 8.0, np.where(place % beats_per_bar == 0, 1.0, 0.02))
        belief = np.repeat(share[:, None], KEYS, axis=1)
        entries: Floats = belief / max(float(belief.sum()), _FAINT)
        return entries


def _chart(text: str, beats_per_bar: int) -> Chart | None:
    try:
        return parse_chart(text, beats_per_bar)
    except BadChart:
        return None


def _tokens_in_all_keys(charts: list[Chart]) -> NDArray[np.int64]:
    """The token of every beat of every chart, a row a beat, a column a key."""
    written = np.array([fine_token_of(chord) for chart in charts for chord in chart.beats], dtype=np.int64)
    higher = np.arange(KEYS)
    roots, families = written[:, None] // FAMILY_COUNT, written[:, None] % FAMILY_COUNT
    moved = (roots + higher) % 12 * FAMILY_COUNT + families
    return np.where(written[:, None] == NO_CHORD_TOKEN, NO_CHORD_TOKEN, moved)


def _likelihoods(heard: int) -> Floats:
    """How likely `heard` is where each token is written."""
    result = np.full(TOKEN_COUNT, _OTHER)
    if heard == NO_CHORD_TOKEN:
        result[NO_CHORD_TOKEN] = _SAME
        return result
    root, family = divmod(heard, FAMILY_COUNT)
    near = _NEAR_FAMILIES[family] == _NEAR_FAMILIES
    result[root * FAMILY_COUNT : (root + 1) * FAMILY_COUNT] = np.where(near, _SAME / 2, _SAME_ROOT)
    result[heard] = _SAME
    return result
