"""Reads tunes: JSON lines, plain or gzipped, a tune a line, each checked; a bad line is told, skipped and counted.

All times in a tune are in quarter notes from its start. Fields that are not known here are left alone.
"""

import gzip
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from daemon.evaluation.chart import ChartChord, chart_chord
from realtime.core.meter import Meter
from realtime.core.units import PITCH_COUNT

MAX_QUARTERS: Final = 20_000.0
"""A tune longer than this (an hour and a half at 200 a minute) is a mistake in the data."""

DEFAULT_VELOCITY: Final = 80
SHORTEST_NOTE: Final = 0.05
"""Grace notes come with no length at all; they sound this many quarters."""

_GZIP_MAGIC: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class TuneNote:
    """A note of a tune: it sounds from `start` for `length` quarters."""

    start: float
    length: float
    pitch: int
    velocity: int = DEFAULT_VELOCITY


@dataclass(frozen=True, slots=True)
class ChartSpan:
    """A chart's chord from `start` for `length` quarters; None for no chord."""

    start: float
    length: float
    chord: ChartChord | None


@dataclass(frozen=True, slots=True)
class Tune:
    """A tune as the data gives it, checked. Bars begin at `pickup`, and anew at each change of meter."""

    name: str
    meters: tuple[tuple[float, Meter], ...]
    """Where each meter begins; the first one's start is the tune's."""
    pickup: float = 0.0
    tempo_bpm: float | None = None
    chart: tuple[ChartSpan, ...] = ()
    melody: tuple[TuneNote, ...] = ()
    tracks: tuple[tuple[str, tuple[TuneNote, ...]], ...] = ()
    keys: tuple[tuple[float, int, bool], ...] = ()
    """Where each key begins, its tonic, and whether it is minor; empty where nobody has said."""
    bars_known: bool = True
    """False where nobody knows which beat is the first of the bar."""

    @property
    def end(self) -> float:
        """When the last note or chord is over."""
        notes = (note.start + note.length for _, track in self.tracks for note in track)
        melody = (note.start + note.length for note in self.melody)
        return max(*notes, *melody, *(span.start + span.length for span in self.chart), 0.0, 0.0)


class _Line(msgspec.Struct):
    """A line's fields, as far as they matter here."""

    id: str
    meter: str = "4/4"
    pickup: float = 0.0
    tempo: float | None = None
    chords: list[tuple[float, float, int | None, str, int | None]] = msgspec.field(default_factory=list)
    melody: list[list[float]] = msgspec.field(default_factory=list)
    tracks: dict[str, list[list[float]]] = msgspec.field(default_factory=dict)
    meters: list[tuple[float, str]] = msgspec.field(default_factory=list)
    key: Any = None
    keys: Any = None
    bar_phase_unknown: bool = False


_DECODER: Final = msgspec.json.Decoder(_Line)


class BadTune(ValueError):
    """The line is no tune; the text says what is wrong."""


@dataclass(slots=True)
class Corpus:
    """The tunes in some files, read one at a time; `problems` fills up as they are."""

    paths: Sequence[Path]
    limit: int | None = None
    """At most so many tunes; None for all."""
    problems: list[str] = field(default_factory=list)
    skipped: int = 0

    def __iter__(self) -> Iterator[Tune]:
        """The tunes, in order."""
        count = 0
        for path in self.paths:
            for number, line in enumerate(self._lines(path), start=1):
                if self.limit is not None and count >= self.limit:
                    return
                if not line.strip():
                    continue
                try:
                    tune = parse_tune(line)
                except BadTune as problem:
                    self._skip(f"{path}:{number}: {problem}")
                    continue
                count += 1
                yield tune

    def _skip(self, problem: str) -> None:
        self.skipped += 1
        self.problems.append(problem)

    def _lines(self, path: Path) -> Iterator[bytes]:
        """A file's lines; a file torn in the middle ends where it is torn."""
        number = 0
        with path.open("rb") as file:
            try:
                for number, line in enumerate(_unpacked(file), start=1):  # noqa: B007 - told when the file is torn
                    yield line
            except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
                self._skip(f"{path}:{number + 1}: the file is damaged here: {problem}")


def _unpacked(file: BinaryIO) -> Iterable[bytes]:
    magic = file.read(2)
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if magic == _GZIP_MAGIC else file


def parse_tune(line: bytes) -> Tune:
    """The tune on a line.

    Raises:
        BadTune: it is no JSON object, a field has the wrong kind, or a number is out of range.
    """
    try:
        raw = _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise BadTune(str(problem)) from None
    _quarters("pickup", raw.pickup)
    if raw.tempo is not None and not (math.isfinite(raw.tempo) and raw.tempo > 0):
        raise BadTune(f"tempo must be more than 0, but was {raw.tempo}")
    return Tune(
        name=raw.id,
        meters=_meters(raw),
        pickup=raw.pickup,
        tempo_bpm=raw.tempo,
        chart=_chart(raw.chords),
        melody=_notes("melody", raw.melody),
        tracks=tuple((name, _notes(f"tracks.{name:.40}", notes)) for name, notes in raw.tracks.items()),
        keys=_keys(raw),
        bars_known=not raw.bar_phase_unknown,
    )


def _quarters(name: str, value: float) -> float:
    if not 0.0 <= value <= MAX_QUARTERS:
        raise BadTune(f"{name} must be 0 to {MAX_QUARTERS:g} quarters, but was {value}")
    return float(value)


def _whole(name: str, value: float, low: int, high: int) -> int:
    if not low <= value <= high or value != int(value):
        raise BadTune(f"{name} must be a whole number {low} to {high}, but was {value}")
    return int(value)


def _meter(text: str) -> Meter:
    numerator, _, denominator = text.partition("/")
    if not (numerator.isascii() and numerator.isdigit() and denominator.isascii() and denominator.isdigit()):
        raise BadTune(f"meter must be as 4/4, but was {text!r:.40}")
    if len(text) > 5:
        raise BadTune(f"meter must be as 4/4, but was {text!r:.40}")
    try:
        return Meter(int(numerator), int(denominator))
    except ValueError as problem:
        raise BadTune(str(problem)) from None


def _meters(raw: _Line) -> tuple[tuple[float, Meter], ...]:
    changes = [(_quarters("meters", start), _meter(text)) for start, text in raw.meters]
    if sorted(start for start, _ in changes) != [start for start, _ in changes]:
        raise BadTune("meters must be in order of time")
    if not changes or changes[0][0] > 0.0:
        changes.insert(0, (0.0, _meter(raw.meter)))
    return tuple(changes)


def _keys(raw: _Line) -> tuple[tuple[float, int, bool], ...]:
    """The keys of a tune; what is no key is left out, for few things need one."""
    keys: list[tuple[float, int, bool]] = []
    known = [[0.0, *raw.key]] if isinstance(raw.key, list) else []
    entries = raw.keys if isinstance(raw.keys, list) and raw.keys else known
    for entry in entries:
        match entry:
            case [float() | int() as start, int(tonic), str(mode)] if 0 <= tonic < 12 and 0 <= start <= MAX_QUARTERS:
                keys.append((float(start), tonic, mode.startswith("min")))
    return tuple(sorted(keys))


def _chart(entries: list[tuple[float, float, int | None, str, int | None]]) -> tuple[ChartSpan, ...]:
    spans: list[ChartSpan] = []
    for start, length, root, quality, bass in entries:
        _quarters("chords: start", start)
        _quarters("chords: length", length)
        for name, pitch_class in (("root", root), ("bass", bass)):
            if pitch_class is not None:
                _whole(f"chords: {name}", pitch_class, 0, 11)
        if spans and start < spans[-1].start:
            raise BadTune(f"chords must be in order of time, but {start} comes after {spans[-1].start}")
        spans.append(ChartSpan(float(start), float(length), chart_chord(root, quality, bass)))
    return tuple(spans)


def _notes(name: str, entries: list[list[float]]) -> tuple[TuneNote, ...]:
    notes = []
    for entry in entries:
        if len(entry) not in (3, 4):
            raise BadTune(f"{name}: a note is [start, length, pitch] and perhaps a velocity, but was {_seen(entry)}")
        start, length = _quarters(f"{name}: start", entry[0]), _quarters(f"{name}: length", entry[1])
        pitch = _whole(f"{name}: pitch", entry[2], 0, PITCH_COUNT - 1)
        velocity = _whole(f"{name}: velocity", entry[3], 0, 127) if len(entry) == 4 else DEFAULT_VELOCITY
        notes.append(TuneNote(start, max(length, SHORTEST_NOTE), pitch, max(1, velocity)))
    return tuple(sorted(notes, key=lambda note: (note.start, note.pitch)))


def _seen(value: Any) -> str:  # noqa: ANN401 - anything at all can stand in a bad line
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
