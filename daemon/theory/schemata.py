"""Progressions that have a name, found wherever they stand, and what they and the chords say of the genre."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from daemon.theory.progression import Step
from realtime.core.chord import Chord
from realtime.core.key_finder import Key

Shape = tuple[tuple[int, str], ...]
"""Roots in semitones above the tonic, and families: "M" major or dominant, "7" dominant, "m" minor, "o" diminished,
"h" minor or diminished, "*" any."""

_FAMILIES: Final = {
    "M": ("maj", "dom", "sus"), "7": ("dom", "sus"), "m": ("min",), "o": ("dim",), "h": ("min", "dim"),
    "*": ("maj", "dom", "min", "dim", "sus"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Schema:
    """A progression with a name, counted from the tonic of a major or minor key (None: of either)."""

    name: str
    shape: Shape
    minor: bool | None
    genres: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A schema on chords `first` up to but without `last`."""

    name: str
    first: int
    last: int
    genres: tuple[str, ...]


def _shape(text: str) -> Shape:
    return tuple((int(word[:-1]), word[-1]) for word in text.split())


SCHEMATA: Final = tuple(
    Schema(name, _shape(shape), minor, tuple(genres.split()))
    for name, shape, minor, genres in (
        ("ii–V–I", "2h 7M 0M", False, "jazz bossa"),
        ("minor ii–V–i", "2h 7M 0m", True, "jazz bossa"),
        ("iii–VI–ii–V turnaround", "4h 9* 2* 7M", False, "jazz gospel"),
        ("I–vi–ii–V turnaround", "0M 9* 2* 7M", False, "jazz gospel r&b"),
        ("I–vi–IV–V (doo-wop)", "0M 9m 5M 7M", False, "pop rock r&b"),
        ("I–V–vi–IV (axis)", "0M 7M 9m 5M", False, "pop rock country"),
        ("vi–IV–I–V (axis)", "9m 5M 0M 7M", False, "pop rock"),
        ("i–VI–III–VII (axis in minor)", "0m 8M 3M 10M", True, "pop rock"),
        ("Andalusian cadence", "0m 10M 8M 7M", True, "rock pop"),
        ("Pachelbel sequence", "0M 7M 9m 4m 5M 0M", False, "classical pop"),
        ("royal road", "5M 7M 4m 9m", False, "pop"),
        ("backdoor cadence", "5m 107 0M", False, "jazz gospel r&b"),
        ("double plagal", "10M 5M 0M", None, "rock gospel"),
        ("minor plagal ending", "5M 5m 0M", False, "pop jazz gospel"),
        ("gospel passing chord to vi", "0M 4M 9h", False, "gospel r&b"),
        ("IV–#iv°–I/5", "5M 6o 0M", False, "gospel blues jazz"),
        ("I–I7–IV (on to the subdominant)", "0M 07 5M", False, "gospel blues country"),
        ("three-chord cadence", "0M 5M 7M 0M", False, "country rock pop classical"),
        ("lament bass", "0m 10M 8M 7M 0m", True, "classical rock"),
        ("thirds cycle (Coltrane changes)", "07 5M 87 1M", None, "jazz"),
    )
)

_BLUES: Final = (0, 0, 0, 0, 5, 5, 0, 0, 7, 5, 0, 0)
_FREE: Final = {1: (0, 5), 7: (0, 9), 8: (7, 2), 9: (5, 7), 10: (0, 4), 11: (0, 7, 2)}
"""Roots that each bar of a blues may have instead."""


def schemata(steps: Sequence[Step], keys: Sequence[Key]) -> tuple[Found, ...]:
    """Every named progression, in order of where it begins; one that lies within a longer one is left out."""
    found = [*_named(steps, keys), *_fifths_run(steps), *_blues(steps, keys)]
    kept = [one for one in found if not any(_holds(other, one) for other in found)]
    return tuple(sorted(kept, key=lambda each: (each.first, each.last)))


def _holds(longer: Found, shorter: Found) -> bool:
    inside = longer.first <= shorter.first and shorter.last <= longer.last
    return inside and longer.last - longer.first > shorter.last - shorter.first


def _named(steps: Sequence[Step], keys: Sequence[Key]) -> Iterator[Found]:
    for first in range(len(steps)):
        for schema in SCHEMATA:
            last = first + len(schema.shape)
            if last > len(steps) or schema.minor not in (None, keys[first].minor):
                continue
            pairs = zip(steps[first:last], schema.shape, strict=True)
            if all(_fits(step.chord, keys[first], *wanted) for step, wanted in pairs):
                yield Found(schema.name, first, last, schema.genres)


def _fits(chord: Chord, key: Key, above: int, family: str) -> bool:
    return (chord.root - key.tonic) % 12 == above and chord.family in _FAMILIES[family]


def _fifths_run(steps: Sequence[Step]) -> Iterator[Found]:
    """Roots that fall by fifths through five chords or more (a tritone, as from IV to vii, counts)."""
    first = 0
    for index in range(1, len(steps) + 1):
        falls = index < len(steps) and (steps[index].chord.root - steps[index - 1].chord.root) % 12 in (5, 6)
        if not falls:
            if index - first >= 5:
                yield Found("circle of fifths", first, index, ("jazz", "classical"))
            first = index


def _blues(steps: Sequence[Step], keys: Sequence[Key]) -> Iterator[Found]:
    """Twelve bars of blues, wherever they begin on a bar."""
    ends = steps[-1].bar + steps[-1].bars
    for index, step in enumerate(steps):
        if step.bar % 1 or step.bar + 12 > ends + 1e-9:
            continue
        roots = [(_chord_at(steps, step.bar + bar).root - keys[index].tonic) % 12 for bar in range(12)]
        sevenths = sum(_chord_at(steps, step.bar + bar).family == "dom" for bar in range(12))
        fits = all(root == _BLUES[bar] or root in _FREE.get(bar, ()) for bar, root in enumerate(roots))
        if fits and (sevenths >= 6 or keys[index].minor):
            last = max(i for i, each in enumerate(steps) if each.bar < step.bar + 12) + 1
            yield Found("twelve-bar blues", index, last, ("blues", "jazz", "rock"))
            return


def _chord_at(steps: Sequence[Step], bar: float) -> Chord:
    return next((each.chord for each in reversed(steps) if each.bar <= bar + 1e-9), steps[0].chord)
