"""Learns the key finder's numbers: gradient descent (Adam) on the log loss of the filtered state, a beat at a time."""

from collections.abc import Callable
from typing import Final

import numpy as np

from daemon.training.key_lessons import Sequences
from daemon.training.key_net import Layers, backward, forward, loss_of, see

SIDE_BY_SIDE: Final = 32
RATE: Final = 0.02
WARM_UP: Final = 30
STEEPEST: Final = 1.0
"""A longer gradient is shortened to this."""

MEMORY: Final = 0.98
"""The numbers that are kept are a mean of those of about the last fifty steps."""


class Adam:
    """Kingma and Ba's optimiser, and a running mean of the numbers."""

    def __init__(self, layers: Layers) -> None:
        self._layers, self._steps = layers, 0
        self._mean = {name: np.zeros_like(value) for name, value in layers.items()}
        self._square = {name: np.zeros_like(value) for name, value in layers.items()}
        self.averaged: Layers = {name: value.copy() for name, value in layers.items()}

    def step(self, slopes: Layers, rate: float) -> None:
        """Moves the numbers down the slope."""
        self._steps += 1
        length = float(np.sqrt(sum(float(np.square(slope).sum()) for slope in slopes.values())))
        shorter = np.float32(min(1.0, STEEPEST / (length + 1e-9)))
        scale = np.float32(rate * np.sqrt(1 - 0.98**self._steps) / (1 - 0.9**self._steps))
        memory = min(MEMORY, self._steps / (10 + self._steps))
        for name in self._layers:
            slope = slopes[name] * shorter
            self._mean[name] += np.float32(0.1) * (slope - self._mean[name])
            self._square[name] += np.float32(0.02) * (slope * slope - self._square[name])
            self._layers[name] -= scale * self._mean[name] / (np.sqrt(self._square[name]) + np.float32(1e-8))
            self.averaged[name] += np.float32(1 - memory) * (self._layers[name] - self.averaged[name])


def learn(layers: Layers, sequences: Sequences, steps: int, say: Callable[[str], None]) -> Layers:
    """Fits `layers` on `steps` batches; the rate falls as half a cosine. Returns the averaged numbers."""
    optimiser = Adam(layers)
    told, total = 0, 0.0
    for number in range(steps):
        batch = sequences.draw(SIDE_BY_SIDE)
        seen = see(batch.heard)
        run = forward(layers, seen)
        loss, slope = loss_of(run.states, batch.wanted, batch.scales, batch.weight)
        rate = RATE * 0.5 * (1 + np.cos(np.pi * number / steps)) * min(1.0, (number + 1) / WARM_UP)
        optimiser.step(backward(layers, seen, run, slope), rate)
        total += loss
        if (number + 1) % 50 == 0 or number + 1 == steps:
            say(f"step {number + 1}/{steps}: {total / (number + 1 - told):.4f} nats")
            told, total = number + 1, 0.0
    return optimiser.averaged
