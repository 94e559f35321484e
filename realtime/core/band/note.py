"""What a band member is asked (`Moment`) and what it answers (`BandNote`)."""

import math
from typing import Final, NamedTuple

from realtime.core.band.hedge import Hedge
from realtime.core.chance import Chance
from realtime.core.chord import Chord, is_same_harmony
from realtime.core.events import Part
from realtime.core.key_finder import Key
from realtime.core.register import Crowd
from realtime.core.style import Feel, Groove, Style, step_at
from realtime.core.units import Ticks

WAVE_BEATS: Final = 3
"""How far apart the knots of the band's shared wave are: recorded drummers' drift is half gone after two beats."""

WAIT_MICROS: Final = 60_000
"""A little more than it takes to hear what chord was struck."""


class BandNote(NamedTuple):
    """A note the band will play: `start` to `end` on the grid, and how far off the grid it is felt."""

    part: Part
    pitch: int
    velocity: int
    start: Ticks
    end: Ticks
    lag_micros: int = 0
    passing: bool = False
    """Whether it is of a chord that the band has added on the way to the next."""


class Moment(NamedTuple):
    """One beat to be played: where it stands, what sounds, and how."""

    style: Style
    groove: Groove
    fill: int | None
    """Which of the style's fills is played in this bar, if one is."""
    section_start: bool
    """Whether the bar before led up to this one: the place for a crash."""
    tacet: bool
    """Whether only what is written is played: a chord that changes is not stated where the rows rest."""
    bar: int
    beat_in_bar: int
    start: Ticks
    beat_ticks: int
    chord: Chord | None
    chord_before: Chord | None
    coming: tuple[Chord | None, ...]
    """What is planned for the beats after this one, the next one first; as far as it is planned."""
    sure: bool
    key: Key | None
    energy: float
    density: dict[str, float]
    swing: float
    crowd: Crowd
    """How much each key is the player's."""
    chance: Chance
    hedge: Hedge | None = None
    """What is played instead of the chord, while it may be another."""
    resolves: bool = False
    """Whether the hands come from a hedge, or from a chord that was only expected, and now know the chord."""
    is_added: bool = False
    """Whether the chord is an addition of the band's own."""
    rows_from: int = 0
    """The bar that the groove's rows count from."""
    bars_left: int = 1
    """How many bars, this one included, a note may be held for."""

    @property
    def chord_after(self) -> Chord | None:
        """The chord of the next beat."""
        return self.coming[0] if self.coming else None

    def changes_to_come(self, most: int) -> list[Chord]:
        """The next chords that are not the one before them, the next one first."""
        found: list[Chord] = []
        last = self.chord
        for chord in self.coming:
            if chord is None or len(found) == most:
                break
            if not is_same_harmony(chord, last):
                found.append(chord)
            last = chord
        return found

    @property
    def step_ticks(self) -> int:
        """Ticks a grid step."""
        return self.beat_ticks // self.style.steps_per_beat

    @property
    def first_step(self) -> int:
        """The bar's step this beat begins on."""
        return self.beat_in_bar * self.style.steps_per_beat

    @property
    def end(self) -> Ticks:
        """The first tick after the beat."""
        return Ticks(self.start + self.beat_ticks)

    @property
    def chord_changes(self) -> bool:
        """Whether the harmony is new on this beat."""
        return self.resolves or not is_same_harmony(self.chord, self.chord_before)

    def states_chord(self, step: int, mark: str) -> bool:
        """Whether the harmony is new on this step and is played though the row, which has `mark`, strikes nothing.

        Where only what is written is played, that is where the row holds what was struck before.
        """
        return step == self.first_step and self.chord_changes and (mark == "-" or not self.tacet)

    def mark(self, row: str, step: int) -> str:
        """What a row of the groove holds at a step of the bar."""
        return step_at(row, self.bar - self.rows_from, step, self.style.steps_per_bar)

    def steps_held(self, row: str, step: int) -> int:
        """How many steps what a row strikes at `step` lasts: not past the bar line where the chord may change."""
        length = 1
        while step + length < self.bars_left * self.style.steps_per_bar and self.mark(row, step + length) == "-":
            length += 1
        return length

    def tick_of(self, step: int) -> Ticks:
        """When a step of the bar sounds, swing included: the second of each pair of steps comes late."""
        pairs = self.style.steps_per_beat % 2 == 0  # three to a beat swing by themselves
        late = self.step_ticks / 3 * self.swing if pairs and step % 2 else 0.0
        return Ticks(self.start + (step - self.first_step) * self.step_ticks + round(late))

    def harmony_lag(self, feel: Feel, step: int, part: str) -> int:
        """As `lag`; on a beat whose chord is only guessed the first stroke waits for the player's hands."""
        waits = step == self.first_step and not self.sure
        return self.lag(feel, step, part) + (WAIT_MICROS if waits else 0)

    def lag(self, feel: Feel, step: int, part: str) -> int:
        """How many microseconds off the grid a stroke falls."""
        own = feel.spread_ms * self.chance.bell(self.bar, step, part) * 0.5
        return round(1000 * (feel.lag_ms + own + self.style.drift_ms * self.wave(step, "drift")))

    def wave(self, step: int, what: str) -> float:
        """What all players share: a slow wave of mean 0 and standard deviation 1, forgotten after a bar or so."""
        beat = self.bar * self.style.steps_per_bar + step
        knot, share = divmod(beat / self.style.steps_per_beat, WAVE_BEATS)
        share /= WAVE_BEATS
        before, after = self.chance.bell(what, int(knot)), self.chance.bell(what, int(knot) + 1)
        return ((1.0 - share) * before + share * after) / math.hypot(1.0 - share, share)

    @property
    def with_energy(self) -> float:
        """How loud the band is at its energy, as a share of its loudest."""
        return 0.62 + 0.38 * self.energy

    def loudness(self, level: float, feel: Feel, *what_for: int | str) -> int:
        """The velocity of a stroke: how hard it is meant, how high the energy is, and a little unevenness."""
        uneven = 1.0 + 0.05 * self.chance.bell(self.bar, *what_for, 7)
        return max(1, min(127, round(feel.velocity * level * self.with_energy * uneven)))
