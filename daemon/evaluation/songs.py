"""`sideman evaluate songs`: pieces of every genre by many seeds, held to its rules and to charts that people wrote."""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from daemon.console import Console
from daemon.evaluation.corpus import Corpus
from daemon.evaluation.song_measures import Marks, divergence, likeness, mark, moves, roots_of, tune_of, vocabulary
from daemon.evaluation.song_roll import draw_song
from daemon.song.genre import GENRES
from daemon.song.harmony import Harmony
from daemon.song.make import Studio
from daemon.song.piece import Piece
from daemon.song.request import SongRequest
from daemon.styles_folder import StyleShelf
from realtime.core.chance import Chance
from realtime.core.chord_tokens import NO_CHORD_TOKEN, chord_of
from realtime.core.key_finder import Key

SEEDS: Final = 20
BARS: Final = 32
BLUES_BARS: Final = 36
LEVELS: Final = (1, 3, 5, 7, 9, 10)
LEVEL_SEEDS: Final = 4
FOUND_WRONG: Final = 1
LEAST_NOTES: Final = 16
TONICS: Final = ("C", "Eb", "F", "G", "A", "Bb", "D", "Ab")


def evaluate_songs(arguments: argparse.Namespace, shelf: StyleShelf, console: Console) -> int:
    """Makes the pieces, marks them and tells; 1 where a piece is not valid or does not come home."""
    seeds = arguments.limit or SEEDS
    corpora = {path.name.partition(".")[0]: _corpus(path) for path in arguments.data}
    studio = Studio(shelf)
    table: dict[str, dict[str, Any]] = {}
    for genre in GENRES:
        pieces = [studio.make(_request(genre, seed + 1)) for seed in range(seeds)]
        table[genre] = _figures(pieces, corpora)
        if arguments.plots is not None:
            arguments.plots.mkdir(parents=True, exist_ok=True)
            draw_song(pieces[0]).save(arguments.plots / f"{genre}.png")
    table["(random)"] = _random_figures(seeds, corpora)
    levels = {str(level): _level_figures(studio, level) for level in LEVELS}
    report: dict[str, Any] = {"task": "songs", "seeds": seeds, "genres": table, "complexity": levels}
    report["corpora"] = {path.name.partition(".")[0]: sung(path) for path in arguments.data}
    for name, (_, rate) in corpora.items():
        report["corpora"][name]["changes_per_bar"] = round(rate, 2)
    console.result(report, _lines(report))
    sound = [row for name, row in table.items() if name != "(random)"]
    return 0 if all(row["valid"] == 1 and row["cadence"] == 1 for row in sound) else FOUND_WRONG


def _request(genre: str, seed: int) -> SongRequest:
    bars = BLUES_BARS if genre == "blues" else BARS
    mode = " minor" if seed % 4 == 0 else ""
    key = TONICS[seed % len(TONICS)] + mode
    return SongRequest(genre=genre, key=key, bars=bars, seed=seed, synthesize_audio=False)


def _figures(pieces: Sequence[Piece], corpora: Mapping[str, tuple[Counter[int], float]]) -> dict[str, Any]:
    marks = [mark(piece) for piece in pieces]
    figures: dict[str, Any] = _means(marks)
    figures["singable"] = round(fmean(m.singable for m in marks), 3)
    figures["different"] = len({tune_of(piece) for piece in pieces})
    pairs = [likeness(a, b) for a, b in combinations(pieces, 2) if a.harmony.key == b.harmony.key]
    figures["most_alike"] = round(max(pairs, default=0.0), 3)
    major = [piece for piece in pieces if not piece.harmony.key.minor]
    return figures | _distances(_vocabulary_of([piece.harmony for piece in major]), corpora)


def _means(marks: Sequence[Marks]) -> dict[str, float]:
    rows = [asdict(one) for one in marks]
    return {name: round(fmean(float(row[name]) for row in rows), 3) for name in rows[0]}


def _vocabulary_of(harmonies: Sequence[Harmony]) -> Counter[int]:
    total: Counter[int] = Counter()
    for harmony in harmonies:
        total.update(vocabulary([(change.chord, change.beats) for change in harmony.changes], harmony.key))
    return total


def _distances(own: Counter[int], corpora: Mapping[str, tuple[Counter[int], float]]) -> dict[str, float]:
    """How far the chords are from each corpus: with sevenths, and roots with their thirds alone."""
    found = {}
    for name, (counts, _) in corpora.items():
        found[f"{name}"] = round(divergence(own, counts), 3)
        found[f"{name}_roots"] = round(divergence(roots_of(own), roots_of(counts)), 3)
    return found


def _corpus(path: Path) -> tuple[Counter[int], float]:
    """How long each chord sounds in the major tunes of a file, from the tonic, and its changes a bar."""
    counts: Counter[int] = Counter()
    changes = bars = 0.0
    for tune in Corpus([path]):
        if len(tune.keys) != 1 or tune.keys[0][2]:
            continue
        tonic = tune.keys[0][1]
        spans = [(span.chord.chord, span.length) for span in tune.chart if span.chord is not None]
        counts.update(vocabulary([(chord, length) for chord, length in spans], Key(tonic, minor=False)))
        changes += len(spans)
        bars += sum(length for _, length in spans) / (tune.meters[0][1].bar_ticks / 960)
    return counts, changes / bars if bars else 0.0


def sung(path: Path) -> dict[str, float]:
    """How the melodies of a file move, where it has any."""
    rows: list[tuple[float, float, float, float]] = []
    for tune in Corpus([path]):
        notes = sorted(tune.melody, key=lambda note: note.start)
        if len(notes) >= LEAST_NOTES:
            pitches = [note.pitch for note in notes]
            bars = (notes[-1].start - notes[0].start) / (tune.meters[0][1].bar_ticks / 960)
            rows.append((*moves(pitches), max(pitches) - min(pitches), len(notes) / max(1.0, bars)))
    names = ("steps", "leaps", "melody_range", "notes_per_bar")
    return {name: round(fmean(column), 3) for name, column in zip(names, zip(*rows, strict=True), strict=False)}


def _random_figures(seeds: int, corpora: Mapping[str, tuple[Counter[int], float]]) -> dict[str, Any]:
    """The same distances for chords drawn evenly out of all there are: what knowing nothing comes to."""
    counts: Counter[int] = Counter()
    inside = []
    key = Key(0, minor=False)
    for seed in range(seeds):
        for bar in range(BARS):
            chord = chord_of(int(Chance(seed).uniform("random", bar) * NO_CHORD_TOKEN))
            assert chord is not None
            counts.update(vocabulary([(chord, 4)], key))
            inside.append(fmean(pitch in key.scale for pitch in chord.pitch_classes))
    return {"in_key": round(fmean(inside), 3), "changes_per_bar": 1.0} | _distances(counts, corpora)


def _level_figures(studio: Studio, level: int) -> dict[str, float]:
    """What complexity comes to, over all genres."""
    pieces = [
        studio.make(replace(_request(genre, seed + 1), complexity=level))
        for genre in GENRES
        for seed in range(LEVEL_SEEDS)
    ]
    means = _means([mark(piece) for piece in pieces])
    band = fmean(len([n for n in p.score.notes if n.part != "solo"]) / p.harmony.bars for p in pieces if p.score)
    names = ("chord_size", "changes_per_bar", "distinct", "in_key", "notes_per_bar")
    return {name: means[name] for name in names} | {"band_notes_per_bar": round(band, 1)}


def _lines(report: Mapping[str, Any]) -> list[str]:
    lines = _table("genre", report["genres"])
    lines += ["", *_table("complexity", report["complexity"])]
    return lines + (["", *_table("charts", report["corpora"])] if report["corpora"] else [])


def _table(head: str, rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    names = list(next(iter(rows.values())))
    lines = [f"{head:<12}" + "".join(f"{name[:15]:>16}" for name in names)]
    return lines + [
        f"{label:<12}" + "".join(f"{row.get(name, ''):>16}" for name in names) for label, row in rows.items()
    ]
