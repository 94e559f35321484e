"""Learns the key finder's numbers: gradient descent (Adam) on the log loss of the filtered state, a beat at a time."""

from collections.abc import Callable
from typing import Final

import numpy as np

from daemon.training.adam import Adam
from daemon.training.key_lessons import Sequences
from daemon.training.key_net import Layers, backward, forward, loss_of, see

SIDE_BY_SIDE: Final = 32
RATE: Final = 0.02
WARM_UP: Final = 30
SQUARE_MEMORY: Final = 0.98
"""Of the squared slopes; with so few steps less than the usual 0.999."""

MEMORY: Final = 0.98
"""The numbers that are kept are a mean of those of about the last fifty steps."""


def learn(layers: Layers, sequences: Sequences, steps: int, say: Callable[[str], None]) -> Layers:
    """Fits `layers` on `steps` batches; the rate falls as half a cosine. Returns the averaged numbers."""
    optimiser = Adam(layers, square_memory=SQUARE_MEMORY, memory=MEMORY)
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
