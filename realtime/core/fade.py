"""A fade: the band's parts go down to silence over some bars, by MIDI expression, and stand as before after the end.

Expression (controller 11) is the sound engine's and every other synthesizer's; the faders stay where they are.
"""

from dataclasses import dataclass
from typing import Final

from realtime.core.timeline import Timeline
from realtime.core.units import MICROS_PER_SECOND, Micros, Ticks

EXPRESSION: Final = 11
FULL: Final = 127
STEP_TICKS: Final = 120
"""How often the level moves: an eighth of a quarter note."""

TAIL: Final = Micros(2 * MICROS_PER_SECOND)
"""How long after the end the levels come back, when nothing rings any more."""


@dataclass(slots=True)
class Fade:
    """From `start` on for `length` ticks; `first` is the expression, 0..127, that it begins at."""

    start: Ticks
    length: Ticks
    first: int = FULL
    done_steps: int = 0

    @property
    def end(self) -> Ticks:
        """When all is silent."""
        return Ticks(self.start + self.length)

    @property
    def value(self) -> int:
        """The expression after the steps done."""
        return self.value_at(self.done_steps)

    def value_at(self, step: int) -> int:
        """The expression after so many steps."""
        return round(self.first * max(0.0, 1.0 - step * STEP_TICKS / max(1, self.length)))

    @property
    def is_over(self) -> bool:
        """Whether the end has come."""
        return self.done_steps * STEP_TICKS >= self.length

    def next_step(self, timeline: Timeline) -> Micros:
        """When the level moves next; at the end for the last time."""
        return timeline.micros_at(Ticks(self.start + min(self.length, (self.done_steps + 1) * STEP_TICKS)))
