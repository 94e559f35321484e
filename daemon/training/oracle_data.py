"""Songs for the oracle: the charts of tunes, on the grids of beats, of chord changes and of bars."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from daemon.evaluation.corpus import BadTune, parse_tune
from daemon.evaluation.grid import grid_of
from daemon.evaluation.symbols import Symbols, symbols_of_bars, symbols_of_beats, symbols_of_changes
from daemon.training.tune_lines import lines_of, source_of

GridName = Literal["beats", "changes", "bars"]
GRIDS: Final[tuple[GridName, ...]] = ("beats", "changes", "bars")

Song = tuple[bytes, bytes, int, int | None, int, bytes, list[int], int]
"""Tokens, the place of each in the bar, events a bar, key (minor from 12 on), and the group of its versions; what is on
each beat, the beat on which each begins, beats a bar."""

MOST_DERIVED: Final = 300
"""A file gives at most so many tunes whose chart a program derived from the notes: people's charts must outweigh."""

_FEWEST_EVENTS: Final = 4


@dataclass(slots=True)
class Songs:
    """Songs by grid, with the sources and licences they came from."""

    by_grid: dict[GridName, list[Song]] = field(default_factory=lambda: {grid: [] for grid in GRIDS})
    sources: dict[str, int] = field(default_factory=dict)
    """Tunes by file and licence."""
    problems: list[str] = field(default_factory=list)


def read_songs(files: Sequence[Path]) -> Songs:
    """All tunes that may teach: those with chords that are not for evaluation only."""
    songs = Songs()
    for path in files:
        derived = 0
        for number, line in enumerate(lines_of(path), start=1):
            try:
                facts = json.loads(line)
                teaches = bool(facts.get("chords")) and facts.get("tier", "ship") != "eval"
                derived += teaches and bool(facts.get("chords_derived"))
                if not teaches or (facts.get("chords_derived") and derived > MOST_DERIVED):
                    continue
                _add(songs, line, facts)
            except (BadTune, ValueError, AttributeError) as problem:
                songs.problems.append(f"{path}:{number}: {problem}")
                continue
            source = source_of(path, facts)
            songs.sources[source] = songs.sources.get(source, 0) + 1
    return songs


def _add(songs: Songs, line: bytes, facts: dict[str, Any]) -> None:
    tune = parse_tune(line)
    grid = grid_of(tune)
    key = _key(facts.get("key"))
    group = zlib.crc32(str(facts.get("dup_group") or tune.name).encode())
    rows: list[tuple[GridName, Symbols]] = [("beats", symbols_of_beats(tune, grid))]
    rows.append(("changes", symbols_of_changes(tune, grid)))
    rows.append(("bars", symbols_of_bars(tune, grid)))
    for name, row in rows:
        known = name == "changes" or tune.bars_known
        if known and len(row.tokens) >= _FEWEST_EVENTS:
            places = (bytes(row.tokens), bytes(row.positions), row.beats_per_bar)
            songs.by_grid[name].append((*places, key, group, bytes(row.beats), list(row.starts), row.bar))


def _key(key: object) -> int | None:
    match key:
        case [int(tonic), str(mode)] if 0 <= tonic < 12:
            return tonic + 12 * mode.startswith("min")
    return None
