"""Trading: whose turn it is, counted in bars from where the trading began. The player has the first turn."""

from dataclasses import dataclass


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
