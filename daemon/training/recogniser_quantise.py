"""Rounds the learnt net to eight bits: each unit's weights by a scale of its own, what flows between by one a layer.

Everything the products of the net work on is then a whole number, small enough that single precision adds it up
without rounding: the answer is the same on every machine, whatever its linear algebra library and its order of sums.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.training.recogniser_data import LEVELS, Examples
from daemon.training.recogniser_net import Layers, forward, views
from realtime.core.chord_net import MOST_ACTIVE

SAMPLE: Final = 4000


def _rounded(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Whole numbers -127..127, and what one of them is worth in each column."""
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-8).astype(np.float32) / np.float32(127)
    return np.rint(weights / scale).astype(np.int8), scale


def quantised(layers: Layers, examples: Examples, sharpness: float) -> dict[str, NDArray[np.generic]]:
    """The net as `realtime.core.chord_net` reads it; `sharpness` multiplies its scores."""
    step = max(1, len(examples.label) // SAMPLE)
    one, two, _ = forward(layers, views(examples.channels[::step], examples.facts[::step]))
    # One activation in ten thousand is cut off at the top, and the others are told apart more finely.
    top = [max(1e-6, float(np.quantile(hidden, 0.9999))) for hidden in (one, two)]
    worth = [1.0 / LEVELS, top[0] / MOST_ACTIVE, top[1] / MOST_ACTIVE]
    tensors: dict[str, NDArray[np.generic]] = {}
    for name, bias, incoming in (("w1", "b1", 0), ("w2", "b2", 1), ("w3", "b3", 2), ("wn", "bn", 2)):
        tensors[name], scale = _rounded(layers[name])
        sharpened = np.float32(sharpness if incoming == 2 else 1.0)
        tensors["s" + name[1]] = (scale * np.float32(worth[incoming]) * sharpened).astype(np.float32)
        tensors[bias] = (layers[bias] * sharpened).astype(np.float32)
    tensors["worth"] = np.array(worth, dtype=np.float32)
    return tensors
