"""Who else could predict chord symbols, to compare with: plain n-grams and plain PPM, fitted to the same tunes.

An n-gram counts chords as they are seen from the last one's root, so one count serves every key, and interpolates by
Kneser and Ney (1995), with one discount. PPM learns the piece as it plays: contexts of up to twelve chords, escape
method C (Moffat 1990), over the trigram.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.evaluation.corpus import Tune
from daemon.evaluation.grid import grid_of
from daemon.evaluation.symbols import Passed, Symbols, symbols_of_bars, symbols_of_beats, symbols_of_changes
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN, TOKEN_COUNT

Floats = NDArray[np.float64]
Context = tuple[int, ...]

NAMES: Final = ("ngram2", "ngram4", "ppm")
DISCOUNT: Final = 0.75
LONGEST: Final = 12
"""The longest context of PPM."""

_UNDER_PPM: Final = 3


class NGram:
    """What follows the last chords, in all songs together; learns nothing while it listens."""

    def __init__(self, order: int, songs: Iterable[Sequence[int]]) -> None:
        self._order = order
        self._followers: defaultdict[Context, Counter[int]] = defaultdict(Counter)
        for tokens in songs:
            for place in range(1, len(tokens)):
                self._count(tokens, place)

    def _count(self, tokens: Sequence[int], place: int) -> None:
        """Counts one chord in its longest context, and in a shorter one where the longer one is new (Kneser-Ney)."""
        root = root_before(tokens, place)
        token = seen_from(tokens[place], root)
        for length in range(min(self._order - 1, place), -1, -1):
            followers = self._followers[self._context(tokens, place, length, root)]
            followers[token] += 1
            if followers[token] > 1:
                break

    def _context(self, tokens: Sequence[int], place: int, length: int, root: int) -> Context:
        return tuple(seen_from(token, root) for token in tokens[place - length : place])

    def distribution(self, heard: Sequence[int]) -> Floats:
        """How likely each token is after those heard."""
        place, root = len(heard), root_before(heard, len(heard))
        likely = np.full(TOKEN_COUNT, 1.0 / TOKEN_COUNT)
        for length in range(min(self._order - 1, place) + 1):
            followers = self._followers.get(self._context(heard, place, length, root))
            if followers is None:
                break
            total = followers.total()
            likely *= DISCOUNT * len(followers) / total
            for token, count in followers.items():
                likely[token] += (count - DISCOUNT) / total
        chords = likely[:NO_CHORD_TOKEN].reshape(12, FAMILY_COUNT)
        moved: Floats = np.concatenate((np.roll(chords, root, axis=0).ravel(), likely[NO_CHORD_TOKEN:]))
        return moved


class NGramPredictor:
    """An n-gram that listens. Where symbols are changes, none follows itself."""

    def __init__(self, ngram: NGram, *, changes: bool) -> None:
        self._ngram = ngram
        self._changes = changes
        self._heard: list[int] = []

    def elapse(self, passed: Passed) -> None:
        """Time is nothing to it."""

    def observe(self, token: int) -> None:
        """The next chord was `token`."""
        self._heard.append(token)

    def distribution(self) -> Floats:
        """What follows the last chords in general."""
        likely = self._ngram.distribution(self._heard)
        if self._changes and self._heard:
            likely[self._heard[-1]] = 0.0
        return np.asarray(likely / likely.sum(), dtype=np.float64)


class PpmPredictor(NGramPredictor):
    """Prediction by partial matching: what followed here, in the longest contexts first."""

    def __init__(self, ngram: NGram, *, changes: bool) -> None:
        super().__init__(ngram, changes=changes)
        self._followers: defaultdict[Context, Counter[int]] = defaultdict(Counter)

    def observe(self, token: int) -> None:
        """The next chord was `token`: counted in every context."""
        for length in range(1, min(LONGEST, len(self._heard)) + 1):
            self._followers[tuple(self._heard[-length:])][token] += 1
        super().observe(token)

    def distribution(self) -> Floats:
        """What followed here; what follows in general, as far as nobody knows."""
        likely, doubt = np.zeros(TOKEN_COUNT), 1.0
        for length in range(min(LONGEST, len(self._heard)), 0, -1):
            followers = self._followers.get(tuple(self._heard[-length:]))
            if followers is None:
                continue
            total = followers.total() + len(followers)
            for token, count in followers.items():
                likely[token] += doubt * count / total
            doubt *= len(followers) / total
        return likely + doubt * super().distribution()


@dataclass(frozen=True, slots=True)
class Rival:
    """A fitted rival: an n-gram for each grid."""

    name: str
    ngrams: Mapping[str, NGram]

    def predictor(self, grid: str, *, cold: bool) -> NGramPredictor:
        """One that has heard nothing; a cold one does not learn."""
        kind = PpmPredictor if self.name == "ppm" and not cold else NGramPredictor
        return kind(self.ngrams[grid], changes=grid == "changes")


def fit(name: str, tunes: Iterable[Tune]) -> Rival:
    """Fits a rival of `NAMES` to tunes."""
    order = {"ngram2": 2, "ngram4": 4, "ppm": _UNDER_PPM}[name]
    songs: dict[str, list[Sequence[int]]] = {"changes": [], "beats": [], "bars": []}
    for tune in tunes:
        grid = grid_of(tune)
        rows: dict[str, Symbols] = {"changes": symbols_of_changes(tune, grid)}
        if tune.bars_known:
            rows |= {"beats": symbols_of_beats(tune, grid), "bars": symbols_of_bars(tune, grid)}
        for which, row in rows.items():
            songs[which].append(row.tokens)
    return Rival(name, {which: NGram(order, rows) for which, rows in songs.items()})


def root_before(tokens: Sequence[int], place: int) -> int:
    """The root of the last chord before a place; 0 where there was none."""
    return next((t // FAMILY_COUNT for t in reversed(tokens[max(0, place - 8) : place]) if t != NO_CHORD_TOKEN), 0)


def seen_from(token: int, root: int) -> int:
    """A chord as it looks from a root: that root counts as C."""
    return token if token == NO_CHORD_TOKEN else (token - root * FAMILY_COUNT) % NO_CHORD_TOKEN
