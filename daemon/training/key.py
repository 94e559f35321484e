"""Remakes the key finder's tables from tunes: what the ear has of every beat, the fit, and honest confidence.

The tables are written as Python, `key_tables.py`: they are small, and the heart imports them. The same files and seed
give the same bytes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from daemon.config import ConfigError
from daemon.evaluation.corpus import BadTune, Tune, TuneNote, parse_tune
from daemon.evaluation.grid import Grid, grid_of
from daemon.evaluation.keys import evidence_of, keys_on_beats
from daemon.evaluation.playing import performed_notes
from daemon.training.key_learn import learn
from daemon.training.key_lessons import FEWEST_BEATS, Lesson, Sequences
from daemon.training.key_net import Floats, Layers, forward, new_layers, see
from daemon.training.key_noise import keyless
from daemon.training.key_tables_file import rounded, tables_text
from daemon.training.recogniser_data import is_kept_aside
from daemon.training.tune_lines import source_of, tunes_of
from realtime.core.key_finder import by_third, told_key

Say = Callable[[str], None]

HIDDEN: Final = 32
STEPS: Final = 900
BEATS: Final = 192
"""Hidden units; batches; beats in a sequence."""

SOONER: Final = 0.3
FIFTHS_SOONER: Final = (1.3, 1.8)
"""Added, in nats, after the fit: to the odds that a key is left, and that it goes a fifth up, or down, so that a
modulation is noticed sooner than log loss alone would have it; the confidence is fitted after that."""

FEWEST_TUNES: Final = 8
MOST_TUNES: Final = 800
"""A longer file teaches with every second tune, or every third, so that it does not drown the others."""

DERIVED_WEIGHT: Final = 0.4
"""How often a tune whose chords a program labelled is taken; its key is often only what the signature says."""

OPEN_MODES: Final = ("billboard", "rs200")
"""Files whose "major" and "minor" tell the tonic and its third, and not the whole scale."""

KEYLESS: Final = 260
"""Pieces without a key."""


def train_key(
    files: Sequence[Path],
    output: Path,
    *,
    seed: int,
    say: Say,
    steps: int = STEPS,
    hidden: int = HIDDEN,
    noises: int = KEYLESS,
) -> dict[str, Any]:
    """Learns from `files` and writes the tables to `output`; tells what was learnt from, and how right they are.

    The figures are of the tunes kept aside, on which the confidence was fitted.

    Raises:
        ConfigError: there are too few tunes with a key.
    """
    sources: dict[str, int] = {}
    lessons: list[Lesson] = []
    for path in files:
        found = list(_lessons(path, say))
        for lesson in found:
            sources[lesson.source] = sources.get(lesson.source, 0) + 1
        lessons += found
        say(f"{path.name}: {sum(lesson.beats for lesson in found)} beats")
    if len(lessons) < FEWEST_TUNES:
        raise ConfigError([f"at least {FEWEST_TUNES} tunes of {FEWEST_BEATS} beats with a key are needed"])
    train = [lesson for lesson in lessons if not is_kept_aside(lesson.name)] or lessons
    aside = [lesson for lesson in lessons if is_kept_aside(lesson.name)] or lessons
    rng = np.random.default_rng(seed)
    noise = [_rows(beats) for beats in keyless(noises, seed)]
    layers = learn(new_layers(rng, hidden), Sequences(train, noise, BEATS, rng), steps, say)
    layers["leaves"][0] += np.float32(SOONER)
    layers["relations"][1:3] += np.array(FIFTHS_SOONER, dtype=np.float32)
    layers = rounded(layers)
    odds, right, weight = _answers(layers, aside)
    trust = _trust(odds, right, weight)
    output.write_text(tables_text(layers, trust), encoding="utf-8")
    return {
        "sources": sources,
        "beats": sum(lesson.beats for lesson in lessons),
        "aside": len(aside),
        "right": round(float(right.mean()), 4),
        "trust": [round(value, 3) for value in trust],
    }


def _lessons(path: Path, say: Say) -> Iterator[Lesson]:
    """The tunes of a file that may teach and have a key."""
    found = list(_teachers(path))
    for facts, line in found[:: max(1, -(-len(found) // MOST_TUNES))]:
        try:
            tune = parse_tune(line)
            grid = grid_of(tune)
        except BadTune as problem:
            say(f"left out: {path.name}: {problem}")
            continue
        if not tune.keys or grid.beats < FEWEST_BEATS:
            continue
        keys = np.array([tonic + 12 * minor for tonic, minor in keys_on_beats(tune, grid)], dtype=np.intp)
        yield Lesson(
            heard=_heard(performed_notes(tune, grid), tune, grid),
            melody=_heard(tune.melody, tune, grid) if tune.melody else None,
            keys=keys,
            modes_known=path.name.split(".")[0] not in OPEN_MODES,
            weight=DERIVED_WEIGHT if facts.get("chords_derived") else 1.0,
            name=tune.name,
            source=source_of(path, facts),
        )


def _teachers(path: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The tunes of a file that may teach, as JSON objects and as lines."""
    for facts, line in tunes_of(path):
        if facts.get("tier", "ship") == "ship" and facts.get("key"):
            yield facts, line


def _heard(notes: Iterable[TuneNote], tune: Tune, grid: Grid) -> Floats:
    return _rows((*beat.weights, *beat.bass) for beat in evidence_of(notes, tune, grid))


def _rows(beats: Iterable[tuple[float, ...]]) -> Floats:
    return np.array(list(beats), dtype=np.float32)


def _answers(layers: Layers, lessons: list[Lesson]) -> tuple[NDArray[np.float64], NDArray[np.float64], Floats]:
    """Of every beat with a key told: the log odds the filter gives it, whether it is right, and the beat's weight."""
    odds, right, weight = [], [], []
    for lesson in lessons:
        states = forward(layers, see(lesson.heard[None])).states[0].astype(np.float64)
        told: int | None = None
        for state, key in zip(states, lesson.keys, strict=True):
            shares = by_third(state)
            told = told_key(shares, told)
            if told is not None:
                share = min(max(float(shares[told]), 1e-6), 1.0 - 1e-6)
                odds.append(np.log(share / (1.0 - share)))
                right.append(float(told == key))
                weight.append(lesson.weight)
    return np.array(odds), np.array(right), np.array(weight, dtype=np.float32)


def _trust(odds: NDArray[np.float64], right: NDArray[np.float64], weight: Floats) -> tuple[float, float]:
    """The logistic line from the filter's log odds to how often it is right (Platt), by Newton's method."""
    facts = np.stack([np.ones_like(odds), odds], axis=1)
    line = np.array([0.0, 1.0])
    for _ in range(20):
        likely = 1.0 / (1.0 + np.exp(-(facts @ line)))
        slope = facts.T @ (weight * (right - likely)) - 1e-3 * (line - np.array([0.0, 1.0]))
        bend = (facts * (weight * likely * (1.0 - likely))[:, None]).T @ facts + 1e-3 * np.eye(2)
        line = line + np.linalg.solve(bend, slope)
    return float(line[0]), float(line[1])
