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
    led_in: int | None = None
    """The first beat of an intro that the whole band plays; None if there was none."""
    solo_beat: int = 0
    """The last beat on which the band had the player's leave to go on alone: trading, it plays in their pause."""

    def heard_in(self, number: int) -> None:
        """A chord was heard in beat `number`."""
        if self.first_beat is None:
            self.first_beat = number
        self.last_beat = number

    def come_in(self, beats_per_bar: int) -> None:
        """The band knows what it plays: it need not listen for a bar first."""
        self.first_beat = -LISTEN_BARS * beats_per_bar

    def count_anew(self, number: int) -> None:
        """Beat `number` is beat 0 from now on; who was there still is."""
        self.first_beat = None if self.first_beat is None else self.first_beat - number
        self.led_in = None if self.led_in is None else self.led_in - number
        self.last_beat -= number
        self.solo_beat -= number

    def first_bar(self, beats_per_bar: int) -> int:
        """The first bar that the player was there for as a whole; 0 before there was one."""
        return -(-(self.first_beat or 0) // beats_per_bar)

    def has_left(self, number: int, beats_per_bar: int) -> bool:
        """Whether the player was never there, or has by beat `number` been silent for so long that harmony rests."""
        return (
            self.first_beat is None
            or number - max(self.last_beat, self.solo_beat) > SILENT_BARS_TO_REST * beats_per_bar
        )

    def lets_harmony_play(self, number: int, beats_per_bar: int, *, stays: bool = False) -> bool:
        """Bass, keys and pad come in at the bar line after a whole bar heard, or with an intro that they play.

        They rest when the player is gone, unless they are told to stay.
        """
        if self.led_in is not None and number >= self.led_in:
            return stays or number - max(self.led_in, self.last_beat) <= SILENT_BARS_TO_REST * beats_per_bar
        if self.first_beat is None or (self.has_left(number, beats_per_bar) and not stays):
            return False
        return number >= (self.first_bar(beats_per_bar) + LISTEN_BARS) * beats_per_bar
