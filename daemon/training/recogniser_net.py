"""The chord net as it learns: the same twelve looks with memories as in the core, forwards and backwards, in numpy.

Backpropagation through time over a stretch of beats. Each whole beat moves the state on; beginnings of beats are
judged one step from the state before theirs, and move nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.training.recogniser_data import LEVELS
from realtime.core.chord_net import INPUTS
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN

Floats = NDArray[np.float32]
Layers = dict[str, Floats]

TURNS: Final = np.array([[(step + root) % 12 for step in range(12)] for root in range(12)])
"""The pitch class at each step above each root."""

KEEPING: Final = 1.0
"""Before anything is learnt, the gates keep this much more than half of the state."""

SMOOTH: Final = 0.02
"""The share of each label that is spread over all: no annotator is always right."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many units: the code of a beat, the state of a look, the head's hidden layer."""

    code: int = 128
    state: int = 128
    hidden: int = 64


@dataclass(frozen=True, slots=True)
class Lesson:
    """Stretches of `width` performances side by side, `steps` beats long, ready for the net.

    Rows of `inputs` come in blocks of 12 looks a judgement: first all whole beats, step by step, then the beginnings
    of the beats of the steps in `early`. `label` and `weight` have one number a judgement; weight 0 is left out.
    """

    inputs: Floats
    label: NDArray[np.int16]
    weight: Floats
    steps: int
    width: int
    early: tuple[int, ...]

    def rows(self, step: int) -> slice:
        """The rows of the whole beats of a step."""
        size = 12 * self.width
        return slice(step * size, (step + 1) * size)

    def early_rows(self, step: int) -> slice:
        """The rows of the beginnings of those beats."""
        return self.rows(self.steps + self.early.index(step))


def new_layers(rng: np.random.Generator, sizes: Sizes) -> Layers:
    """Untrained weights."""

    def draw(fan_in: int, fan_out: int, gain: float = 1.0) -> Floats:
        drawn: Floats = (rng.standard_normal((fan_in, fan_out)) * np.sqrt(gain / fan_in)).astype(np.float32)
        return drawn

    code, state, hidden = sizes.code, sizes.state, sizes.hidden
    layers = {
        "encode": draw(INPUTS, code, 2.0), "enter": draw(code, 3 * state), "recur": draw(state, 3 * state),
        "mix": draw(code, hidden, 2.0), "recall": draw(state, hidden, 2.0),
        "family": draw(hidden, FAMILY_COUNT, 0.02), "none": np.zeros((hidden, 1), dtype=np.float32),
    }  # fmt: skip
    for name in ("encode", "enter", "recur", "mix", "family", "none"):
        layers[f"{name}.bias"] = np.zeros(layers[name].shape[1], dtype=np.float32)
    layers["enter.bias"][:state] = KEEPING
    return layers


def looks(channels: NDArray[np.uint8], facts: NDArray[np.uint8]) -> Floats:
    """The input of every look: judgements times twelve rows."""
    count = len(channels)
    inputs = np.empty((count * 12, INPUTS), dtype=np.float32)
    turned = channels[:, :, TURNS].transpose(0, 2, 1, 3).reshape(count * 12, -1)
    np.multiply(turned, np.float32(1 / LEVELS), out=inputs[:, : turned.shape[1]])
    inputs[:, turned.shape[1] :] = np.repeat(facts, 12, axis=0) * np.float32(1 / LEVELS)
    return inputs


def bent(values: Floats) -> tuple[Floats, Floats]:
    """What the chord net's gates bend by, and its slope: x (27 + x²) / (9 (3 + x²)), ((9 - x²) / (3 (3 + x²)))²."""
    x = np.minimum(np.maximum(values, -3), 3)
    square = x * x
    part: Floats = np.reciprocal(3 + square)
    slope: Floats = (9 - square) * part
    slope *= slope
    slope /= 9
    x *= 27 + square
    x *= part
    x /= 9
    return x, slope


@dataclass(slots=True)
class _Step:
    """What a step of the unit leaves behind for the way back."""

    state: Floats
    again: Floats
    gates: Floats
    gate_slopes: Floats
    new: Floats
    new_slope: Floats


def step(layers: Layers, entering: Floats, state: Floats) -> tuple[Floats, _Step]:
    """The state after a beat, of every look."""
    size = state.shape[1]
    again = state @ layers["recur"]
    again += layers["recur.bias"]
    gates, gate_slopes = bent((entering[:, : 2 * size] + again[:, : 2 * size]) * np.float32(0.5))
    gates += 1
    gates /= 2
    new, new_slope = bent(entering[:, 2 * size :] + gates[:, size:] * again[:, 2 * size :])
    after: Floats = new + gates[:, :size] * (state - new)
    return after, _Step(state, again, gates, gate_slopes, new, new_slope)


def step_back(layers: Layers, slopes: Layers, after: Floats, was: _Step) -> tuple[Floats, Floats]:
    """From the slope by the state after: those by the state before and by what entered; adds the weights' own."""
    size = after.shape[1]
    keep, use = was.gates[:, :size], was.gates[:, size:]
    entering = np.empty_like(was.again)
    entering[:, :size] = after * (was.state - was.new)
    fresh = after * (1 - keep)
    fresh *= was.new_slope
    entering[:, size : 2 * size] = fresh * was.again[:, 2 * size :]
    entering[:, : 2 * size] *= was.gate_slopes
    entering[:, : 2 * size] /= 4
    entering[:, 2 * size :] = fresh
    again = entering.copy()
    again[:, 2 * size :] *= use
    slopes["recur"] += was.state.T @ again
    slopes["recur.bias"] += again.sum(axis=0)
    before: Floats = after * keep + again @ layers["recur"].T
    return before, entering


def encode(layers: Layers, inputs: Floats) -> tuple[Floats, Floats]:
    """The code of every look, and what of it enters the unit."""
    code: Floats = inputs @ layers["encode"]
    code += layers["encode.bias"]
    np.maximum(code, 0, out=code)
    entering: Floats = code @ layers["enter"]
    entering += layers["enter.bias"]
    return code, entering


def head(layers: Layers, code: Floats, after: Floats) -> tuple[Floats, Floats]:
    """The hidden layer and the 85 scores."""
    hidden = code @ layers["mix"]
    hidden += after @ layers["recall"]
    hidden += layers["mix.bias"]
    np.maximum(hidden, 0, out=hidden)
    count = len(code) // 12
    families = (hidden @ layers["family"] + layers["family.bias"]).reshape(count, NO_CHORD_TOKEN)
    nothing = hidden.reshape(count, 12, -1).mean(axis=1) @ layers["none"] + layers["none.bias"]
    scores: Floats = np.concatenate([families, nothing], axis=1)
    return hidden, scores


def log_softmax(scores: Floats) -> Floats:
    """Log-probabilities along the last axis."""
    lower = scores - scores.max(axis=-1, keepdims=True)
    result: Floats = lower - np.log(np.exp(lower).sum(axis=-1, keepdims=True))
    return result


def _score_slopes(scores: Floats, lesson: Lesson, smooth: float) -> tuple[Floats, float]:
    """The slope of the weighted mean cross-entropy by the scores, and that."""
    logs, order = log_softmax(scores), np.arange(len(scores))
    label = np.where(lesson.weight > 0, lesson.label, 0)
    total = max(1e-6, float(lesson.weight.sum()))
    loss = float(-(logs[order, label] * lesson.weight).sum()) / total
    slope: Floats = np.exp(logs) - smooth / scores.shape[1]
    slope[order, label] -= 1 - smooth
    slope *= (lesson.weight / total)[:, None]
    return slope, loss


def _head_back(
    layers: Layers, slopes: Layers, by_scores: Floats, seen: tuple[Floats, Floats, Floats]
) -> tuple[Floats, Floats]:
    """The slopes by the code and by the state, as the head saw them; sets the weights' own."""
    code, after, hidden = seen
    count = len(by_scores)
    families = np.ascontiguousarray(by_scores[:, :NO_CHORD_TOKEN]).reshape(count * 12, FAMILY_COUNT)
    nothing = by_scores[:, NO_CHORD_TOKEN:]
    slopes["family"], slopes["family.bias"] = hidden.T @ families, families.sum(axis=0)
    slopes["none"] = hidden.reshape(count, 12, -1).mean(axis=1).T @ nothing
    slopes["none.bias"] = nothing.sum(axis=0)
    back: Floats = families @ layers["family"].T
    back.reshape(count, 12, -1)[:] += ((nothing @ layers["none"].T) / 12)[:, None, :]
    back *= hidden > 0
    slopes["mix"], slopes["mix.bias"] = code.T @ back, back.sum(axis=0)
    slopes["recall"] = after.T @ back
    by_code: Floats = back @ layers["mix"].T
    by_after: Floats = back @ layers["recall"].T
    return by_code, by_after


Mask = Callable[[Floats], Floats]


def gradients(
    layers: Layers, lesson: Lesson, *, masks: tuple[Mask, Mask] | None = None, smooth: float = SMOOTH
) -> tuple[Layers, float]:
    """The slope of the mean cross-entropy, and that; `masks` hide some of the code and the state from the head."""
    code, entering = encode(layers, lesson.inputs)
    size = len(layers["recur"])
    state = np.zeros((12 * lesson.width, size), dtype=code.dtype)
    after = np.empty((len(code), size), dtype=code.dtype)
    whole: list[_Step] = []
    begun: dict[int, _Step] = {}
    for number in range(lesson.steps):
        if number in lesson.early:
            rows = lesson.early_rows(number)
            after[rows], begun[number] = step(layers, entering[rows], state)
        rows = lesson.rows(number)
        state, memo = step(layers, entering[rows], state)
        after[rows] = state
        whole.append(memo)
    shown = (code, after) if masks is None else (masks[0](code), masks[1](after))
    hidden, scores = head(layers, *shown)
    by_scores, loss = _score_slopes(scores, lesson, smooth)
    slopes: Layers = {name: np.zeros_like(layers[name]) for name in ("recur", "recur.bias")}
    by_code, by_after = _head_back(layers, slopes, by_scores, (*shown, hidden))
    if masks is not None:
        by_code, by_after = masks[0](by_code), masks[1](by_after)
    by_entering = _back_through_time(layers, slopes, by_after, (lesson, whole, begun))
    slopes["enter"], slopes["enter.bias"] = code.T @ by_entering, by_entering.sum(axis=0)
    by_code = by_code + by_entering @ layers["enter"].T
    by_code *= code > 0
    slopes["encode"], slopes["encode.bias"] = lesson.inputs.T @ by_code, by_code.sum(axis=0)
    return slopes, loss


def _back_through_time(
    layers: Layers, slopes: Layers, by_after: Floats, went: tuple[Lesson, list[_Step], dict[int, _Step]]
) -> Floats:
    """The slope by what entered at every step."""
    lesson, whole, begun = went
    entering = np.empty((len(by_after), 3 * by_after.shape[1]), dtype=by_after.dtype)
    carried = np.zeros_like(by_after[lesson.rows(0)])
    for number in reversed(range(lesson.steps)):
        rows = lesson.rows(number)
        carried, entering[rows] = step_back(layers, slopes, carried + by_after[rows], whole[number])
        if number in lesson.early:
            rows = lesson.early_rows(number)
            more, entering[rows] = step_back(layers, slopes, by_after[rows], begun[number])
            carried += more
    return entering
