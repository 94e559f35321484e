"""Learns the chord net: plain backpropagation and Adam in numpy, one thread, the same every time.

The net looks at the features from each of the twelve roots in turn with the same weights: two hidden layers, seven
scores for the seven families on that root, and one score for "no chord" from the mean of all twelve views.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.training.recogniser_data import IGNORED, LEVELS, Examples
from realtime.core.chord_features import CHANNELS, FACTS
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN

Floats = NDArray[np.float32]
Layers = dict[str, Floats]

BATCH: Final = 512
DEAF: Final = 0.12
"""The share of channels that an example does without, drawn anew each time: no channel is relied on alone."""

TURNS: Final = np.array([[(step + root) % 12 for step in range(12)] for root in range(12)])
"""The pitch class at each step above each root."""


def new_layers(rng: np.random.Generator, sizes: tuple[int, int], inputs: int = CHANNELS * 12 + FACTS) -> Layers:
    """Untrained weights."""
    first, second = sizes

    def draw(fan_in: int, fan_out: int) -> Floats:
        drawn: Floats = (rng.standard_normal((fan_in, fan_out)) * np.sqrt(2.0 / fan_in)).astype(np.float32)
        return drawn

    return {
        "w1": draw(inputs, first), "b1": np.zeros(first, dtype=np.float32),
        "w2": draw(first, second), "b2": np.zeros(second, dtype=np.float32),
        "w3": draw(second, FAMILY_COUNT) * np.float32(0.1), "b3": np.zeros(FAMILY_COUNT, dtype=np.float32),
        "wn": np.zeros((second, 1), dtype=np.float32), "bn": np.zeros(1, dtype=np.float32),
    }  # fmt: skip


def views(channels: NDArray[np.uint8], facts: NDArray[np.uint8]) -> Floats:
    """The input of every view: examples times twelve rows."""
    count = len(channels)
    turned = channels[:, :, TURNS].transpose(0, 2, 1, 3).reshape(count * 12, -1)
    repeated = np.repeat(facts, 12, axis=0)
    joined = np.empty((count * 12, turned.shape[1] + repeated.shape[1]), dtype=np.float32)
    np.multiply(turned, np.float32(1 / LEVELS), out=joined[:, : turned.shape[1]])
    np.multiply(repeated, np.float32(1 / LEVELS), out=joined[:, turned.shape[1] :])
    return joined


def forward(layers: Layers, inputs: Floats) -> tuple[Floats, Floats, Floats]:
    """Both hidden layers and the 85 scores."""
    one: Floats = inputs @ layers["w1"]
    one += layers["b1"]
    np.maximum(one, 0.0, out=one)
    two: Floats = one @ layers["w2"]
    two += layers["b2"]
    np.maximum(two, 0.0, out=two)
    count = len(inputs) // 12
    families = (two @ layers["w3"] + layers["b3"]).reshape(count, NO_CHORD_TOKEN)
    nothing = two.reshape(count, 12, -1).mean(axis=1) @ layers["wn"] + layers["bn"]
    scores: Floats = np.concatenate([families, nothing], axis=1)
    return one, two, scores


def log_softmax(scores: Floats) -> Floats:
    """Log-probabilities along the last axis."""
    lower = scores - scores.max(axis=-1, keepdims=True)
    result: Floats = lower - np.log(np.exp(lower).sum(axis=-1, keepdims=True))
    return result


def gradients(layers: Layers, inputs: Floats, label: NDArray[np.int16], smooth: float) -> tuple[Layers, float]:
    """The slope of the mean cross-entropy, and that."""
    count = len(label)
    one, two, scores = forward(layers, inputs)
    logs = log_softmax(scores)
    loss = float(-logs[np.arange(count), label].mean())
    slope: Floats = np.exp(logs) - np.float32(smooth / scores.shape[1])
    slope[np.arange(count), label] -= np.float32(1.0 - smooth)
    slope *= np.float32(1.0 / count)
    families = np.ascontiguousarray(slope[:, :NO_CHORD_TOKEN]).reshape(count * 12, FAMILY_COUNT)
    nothing = slope[:, NO_CHORD_TOKEN:]
    result: Layers = {"w3": two.T @ families, "b3": families.sum(axis=0)}
    result["wn"], result["bn"] = two.reshape(count, 12, -1).mean(axis=1).T @ nothing, nothing.sum(axis=0)
    back: Floats = families @ layers["w3"].T
    back.reshape(count, 12, -1)[:] += ((nothing @ layers["wn"].T) * np.float32(1 / 12))[:, None, :]
    back *= two > 0
    result["w2"], result["b2"] = one.T @ back, back.sum(axis=0)
    back = back @ layers["w2"].T
    back *= one > 0
    result["w1"], result["b1"] = inputs.T @ back, back.sum(axis=0)
    return result, loss


class Adam:
    """Kingma and Ba's optimiser, with decoupled weight decay."""

    def __init__(self, layers: Layers, decay: float) -> None:
        self._layers, self._decay, self._steps = layers, decay, 0
        self._mean = {name: np.zeros_like(value) for name, value in layers.items()}
        self._square = {name: np.zeros_like(value) for name, value in layers.items()}

    def step(self, slopes: Layers, rate: float) -> None:
        """Moves the weights down the slope."""
        self._steps += 1
        scale = rate * np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps)
        for name, slope in slopes.items():
            mean, square, weights = self._mean[name], self._square[name], self._layers[name]
            mean += np.float32(0.1) * (slope - mean)
            square += np.float32(0.001) * (slope * slope - square)
            if name.startswith("w"):
                weights *= np.float32(1 - rate * self._decay)
            weights -= np.float32(scale) * mean / (np.sqrt(square) + np.float32(1e-8))


def batches(count: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """All of the examples in some order, a batch at a time."""
    order = rng.permutation(count)
    for begin in range(0, count - BATCH + 1, BATCH):
        yield order[begin : begin + BATCH]


def _partly_deaf(channels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    heard = rng.random((len(channels), channels.shape[1], 1)) >= DEAF
    result: NDArray[np.uint8] = channels * heard
    return result


def learn(
    layers: Layers,
    epochs: list[Callable[[], Examples]],
    rng: np.random.Generator,
    say: Callable[[str], None],
    *,
    rate: float = 2e-3,
) -> None:
    """Trains `layers` in place; each epoch brings its own examples; the rate falls as half a cosine."""
    optimiser = Adam(layers, decay=0.02)
    for number, draw in enumerate(epochs):
        examples = draw()
        known = np.flatnonzero(examples.label != IGNORED)
        total, seen = 0.0, 0
        for batch in batches(len(known), rng):
            chosen = known[batch]
            done = (number + seen * BATCH / len(known)) / len(epochs)
            inputs = views(_partly_deaf(examples.channels[chosen], rng), examples.facts[chosen])
            slopes, loss = gradients(layers, inputs, examples.label[chosen], smooth=0.02)
            optimiser.step(
                slopes, rate * 0.5 * (1 + np.cos(np.pi * min(1.0, done))) * min(1.0, (seen + 20) / 100 + number)
            )
            total, seen = total + loss, seen + 1
        say(f"epoch {number + 1}/{len(epochs)}: {total / max(1, seen):.4f} nats on {len(known)} beats")


def scores_of(layers: Layers, examples: Examples) -> Floats:
    """The net's 85 log-probabilities of every example."""
    result = np.empty((len(examples.label), NO_CHORD_TOKEN + 1), dtype=np.float32)
    for begin in range(0, len(result), BATCH):
        part = slice(begin, begin + BATCH)
        result[part] = log_softmax(forward(layers, views(examples.channels[part], examples.facts[part]))[2])
    return result
