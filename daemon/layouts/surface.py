"""A control surface: pages of widgets, each with an OSC address and a place; what every layout is written from."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from realtime.core.events import Value
from realtime.core.parameters import PARAMETERS

PAGE_WIDTH: Final = 1024
PAGE_HEIGHT: Final = 728
"""In pixels: a tablet's 1024 by 768, less a bar of tabs."""

TAB_HEIGHT: Final = 40
GAP: Final = 6
CAPTION_HEIGHT: Final = 18

Frame = tuple[int, int, int, int]
"""Left, top, width and height, in pixels of the page."""

Kind = Literal["fader", "switch", "button", "choice", "label"]
"""Turns a number; turns a switch; presses an action; gives a parameter one of its values; shows what the band tells."""


@dataclass(frozen=True, slots=True)
class Widget:
    """One thing to touch or to read.

    A button may send an `argument`; a choice always does. A label shows the argument number `shows` (from 0) of what
    is told on its address, whose OSC types are `types`.
    """

    kind: Kind
    path: str
    caption: str
    frame: Frame
    colour: str = "plain"
    argument: Value | None = None
    types: str = ""
    shows: int = 0

    @property
    def name(self) -> str:
        """Its own on the whole surface."""
        match self.kind:
            case "label":
                return f"{self.path}/told/{self.shows}"
            case "choice" | "button" if self.argument is not None:
                return f"{self.path}/{self.argument}"
            case _:
                return self.path

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest value; of a fader or a switch."""
        parameter = PARAMETERS[self.path]
        return parameter.low, parameter.high

    @property
    def default_share(self) -> float:
        """Where a fader or a switch stands at first, as a share of its way, 0 to 1."""
        low, high = self.range
        return (float(PARAMETERS[self.path].default) - low) / (high - low)

    @property
    def is_whole(self) -> bool:
        """Whether a fader holds whole numbers only."""
        return PARAMETERS[self.path].kind == "int"

    @property
    def is_upright(self) -> bool:
        """Whether a fader is higher than wide."""
        return self.control_frame[3] > self.control_frame[2]

    @property
    def shows_text(self) -> bool:
        """Whether what a label shows is a text, and no number."""
        return self.types[self.shows] == "s"

    @property
    def has_caption_above(self) -> bool:
        """Whether the caption has a strip of its own: there is nowhere to write on a fader, a switch or a label."""
        return self.kind in ("fader", "switch", "label") and bool(self.caption)

    @property
    def caption_frame(self) -> Frame:
        """The strip of the caption."""
        left, top, width, _ = self.frame
        return left, top, width, CAPTION_HEIGHT

    @property
    def control_frame(self) -> Frame:
        """What is touched or read."""
        left, top, width, height = self.frame
        strip = CAPTION_HEIGHT if self.has_caption_above else 0
        return left, top + strip, width, height - strip


@dataclass(frozen=True, slots=True)
class Page:
    """Widgets that are seen together."""

    title: str
    widgets: tuple[Widget, ...]


def split(area: Frame, shares: Sequence[float], *, down: bool = False) -> list[Frame]:
    """The area divided side by side, or downwards, by shares, with gaps between."""
    left, top, width, height = area
    whole = (height if down else width) - GAP * (len(shares) - 1)
    ends = [round(whole * sum(shares[:n]) / sum(shares)) for n in range(len(shares) + 1)]
    parts = [(start + GAP * n, end - start) for n, (start, end) in enumerate(pairwise(ends))]
    if down:
        return [(left, top + at, width, size) for at, size in parts]
    return [(left + at, top, size, height) for at, size in parts]


def cells(area: Frame, count: int, columns: int) -> list[Frame]:
    """The area as a grid of so many columns; its first `count` cells, row by row."""
    rows = max(1, -(-count // columns))
    found = [cell for row in split(area, [1] * rows, down=True) for cell in split(row, [1] * columns)]
    return found[:count]
