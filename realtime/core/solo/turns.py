"""Trading: whose turn it is, counted in bars from where the trading began. The player has the first turn."""

from dataclasses import dataclass
from typing import Final

MOST_PHRASE_BEATS: Final = 8
LEAST_PHRASE_BEATS: Final = 4
SHORTER: Final = 0.35
"""How often a phrase of a turn is two beats shorter, so that the next crosses the bar lines."""


def phrase_beats(left: int, beats_per_bar: int, chance: float) -> int:
    """How long a phrase is where `left` beats of the turn are: two bars or a little less, and no scrap left over."""
    beats = min(2 * beats_per_bar, MOST_PHRASE_BEATS) - 2 * (chance < SHORTER)
    return beats if left - beats >= LEAST_PHRASE_BEATS else left


@dataclass(slots=True)
class Turns:
    """`first_bar` is where trading began; None while it waits for a phrase to begin."""

    first_bar: int | None = None

    def begin_with(self, bar: int, origin: int, bars: int) -> None:
        """Bar `bar` begins: trading starts with it where a turn of `bars` does, counted from bar `origin`.

        In the bar after that the music has only just begun: then the turn that runs is the player's.
        """
        if self.first_bar is None and bar >= origin and ((bar - origin) % bars == 0 or bar == origin + 1):
            self.first_bar = origin if bar == origin + 1 else bar

    def is_solo(self, bar: int, bars: int) -> bool:
        """Whether `bar` is the soloist's."""
        return self.first_bar is not None and bar >= self.first_bar and (bar - self.first_bar) // bars % 2 == 1

    def bars_left(self, bar: int, bars: int) -> int:
        """How many bars of the turn there are from `bar` on, with it."""
        return bars - (bar - (self.first_bar or 0)) % bars

    def hands_over_after(self, bar: int, bars: int) -> bool:
        """Whether the turn ends with `bar`."""
        return self.first_bar is not None and bar >= self.first_bar and self.bars_left(bar, bars) == 1
