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

from realtime._dsp import ChordKernel
from realtime.core.chord_features import CHANNELS, FACTS, Floats
from realtime.core.chord_tokens import FAMILY_COUNT
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

_BIASED: Final = ("encode", "enter", "recur", "mix", "family", "none")


class BadNet(ValueError):
    """Weights that are not those of a chord net."""


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
        at = {name: np.asarray(tensors[name], dtype=np.float32) for name in names}
        _check(at)
        self.state_size = at["recur"].shape[0]
        self._kernel = ChordKernel({name: tensor.tobytes() for name, tensor in at.items()}, FACTS)

    def blank_state(self) -> Floats:
        """The state before anything was heard: twelve looks, nothing remembered."""
        return np.zeros((12, self.state_size), dtype=np.float32)

    def judge(self, channels: Floats, facts: Floats, state: Floats) -> Judgement:
        """One step from `state` (12 x `state_size`): `channels` is `CHANNELS` x 12, `facts` `FACTS` long, all 0..1."""
        logs, after = self._kernel.judge(channels.tobytes(), facts.tobytes(), state.tobytes())
        return Judgement(np.frombuffer(logs), np.frombuffer(after, dtype=np.float32).reshape(12, -1))


def _check(at: Tensors) -> None:
    encode, recur, mix = at["encode"], at["recur"], at["mix"]
    code, state, hidden = encode.shape[-1], recur.shape[0], mix.shape[-1]
    wanted = {
        "encode": (INPUTS, code), "enter": (code, 3 * state), "recur": (state, 3 * state), "mix": (code, hidden),
        "recall": (state, hidden), "family": (hidden, FAMILY_COUNT), "none": (hidden, 1), "steps": (2,),
    }  # fmt: skip
    for name in MATRICES:
        wanted[f"{name}.worth"] = (wanted[name][1],)
    for name in _BIASED:
        wanted[f"{name}.bias"] = (wanted[name][1],)
    wrong = [name for name, shape in wanted.items() if at[name].shape != shape]
    if wrong:
        raise BadNet(f"not the weights of a chord net of {INPUTS} inputs; of another shape: {', '.join(wrong)}")
    if max(INPUTS * LEVELS, code * MOST_ACTIVE, hidden * MOST_ACTIVE, state * STATE_LEVELS) * 127 >= 2**24:
        raise BadNet("a chord net too wide to add up exactly")
