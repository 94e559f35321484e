"""Remakes the harmoniser's tables from tunes: counts of chords under melodies, in their keys.

Only tunes teach that have a melody, a key and a chart made by people, and may be learnt from. Counts know the scale
degree and the mode; where there are few of them they lean on counts that know less. No dice: the same files give the
same bytes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from daemon.config import ConfigError
from daemon.evaluation.chart import chart_token
from daemon.evaluation.corpus import BadTune, Tune, parse_tune
from daemon.evaluation.grid import Grid, chart_on_beats, grid_of
from daemon.evaluation.harmonise import melody_on_beats
from daemon.training.tune_lines import source_of, tunes_of
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN, TOKEN_COUNT
from realtime.core.harmoniser import beat_strength
from realtime.core.melody_ear import EARLY_SHARE, ONSET_WEIGHT

Floats = NDArray[np.float64]

FEWEST_TUNES: Final = 8
LEAN_NOTES: Final = 30.0
LEAN_CHANGES: Final = 20.0
"""Counts worth so much, in beats and in changes, come from what is known without the degree."""


@dataclass(slots=True)
class Counts:
    """What was counted, for major and minor keys, from the tonic up."""

    notes: Floats = field(default_factory=lambda: np.zeros((2, TOKEN_COUNT, 12)))
    """How long each pitch class was sung over each chord."""
    follow: Floats = field(default_factory=lambda: np.zeros((2, TOKEN_COUNT, TOKEN_COUNT)))
    usual: Floats = field(default_factory=lambda: np.zeros((2, TOKEN_COUNT)))
    change: Floats = field(default_factory=lambda: np.zeros((3, 2)))
    """Beats on which the chord stayed, and changed, by the strength of the beat."""

    def add(self, minor: int, chords: NDArray[np.intp], melody: Floats, strengths: list[int]) -> None:
        """Counts a tune, moved to C: a chord and twelve lengths a beat."""
        np.add.at(self.notes[minor], chords, melody)
        np.add.at(self.usual[minor], chords, 1.0)
        moves = chords[1:] != chords[:-1]
        np.add.at(self.follow[minor], (chords[:-1][moves], chords[1:][moves]), 1.0)
        np.add.at(self.change, (np.array(strengths[1:], dtype=np.intp), moves.astype(np.intp)), 1.0)

    def tables(self) -> dict[str, NDArray[np.generic]]:
        """The counts as shares, the thin ones leaning on the thick."""
        families = np.zeros((FAMILY_COUNT, 12))
        for token in range(NO_CHORD_TOKEN):
            root, family = divmod(token, FAMILY_COUNT)
            families[family] += np.roll(self.notes[:, token].sum(axis=0), -root)
        families = (families + 0.1) / (families + 0.1).sum(axis=1, keepdims=True)
        notes, follow, usual = np.zeros_like(self.notes), np.zeros_like(self.follow), np.zeros_like(self.usual)
        for mode in range(2):
            scale = self.notes[mode].sum(axis=0) + 0.1
            scale /= scale.sum()
            for token in range(TOKEN_COUNT):
                root, family = divmod(token, FAMILY_COUNT)
                plain = np.roll(families[family], root) * np.sqrt(scale) if token < NO_CHORD_TOKEN else scale
                counted = self.notes[mode, token] + LEAN_NOTES * plain / plain.sum()
                notes[mode, token] = counted / counted.sum()
            usual[mode] = (self.usual[mode] + 0.5) / (self.usual[mode] + 0.5).sum()
            follow[mode] = self.follow[mode] + LEAN_CHANGES * usual[mode]
            np.fill_diagonal(follow[mode], 0.0)
            follow[mode] /= follow[mode].sum(axis=1, keepdims=True)
        change = (self.change[:, 1] + 1.0) / (self.change.sum(axis=1) + 2.0)
        return {
            "notes": notes.astype(np.float16),
            "follow": follow.astype(np.float16),
            "usual": usual.astype(np.float16),
            "change": change.astype(np.float32),
        }


def train_harmoniser(files: Sequence[Path], output: Path, *, say: Callable[[str], None]) -> dict[str, Any]:
    """Counts in `files`, writes the tables to `output`; returns what was counted.

    Raises:
        ConfigError: there are too few tunes with a melody, a key and a chart.
    """
    counts, beats = Counts(), 0
    sources: dict[str, int] = {}
    for path in files:
        for facts, line in _teachers(path):
            try:
                beats += _count(counts, line, facts["key"])
            except BadTune as problem:
                say(f"left out: {path.name}: {problem}")
                continue
            source = source_of(path, facts)
            sources[source] = sources.get(source, 0) + 1
    if sum(sources.values()) < FEWEST_TUNES:
        raise ConfigError([f"at least {FEWEST_TUNES} tunes with a melody, a key and chords by people are needed"])
    output.write_bytes(save(counts.tables(), metadata={"sources": "; ".join(sorted(sources))}))
    return {"sources": sources, "beats": beats}


def _teachers(path: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The tunes of a file that may teach, as JSON objects and as lines."""
    for facts, line in tunes_of(path):
        if facts.get("tier", "ship") == "eval" or facts.get("chords_derived"):
            continue
        if facts.get("melody") and facts.get("chords") and _key(facts.get("key")) is not None:
            yield facts, line


def _key(key: object) -> tuple[int, int] | None:
    """The tonic, and 1 for a minor key."""
    match key:
        case [int(tonic), str(mode)] if 0 <= tonic < 12:
            return tonic, int(mode.startswith("min"))
    return None


def _count(counts: Counts, line: bytes, key: object) -> int:
    """Counts one tune; returns its beats."""
    tune, known = parse_tune(line), _key(key)
    if known is None:
        return 0
    tonic, minor = known
    grid = grid_of(tune)
    tokens = np.array([chart_token(chart) for chart in chart_on_beats(tune, grid)], dtype=np.intp)
    roots, families = np.divmod(tokens, FAMILY_COUNT)
    chords = np.where(tokens < NO_CHORD_TOKEN, (roots - tonic) % 12 * FAMILY_COUNT + families, NO_CHORD_TOKEN)
    melody = np.roll(_melody(tune, grid), -tonic, axis=1)
    counts.add(minor, chords, melody, [beat_strength(grid.place_in_bar(beat)) for beat in range(grid.beats)])
    return grid.beats


def _melody(tune: Tune, grid: Grid) -> Floats:
    """What `realtime.core.melody_ear` hears of a melody: a row of twelve lengths a beat."""
    rows = melody_on_beats(tune.melody, grid)
    for note in tune.melody:
        start, end = grid.position(note.start), grid.position(note.start + note.length)
        for beat in range(int(np.ceil(start - EARLY_SHARE)), int(np.ceil(end - EARLY_SHARE))):
            if 0 <= beat < grid.beats:
                rows[beat, note.pitch % 12] += ONSET_WEIGHT
    return rows
