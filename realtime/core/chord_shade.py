"""The finer shade of a chord whose root and family are known: sixth, ninth, half-diminished, augmented, slash bass."""

from functools import cache
from operator import mul
from typing import Final

from realtime.core.chord import Chord
from realtime.core.chord_tokens import FAMILY_COUNT, FAMILY_QUALITIES, NO_CHORD_TOKEN, TOKEN_FAMILIES
from realtime.core.evidence import Evidence
from realtime.core.recogniser import LIKELIHOOD_WEIGHT, bass_of, log_table, profile

SAME_SHADE: Final = 0.8
"""How many nats a shade gains for having been there on the beat before."""

_UNLIKELY: Final = {
    "6": 2.2, "add9": 2.0, "m6": 2.2, "madd9": 2.0, "mmaj7": 2.6, "9": 2.0, "13": 2.4, "7b9": 2.4, "7#9": 3.0,
    "7#5": 2.4, "maj9": 2.0, "m9": 2.0, "dim7": 0.6, "m7b5": 0.3, "sus2": 0.2, "7sus4": 0.6, "11": 1.6, "aug": 0.6,
}  # fmt: skip
"""How many nats each shade is behind the plainest of its family before anything is heard."""

_UNHEARD: Final = ("5",)
"""Not told from one beat: a chord without its third is the triad the music is in, until no third comes for long."""

BARE_BEATS: Final = 4
"""After this many beats without a third, a chord without one is a power chord."""

_STRAY: Final = 0.03
"""What may sound beside root and fifth, as a share of all."""


_TRIADS: Final = (TOKEN_FAMILIES.index("maj"), TOKEN_FAMILIES.index("min"))


@cache
def _shades(family: int) -> tuple[tuple[str, tuple[float, ...], float], ...]:
    """The shades of a family on C, what each expects of the pitch classes, and how likely each is beforehand."""
    shades = tuple(quality for quality in FAMILY_QUALITIES[family] if quality not in _UNHEARD)
    expected = log_table([profile(quality) for quality in shades]).tolist()
    return tuple((shade, tuple(row), -_UNLIKELY.get(shade, 0.0)) for shade, row in zip(shades, expected, strict=False))


def is_bare(evidence: Evidence) -> bool:
    """Whether there is a note and a fifth on it, both heard well, and nothing else."""
    most = (1.0 - _STRAY) * evidence.total
    return any(_is_fifth_on(root, evidence, most) for root in range(12))


def _is_fifth_on(root: int, evidence: Evidence, most: float) -> bool:
    pair = evidence.weights[root], evidence.weights[(root + 7) % 12]
    return sum(pair) >= most and min(pair) > _STRAY * most


def shaded(token: int, evidence: Evidence, before: Chord | None, *, bare: bool = False) -> Chord | None:
    """The chord of `token` that fits the notes best; the shade of `before` stays where either would do.

    `bare`: the beats before had no thirds; a triad without one is a power chord then.
    """
    if token == NO_CHORD_TOKEN:
        return None
    root, family = divmod(token, FAMILY_COUNT)
    if bare and family in _TRIADS and _is_fifth_on(root, evidence, (1.0 - _STRAY) * evidence.total):
        return Chord(root, "5", bass_of(evidence, root, "5"))
    turned = (*evidence.weights[root:], *evidence.weights[:root])
    worth = LIKELIHOOD_WEIGHT / max(evidence.total, 1.0)
    present = before.quality if before is not None and before.root == root else None

    def fits(shade: tuple[str, tuple[float, ...], float]) -> float:
        quality, expected, likely = shade
        heard: float = sum(map(mul, expected, turned))
        return worth * heard + likely + SAME_SHADE * (quality == present)

    quality = max(_shades(family), key=fits)[0]
    return Chord(root, quality, bass_of(evidence, root, quality))
