"""Fits how net and session memory are weighed against each other, and what the memory expects before it knows better.

Lines are played through as a live player would play them; at every step the experts' odds are kept, and a small layer
learns the weights under which their product gives what came the most.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from daemon.evaluation.melody_stages import Stage, stages
from daemon.models.phrase_lines import Line
from daemon.models.phrase_net import PhraseNet
from daemon.training.adam import Adam, Layers
from realtime.core.phrase_memory import (
    EXPERTS,
    INTERVAL_ZERO,
    LONGEST_WAIT,
    PRIORS,
    WIDTHS,
    Floats,
    Kind,
    PhraseMemory,
)
from realtime.core.phrase_mixer import FLOOR, GATES, gate_shapes
from realtime.core.phrase_words import DURATIONS, LineNote

HIDDEN: Final = 12
ROUNDS: Final = 30
BATCH: Final = 512
RATE: Final = 0.01
MOST_STEPS: Final = 60_000
SMALL: Final = 0.5
"""Added to every count of a prior."""


@dataclass(slots=True)
class _Lesson:
    """Steps of one kind: log odds (step, expert, candidate), which candidates there are, features, what came."""

    logs: NDArray[np.float32]
    there: NDArray[np.bool_]
    features: NDArray[np.float32]
    targets: NDArray[np.intp]


def count_priors(lines: Sequence[Line]) -> dict[Kind, Floats]:
    """What waits, intervals and durations are like, by the onset's place in the quarter."""
    tables = {kind: np.full(shape, SMALL / WIDTHS[kind]) for kind, shape in PRIORS.items()}
    for line in lines:
        bar = 0
        last: LineNote | None = None
        last_phase = 0
        for note in line.notes:
            while bar + 1 < len(line.bars) and line.bars[bar + 1].start <= note.onset:
                bar += 1
            phase = (note.onset - line.bars[bar].start) % 12
            if last is not None:
                tables["wait"][last_phase, min(LONGEST_WAIT, note.onset - last.onset)] += 1
                tables["pitch"][phase, min(127, max(0, note.pitch - last.pitch + INTERVAL_ZERO))] += 1
            tables["duration"][phase, DURATIONS.index(note.duration)] += 1
            last, last_phase = note, phase
    return {kind: table / table.sum(axis=1, keepdims=True) for kind, table in tables.items()}


def fit_gates(
    lines: Sequence[Line], net: PhraseNet, output: Path, *, seed: int, say: Callable[[str], None]
) -> dict[str, float]:
    """Fits on `lines` and writes `output`; the bits a step of each gate, by kind."""
    priors = count_priors(lines)
    tables: dict[str, NDArray[np.float32]] = {f"prior.{k}": t.astype(np.float32) for k, t in priors.items()}
    found: dict[Kind, list[Stage]] = {kind: [] for kind in EXPERTS}
    for number, line in enumerate(lines, start=1):
        for stage in stages(line, PhraseMemory(priors), net):
            found[stage.kind].append(stage)
        if number % 50 == 0:
            say(f"{number} lines played through")
    figures: dict[str, float] = {}
    rng = np.random.default_rng(seed)
    for kind, steps in found.items():
        chosen = [steps[place] for place in rng.permutation(len(steps))[:MOST_STEPS]]
        for gate in GATES:
            lesson = _lesson(kind, chosen, with_net=gate == "mixed")
            layers, bits = _fit(lesson, gate_shapes(kind, HIDDEN, with_net=gate == "mixed"), rng)
            tables |= {f"{gate}.{kind}.{name}": array for name, array in layers.items()}
            figures[f"{gate}.{kind}"] = round(bits, 4)
            say(f"{gate} {kind}: {bits:.3f} bits a step, {len(chosen)} steps")
    output.write_bytes(save(tables))
    return figures


def _lesson(kind: Kind, steps: Sequence[Stage], *, with_net: bool) -> _Lesson:
    experts = EXPERTS[kind] + 1 + with_net
    width = max(len(step.guesses[0]) for step in steps)
    logs = np.zeros((len(steps), experts, width), dtype=np.float32)
    there = np.zeros((len(steps), width), dtype=np.bool_)
    for row, step in enumerate(steps):
        every = [*step.guesses, step.net] if with_net and step.net is not None else step.guesses
        size = len(step.guesses[0])
        there[row, :size] = True
        for expert, odds in enumerate(every):
            logs[row, expert, :size] = np.log(odds / odds.sum() + FLOOR)
    features = np.array([step.features for step in steps], dtype=np.float32)
    return _Lesson(logs, there, features, np.array([step.target for step in steps], dtype=np.intp))


def _fit(lesson: _Lesson, shapes: dict[str, tuple[int, ...]], rng: np.random.Generator) -> tuple[Layers, float]:
    layers: Layers = {
        "in": (rng.normal(size=shapes["in"]) * 0.3).astype(np.float32),
        "out": np.zeros(shapes["out"], dtype=np.float32),
        "bias": np.full(shapes["bias"], -1.0, dtype=np.float32),
    }
    optimizer = Adam(layers, square_memory=0.99, memory=0.999)
    count = len(lesson.targets)
    steps = ROUNDS * max(1, count // BATCH)
    done = 0
    for _ in range(ROUNDS):
        order = rng.permutation(count)
        for at in range(0, count - BATCH + 1, BATCH):
            _, slopes = _slopes(layers, lesson, order[at : at + BATCH])
            done += 1
            optimizer.step(slopes, RATE * (1 - done / (steps + 1)))
    layers = optimizer.averaged
    losses = [_slopes(layers, lesson, np.arange(at, min(at + 4096, count)))[0] for at in range(0, count, 4096)]
    return layers, float(np.mean(losses)) / float(np.log(2))


def _slopes(layers: Layers, lesson: _Lesson, rows: NDArray[np.intp]) -> tuple[float, Layers]:
    features, logs = lesson.features[rows], lesson.logs[rows]
    hidden = np.tanh(features @ layers["in"])
    before = hidden @ layers["out"] + layers["bias"]
    weights = np.logaddexp(0.0, before)
    logits = np.einsum("nk,nkc->nc", weights, logs)
    logits = np.where(lesson.there[rows], logits, -1e9)
    logits -= logits.max(axis=1, keepdims=True)
    odds = np.exp(logits)
    odds /= odds.sum(axis=1, keepdims=True)
    came = odds[np.arange(len(rows)), lesson.targets[rows]]
    loss = float(-np.log(came + 1e-12).mean())
    odds[np.arange(len(rows)), lesson.targets[rows]] -= 1.0
    slope = np.einsum("nc,nkc->nk", odds, logs) / len(rows) / (1.0 + np.exp(-before))
    below = slope @ layers["out"].T * (1.0 - hidden**2)
    slopes = {"in": features.T @ below, "out": hidden.T @ slope, "bias": slope.sum(axis=0)}
    return loss, {name: array.astype(np.float32) for name, array in slopes.items()}
