"""Chords as 85 tokens: a root and one of seven families, or no chord. What nets, filters and oracles share."""

from typing import Final

from realtime.core.chord import Chord

TOKEN_FAMILIES: Final = ("maj", "min", "7", "maj7", "min7", "dim", "sus")
FAMILY_COUNT: Final = len(TOKEN_FAMILIES)
NO_CHORD_TOKEN: Final = 12 * FAMILY_COUNT
TOKEN_COUNT: Final = NO_CHORD_TOKEN + 1

FAMILY_QUALITIES: Final[tuple[tuple[str, ...], ...]] = (
    ("", "6", "add9", "5"),
    ("m", "m6", "madd9", "mmaj7"),
    ("7", "9", "13", "7b9", "7#9", "7#5"),
    ("maj7", "maj9"),
    ("m7", "m9"),
    ("dim", "dim7", "m7b5"),
    ("sus4", "sus2", "7sus4", "11", "aug"),
)
"""The qualities of each family, the plainest first. An augmented triad has no fifth to lean on, like a suspension."""

FAMILY_OF_QUALITY: Final = {
    quality: family for family, qualities in enumerate(FAMILY_QUALITIES) for quality in qualities
}
"""Which of the seven families a quality of `realtime.core.chord` is in."""


def token_of(chord: Chord | None) -> int:
    """The token of a chord, 0..84; its bass and its finer shade are left out."""
    if chord is None:
        return NO_CHORD_TOKEN
    return chord.root * FAMILY_COUNT + FAMILY_OF_QUALITY[chord.quality]


def chord_of(token: int) -> Chord | None:
    """The plainest chord of a token."""
    if token == NO_CHORD_TOKEN:
        return None
    root, family = divmod(token, FAMILY_COUNT)
    return Chord(root, FAMILY_QUALITIES[family][0], root)
