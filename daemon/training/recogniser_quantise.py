"""Rounds the learnt net to eight bits: each unit's weights by a scale of its own, what flows between by one a layer.

Everything the products of the net work on is then a whole number, small enough that single precision adds it up
without rounding: the answer is the same on every machine, whatever its linear algebra library and its order of sums.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.training.recogniser_data import LEVELS, WHOLE, Examples
from daemon.training.recogniser_net import Floats, Layers, encode, head, looks, step
from realtime.core.chord_net import MATRICES, MOST_ACTIVE, STATE_LEVELS

SAMPLE: Final = (64, 64)
"""Performances, and beats of each, that are looked at to see how active the layers become."""


def _rounded(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Whole numbers -127..127, and what one of them is worth in each column."""
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-8).astype(np.float32) / np.float32(127)
    return np.rint(weights / scale).astype(np.int8), scale


def _tops(layers: Layers, examples: Examples) -> tuple[float, float]:
    """How active the code and the hidden layer become; one activation in ten thousand is above, and cut off there."""
    performances = examples.performances()
    chosen = performances[:: max(1, len(performances) // SAMPLE[0])]
    state = np.zeros((12 * len(chosen), len(layers["recur"])), dtype=np.float32)
    codes, hiddens = [], []
    for beat in range(SAMPLE[1]):
        index = np.array([min(first + beat, last - 1) for first, last in chosen])
        code, entering = encode(layers, looks(examples.channels[index, WHOLE], examples.facts[index, WHOLE]))
        state, _ = step(layers, entering, state)
        codes.append(code)
        hiddens.append(head(layers, code, state)[0])
    return _top(np.concatenate(codes)), _top(np.concatenate(hiddens))


def _top(active: Floats) -> float:
    return max(1e-6, float(np.quantile(active, 0.9999)))


def quantised(layers: Layers, examples: Examples, sharpness: float) -> dict[str, NDArray[np.generic]]:
    """The net as `realtime.core.chord_net` reads it; `sharpness` multiplies its scores."""
    code, hidden = (top / MOST_ACTIVE for top in _tops(layers, examples))
    incoming = {
        "encode": 1.0 / LEVELS, "enter": code, "recur": 1.0 / STATE_LEVELS, "mix": code, "recall": 1.0 / STATE_LEVELS,
        "family": hidden * sharpness, "none": hidden * sharpness,
    }  # fmt: skip
    tensors: dict[str, NDArray[np.generic]] = {"steps": np.array([code, hidden], dtype=np.float32)}
    for name in MATRICES:
        tensors[name], scale = _rounded(layers[name])
        tensors[f"{name}.worth"] = (scale * np.float32(incoming[name])).astype(np.float32)
        if f"{name}.bias" in layers:
            sharpened = np.float32(sharpness if name in ("family", "none") else 1.0)
            tensors[f"{name}.bias"] = (layers[f"{name}.bias"] * sharpened).astype(np.float32)
    return tensors
