"""The plan: which chord the band will play on each coming beat, committed or tentative.

At the start of beat n the oracle knows beats 0 … n-1. Beats up to n + `commit` are then committed, those beyond up to
the lookahead are tentative. A commitment is a decision to play, and is remembered as made; what the player does on
the beat may still change what sounds (`revise`), never what was promised.
"""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from realtime.core.chart_follower import ChartFollower
from realtime.core.chord import Chord
from realtime.core.oracle import Expectation, Floats, Oracle, token_of

KEEP_BEATS: Final = 64
"""How long past commitments are kept, for questions about them."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """What the band decided to play on beat `number`, how likely it seemed, and whether that was likely enough.

    An unsure one is a best guess: the band waits for the hands before it moves there.
    """

    number: int
    chord: Chord | None
    probability: float
    sure: bool = True


@dataclass(slots=True)
class Planner:
    """Owns the oracle and the beats ahead."""

    oracle: Oracle = field(default_factory=Oracle)
    chart: ChartFollower | None = None
    ahead: list[Expectation] = field(default_factory=list)
    """Expectations for beats from `first_ahead` on."""
    first_ahead: int = 0
    committed: dict[int, Commitment] = field(default_factory=dict)
    playing: dict[int, Chord | None] = field(default_factory=dict)
    """What is really going to sound: the commitments, with the revisions."""
    _alone: Floats = field(default_factory=lambda: np.zeros(0))
    """What the oracle gave the present beat, without a chart."""
    pinned: set[int] = field(default_factory=set)

    def begin(self, beats_per_bar: int) -> None:
        """A new start: beats count from 0 again. The oracle keeps what it learnt, in order."""
        self.oracle.set_meter(beats_per_bar)
        while self.oracle.next_beat % beats_per_bar:
            self.oracle.observe(None)  # so that its bars and ours are the same bars
        self.committed.clear()
        self.playing.clear()
        self.pinned.clear()
        self.ahead = []

    def start_beat(
        self, number: int, commit_beats: int, lookahead_beats: int, threshold: float = 0.0
    ) -> list[Commitment]:
        """Looks ahead from the start of beat `number`; returns the commitments newly made.

        One less likely than `threshold` is unsure.
        """
        foreseen = self.oracle.foresee(max(lookahead_beats, commit_beats + 1))
        self._alone = foreseen[0].distribution
        self.ahead = [self._with_chart(expected, number + ahead) for ahead, expected in enumerate(foreseen)]
        self.first_ahead = number
        made = []
        for beat in range(number, number + commit_beats + 1):
            if beat not in self.committed:
                expected = self.ahead[beat - number]
                sure = expected.probability >= threshold
                commitment = Commitment(beat, expected.chord, expected.probability, sure)
                self.committed[beat] = commitment
                self.playing[beat] = expected.chord
                made.append(commitment)
        for old in [beat for beat in self.committed if beat < number - KEEP_BEATS]:
            del self.committed[old]
            self.playing.pop(old, None)
        return made

    def revise(self, number: int, now: Chord) -> list[int]:
        """The player plays `now` on beat `number`: changes what will sound; returns the beats that changed."""
        changed = []
        if token_of(self.playing.get(number)) != token_of(now) and number not in self.pinned:
            self.playing[number] = now
            changed.append(number)
        last = max(self.committed, default=number)
        if last > number:
            for beat, alone in enumerate(self.oracle.foresee_after(now, last - number), start=number + 1):
                expected = self._with_chart(alone, beat)
                if beat in self.pinned or token_of(self.playing.get(beat)) == token_of(expected.chord):
                    continue
                goes_on = token_of(expected.chord) == token_of(now)
                self.playing[beat] = now if goes_on else expected.chord
                changed.append(beat)
        return changed

    def learn(self, number: int, chord: Chord | None) -> None:
        """Beat `number` is over, and was `chord`."""
        if self.chart is not None:
            self.chart.observe(number, chord, self.oracle.mass_of(self._alone, chord))
        self.oracle.observe(chord)

    def _with_chart(self, expected: Expectation, number: int) -> Expectation:
        """The oracle's expectation and the chart's, as far as the chart is believed."""
        written = self.chart.expect(number) if self.chart is not None else None
        if self.chart is None or written is None:
            return expected
        distribution = expected.distribution * (1.0 - self.chart.trust)
        distribution[self.oracle.place_of(written)] += self.chart.trust
        mixed = self.oracle.expectation(distribution, number)
        return replace(mixed, chord=written) if token_of(mixed.chord) == token_of(written) else mixed

    def veto(self, number: int) -> Chord | None:
        """Drops what is planned on beat `number` for the next best; returns that."""
        place = number - self.first_ahead
        present = self.playing.get(number)
        if not 0 <= place < len(self.ahead):
            return self.playing.get(number)
        other = self.oracle.expectation(self.oracle.without(self.ahead[place].distribution, present), number)
        self.playing[number] = other.chord
        self.pinned.add(number)
        return other.chord

    def prior(self, number: int) -> Floats | None:
        """What is expected on a beat, as a distribution; None if it has not been looked at."""
        place = number - self.first_ahead
        return self.ahead[place].distribution if 0 <= place < len(self.ahead) else None

    def is_sure_of(self, number: int) -> bool:
        """Whether what is going to sound on a beat needs no waiting for the hands."""
        made = self.committed.get(number)
        return made is None or made.sure or number in self.pinned or self.playing.get(number) != made.chord

    def chord_on(self, number: int) -> Chord | None:
        """What is going to sound on a beat, as far as is known."""
        if number in self.playing:
            return self.playing[number]
        place = number - self.first_ahead
        return self.ahead[place].chord if 0 <= place < len(self.ahead) else None
