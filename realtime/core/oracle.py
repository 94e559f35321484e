"""What comes next: a distribution over the chords of the coming beats, learnt from this player in this session.

Four experts each give a distribution for every coming beat; a mixture weighs them by how right they have been
(Bayesian mixing with a little forgetting, Herbster & Warmuth's "fixed share", 1998):

* `hold`: the chord goes on;
* `habit`: what chords do in general (`harmony_prior`), with the metre;
* `recall`: the places in this session where the last chords were the same vote with what came after, longer
  matches louder (a variable-order model: PPM and longest match in one); where the past is new, the loop votes;
* `loop`: the period at which the session has lately repeated itself votes with what stood there.

Chords are told apart by root and family only: finer shades are noise to a context. Deterministic; the memory is the
last `MEMORY_BEATS` beats.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.chord import Chord
from realtime.core.harmony_prior import CHANGE_PERCENT, CHANGES_PER_THOUSAND, FAMILIES

Floats = NDArray[np.float64]

TOKEN_COUNT: Final = 61
SILENCE: Final = 60
"""The token of "no chord"."""

MEMORY_BEATS: Final = 4096
MAX_HORIZON_BEATS: Final = 32
MAX_LOOP_BEATS: Final = 160
SHADE_BEATS: Final = 64
"""How far back the fine shade of a chord is looked up."""

EXPERTS: Final = ("hold", "habit", "recall", "loop")

_START_WEIGHTS: Final = (0.2, 0.3, 0.35, 0.15)
_SHARE: Final = 0.02
"""The part of the trust that is spread evenly again after each beat, so that a fallen expert can come back."""

_MATCH_GROWTH: Final = 0.28
_MATCH_CAP: Final = 32
_OFF_METRE: Final = 0.08
"""A match that stands elsewhere in the bar counts this much."""

_LOOP_MEMORY: Final = 0.96
_DEFAULT_QUALITY: Final = {"maj": "", "min": "m", "dom": "7", "dim": "dim", "sus": "sus4"}


def token_of(chord: Chord | None) -> int:
    """The coarse name of a chord, 0..60."""
    return SILENCE if chord is None else chord.root * 5 + FAMILIES.index(chord.family)


def _habit_table() -> Floats:
    """P(next token | token, there is a change), from the counts, transposed to every root."""
    table = np.full((TOKEN_COUNT, TOKEN_COUNT), 1.0 / TOKEN_COUNT)
    counts = np.array(CHANGES_PER_THOUSAND, dtype=np.float64).reshape(5, 12, 5) + 1.0
    for root in range(12):
        for family in range(5):
            row = np.full(TOKEN_COUNT, 1.0)
            row[:SILENCE] = np.roll(counts[family], root, axis=0).reshape(60)
            row[root * 5 + family] = 0.0
            table[root * 5 + family] = row / row.sum()
    return table


_HABIT: Final = _habit_table()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected on one coming beat: the likeliest chord, its probability, and the whole distribution."""

    chord: Chord | None
    probability: float
    distribution: Floats = field(repr=False)


class Oracle:
    """Learns a token a beat, foresees the next ones."""

    def __init__(self, beats_per_bar: int = 4) -> None:
        self._beats_per_bar = beats_per_bar
        self._tokens = np.zeros(0, dtype=np.int16)
        self._matches = np.zeros(0, dtype=np.int16)
        self._chords: list[Chord | None] = []
        self._agreement = np.zeros(MAX_LOOP_BEATS + 1)
        self._trust = np.tile(np.array(_START_WEIGHTS), (MAX_HORIZON_BEATS + 1, 1))
        self._pending: dict[int, list[tuple[int, Floats]]] = {}
        self._first_beat = 0

    @property
    def next_beat(self) -> int:
        """The number of the first beat not yet learnt."""
        return self._first_beat + len(self._chords)

    @property
    def loop_beats(self) -> int:
        """The period at which the music lately repeats, in beats; 0 where none is sure."""
        best = int(np.argmax(self._agreement))
        return best if self._agreement[best] > 0.8 and len(self._chords) >= best + 4 else 0

    def set_meter(self, beats_per_bar: int) -> None:
        """Counts bars anew. What was learnt stays."""
        self._beats_per_bar = beats_per_bar

    def observe(self, chord: Chord | None) -> None:
        """Learns the chord of the next beat."""
        token = token_of(chord)
        self._judge(token)
        tokens, matches = self._extended(token)
        count = len(tokens)
        lags = min(MAX_LOOP_BEATS, count - 1)
        if lags:
            same = (tokens[count - 1 - lags : count - 1][::-1] == token).astype(np.float64)
            self._agreement[1 : lags + 1] = self._agreement[1 : lags + 1] * _LOOP_MEMORY + same * (1 - _LOOP_MEMORY)
        self._tokens, self._matches = tokens[-MEMORY_BEATS:], matches[-MEMORY_BEATS:]
        self._chords.append(chord)
        if len(self._chords) > MEMORY_BEATS:
            self._first_beat += 1
            del self._chords[0]

    def foresee(self, beats: int) -> list[Expectation]:
        """What is expected on the next `beats` (1..32) beats, the nearest first; remembered until it can be judged."""
        distributions = self._mix(self._tokens, self._matches, beats, remember=True)
        return [self.expectation(d, self.next_beat + k) for k, d in enumerate(distributions)]

    def foresee_after(self, now: Chord | None, beats: int) -> list[Expectation]:
        """What would be expected on the `beats` beats after the next one, were the next one `now`. Learns nothing."""
        tokens, matches = self._extended(token_of(now))
        distributions = self._mix(tokens, matches, beats, remember=False)
        return [self.expectation(d, self.next_beat + 1 + k) for k, d in enumerate(distributions)]

    def place_of(self, chord: Chord | None) -> int:
        """Where a chord stands in a distribution."""
        return token_of(chord)

    def mass_of(self, distribution: Floats, chord: Chord | None) -> float:
        """How likely a distribution holds a chord, in whatever shade; 0 in an empty one."""
        return float(distribution[token_of(chord)]) if len(distribution) else 0.0

    def without(self, distribution: Floats, chord: Chord | None) -> Floats:
        """A distribution in which a chord, in whatever shade, is impossible. No longer sums to 1."""
        rest = distribution.copy()
        rest[token_of(chord)] = 0.0
        return rest

    # -------------------------------------------------------------------------------------------- inside

    def _extended(self, token: int) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Tokens with one more, and for each place how long the past there agrees with the past here."""
        tokens = np.append(self._tokens, np.int16(token))
        matches = np.zeros(len(tokens), dtype=np.int16)
        matches[1:] = self._matches + 1
        matches[:-1] = np.where(tokens[:-1] == token, np.minimum(matches[:-1], _MATCH_CAP), 0)
        if len(tokens) > 1:
            matches[0] = int(tokens[0] == token)
        matches[-1] = 0
        return tokens, matches

    def _judge(self, token: int) -> None:
        """Trust moves to the experts who gave `token` the most."""
        for steps, experts in self._pending.pop(self.next_beat, []):
            trust = self._trust[steps] * (experts[:, token] + 1e-3)
            trust /= trust.sum()
            self._trust[steps] = trust * (1 - _SHARE) + _SHARE * np.array(_START_WEIGHTS)

    def _mix(
        self, tokens: NDArray[np.int16], matches: NDArray[np.int16], beats: int, *, remember: bool
    ) -> list[Floats]:
        beats = max(1, min(beats, MAX_HORIZON_BEATS))
        habit = self._habit(tokens, beats)
        mixed = []
        for steps in range(1, beats + 1):
            loop = self._loop(tokens, steps, habit[steps - 1])
            recall = self._recall(tokens, matches, steps, loop)
            experts = np.stack([self._hold(tokens), habit[steps - 1], recall, loop])
            if remember and steps <= 4:
                self._pending.setdefault(self._first_beat + len(tokens) + steps - 1, []).append((steps, experts))
            mixed.append(self._trust[min(steps, 4)] @ experts)
        return mixed

    def _hold(self, tokens: NDArray[np.int16]) -> Floats:
        distribution = np.full(TOKEN_COUNT, 0.02 / TOKEN_COUNT)
        distribution[tokens[-1] if len(tokens) else SILENCE] += 0.98
        return distribution

    def _habit(self, tokens: NDArray[np.int16], beats: int) -> list[Floats]:
        """Steps a Markov chain forward: at each beat the chord may change, more likely where chords do change."""
        distribution = np.full(TOKEN_COUNT, 1.0 / TOKEN_COUNT)
        if len(tokens):
            distribution = np.zeros(TOKEN_COUNT)
            distribution[tokens[-1]] = 1.0
        lasted = 1
        while lasted < len(tokens) and tokens[-1 - lasted] == tokens[-1]:
            lasted += 1
        steps = []
        for step in range(beats):
            change = self._change_share(self._first_beat + len(tokens) + step, lasted + step)
            distribution = (1 - change) * distribution + change * (distribution @ _HABIT)
            steps.append(distribution)
        return steps

    def _change_share(self, beat: int, lasted: int) -> float:
        position = beat % self._beats_per_bar
        if self._beats_per_bar != 4:
            position = min(position, 1)
        return CHANGE_PERCENT[position][min(lasted, 16) - 1] / 100

    def _recall(self, tokens: NDArray[np.int16], matches: NDArray[np.int16], steps: int, fallback: Floats) -> Floats:
        """Places whose past agrees with ours vote with what came `steps` later."""
        count = len(tokens)
        places = np.nonzero(matches[: max(0, count - steps)])[0]
        if len(places) == 0:
            return fallback
        weights = np.exp(_MATCH_GROWTH * matches[places])
        weights[(count - 1 - places) % self._beats_per_bar != 0] *= _OFF_METRE
        votes = np.bincount(tokens[places + steps], weights=weights, minlength=TOKEN_COUNT)
        escape = 3.0
        recalled: Floats = (votes + escape * fallback) / (votes.sum() + escape)
        return recalled

    def _loop(self, tokens: NDArray[np.int16], steps: int, fallback: Floats) -> Floats:
        """The best period votes with what stood one period before, as surely as it has agreed."""
        period = int(np.argmax(self._agreement * self._bar_periods()))
        place = len(tokens) - 1 + steps - period
        sure = float(self._agreement[period]) ** 2
        if period < self._beats_per_bar or not 0 <= place < len(tokens):
            return fallback
        distribution = (1 - sure) * fallback
        distribution[tokens[place]] += sure
        return distribution

    def _bar_periods(self) -> Floats:
        """1 for periods of whole bars, a little for others, nothing below a bar."""
        lags = np.arange(MAX_LOOP_BEATS + 1)
        weights = np.where(lags % self._beats_per_bar == 0, 1.0, 0.6)
        weights[: self._beats_per_bar] = 0.0
        return weights

    def expectation(self, distribution: Floats, beat: int) -> Expectation:
        """The likeliest chord of a distribution for beat number `beat`, with its probability."""
        token = int(np.argmax(distribution))
        return Expectation(self._shade(token, beat), float(distribution[token]), distribution)

    def _shade(self, token: int, beat: int) -> Chord | None:
        """The fine chord for a token: as last played at this place in the bar, else as last played, else plain."""
        if token == SILENCE:
            return None
        played = np.nonzero(self._tokens[-SHADE_BEATS:] == token)[0][::-1]
        first = max(0, len(self._chords) - SHADE_BEATS)
        for place in played:
            if (beat - self._first_beat - first - int(place)) % self._beats_per_bar == 0:
                return self._chords[first + int(place)]
        if len(played):
            return self._chords[first + int(played[0])]
        root, family = token // 5, FAMILIES[token % 5]
        return Chord(root, _DEFAULT_QUALITY[family], root)
