"""Cadences: where a progression comes to rest, halts or is turned aside.

Names as in Caplin, Classical Form (2013), and, for what jazz and gospel add, Levine, The Jazz Theory Book. A perfect
authentic cadence also asks for the tonic in the melody; chords alone cannot tell, so "authentic" is said here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from daemon.theory.progression import Step
from daemon.theory.reading import Reading
from daemon.theory.tonality import is_home
from realtime.core.key_finder import Key

PHRASE_BARS: Final = 4
"""A chord that begins the last bar of such a unit, or ends the piece, ends a phrase."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """A cadence of `kind` that arrives on chord `index`."""

    kind: str
    """authentic, inverted authentic, leading-tone, plagal, minor plagal, deceptive, half, phrygian half, backdoor or
    tritone."""
    index: int
    ends_phrase: bool


def cadences(steps: Sequence[Step], readings: Sequence[Reading], keys: Sequence[Key]) -> tuple[Cadence, ...]:
    """Every cadence, in order; `readings` and `keys` are those of each chord."""
    return tuple(_found(steps, readings, keys))


def _found(steps: Sequence[Step], readings: Sequence[Reading], keys: Sequence[Key]) -> Iterator[Cadence]:
    for index in range(1, len(steps)):
        if keys[index] != keys[index - 1]:
            continue
        ends = ends_phrase(steps, index)
        kind = _arrival(steps, readings, keys[index], index)
        if kind is None and ends:
            kind = _halt(steps, readings, keys[index], index)
        if kind is not None and (ends or kind not in ("plagal", "inverted authentic", "minor plagal")):
            yield Cadence(kind, index, ends)


def ends_phrase(steps: Sequence[Step], index: int) -> bool:
    """Whether chord `index` is the last of its phrase: it holds the end of a unit of four bars, or of the piece."""
    if index == len(steps) - 1:
        return True
    begin, end = steps[index].bar, steps[index].bar + steps[index].bars
    units = int((end + 1e-9) // PHRASE_BARS)
    return units * PHRASE_BARS > begin + 1e-9 and units > 0 and units * PHRASE_BARS >= end - 1 - 1e-9


def _arrival(steps: Sequence[Step], readings: Sequence[Reading], key: Key, index: int) -> str | None:
    """The kind of cadence that a dominant or subdominant makes by moving on to this chord."""
    here, before = steps[index].chord, steps[index - 1].chord
    came = readings[index - 1]
    step = (before.root - key.tonic) % 12
    if is_home(here, key) or (here.root == key.tonic and index == len(steps) - 1):
        if came.kind == "backdoor dominant":
            return "backdoor"
        if came.kind == "tritone substitute" and step == 1:
            return "tritone"
        if step == 7 and came.function == "dominant":
            return "authentic" if here.bass == here.root and before.bass == before.root else "inverted authentic"
        if step == 11 and before.family == "dim":
            return "leading-tone"
        if step == 5 and here.bass == here.root:
            return "minor plagal" if before.family == "min" and not key.minor else "plagal"
    submediant = (key.tonic + (8 if key.minor else 9)) % 12
    if step == 7 and came.function == "dominant" and before.family == "dom" and here.root == submediant:
        return "deceptive"
    return None


def _halt(steps: Sequence[Step], readings: Sequence[Reading], key: Key, index: int) -> str | None:
    """A phrase that ends on the dominant."""
    here, before = steps[index].chord, steps[index - 1].chord
    if (here.root - key.tonic) % 12 != 7 or readings[index].function != "dominant" or here.bass != here.root:
        return None
    falls = key.minor and (before.bass - key.tonic) % 12 == 8
    return "phrygian half" if falls else "half"
