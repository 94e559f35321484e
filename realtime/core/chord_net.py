"""The chord net: twelve looks at the same evidence, one from each root, each with a memory, and the same weights.

A beat goes through an encoder, a gated recurrent unit (Cho et al. 2014, the reset gate after the product) and a small
head; every look has its own state. Only whole beats are committed to the state; a judgement in mid-beat is one step
from the last commitment.

The answer is the same on every machine. All that is multiplied by a matrix are whole numbers (eight-bit weights,
features, activations and states in steps), and their sums stay below 2**24, which single precision holds exactly, so
their order does not matter. What lies between, the gates, is elementwise +, -, * and / in single precision, which
IEEE 754 rounds alike everywhere; the gates bend by a quotient of polynomials in place of a library's `tanh`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.chord_features import CHANNELS, FACTS, Floats
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN
from realtime.core.weights import Tensors

LEVELS: Final = 240
"""Features are rounded to this many steps."""

MOST_ACTIVE: Final = 255
"""What flows from layer to layer is rounded to this many steps."""

STATE_LEVELS: Final = 127
"""A state lies in -1..1; this many steps either way are seen of it, while it is kept unrounded."""

INPUTS: Final = CHANNELS * 12 + FACTS
MATRICES: Final = ("encode", "enter", "recur", "mix", "recall", "family", "none")
"""encode: features to code; enter, recur: code and state to the gates; mix, recall: code and state to the head's
hidden layer; family, none: from there to the scores. Each is whole numbers, with the worth of one in each column."""

_TURNS: Final = np.array([[(step + root) % 12 for step in range(12)] for root in range(12)])
_HALF: Final = np.float32(0.5)
_ONE: Final = np.float32(1.0)
_BIASED: Final = ("encode", "enter", "recur", "mix", "family", "none")


class BadNet(ValueError):
    """Weights that are not those of a chord net."""


def bend(values: Floats) -> Floats:
    """Nearly the hyperbolic tangent, by x (27 + x²) / (27 + 9 x²): exactly ±1 from ±3 on."""
    x = np.minimum(np.maximum(values, np.float32(-3.0)), np.float32(3.0))
    square = x * x
    bent: Floats = x * (np.float32(27.0) + square) / (np.float32(27.0) + np.float32(9.0) * square)
    return bent


@dataclass(frozen=True, slots=True)
class Judgement:
    """The log-probabilities of the 85 tokens, and the state that follows if this was a whole beat."""

    logs: NDArray[np.float64]
    state: Floats


class ChordNet:
    """Weights, ready to judge."""

    def __init__(self, tensors: Tensors) -> None:
        """Takes the tensors that `daemon.training.recogniser` wrote.

        Raises:
            BadNet: something is missing or has another shape, as in weights for another version's net.
        """
        names = (*MATRICES, *(f"{name}.worth" for name in MATRICES), *(f"{name}.bias" for name in _BIASED), "steps")
        missing = [name for name in names if name not in tensors]
        if missing:
            raise BadNet(f"not the weights of a recurrent chord net; missing: {', '.join(missing)}")
        self._at = {name: np.asarray(tensors[name], dtype=np.float32) for name in names}
        self._check()
        self.state_size = self._at["recur"].shape[0]
        self._code_step, self._hidden_step = (_ONE / worth for worth in self._at["steps"])

    def _check(self) -> None:
        encode, recur, mix = self._at["encode"], self._at["recur"], self._at["mix"]
        code, state, hidden = encode.shape[-1], recur.shape[0], mix.shape[-1]
        wanted = {
            "encode": (INPUTS, code), "enter": (code, 3 * state), "recur": (state, 3 * state), "mix": (code, hidden),
            "recall": (state, hidden), "family": (hidden, FAMILY_COUNT), "none": (hidden, 1), "steps": (2,),
        }  # fmt: skip
        for name in MATRICES:
            wanted[f"{name}.worth"] = (wanted[name][1],)
        for name in _BIASED:
            wanted[f"{name}.bias"] = (wanted[name][1],)
        wrong = [name for name, shape in wanted.items() if self._at[name].shape != shape]
        if wrong:
            raise BadNet(f"not the weights of a chord net of {INPUTS} inputs; of another shape: {', '.join(wrong)}")
        if max(INPUTS * LEVELS, code * MOST_ACTIVE, hidden * MOST_ACTIVE, state * STATE_LEVELS) * 127 >= 2**24:
            raise BadNet("a chord net too wide to add up exactly")

    def blank_state(self) -> Floats:
        """The state before anything was heard: twelve looks, nothing remembered."""
        return np.zeros((12, self.state_size), dtype=np.float32)

    def _product(self, name: str, active: Floats) -> Floats:
        """Whole numbers through a matrix, and what that is worth."""
        result: Floats = (active @ self._at[name]) * self._at[f"{name}.worth"]
        return result

    def _biased(self, name: str, active: Floats) -> Floats:
        result: Floats = self._product(name, active) + self._at[f"{name}.bias"]
        return result

    def judge(self, channels: Floats, facts: Floats, state: Floats) -> Judgement:
        """One step from `state` (12 x `state_size`): `channels` is `CHANNELS` x 12, `facts` `FACTS` long, all 0..1."""
        turned = channels[:, _TURNS].transpose(1, 0, 2).reshape(12, -1)
        inputs = np.concatenate([turned, np.broadcast_to(facts, (12, FACTS))], axis=1)
        code = _activated(self._biased("encode", np.rint(inputs * np.float32(LEVELS))), self._code_step)
        after = self._next(state, self._biased("enter", code))
        mixed = self._biased("mix", code) + self._product("recall", _seen(after))
        hidden = _activated(mixed, self._hidden_step)
        scores = np.empty(NO_CHORD_TOKEN + 1)
        scores[:NO_CHORD_TOKEN] = self._biased("family", hidden).reshape(-1)
        pooled = hidden.sum(axis=0, dtype=np.float64) @ self._at["none"].astype(np.float64)
        scores[NO_CHORD_TOKEN] = float((pooled * self._at["none.worth"] / 12 + self._at["none.bias"])[0])
        scores -= scores.max()
        return Judgement(scores - np.log(np.exp(scores).sum()), after)

    def _next(self, state: Floats, entering: Floats) -> Floats:
        """The gated recurrent unit."""
        size = self.state_size
        again = self._biased("recur", _seen(state))
        gates = _HALF + _HALF * bend((entering[:, : 2 * size] + again[:, : 2 * size]) * _HALF)
        keep, use = gates[:, :size], gates[:, size:]
        new = bend(entering[:, 2 * size :] + use * again[:, 2 * size :])
        # The mean of two numbers within -1..1 can be rounded to just beyond.
        after: Floats = np.minimum(np.maximum(keep * state + (_ONE - keep) * new, -_ONE), _ONE)
        return after


def _seen(state: Floats) -> Floats:
    """A state as whole numbers."""
    seen: Floats = np.rint(state * np.float32(STATE_LEVELS))
    return seen


def _activated(summed: Floats, step: np.float32) -> Floats:
    """Rectified, as whole numbers of steps."""
    active: Floats = np.rint(np.minimum(np.maximum(summed * step, np.float32(0.0)), np.float32(MOST_ACTIVE)))
    return active
