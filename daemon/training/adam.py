"""Adam, and a running mean of the numbers that it moves: what every net here is trained by."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Layers = dict[str, NDArray[np.float32]]

STEEPEST: Final = 1.0
"""A longer gradient is shortened to this."""


class Adam:
    """Kingma and Ba's optimiser (ICLR 2015), with decoupled weight decay (Loshchilov and Hutter, 2019).

    `square_memory` is its beta 2 (beta 1 is 0.9). `averaged` is a mean over about the last 1 / (1 - `memory`) steps;
    with a `head_start` of steps it holds on longer to the beginning. Biases do not decay.
    """

    def __init__(
        self, layers: Layers, *, square_memory: float, memory: float, head_start: int = 0, decay: float = 0.0
    ) -> None:
        self._layers, self._steps = layers, 0
        self._square_memory, self._memory = square_memory, memory
        self._head_start, self._decay = head_start, decay
        self._mean = {name: np.zeros_like(value) for name, value in layers.items()}
        self._square = {name: np.zeros_like(value) for name, value in layers.items()}
        self.averaged: Layers = {name: value.copy() for name, value in layers.items()}

    def step(self, slopes: Layers, rate: float) -> None:
        """Moves the numbers down the slope."""
        self._steps += 1
        length = float(np.sqrt(sum(float(np.square(slope).sum()) for slope in slopes.values())))
        shorter = np.float32(min(1.0, STEEPEST / (length + 1e-9)))
        scale = np.float32(rate * np.sqrt(1 - self._square_memory**self._steps) / (1 - 0.9**self._steps))
        memory = min(self._memory, (self._head_start + self._steps) / (10 + self._steps))
        newest = np.float32(1 - self._square_memory)
        for name in self._layers:
            slope, numbers = slopes[name] * shorter, self._layers[name]
            mean, square, averaged = self._mean[name], self._square[name], self.averaged[name]
            mean += np.float32(0.1) * (slope - mean)
            square += newest * (slope * slope - square)
            if self._decay and numbers.ndim > 1:
                numbers *= np.float32(1 - rate * self._decay)
            numbers -= scale * mean / (np.sqrt(square) + np.float32(1e-8))
            averaged += np.float32(1 - memory) * (numbers - averaged)
