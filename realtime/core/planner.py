"""The plan: which chord the band will play on each coming beat, committed or tentative.

At the start of beat n the oracle knows beats 0 … n-1. Beats up to n + `commit` are then committed, those beyond up to
the lookahead are tentative. A commitment is a decision to play, and is remembered as made; what the player does on
the beat may still change what sounds (`revise`), never what was promised.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from realtime.core.chart_follower import ChartFollower
from realtime.core.chord import Chord
from realtime.core.chord_tokens import chord_of
from realtime.core.chord_tokens import token_of as fine_token_of
from realtime.core.harmoniser import COMMIT_BEATS, Harmoniser, Led
from realtime.core.oracle import Expectation, Floats, Oracle, token_of
from realtime.core.repertoire import Repertoire

WORTH_MOVING: Final = 0.05
"""How much likelier another chord must have become for the band to leave what it was going to play."""

WORTH_HEARING: Final = 0.01
"""A repertoire that is believed less than this is not asked."""

ONSET_WINDOW: Final = 0.25
"""A note of melody this much of a beat after its beginning still begins it."""

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
    guide: Harmoniser | None = None
    """Who finds the chords while a melody is played alone; then, without a chart, what it says is played."""
    beats_per_bar: int = 4
    forms: Mapping[str, str] = field(default_factory=dict)
    """Charts that are known by heart, by name."""
    repertoire: Repertoire = field(default_factory=lambda: Repertoire({}, 4))
    ahead: list[Expectation] = field(default_factory=list)
    """Expectations for beats from `first_ahead` on."""
    first_ahead: int = 0
    committed: dict[int, Commitment] = field(default_factory=dict)
    playing: dict[int, Chord | None] = field(default_factory=dict)
    """What is really going to sound: the commitments, with the revisions."""
    _alone: Floats = field(default_factory=lambda: np.zeros(0))
    """What the oracle gave the present beat, without a chart."""
    _beats_per_bar: int = 0
    pinned: set[int] = field(default_factory=set)
    led: list[int] = field(default_factory=list)
    """The planned beats that the harmoniser changed when it was last asked."""
    _surely: dict[int, bool] = field(default_factory=dict)
    """Whether beats that were reconsidered, or that the player is on, need no waiting for the hands."""

    def begin(self, beats_per_bar: int) -> None:
        """A new start: beats count from 0 again. The oracle keeps what it learnt, in order."""
        self.beats_per_bar = beats_per_bar
        self.oracle.set_meter(beats_per_bar)
        if beats_per_bar != self._beats_per_bar:
            self._beats_per_bar = beats_per_bar
            self.repertoire = Repertoire(self.forms, beats_per_bar)
        self.repertoire.begin()
        while self.oracle.next_beat % beats_per_bar:
            self.oracle.observe(None)  # so that its bars and ours are the same bars
        self.committed.clear()
        self.playing.clear()
        self.pinned.clear()
        self._surely.clear()
        self.ahead = []

    def start_beat(
        self, number: int, commit_beats: int, lookahead_beats: int, threshold: float = 0.0
    ) -> list[Commitment]:
        """Looks ahead from the start of beat `number`; returns the commitments newly made.

        One less likely than `threshold` is unsure.
        """
        foreseen = self.oracle.foresee(max(lookahead_beats, commit_beats + 1, COMMIT_BEATS + 1))
        self._alone = foreseen[0].distribution
        self.ahead = self._with_charts(foreseen, number, self._known_by_heart(len(foreseen)))
        self.first_ahead = number
        self.led = []
        if self.is_led:
            threshold, commit_beats = 0.0, max(commit_beats, COMMIT_BEATS)
            self._be_led(self._guidance())
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
            self._surely.pop(old, None)
        return made

    def reconsider(self, number: int, threshold: float = 0.0) -> bool:
        """Beat `number` is about to begin and all before it is known: is it still what was promised, and as sure?

        Returns whether what will sound, or how surely, is now another than was planned; the promise stays on record.
        """
        if self.is_led or number in self.pinned or number not in self.playing or number != self.first_ahead:
            return False
        expected, before = self.ahead[0], (token_of(self.playing[number]), self.is_sure_of(number))
        likely_before = self.oracle.mass_of(expected.distribution, self.playing[number])
        if expected.probability >= likely_before + WORTH_MOVING:
            self.playing[number] = expected.chord
            likely_before = expected.probability
        self._surely[number] = likely_before >= threshold
        return before != (token_of(self.playing[number]), self._surely[number])

    @property
    def is_led(self) -> bool:
        """Whether the harmoniser decides."""
        return self.guide is not None and self.guide.leads and self.chart is None

    def strike(self, pitch_class: int, late: float) -> list[int]:
        """The present beat has begun with a note of melody, `late` parts of it in; returns the beats now others."""
        self.led = []
        if self.guide is not None and self.is_led and self.guide.ahead and late <= ONSET_WINDOW:
            self._be_led(self.guide.strike(pitch_class))
        return self.led

    def probability_on(self, number: int) -> float:
        """How likely what is planned on a beat is; 1 where the player has decided."""
        place = number - self.first_ahead
        return self.ahead[place].probability if number not in self.pinned and 0 <= place < len(self.ahead) else 1.0

    def _guidance(self) -> list[Led]:
        """What the harmoniser makes of the present beat and those after it."""
        number = self.first_ahead
        planned: list[int] = []
        while number + len(planned) in self.playing:
            planned.append(fine_token_of(self.playing[number + len(planned)]))
        place = number % self.beats_per_bar, self.beats_per_bar
        rows = [expected.distribution for expected in self.ahead]
        return self.guide.plan(place, rows, planned) if self.guide is not None else []

    def _be_led(self, led: list[Led]) -> None:
        """The harmoniser's word replaces the oracle's; notes in `led` which planned beats are now others."""
        for beat, one in enumerate(led[: len(self.ahead)], start=self.first_ahead):
            if beat in self.pinned:
                continue
            present = self.playing.get(beat)
            stays = present is not None and fine_token_of(present) == one.token
            chord = present if stays else chord_of(one.token)
            self.ahead[beat - self.first_ahead] = Expectation(chord, one.probability, one.distribution)
            self._surely[beat] = True
            if beat in self.playing and not stays:
                self.playing[beat] = chord
                self.led.append(beat)

    def revise(self, number: int, now: Chord) -> list[int]:
        """The player plays `now` on beat `number`: changes what will sound; returns the beats that changed."""
        changed = []
        if token_of(self.playing.get(number)) != token_of(now) and number not in self.pinned:
            self.playing[number] = now
            changed.append(number)
        self._surely[number] = True
        last = max(self.committed, default=number)
        if last > number:
            known = self._known_by_heart(last - number + 1, now)[1:]
            foreseen = self._with_charts(self.oracle.foresee_after(now, last - number), number + 1, known)
            for beat, expected in enumerate(foreseen, start=number + 1):
                if beat in self.pinned or token_of(self.playing.get(beat)) == token_of(expected.chord):
                    continue
                goes_on = token_of(expected.chord) == token_of(now)
                self.playing[beat] = now if goes_on else expected.chord
                self._surely.pop(beat, None)
                changed.append(beat)
        return changed

    def learn(self, number: int, chord: Chord | None) -> None:
        """Beat `number` is over, and was `chord`."""
        likely = self.oracle.mass_of(self._alone, chord)
        self.repertoire.observe(chord, likely)
        if self.chart is not None:
            self.chart.observe(number, chord, likely)
        self.oracle.observe(chord)

    def _known_by_heart(self, beats: int, now: Chord | None = None) -> list[Floats | None]:
        """What the repertoire says of the next beats; nothing while it is not worth hearing."""
        if self.repertoire.weight < WORTH_HEARING:
            return [None] * beats
        return list(self.repertoire.foresee(beats, now))

    def _with_charts(self, foreseen: list[Expectation], first: int, known: list[Floats | None]) -> list[Expectation]:
        """The oracle's expectations from beat `first` on, mixed with what is known by heart and with the chart's."""
        weight, mixed = self.repertoire.weight, []
        for number, (alone, heart) in enumerate(zip(foreseen, known, strict=True), start=first):
            if heart is not None:
                distribution = alone.distribution * (1.0 - weight) + heart * weight
                mixed.append(self._with_chart(self.oracle.expectation(distribution, number), number))
            else:
                mixed.append(self._with_chart(alone, number))
        return mixed

    def _with_chart(self, expected: Expectation, number: int) -> Expectation:
        """An expectation and the chart's, as far as the chart is believed."""
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
        if made is None or number in self.pinned:
            return True
        return self._surely.get(number, made.sure or self.playing.get(number) != made.chord)

    def is_promised(self, number: int) -> bool:
        """Whether the band has decided on a beat, and is sure."""
        return number in self.committed and self.is_sure_of(number)

    def coming(self, number: int) -> tuple[Chord | None, ...]:
        """What is planned for the beats after `number`, the next one first: at least that one."""
        last = max(number + 1, self.first_ahead + len(self.ahead) - 1)
        return tuple(self.chord_on(beat) for beat in range(number + 1, last + 1))

    def chord_on(self, number: int) -> Chord | None:
        """What is going to sound on a beat, as far as is known."""
        if number in self.playing:
            return self.playing[number]
        place = number - self.first_ahead
        return self.ahead[place].chord if 0 <= place < len(self.ahead) else None
