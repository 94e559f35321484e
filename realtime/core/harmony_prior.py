"""What chords do in general: the oracle's knowledge before the player has taught it anything.

Counts of 95,000 chord changes in annotated songs (POP909, MIT licence; McGill Billboard, CC0; OpenEWLD, MIT licence),
in parts per thousand. A row is the family of the chord that is left; in it stand twelve groups, one for each
interval of the roots upwards in semitones, of five numbers, one for each family that is entered.
"""

from typing import Final

FAMILIES: Final = ("maj", "min", "dom", "dim", "sus")

# fmt: off
CHANGES_PER_THOUSAND: Final = (
    (
        0, 7, 9, 0, 9, 7, 1, 0, 2, 0, 122, 88, 9, 0, 14, 13, 0, 0, 1, 0,
        7, 32, 2, 0, 1, 202, 25, 3, 0, 11, 1, 0, 0, 1, 0, 160, 19, 15, 0, 7,
        7, 0, 0, 0, 0, 13, 81, 4, 0, 3, 73, 2, 0, 0, 1, 11, 28, 2, 2, 3,
    ),
    (
        6, 0, 2, 1, 7, 60, 1, 0, 0, 1, 12, 36, 3, 2, 3, 71, 2, 3, 0, 4,
        0, 1, 0, 0, 0, 122, 177, 41, 0, 26, 2, 0, 0, 0, 0, 20, 81, 3, 0, 3,
        127, 2, 1, 0, 3, 0, 1, 0, 4, 0, 114, 40, 2, 0, 7, 3, 1, 0, 1, 0,
    ),
    (
        38, 16, 0, 1, 5, 12, 1, 3, 2, 0, 6, 18, 11, 0, 1, 12, 1, 5, 0, 0,
        3, 2, 1, 0, 0, 353, 102, 100, 1, 15, 1, 3, 1, 1, 0, 21, 68, 61, 1, 2,
        12, 1, 1, 1, 0, 2, 14, 6, 1, 0, 47, 5, 20, 0, 4, 2, 3, 11, 1, 0,
    ),
    (
        18, 5, 8, 0, 1, 54, 53, 18, 0, 14, 2, 8, 1, 0, 0, 7, 14, 4, 10, 0,
        3, 5, 14, 0, 0, 108, 17, 118, 1, 11, 44, 4, 23, 0, 0, 17, 14, 5, 0, 0,
        16, 82, 8, 0, 16, 17, 6, 5, 1, 0, 41, 30, 7, 0, 2, 101, 49, 4, 7, 5,
    ),
    (
        191, 64, 35, 0, 0, 13, 0, 1, 0, 0, 28, 51, 4, 0, 21, 19, 1, 0, 0, 1,
        4, 15, 1, 0, 1, 225, 47, 7, 0, 37, 4, 0, 0, 0, 0, 47, 22, 2, 0, 4,
        25, 0, 0, 0, 2, 3, 30, 5, 1, 2, 54, 9, 1, 0, 7, 1, 8, 1, 2, 1,
    ),
)
# fmt: on

CHANGE_PERCENT: Final = (
    (66, 84, 51, 73, 60, 50, 45, 74, 50, 40, 30, 36, 30, 32, 20, 30),
    (3, 21, 8, 51, 3, 14, 6, 49, 2, 13, 3, 15, 2, 10, 4, 3),
    (46, 34, 17, 64, 23, 10, 15, 49, 15, 7, 5, 21, 14, 4, 3, 5),
    (8, 31, 4, 35, 6, 10, 3, 26, 6, 5, 2, 19, 2, 13, 2, 3),
)
"""How often the chord changes when a beat begins: by the beat (bar line, second, half-bar, fourth), then by how many
beats the chord has lasted, 1 to 16 and more. Four-four; other metres use the bar line's and the second beat's rows."""
