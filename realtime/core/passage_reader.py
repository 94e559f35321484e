"""Reads what a style writes beside its grooves: intros, breaks, endings, fills, and the harmonic options it allows."""

from collections.abc import Mapping
from typing import Final

from realtime.core.chart import BadChart
from realtime.core.chord import Chord
from realtime.core.degrees import in_minor, parse_degrees
from realtime.core.meter import Meter
from realtime.core.style import (
    BASS_STEPS,
    DRUM_VOICES,
    HIT_LEVELS,
    MOST_COMPLEXITY,
    MOST_PASSAGES,
    OPTIONS,
    PASSAGES,
    PUSH,
    VARIATIONS,
    Fill,
    Groove,
    Passage,
)
from realtime.core.table_reader import MAX_ROW_BARS, TableReader

HITS: Final = frozenset("." + "".join(HIT_LEVELS))
HELD_HITS: Final = HITS | {"-", PUSH}
BASS_ROW: Final = BASS_STEPS | {".", "-"}

LEAST_RITARDANDO: Final = 0.4
_ROWS: Final[dict[str, frozenset[str]]] = {"bass": BASS_ROW, "keys": HELD_HITS, "pad": HELD_HITS}


def read_drums(reader: TableReader, at: str, value: object, steps: int) -> Mapping[str, str]:
    """Rows by drum voice."""
    table = reader.table(at, value)
    reader.known(at, table, frozenset(DRUM_VOICES))
    return {v: reader.row(f"{at}.{v}", row, steps, HITS) for v, row in table.items() if v in DRUM_VOICES}


def read_fills(reader: TableReader, value: object, steps: int) -> tuple[Fill, ...]:
    """The list of fills; there is at least one."""
    if not isinstance(value, list) or not value:
        reader.problems.append(f"fill: must be at least one [[fill]] table, but was {value!r:.60}")
        return ()
    return tuple(_fill(reader, f"fill[{index}]", fill, steps) for index, fill in enumerate(value))


def _fill(reader: TableReader, at: str, value: object, steps: int) -> Fill:
    table = dict(reader.table(at, value))
    into = table.pop("into", "")
    if not isinstance(into, str) or not set(into) <= set(VARIATIONS):
        reader.problems.append(f"{at}.into: must be variations, as 'C' or 'CD', but was {into!r:.60}")
        into = ""
    return Fill(read_drums(reader, at, table, steps), into)


def read_options(reader: TableReader, value: object) -> Mapping[str, int]:
    """The harmonic options, each with the complexity it takes."""
    table = reader.table("options", value)
    reader.known("options", table, tuple(OPTIONS))
    return {
        name: int(reader.number(f"options.{name}", level, 1, MOST_COMPLEXITY))
        for name, level in table.items()
        if name in OPTIONS
    }


def read_passages(
    reader: TableReader, mapping: Mapping[str, object], meter: Meter, steps: int
) -> Mapping[str, Mapping[int, Passage]]:
    """The passages of each kind, by number."""
    found: dict[str, Mapping[int, Passage]] = {}
    numbers = tuple(str(number) for number in range(1, MOST_PASSAGES + 1))
    for kind in PASSAGES:
        table = reader.table(kind, mapping.get(kind, {}))
        reader.known(kind, table, numbers)
        if table:
            found[kind] = {
                int(number): _passage(reader, f"{kind}.{number}", value, meter, steps)
                for number, value in sorted(table.items())
                if number in numbers
            }
    return found


def _passage(reader: TableReader, at: str, value: object, meter: Meter, steps: int) -> Passage:
    table = reader.table(at, value)
    ending = ("ritardando",) if at.startswith("ending") else ()
    reader.known(at, table, ("bars", "drums", "bass", "keys", "pad", "chords", "minor", *ending))
    drums = read_drums(reader, f"{at}.drums", table.get("drums", {}), steps)
    rows = {
        part: reader.row(f"{at}.{part}", table[part], steps, alphabet) if part in table else ""
        for part, alphabet in _ROWS.items()
    }
    chords = _chords(reader, f"{at}.chords", table.get("chords"), meter.beats_per_bar)
    minor = _chords(reader, f"{at}.minor", table.get("minor"), meter.beats_per_bar)
    if minor and not chords:
        reader.problems.append(f"{at}.minor: comes with `chords`, the same in major, which is missing")
    lengths = {f"drums.{voice}": len(row) // steps for voice, row in drums.items()}
    lengths |= {part: len(row) // steps for part, row in rows.items() if row}
    lengths |= {"chords": len(chords) // meter.beats_per_bar} if chords else {}
    lengths |= {"minor": len(minor) // meter.beats_per_bar} if minor else {}
    if not lengths:
        reader.problems.append(f"{at}: is empty; it has rows {', '.join(_ROWS)} and {at}.drums, of its own")
    bars = _bars(reader, at, table.get("bars"), lengths)
    silent = "." * steps
    return Passage(
        bars=bars,
        groove=Groove(drums, *(rows[part] or silent for part in ("bass", "keys", "pad"))),
        chords=_repeated(chords, bars * meter.beats_per_bar),
        minor=_repeated(minor or in_minor(chords), bars * meter.beats_per_bar),
        ritardando=reader.number(f"{at}.ritardando", table.get("ritardando", 1.0), LEAST_RITARDANDO, 1.0),
    )


def _bars(reader: TableReader, at: str, value: object, lengths: Mapping[str, int]) -> int:
    """How long a passage is: as it says, or as its longest row; every row comes out even in it."""
    longest = max(lengths.values(), default=1)
    bars = longest if value is None else int(reader.number(f"{at}.bars", value, 1, MAX_ROW_BARS))
    for name, length in lengths.items():
        if bars % max(1, length):
            reader.problems.append(f"{at}.{name}: has {length} bars, which do not go into the passage's {bars}")
    return bars


def _chords(reader: TableReader, at: str, value: object, beats_per_bar: int) -> tuple[Chord | None, ...]:
    if value is None:
        return ()
    if not isinstance(value, str):
        reader.problems.append(f"{at}: must be chords in degrees, as 'I vi ii V', but was {value!r:.60}")
        return ()
    try:
        return parse_degrees(value, beats_per_bar).beats
    except BadChart as problem:
        reader.problems.append(f"{at}: {problem}")
        return ()


def _repeated(chords: tuple[Chord | None, ...], beats: int) -> tuple[Chord | None, ...]:
    return tuple(chords[beat % len(chords)] for beat in range(beats)) if chords else ()
