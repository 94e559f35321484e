"""Examples for the chord recogniser: pieces read, played into the ear beat by beat, and labelled."""

import gzip
import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.chord_features import CHANNELS, FACTS, BeatSight, features
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN
from realtime.core.evidence import Span
from realtime.core.meter import Meter
from realtime.core.units import TICKS_PER_QUARTER, Micros

Note = tuple[float, float, int, int]
"""Start and length in beats, pitch, velocity."""

LEVELS: Final = 240
"""Features are kept as whole numbers 0..LEVELS."""

IGNORED: Final = -1
"""The label of a beat that nobody named, or whose chord fits no family."""

_FAMILY_NAMES: Final = {
    0: ("maj", "maj6", "add9", "maj69", "5", "add11", "majb5"),
    1: ("min", "min6", "minadd9", "minmaj7", "min69", "minmaj9", "minadd11"),
    2: ("7", "9", "13", "7b9", "7#9", "7#5", "9#5", "7b5", "7#11", "9#11", "13b9", "7b13", "9b13", "7#5#9b9", "7#9b9"),
    3: ("maj7", "maj9", "maj13", "maj7#11", "maj9#11"),
    4: ("min7", "min9", "min11", "min13", "min7b9", "min7#5"),
    5: ("dim", "dim7", "hdim7"),
    6: ("sus4", "sus2", "7sus4", "9sus4", "13sus4", "7b9sus4", "7sus2", "11", "aug", "maj7#5"),
}
FAMILY_OF_NAME: Final = {name: family for family, names in _FAMILY_NAMES.items() for name in names}


@dataclass(slots=True)
class Piece:
    """A performance with the chord of every beat."""

    id: str
    notes: list[Note]
    chords: list[tuple[float, float, int | None, str, int | None]]
    tempo: float
    bar_beats: int
    pickup: int
    """The beat on which the first whole bar begins."""
    key: tuple[int, str] | None = None

    @property
    def beats(self) -> int:
        """How many whole beats it lasts."""
        return int(max((chord[0] + chord[1] for chord in self.chords), default=0))

    def place(self, beat: int) -> tuple[int, int]:
        """Which beat of how many in the bar."""
        return (beat - self.pickup) % self.bar_beats, self.bar_beats


def token_of_name(root: int | None, name: str) -> int:
    """The token of a chord as the files write it."""
    if root is None or name == "N":
        return NO_CHORD_TOKEN
    family = FAMILY_OF_NAME.get(name)
    return IGNORED if family is None else root * FAMILY_COUNT + family


def read_pieces(path: Path) -> Iterator[dict[str, Any]]:
    """The pieces of a JSONL file, gzipped or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def played(record: dict[str, Any]) -> Piece:
    """The piece as its own notes play it: every track and the melody."""
    notes = [
        (float(note[0]), float(note[1]), int(note[2]), int(note[3]) if len(note) > 3 else 80)
        for track in [*(record.get("tracks") or {}).values(), record.get("melody") or []]
        for note in track
    ]
    return with_notes(record, notes)


def with_notes(record: dict[str, Any], notes: list[Note]) -> Piece:
    """The piece with these notes, its times in beats of its meter from the beginning of one."""
    meter = Meter(*(int(part) for part in record["meter"].split("/")))
    unit = meter.beat_ticks / TICKS_PER_QUARTER
    pickup = float(record.get("pickup") or 0) / unit
    late = -pickup % 1.0

    def beats(quarters: float) -> float:
        return quarters / unit + late

    return Piece(
        record["id"],
        sorted((beats(note[0]), note[1] / unit, note[2], note[3]) for note in notes),
        [(beats(c[0]), c[1] / unit, c[2], c[3], c[4] if len(c) > 4 else None) for c in record["chords"]],
        float(record.get("tempo") or 100.0) / unit,
        meter.beats_per_bar,
        round(pickup + late),
        tuple(record["key"]) if record.get("key") else None,
    )


def labels(piece: Piece) -> NDArray[np.int16]:
    """For each beat the token of the chord that fills most of it (of two halves, the first)."""
    result = np.full(piece.beats, IGNORED, dtype=np.int16)
    most = np.zeros(piece.beats)
    for start, length, root, name, _ in piece.chords:
        for beat in range(max(0, math.floor(start)), min(piece.beats, math.ceil(start + length))):
            share = min(beat + 1.0, start + length) - max(float(beat), start)
            if share > most[beat] + 1e-6:
                most[beat], result[beat] = share, token_of_name(root, name)
    return result


BEGINNING: Final = 0
WHOLE: Final = 1
"""The two judgements of a beat: when its beginning was heard, and when it is over."""


@dataclass(slots=True)
class Examples:
    """Beats to learn from, in order: what was seen of each, twice (its beginning, the whole), and what it was."""

    channels: NDArray[np.uint8]
    """Beats x 2 x `CHANNELS` x 12, in `LEVELS`."""
    facts: NDArray[np.uint8]
    """Beats x 2 x `FACTS`, in `LEVELS`."""
    label: NDArray[np.int16]
    performance: NDArray[np.int32]
    """Which performance a beat is of: equal neighbours follow each other."""
    weight: NDArray[np.float32]
    """How much each beat counts."""

    def performances(self) -> list[tuple[int, int]]:
        """The first beat of each performance, and the one after its last."""
        cuts = np.flatnonzero(np.diff(self.performance)) + 1
        return [(int(a), int(b)) for a, b in pairwise([0, *cuts, len(self.performance)]) if a < b]


@dataclass(frozen=True, slots=True)
class Window:
    """How a piece is listened to: how early a beat's notes count (in beats), and what part of it is its beginning."""

    early: float = 0.0
    beginning: float = 0.125
    know_place: bool = True


def spans_of(piece: Piece) -> tuple[list[Span], int]:
    """The notes as the ear keeps them, and the microseconds in a beat."""
    beat = int(60_000_000 / min(240.0, max(40.0, piece.tempo)))
    spans = [
        Span(pitch, velocity, Micros(int(start * beat)), Micros(int((start + length) * beat)))
        for start, length, pitch, velocity in piece.notes
    ]
    return spans, beat


def listen(piece: Piece, number: int, window: Window, weight: float = 1.0) -> Examples:
    """Plays a piece into the features; `number` is that of the performance, `weight` how much its beats count."""
    spans, length = spans_of(piece)
    truth = labels(piece)
    count = len(truth)
    channels = np.zeros((count, 2, CHANNELS, 12), dtype=np.uint8)
    facts = np.zeros((count, 2, FACTS), dtype=np.uint8)
    active: list[Span] = []
    following = 0
    lead = int(window.early * length)
    for beat in range(count):
        start = beat * length - lead
        while following < len(spans) and spans[following].start < start + length:
            active.append(spans[following])
            following += 1
        active = [span for span in active if span.end is None or span.end > start]
        place = piece.place(beat) if window.know_place else None
        for part, now in ((BEGINNING, int((beat + window.beginning) * length)), (WHOLE, start + length)):
            rows, numbers = features(BeatSight(active, Micros(start), length, Micros(now)), place)
            channels[beat, part] = np.rint(rows * LEVELS)
            facts[beat, part] = np.rint(numbers * LEVELS)
    performance = np.full(count, number, dtype=np.int32)
    return Examples(channels, facts, truth, performance, np.full(count, weight, dtype=np.float32))


def joined(sets: Sequence[Examples]) -> Examples:
    """Several sets as one."""
    return Examples(*(np.concatenate([getattr(one, name) for one in sets]) for name in Examples.__slots__))


def is_kept_aside(piece_id: str, percent: int = 8) -> bool:
    """Whether a piece is left out of training to choose and fit on; decided by its name alone."""
    return int(hashlib.sha1(piece_id.encode()).hexdigest(), 16) % 100 < percent
