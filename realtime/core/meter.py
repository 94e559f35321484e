"""Bars and beats: where a tick stands in the bar."""

from dataclasses import dataclass, field

from realtime.core.units import TICKS_PER_QUARTER, Ticks

ALLOWED_DENOMINATORS = (2, 4, 8, 16)
MAX_NUMERATOR = 32


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature. The beat is the denominator's note, or its dotted double in compound time (6/8, 12/8)."""

    numerator: int = 4
    denominator: int = 4
    beat_ticks: Ticks = field(init=False, repr=False, compare=False)
    """How long one beat lasts."""
    bar_ticks: Ticks = field(init=False, repr=False, compare=False)
    """How long one bar lasts."""
    beats_per_bar: int = field(init=False, repr=False, compare=False)
    """Beats a bar: 4 in 4/4 and in 12/8."""

    def __post_init__(self) -> None:
        if not 1 <= self.numerator <= MAX_NUMERATOR:
            raise ValueError(f"meter numerator must be 1..{MAX_NUMERATOR}, but was {self.numerator}")
        if self.denominator not in ALLOWED_DENOMINATORS:
            raise ValueError(f"meter denominator must be one of {ALLOWED_DENOMINATORS}, but was {self.denominator}")
        # Asked for thousands of times a bar, so found once.
        pulse = TICKS_PER_QUARTER * 4 // self.denominator
        beat = pulse * 3 if self.is_compound else pulse
        object.__setattr__(self, "beat_ticks", Ticks(beat))
        object.__setattr__(self, "bar_ticks", Ticks(pulse * self.numerator))
        object.__setattr__(self, "beats_per_bar", pulse * self.numerator // beat)

    @property
    def is_compound(self) -> bool:
        """Whether three pulses make a beat, as in 6/8, 9/8 and 12/8."""
        return self.denominator >= 8 and self.numerator > 3 and self.numerator % 3 == 0

    def beat_of(self, ticks: Ticks) -> int:
        """The number of the beat that `ticks` is in, counted from the start (0, 1, 2 …)."""
        return ticks // self.beat_ticks

    def bar_of(self, ticks: Ticks) -> int:
        """The number of the bar that `ticks` is in, counted from 0."""
        return ticks // self.bar_ticks

    def start_of_beat(self, beat: int) -> Ticks:
        """The first tick of a beat."""
        return Ticks(beat * self.beat_ticks)

    def start_of_bar(self, bar: int) -> Ticks:
        """The first tick of a bar."""
        return Ticks(bar * self.bar_ticks)

    def beat_in_bar(self, beat: int) -> int:
        """Which beat of its bar a beat is, from 0."""
        return beat % self.beats_per_bar

    def next_bar(self, ticks: Ticks) -> Ticks:
        """The first bar line at or after `ticks`."""
        return Ticks(-(-ticks // self.bar_ticks) * self.bar_ticks)

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"
