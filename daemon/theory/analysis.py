"""The whole analysis of a progression: every chord read in its key, cadences, modulations, schemata and measures."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from daemon.theory.cadence import Cadence, cadences, ends_phrase
from daemon.theory.complexity import Complexity, complexity
from daemon.theory.numeral import figured_numeral
from daemon.theory.progression import Progression, Step
from daemon.theory.reading import Reading, readings
from daemon.theory.schemata import Found, schemata
from daemon.theory.tonality import Region, regions
from daemon.theory.voice_leading import VoiceLeading, Voicing, judge
from realtime.core.chord import Chord
from realtime.core.key_finder import Key


@dataclass(frozen=True, slots=True)
class ReadChord:
    """A chord with its key and the likeliest reading; `others` are further readings worth naming."""

    step: Step
    key: Key
    reading: Reading
    figured: str
    """The numeral with inversions in figures, as "ii6/5"."""
    others: tuple[Reading, ...]
    ends_phrase: bool


@dataclass(frozen=True, slots=True)
class Modulation:
    """A change of key at chord `index`; `pivot` is the chord before it as both keys read it, where both do."""

    index: int
    old: Key
    new: Key
    pivot: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is known of a progression. `key` is where it ends, unless it returns to where it began."""

    key: Key
    chords: tuple[ReadChord, ...]
    regions: tuple[Region, ...]
    modulations: tuple[Modulation, ...]
    cadences: tuple[Cadence, ...]
    schemata: tuple[Found, ...]
    voice_leading: VoiceLeading
    complexity: Complexity
    bars: float

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON; bars count from 1, chords from 0."""
        return {
            "key": self.key.name,
            "bars": self.bars,
            "chords": [_chord_json(read) for read in self.chords],
            "modulations": [
                {"chord": m.index, "from": m.old.name, "to": m.new.name, "pivot": m.pivot} for m in self.modulations
            ],
            "cadences": [asdict(cadence) for cadence in self.cadences],
            "schemata": [asdict(found) for found in self.schemata],
            "voice_leading": asdict(self.voice_leading),
            "complexity": asdict(self.complexity),
        }


def analyse(progression: Progression, key: Key | None = None, voicings: Sequence[Voicing] | None = None) -> Analysis:
    """The analysis of a progression; in `key` throughout if it is given, else in the keys it is heard in.

    Voice leading is judged in `voicings` (MIDI pitches, one voicing a chord), else in the smoothest four parts.

    Raises:
        ValueError: there are not as many voicings as chords.
    """
    chords = progression.chords
    found = regions(chords, key)
    keys = [region.key for region in found for _ in range(region.first, region.last)]
    read = tuple(_read(progression.steps, index, keys[index]) for index in range(len(chords)))
    return Analysis(
        _main_key(found),
        read,
        found,
        tuple(_modulation(chords, old, new) for old, new in pairwise(found)),
        cadences(progression.steps, [each.reading for each in read], keys),
        schemata(progression.steps, keys),
        judge(chords, keys, voicings),
        complexity(chords, keys, progression.bars),
        progression.bars,
    )


def _main_key(found: Sequence[Region]) -> Key:
    """The key with most chords; of equals, the last."""
    sizes: dict[Key, int] = {}
    for region in found:
        sizes[region.key] = sizes.get(region.key, 0) + region.last - region.first
    return max(reversed(found), key=lambda region: sizes[region.key]).key


def _neighbours(chords: Sequence[Chord], index: int) -> tuple[Chord | None, Chord | None]:
    """The chord after, and the one before."""
    return chords[index + 1] if index + 1 < len(chords) else None, chords[index - 1] if index else None


def _read(steps: Sequence[Step], index: int, key: Key) -> ReadChord:
    chord = steps[index].chord
    best, *rest = readings(chord, key, *_neighbours([step.chord for step in steps], index))
    plain = best.kind in ("diatonic", "suspended", "dominant of minor", "melodic minor", "borrowed", "blues")
    others = tuple(other for other in rest if other.cost <= best.cost + 1.0 and other.numeral != best.numeral)
    figured = figured_numeral(chord, key) if plain else best.numeral
    return ReadChord(steps[index], key, best, figured, others[:2], ends_phrase(steps, index))


def _modulation(chords: Sequence[Chord], old: Region, new: Region) -> Modulation:
    """The pivot is the first chord of the new key if the old one reads it plainly too, else the one before it."""
    for index in (new.first, new.first - 1):
        both = [readings(chords[index], key, *_neighbours(chords, index))[0] for key in (old.key, new.key)]
        if all(reading.kind in ("diatonic", "dominant of minor") for reading in both):
            return Modulation(new.first, old.key, new.key, (both[0].numeral, both[1].numeral))
    return Modulation(new.first, old.key, new.key, None)


def _chord_json(read: ReadChord) -> dict[str, Any]:
    reading = read.reading
    return {
        "symbol": read.step.text,
        "chord": read.step.chord.name(flats=read.key.uses_flats),
        "bar": read.step.bar + 1,
        "bars": read.step.bars,
        "key": read.key.name,
        "numeral": reading.numeral,
        "figured": read.figured,
        "function": reading.function,
        "kind": reading.kind,
        "resolves": reading.resolves,
        "others": [other.numeral for other in read.others],
    }
