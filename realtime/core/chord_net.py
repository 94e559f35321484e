"""The chord net: twelve looks at the same evidence, one from each root, with the same eight-bit weights.

All that is multiplied and summed are whole numbers below 2**24, which single precision holds exactly: the result does
not depend on the order of the sums, so a fast matrix product is as reproducible here as a slow loop.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.chord_features import CHANNELS, FACTS, Floats
from realtime.core.chord_tokens import NO_CHORD_TOKEN
from realtime.core.weights import Tensors

LEVELS: Final = 240
"""Features are rounded to this many steps."""

MOST_ACTIVE: Final = 255
"""What flows from layer to layer is rounded to this many steps."""

_TURNS: Final = np.array([[(step + root) % 12 for step in range(12)] for root in range(12)])
_NAMES: Final = ("w1", "s1", "b1", "w2", "s2", "b2", "w3", "s3", "b3", "wn", "sn", "bn", "worth")


class BadNet(ValueError):
    """Weights that are not those of a chord net."""


class ChordNet:
    """Weights, ready to judge."""

    def __init__(self, tensors: Tensors) -> None:
        """Takes the tensors that `daemon.training.recogniser` wrote.

        Raises:
            BadNet: something is missing or has another shape.
        """
        missing = [name for name in _NAMES if name not in tensors]
        if missing or tensors["w1"].shape[0] != CHANNELS * 12 + FACTS:
            raise BadNet(f"not the weights of a chord net of {CHANNELS} channels; missing: {missing}")
        self._layers = {name: np.asarray(tensors[name], dtype=np.float32) for name in _NAMES}
        self._steps = [np.float32(1.0) / worth for worth in self._layers["worth"]]

    def scores(self, channels: Floats, facts: Floats) -> NDArray[np.float64]:
        """The log-probabilities of the 85 tokens."""
        turned = channels[:, _TURNS].transpose(1, 0, 2).reshape(12, -1)
        inputs = np.concatenate([turned, np.broadcast_to(facts, (12, FACTS))], axis=1)
        active = np.rint(inputs * np.float32(LEVELS))
        for layer in (1, 2):
            summed = active @ self._layers[f"w{layer}"]
            heard = summed * self._layers[f"s{layer}"] + self._layers[f"b{layer}"]
            active = np.rint(np.clip(heard * self._steps[layer], 0.0, MOST_ACTIVE))
        result = np.empty(NO_CHORD_TOKEN + 1)
        result[:NO_CHORD_TOKEN] = (active @ self._layers["w3"] * self._layers["s3"] + self._layers["b3"]).reshape(-1)
        pooled = active.sum(axis=0, dtype=np.float64) @ self._layers["wn"]
        result[NO_CHORD_TOKEN] = float((pooled * self._layers["sn"] / np.float32(12) + self._layers["bn"])[0])
        result -= result.max()
        logs: NDArray[np.float64] = result - np.log(np.exp(result).sum())
        return logs
