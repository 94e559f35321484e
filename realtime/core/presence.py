"""Whether the player is there: since when, and how long ago they were last heard."""

from dataclasses import dataclass
from typing import Final

LISTEN_BARS: Final = 1
"""Whole bars the band listens before bass, keys and pad come in."""

SILENT_BARS_TO_REST: Final = 8
"""After this long without the player, the harmony rests too."""


@dataclass(slots=True)
class Presence:
    """Beats count from the start of the music."""

    first_beat: int | None = None
    """The first beat in which a chord was heard; None before."""
    last_beat: int = 0

    def heard_in(self, number: int) -> None:
        """A chord was heard in beat `number`."""
        if self.first_beat is None:
            self.first_beat = number
        self.last_beat = number

    def come_in(self, beats_per_bar: int) -> None:
        """The band knows what it plays: it need not listen for a bar first."""
        self.first_beat = -LISTEN_BARS * beats_per_bar

    def has_left(self, number: int, beats_per_bar: int) -> bool:
        """Whether the player was never there, or has by beat `number` been silent for so long that harmony rests."""
        return self.first_beat is None or number - self.last_beat > SILENT_BARS_TO_REST * beats_per_bar

    def lets_harmony_play(self, number: int, beats_per_bar: int, *, stays: bool = False) -> bool:
        """Bass, keys and pad come in at the bar line after a whole bar heard.

        They rest when the player is gone, unless they are told to stay.
        """
        if self.first_beat is None or (self.has_left(number, beats_per_bar) and not stays):
            return False
        return number >= (-(-self.first_beat // beats_per_bar) + LISTEN_BARS) * beats_per_bar
