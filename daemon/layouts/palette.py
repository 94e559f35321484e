"""Colours of a surface: by what a widget is for, readable on a dark ground."""

from typing import Final

Colour = tuple[int, int, int]

GROUND: Final[Colour] = (0x16, 0x18, 0x1C)
WORDS: Final[Colour] = (0xF2, 0xF2, 0xEE)
SHADE: Final = 0.42
"""How bright a button is that is not lit."""

OF: Final[dict[str, Colour]] = {
    "plain": (0x6A, 0x7A, 0x8C),
    "go": (0x3C, 0xA0, 0x5A),
    "stop": (0xC8, 0x46, 0x46),
    "cue": (0xC8, 0x8C, 0x32),
    "plan": (0x3C, 0x8C, 0xB4),
    "role": (0x8C, 0x64, 0xC8),
    "style": (0x46, 0x78, 0xD2),
    "part": (0x32, 0xA0, 0xA0),
    "told": (0x24, 0x28, 0x30),
}


def hexadecimal(colour: Colour) -> str:
    """As `#rrggbb`."""
    return "#" + bytes(colour).hex()


def shaded(colour: Colour) -> Colour:
    """The same, not lit."""
    red, green, blue = (round(one * SHADE) for one in colour)
    return red, green, blue
