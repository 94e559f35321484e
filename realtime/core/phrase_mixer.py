"""Weighs what the net and a session's memory foretell: a product of experts, weights by how much each leans on.

The weights come from a small trained layer over the experts' features (`daemon.training.phrase_gate`). Without trained
tables, or without a net, what is there is used.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.phrase_memory import EXPERTS, FEATURES, PRIORS, WIDTHS, Floats, Guess, Kind

FLOOR: Final = 1e-5
"""What an expert excludes counts as this much."""

GATES: Final = ("mixed", "session")
"""With the net, and without it."""


def features_of(guesses: Sequence[Guess], heard: int) -> Floats:
    """What the weights go by: the experts' features, and how much has been heard."""
    told = [value for guess in guesses for value in guess.features]
    return np.array([*told, min(1.0, np.log1p(heard) / 7), 1.0])


def gate_shapes(kind: Kind, hidden: int, *, with_net: bool) -> dict[str, tuple[int, ...]]:
    """The shapes of one gate's arrays."""
    experts = EXPERTS[kind] + 1 + with_net
    return {"in": (EXPERTS[kind] * FEATURES + 2, hidden), "out": (hidden, experts), "bias": (experts,)}


class PhraseMixer:
    """Trained gates and priors, as `mix.safetensors` holds them.

    Raises:
        ValueError: an array is missing or has another shape.
    """

    def __init__(self, tables: Mapping[str, NDArray[np.generic]]) -> None:
        self.priors: dict[Kind, Floats] = {}
        self._gates: dict[tuple[str, Kind], tuple[Floats, Floats, Floats]] = {}
        for kind in EXPERTS:
            self.priors[kind] = _table(tables, f"prior.{kind}", PRIORS[kind])
            for gate in GATES:
                hidden = tables[f"{gate}.{kind}.in"].shape[1] if f"{gate}.{kind}.in" in tables else 0
                shapes = gate_shapes(kind, hidden, with_net=gate == "mixed")
                first, out, bias = (_table(tables, f"{gate}.{kind}.{n}", shape) for n, shape in shapes.items())
                self._gates[gate, kind] = first, out, bias

    def mix(self, kind: Kind, guesses: Sequence[Floats], features: Floats, net: Floats | None) -> Floats:
        """One distribution of what the experts, the prior and the net hold likely; all over the same candidates.

        `guesses` are the experts' in order and the prior last.
        """
        first, out, bias = self._gates["session" if net is None else "mixed", kind]
        weights = np.logaddexp(0.0, np.tanh(features @ first) @ out + bias)
        every = np.stack([*guesses, *([] if net is None else [net])])
        every = every / every.sum(axis=1, keepdims=True)
        logits = weights @ np.log(every + FLOOR)
        odds = np.exp(logits - logits.max())
        return np.asarray(odds / odds.sum())


def _table(tables: Mapping[str, NDArray[np.generic]], name: str, shape: tuple[int, ...]) -> Floats:
    found = tables.get(name)
    if found is None or found.shape != shape:
        raise ValueError(f"{name}: must be an array of {shape}, but was {None if found is None else found.shape}")
    numbers = np.asarray(found, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name}: has numbers that are not finite")
    return numbers


def flat_priors() -> dict[Kind, Floats]:
    """Priors that know nothing."""
    return {kind: np.full(shape, 1.0 / WIDTHS[kind]) for kind, shape in PRIORS.items()}
