"""What makes a solo sound like its music: rhythm cells, colours and manners of each genre, as data.

Cells are two beats, a string a beat. Its characters divide the beat evenly: `x` strikes, `X` with an accent, `-` holds,
`.` rests; `xx` are eighths (swung where the style swings), `xxx` triplets, `xxxx` sixteenths. Each table goes from
sparse to busy. What the genres differ in follows the usual method books: bebop lines aim at thirds and sevenths by
semitones and enclosures (Baker, How to Play Bebop), blues bends over the changes on the tonic's blues scale, gospel and
country move in pentatonics, funk repeats short notes in sixteenths.
"""

from dataclasses import dataclass
from typing import Final, Literal

Cells = tuple[str, ...]

JAZZ: Final[Cells] = (
    "x- .x", ".x -.", ".x -x", ".x x-", "xx x-", "x- xx", ".x xx", "xx xx", "xx xx", "xxx xx", "xx xxx", "xxx xxx",
)  # fmt: skip
BOSSA: Final[Cells] = ("x- -x", ".x -.", "x- -x", ".x -x", "x- x-", "xx -x", "x- xx", ".x xx", "xx -x", "xx xx")
EIGHTHS: Final[Cells] = ("x- --", "x- x-", "x- -x", ".x x-", "xx x-", "x- xx", "xx -x", ".x xx", "xx xx")
SHUFFLE: Final[Cells] = (
    "x-- ...", "..x x--", "x-x x--", "x-- x-x", "..x x-x", "x-x x-x", "xxx x--", "x-x xxx", "xxx x-x", "xxx xxx",
)  # fmt: skip
TRIPLETS: Final[Cells] = (
    "x-- --x", "..x x--", "x-- x-x", "x-x x--", ".xx x--", "xxx x--", "x-x xxx", "xxx x-x", "xxx xxx", "xxx xxx",
)  # fmt: skip
SWUNG_TRIPLETS: Final[Cells] = (
    "x-- ..x", "..x x--", "x-x x--", "..x x-x", "x-x x-x", "xxx x-x", "x-x xxx", "xxx xxx", "xxxx x-x", "xxxx xxxx",
)  # fmt: skip
SIXTEENTHS: Final[Cells] = (
    "x--- ----", "x--- x---", "..x- x---", "x-x- x---", "x--x -.x-", "..xx x-x-", ".xxx x---", "xxx- x-x-", "x-xx xxx-",
    "xxxx x-xx", "xxxx xxxx",
)  # fmt: skip
BALLAD: Final[Cells] = (
    "x--- ----", "x--- --x-", "x--- x---", "..x- x---", "x-x- x---", "x--- x-x-", "x--x x---", "..xx x-x-", "x-xx x-x-",
    "xxxx x---",
)  # fmt: skip
FUNK: Final[Cells] = (
    "x... ..x.", "x.x. ....", ".x.x x...", "x..x ..x.", "xx.x ..x.", "x.xx .x..", ".xx. xx.x", "xx.x xx.x", "x.xx xxx.",
    "xxxx x.xx",
)  # fmt: skip


Manner = Literal["lines", "songs", "riffs"]


@dataclass(frozen=True, slots=True)
class Idiom:
    """How a soloist of one genre plays. Costs are in the units of `line`: 1 is a plain flaw."""

    manner: Manner = "songs"
    """How phrases are put together: running on, singing, or repeating."""
    chromatic: float = 3.0
    """What a note outside the scale costs, on its way by a semitone to one inside."""
    approach: float = 0.0
    """How often a strong note is come to by a semitone on purpose, 0..1."""
    blue: float = 0.0
    """How often a phrase is played on the tonic's blues scale, whatever the chord, 0..1."""
    pentatonic: float = 0.0
    """What the fourth and the seventh of the key cost, where they are not in the chord."""
    colour: float = 1.3
    """What a ninth or a thirteenth costs on a strong beat."""
    repeat: float = 1.2
    """What striking the same key again costs."""
    leap: float = 1.0
    """How much dearer leaps are than usual."""
    legato: float = 0.94
    """The share of its length that a note sounds."""
    lag_ms: float = 6.0
    """How late it lies."""
    home: int = 72
    """The middle of its register."""
    passing: Literal["diminished", "diatonic"] = "diatonic"
    """How a choir harmonises a melody note that is not in the chord."""


IDIOMS: Final[dict[str, Idiom]] = {
    "jazz": Idiom(
        "lines", 0.9, approach=0.85, blue=0.1, colour=0.7, leap=0.9, legato=0.92, lag_ms=14, home=70,
        passing="diminished",
    ),
    "blues": Idiom(
        "songs", 1.6, approach=0.2, blue=0.65, pentatonic=0.4, colour=1.0, repeat=0.6, legato=0.9, lag_ms=12, home=70
    ),
    "gospel": Idiom(
        "songs", 1.6, approach=0.3, blue=0.25, pentatonic=0.5, colour=1.0, lag_ms=8, home=72, passing="diminished"
    ),
    "soul": Idiom("songs", 2.0, approach=0.15, blue=0.2, pentatonic=0.5, colour=0.7, lag_ms=18, home=71),
    "funk": Idiom("riffs", 1.8, approach=0.2, blue=0.35, pentatonic=0.6, repeat=0.4, leap=0.9, legato=0.7, lag_ms=2),
    "latin": Idiom("lines", 1.5, approach=0.3, colour=0.6, lag_ms=6, passing="diminished"),
    "country": Idiom("lines", 1.8, approach=0.3, blue=0.1, pentatonic=0.8, colour=1.0, legato=0.85, lag_ms=2),
    "rock": Idiom("riffs", 3.0, blue=0.3, pentatonic=0.8, repeat=1.0, lag_ms=3),
    "reggae": Idiom("riffs", pentatonic=0.6, repeat=1.0, legato=0.8),
    "pop": Idiom("songs", pentatonic=0.6, home=73),
}  # fmt: skip
"""By a style's genre; any other plays as pop does."""

TEMPLATES: Final[dict[Manner, dict[int, tuple[str, ...]]]] = {
    "lines": {
        1: ("C", "R"),
        2: ("MC", "RC", "VC"),
        3: ("MRC", "RMC", "RRC", "MSC"),
        4: ("MSRC", "MRRC", "RMRC", "MVRC", "RRSC", "MIRC", "M_RC"),
    },
    "songs": {
        1: ("C", "M"),
        2: ("MC", "TC", "VC"),
        3: ("MSC", "MVC", "MTC", "M_C", "MRC"),
        4: ("MSVC", "M_MC", "MSRC", "MVRC", "MSTC", "M_VC", "MIRC"),
    },
    "riffs": {
        1: ("M", "C"),
        2: ("MM", "MC", "MV"),
        3: ("MMC", "MVC", "M_C", "MSC"),
        4: ("MMVC", "M_MC", "MMTC", "MSMC", "M_MV", "MVMR"),
    },
}
"""By the number of two-beat blocks: M motif, S sequence, V varied, I inverted, T tail, R run, _ rest, C cadence."""

RUNS: Final = (
    (2, 2, 1, 2, 2, 2, 1, 2), (-2, -1, -2, -2, -1, -2, -2, -2), (3, 4, 3, -1, -2, -2, -1, -2),
    (-3, 2, -3, 2, -3, 1, -3, 2), (4, -2, 3, -1, 3, -2, 4, -2), (-1, -2, -2, 3, 4, 3, -2, -1),
)  # fmt: skip
"""How runs go: scales, an arpeggio and back down, broken thirds; semitones as they would be if the harmony let them."""

_CELLS: Final[dict[tuple[str, int], Cells]] = {
    ("jazz", 2): JAZZ, ("jazz", 3): SWUNG_TRIPLETS, ("latin", 2): BOSSA, ("funk", 4): FUNK, ("blues", 3): SHUFFLE,
    ("pop", 4): BALLAD,
}  # fmt: skip
_CELLS_OF_GRID: Final[dict[int, Cells]] = {2: EIGHTHS, 3: TRIPLETS, 4: SIXTEENTHS}

SHAPES: Final = (
    (2, 2, 1, -3), (4, 3, -2, -1), (-2, -1, -2, 5), (3, -1, -2, 4), (-3, -4, 2, 2), (7, -2, -2, -1), (3, 2, -2, -3),
    (-1, 3, 4, -2), (5, -1, -2, -2), (-4, 2, 2, -3), (-2, 5, -1, -2), (-5, 2, 1, 2), (0, 3, -1, -2), (2, -5, 2, 1),
)  # fmt: skip
"""Contours of a new motif: the steps between its notes, in semitones as they would be if the harmony let them."""


def idiom_of(genre: str) -> Idiom:
    """How a soloist plays in a style of `genre`."""
    return IDIOMS.get(genre, IDIOMS["pop"])


def cells_of(genre: str, steps_per_beat: int) -> Cells:
    """Its rhythm cells on a style's grid, from sparse to busy."""
    return _CELLS.get((genre, steps_per_beat)) or _CELLS_OF_GRID.get(steps_per_beat, EIGHTHS)
