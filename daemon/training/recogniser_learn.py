"""Learns the chord net: stretches of beats in a drawn order, Adam, a falling rate, and the mean of the last weights."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.training.adam import Adam
from daemon.training.recogniser_data import BEGINNING, IGNORED, WHOLE, Examples
from daemon.training.recogniser_net import (
    Floats,
    Layers,
    Lesson,
    Mask,
    encode,
    gradients,
    head,
    log_softmax,
    looks,
    step,
)
from realtime.core.chord_tokens import TOKEN_COUNT

STRETCH: Final = 32
"""Beats that are learnt at once, one after the other."""

SIDE_BY_SIDE: Final = 32
"""Stretches that are learnt at once."""

SHORTEST: Final = 4
"""A stretch of fewer beats is left out."""

DEAF: Final = 0.12
"""The share of channels that a judgement does without, drawn anew each time: no channel is relied on alone."""

HIDDEN: Final = 0.15
"""The share of the code and of the state that the head does without."""

RATE: Final = 5e-3
DECAY: Final = 0.02
SQUARE_MEMORY: Final = 0.999
MEMORY: Final = 0.998
"""The weights that are kept are a mean of those of about the last five hundred steps."""


Stretch = tuple[int, int]
"""The first example and the one after the last."""


def stretches(examples: Examples, rng: np.random.Generator) -> list[Stretch]:
    """Every performance cut up, in some order; the first cut is drawn, so that each time they are other stretches."""
    cut: list[Stretch] = []
    for first, last in examples.performances():
        begin = first - int(rng.integers(STRETCH))
        while begin < last:
            piece = (max(begin, first), min(begin + STRETCH, last))
            if piece[1] - piece[0] >= SHORTEST:
                cut.append(piece)
            begin += STRETCH
    return [cut[index] for index in rng.permutation(len(cut))]


def lesson_of(examples: Examples, parts: list[Stretch], early: tuple[int, ...], rng: np.random.Generator) -> Lesson:
    """What the net is taught by `parts`, and by the beginnings of their beats in the steps `early`."""
    steps = max(last - first for first, last in parts)
    whole = np.array([[min(first + t, last - 1) for first, last in parts] for t in range(steps)])
    there = np.array([[first + t < last for first, last in parts] for t in range(steps)])
    begun = whole[list(early)]
    index = np.concatenate([whole.reshape(-1), begun.reshape(-1)])
    present = np.concatenate([there.reshape(-1), there[list(early)].reshape(-1)])
    part = np.where(np.arange(len(index)) < whole.size, WHOLE, BEGINNING)
    channels = examples.channels[index, part]
    channels *= rng.random((*channels.shape[:2], 1)) >= DEAF
    label = examples.label[index]
    weight = np.where(present & (label != IGNORED), examples.weight[index], 0.0).astype(np.float32)
    return Lesson(looks(channels, examples.facts[index, part]), label, weight, steps, len(parts), early)


def _mask(rng: np.random.Generator, judgements: int, units: int) -> Mask:
    """Hides some units, the same ones in all twelve looks of a judgement."""
    kept = (rng.random((judgements, units)) >= HIDDEN).astype(np.float32) / np.float32(1 - HIDDEN)

    def hide(values: Floats) -> Floats:
        shown: Floats = (values.reshape(judgements, 12, units) * kept[:, None, :]).reshape(-1, units)
        return shown

    return hide


def _batches(examples: Examples, rng: np.random.Generator) -> Iterator[list[Stretch]]:
    """Stretches side by side, without end."""
    while True:
        cut = stretches(examples, rng)
        for begin in range(0, max(1, len(cut) - SIDE_BY_SIDE + 1), SIDE_BY_SIDE):
            yield cut[begin : begin + SIDE_BY_SIDE]


def learn(
    layers: Layers, examples: Examples, epochs: float, rng: np.random.Generator, say: Callable[[str], None]
) -> Layers:
    """Trains on `examples`, seen `epochs` times; the rate falls as half a cosine. The averaged weights."""
    optimiser = Adam(layers, square_memory=SQUARE_MEMORY, memory=MEMORY, head_start=1, decay=DECAY)
    batches = _batches(examples, rng)
    count = max(1, round(epochs * len(examples.label) / (STRETCH * SIDE_BY_SIDE)))
    told, total = 0, 0.0
    for number in range(count):
        parts = next(batches)
        early = tuple(range(int(rng.integers(2)), max(last - first for first, last in parts), 2))
        lesson = lesson_of(examples, parts, early, rng)
        judgements = len(lesson.label)
        masks = (
            _mask(rng, judgements, layers["mix"].shape[0]),
            _mask(rng, judgements, layers["recall"].shape[0]),
        )
        slopes, loss = gradients(layers, lesson, masks=masks)
        optimiser.step(slopes, RATE * 0.5 * (1 + np.cos(np.pi * number / count)) * min(1.0, (number + 10) / 100))
        total += loss
        if (number + 1) % 200 == 0 or number + 1 == count:
            say(f"step {number + 1}/{count}: {total / (number + 1 - told):.4f} nats")
            told, total = number + 1, 0.0
    return optimiser.averaged


def scores_of(layers: Layers, examples: Examples) -> Floats:
    """The net's 85 log-probabilities of every beginning and every whole beat: examples x 2 x 85."""
    result = np.zeros((len(examples.label), 2, TOKEN_COUNT), dtype=np.float32)
    longest_first = sorted(examples.performances(), key=lambda one: one[0] - one[1])
    for begin in range(0, len(longest_first), SIDE_BY_SIDE):
        _hear(layers, examples, longest_first[begin : begin + SIDE_BY_SIDE], result)
    return result


def _hear(layers: Layers, examples: Examples, parts: list[Stretch], result: NDArray[np.float32]) -> None:
    """Whole performances side by side, the longest first, from a blank state."""
    state = np.zeros((12 * len(parts), len(layers["recur"])), dtype=np.float32)
    for number in range(parts[0][1] - parts[0][0]):
        index = np.array([first + number for first, last in parts if first + number < last])
        before = state[: 12 * len(index)]
        for part in (BEGINNING, WHOLE):
            inputs = looks(examples.channels[index, part], examples.facts[index, part])
            code, entering = encode(layers, inputs)
            state, _ = step(layers, entering, before)
            result[index, part] = log_softmax(head(layers, code, state)[1])
