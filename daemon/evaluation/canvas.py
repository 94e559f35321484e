"""A small picture: rectangles and plain words, and the bytes of a PNG. Enough for a piano roll, without matplotlib."""

import zlib
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]

_COLUMNS: Final = 3
LETTER_WIDTH: Final = 4
LETTER_HEIGHT: Final = 6
"""Of a letter with the space around it, in units of its scale."""

_GLYPHS: Final[dict[str, str]] = {
    "0": "75557", "1": "26227", "2": "71747", "3": "71717", "4": "55711", "5": "74717", "6": "74757", "7": "71122",
    "8": "75757", "9": "75717", "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647", "F": "74644",
    "G": "34553", "N": "57755", "a": "06357", "b": "44656", "c": "03443", "d": "11353", "e": "02743", "f": "12622",
    "g": "03536", "h": "44655", "i": "20222", "j": "10116", "k": "44565", "l": "62227", "m": "05775", "n": "06555",
    "o": "02552", "p": "06564", "q": "03531", "r": "03444", "s": "03636", "t": "27223", "u": "05553", "v": "05552",
    "w": "05573", "x": "05225", "y": "05536", "z": "07247", "#": "57575", "/": "11244", "_": "00007", ".": "00002",
    "-": "00700", ",": "00024", ":": "02020",
}  # fmt: skip
"""Three columns and five rows a letter: an octal figure a row, from the top."""

_UNKNOWN: Final = "77777"


class Canvas:
    """A picture of `width` by `height` pixels; what is drawn beyond its edges is cut off."""

    def __init__(self, width: int, height: int, background: Colour = (255, 255, 255)) -> None:
        self._pixels: NDArray[np.uint8] = np.full((height, width, 3), background, dtype=np.uint8)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        height, width, _ = self._pixels.shape
        return width, height

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled rectangle, a pixel wide and high at least; `x`, `y` is its upper left corner."""
        left, top = max(0, round(x)), max(0, round(y))
        right, bottom = max(left + 1, round(x + width)), max(top + 1, round(y + height))
        self._pixels[top:bottom, left:right] = colour

    def words(self, x: float, y: float, text: str, colour: Colour = (40, 40, 40), scale: int = 2) -> None:
        """Some words, their upper left corner at `x`, `y`."""
        for place, letter in enumerate(text):
            for row, bits in enumerate(_GLYPHS.get(letter, "00000" if letter == " " else _UNKNOWN)):
                for column in range(_COLUMNS):
                    if int(bits, 8) >> (_COLUMNS - 1 - column) & 1:
                        at = x + scale * (place * LETTER_WIDTH + column)
                        self.box(at, y + scale * row, scale, scale, colour)

    def paste(self, other: "Canvas", x: int, y: int) -> None:
        """Another picture, its upper left corner at `x`, `y`."""
        part = self._pixels[y : y + other.size[1], x : x + other.size[0]]
        part[:] = other._pixels[: part.shape[0], : part.shape[1]]

    def png(self) -> bytes:
        """The picture as a PNG of at most 256 colours (the first ones met; pictures here have few)."""
        colours, indices = np.unique(self._pixels.reshape(-1, 3), axis=0, return_inverse=True)
        width, height = self.size
        if len(colours) > 256:
            raise ValueError(f"a picture has at most 256 colours, but this has {len(colours)}")
        rows = np.zeros((height, width + 1), dtype=np.uint8)  # each row begins with its filter: none
        rows[:, 1:] = indices.reshape(height, width)
        head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 3, 0, 0, 0])
        palette, data = colours.astype(np.uint8).tobytes(), zlib.compress(rows.tobytes(), 9)
        chunks = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", data), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)

    def save(self, file: Path) -> None:
        """Writes the PNG."""
        file.write_bytes(self.png())


def _chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")
