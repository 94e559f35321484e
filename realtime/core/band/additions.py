"""Additions: chords of the band's own on the way to the player's next one, as far as the style allows them.

They take the last beat or two before a change that is as good as certain, where the chord before has been there for a
while and nothing that the player holds rubs against them. How often they are tried is the `creativity`; which of them,
the style's `[options]` and the `complexity`. A change has one addition or none, and always the same: the chance is its
beat's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from realtime.core.chance import Chance
from realtime.core.chord import QUALITIES, Chord, is_same_harmony
from realtime.core.key_finder import Key

TURNAROUND_BEATS: Final = 4


@dataclass(frozen=True, slots=True)
class Way:
    """A beat on the way to another chord."""

    number: int
    chord: Chord
    """What is planned for it."""
    stays: bool
    """Whether the beat before it had that chord, too."""
    coming: Sequence[Chord | None]
    """What is as good as certain of the beats after it, the next one first."""
    key: Key | None
    held: frozenset[int]
    """The pitch classes that the player holds."""
    section_in: int = 0
    """In how many beats a section is sure to begin; 0 where that is not known."""


def add(way: Way, options: Mapping[str, int], complexity: int, creativity: float, chance: Chance) -> Chord | None:
    """The chord that is played on the beat instead of the planned one; None where that one is."""
    beats = _beats_to_change(way)
    if beats is None:
        return _turnaround(way, options, complexity, creativity, chance)
    after = way.coming[beats - 1]
    allowed = sorted(name for name, level in options.items() if level <= complexity and name in _WAYS)
    if after is None or not allowed or not way.stays or beats > 2 or not _tries(way.number + beats, creativity, chance):
        return None
    fitting = [name for name in allowed if _WAYS[name](way.chord, after, 1) is not None]
    if not fitting:
        return None
    name = fitting[int(chance.uniform(way.number + beats, "addition") * len(fitting))]
    return _unless_it_rubs(_WAYS[name](way.chord, after, beats), way)


def _tries(number: int, creativity: float, chance: Chance) -> bool:
    return chance.uniform(number, "add") < creativity


def _beats_to_change(way: Way) -> int | None:
    """In how many beats another chord comes; None if none is in sight."""
    changes = (beat for beat, chord in enumerate(way.coming, start=1) if not is_same_harmony(chord, way.chord))
    return next(changes, None)


def _unless_it_rubs(chord: Chord | None, way: Way) -> Chord | None:
    """No addition where it is what is planned anyway, or where the player holds a note a semitone from one of it."""
    if chord is None or is_same_harmony(chord, way.chord):
        return None
    return None if rubs(chord, way.held) else chord


def rubs(chord: Chord, held: frozenset[int]) -> bool:
    """Whether one of the pitch classes `held` is foreign to a chord, and a semitone from a note of it."""
    tones = {*chord.pitch_classes, chord.bass}
    return any((one - tone) % 12 in (1, 11) for one in held - tones for tone in tones)


def _turnaround(
    way: Way, options: Mapping[str, int], complexity: int, creativity: float, chance: Chance
) -> Chord | None:
    """At home in a section's last bar, and at home after it: round by the sixth, the second and the fifth."""
    key, ahead = way.key, way.section_in
    if key is None or way.chord.root != key.tonic or not 1 <= ahead < TURNAROUND_BEATS:
        return None
    if options.get("turnaround", complexity + 1) > complexity or not way.stays or len(way.coming) < ahead:
        return None
    if not _tries(way.number + ahead, creativity, chance):
        return None
    steps = {3: (9, "m7b5" if key.minor else "7"), 2: (2, "m7b5" if key.minor else "m7"), 1: (7, "7")}
    above, quality = steps[ahead]
    root = (key.tonic + above) % 12
    return _unless_it_rubs(Chord(root, quality, root), way)


# --------------------------------------------------------------------- each: a chord, the next, beats before it


def _on(root: int, quality: str) -> Chord:
    return Chord(root % 12, quality, root % 12)


def _is_dominant_of(chord: Chord, after: Chord) -> bool:
    return chord.root == (after.root + 7) % 12 and chord.family in ("dom", "sus")


def _secondary_dominant(chord: Chord, after: Chord, beats: int) -> Chord | None:
    fits = beats == 1 and after.family != "dim" and not _is_dominant_of(chord, after)
    return _on(after.root + 7, "7") if fits else None


def _tritone_substitute(chord: Chord, after: Chord, beats: int) -> Chord | None:
    fits = beats == 1 and after.family != "dim" and after.bass == after.root
    return _on(after.root + 1, "7") if fits and (after.root + 1) % 12 != chord.root else None


def _approach(chord: Chord, after: Chord, beats: int) -> Chord | None:
    """The next chord's own shape from a semitone above, or from below where the present chord lies below."""
    if beats != 1 or after.bass != after.root:
        return None
    step = -1 if 1 < (after.root - chord.root) % 12 < 6 else 1
    return _on(after.root + step, after.quality) if (after.root + step) % 12 != chord.root else None


def _passing_diminished(chord: Chord, after: Chord, beats: int) -> Chord | None:
    way = (after.bass - chord.bass) % 12
    if beats != 1 or way not in (2, 10):
        return None
    return _on(chord.bass + (1 if way == 2 else -1), "dim7")


def _walk_up(chord: Chord, after: Chord, beats: int) -> Chord | None:
    """One, two minor, one over three, four; the first is the present chord."""
    third = next((i for i in QUALITIES[chord.quality].intervals if i in (3, 4)), None)
    if (after.root - chord.root) % 12 != 5 or after.bass != after.root or third is None:
        return None
    if beats == 2:
        return _on(chord.root + 2, "m7" if third == 4 else "m7b5")
    return Chord(chord.root, chord.quality, (chord.root + third) % 12)


def _two_five(chord: Chord, after: Chord, beats: int) -> Chord | None:
    minor = after.family == "min"
    if after.family == "dim" or _is_dominant_of(chord, after):
        return None
    if beats == 2:
        return _on(after.root + 2, "m7b5" if minor else "m7")
    return _on(after.root + 7, "7b9" if minor else "7")


_WAYS: Final[dict[str, Callable[[Chord, Chord, int], Chord | None]]] = {
    "secondary_dominant": _secondary_dominant,
    "tritone_substitute": _tritone_substitute,
    "approach": _approach,
    "passing_diminished": _passing_diminished,
    "walk_up": _walk_up,
    "two_five": _two_five,
}
