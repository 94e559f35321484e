"""Trains a phrase model with mlx: rows of words in, checkpoints in mlx-lm's layout out; goes on where it stopped."""

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import mlx.core as mx
import mlx.optimizers as optim
import numpy as np
from mlx import nn
from mlx.utils import tree_flatten, tree_unflatten
from mlx_lm.models.qwen2 import Model, ModelArgs

from daemon.models.phrase_folder import ARCHITECTURE, write_tokenizer
from daemon.models.phrase_lines import Written
from daemon.training.phrase_rows import batches, rows, weights_of_words
from realtime.core.phrase_words import BAR, DURATION_IDS, PITCH_IDS, POSITION_IDS, WORDS

SEEN_EVERY: Final = 25
CLIP: Final = 1.0


@dataclass(frozen=True, slots=True)
class Course:
    """How to learn: rows of `length` words, `size` a step, `steps` in all; the rate falls along a cosine."""

    steps: int
    size: int = 12
    length: int = 385
    rate: float = 2e-3
    warm_up: int = 100
    decay: float = 0.05
    judged_every: int = 200
    seed: int = 1


def new_model(seed: int, config: dict[str, Any] | None = None) -> Model:
    """An untrained model; embeddings are small, so that the first guesses are even."""
    mx.random.seed(seed)
    model = Model(ModelArgs.from_dict(config or ARCHITECTURE))
    model.update(tree_unflatten([(n, _first(n, p)) for n, p in tree_flatten(model.parameters())]))
    return model


def _first(name: str, numbers: mx.array) -> mx.array:
    if numbers.ndim < 2:
        return numbers if name.endswith("norm.weight") else mx.zeros_like(numbers)
    spread = 0.02 if "embed" in name else numbers.shape[1] ** -0.5
    if "o_proj" in name or "down_proj" in name:
        spread /= math.sqrt(2 * ARCHITECTURE["num_hidden_layers"])
    return mx.random.normal(numbers.shape) * spread


def loss_of(model: Model, weights: mx.array, batch: mx.array) -> mx.array:
    """The mean loss a word, in nats, words weighed."""
    targets = batch[:, 1:]
    weight = weights[targets]
    losses = nn.losses.cross_entropy(model(batch[:, :-1]), targets)
    return (losses * weight).sum() / weight.sum()


def save_model(model: Model, folder: Path, config: dict[str, Any] | None = None) -> None:
    """Writes config, weights and tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "part.safetensors"
    mx.save_safetensors(str(part), dict(tree_flatten(model.parameters())), {"format": "mlx"})
    part.replace(folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config or ARCHITECTURE, indent=1) + "\n", encoding="utf-8")
    write_tokenizer(folder)


def judge(model: Model, judged: Sequence[np.ndarray], size: int) -> dict[str, float]:
    """Bits a note of rows held out, by what the words say."""
    kinds = {"ioi": {BAR, *POSITION_IDS}, "pitch": set(PITCH_IDS), "duration": set(DURATION_IDS)}
    masks = {k: np.array([n in ids for n in range(len(WORDS))]) for k, ids in kinds.items()}
    sums, notes = dict.fromkeys(kinds, 0.0), 0
    for at in range(0, len(judged), size):
        batch = np.stack(judged[at : at + size])
        losses = np.array(nn.losses.cross_entropy(model(mx.array(batch[:, :-1])), mx.array(batch[:, 1:])))
        for kind, mask in masks.items():
            sums[kind] += float(losses[mask[batch[:, 1:]]].sum()) / math.log(2)
        notes += int(masks["pitch"][batch[:, 1:]].sum())
    return {kind: total / notes for kind, total in sums.items()} | {"bits": sum(sums.values()) / notes}


def learn(
    model: Model,
    lines: Sequence[Written],
    judged: Sequence[np.ndarray],
    course: Course,
    folder: Path,
    say: Callable[[str], None],
) -> None:
    """Trains `model` in place and writes checkpoints to `folder`; goes on from what stands there."""
    warm = optim.linear_schedule(0.0, course.rate, course.warm_up)
    fall = optim.cosine_decay(course.rate, max(1, course.steps - course.warm_up), course.rate / 50)
    optimizer = optim.AdamW(
        optim.join_schedules([warm, fall], [course.warm_up]), betas=[0.9, 0.98], weight_decay=course.decay
    )
    weights = mx.array(weights_of_words())
    slopes_of = nn.value_and_grad(model, partial(loss_of, model, weights))
    step, began, words = _resume(model, optimizer, folder), time.perf_counter(), 0
    rng = np.random.default_rng(course.seed + step)
    mean = 0.0
    while step < course.steps:
        for batch in batches(rows(lines, course.length, rng), course.size):
            loss, slopes = slopes_of(mx.array(batch))
            slopes, _ = optim.clip_grad_norm(slopes, CLIP)
            optimizer.update(model, slopes)
            mx.eval(loss, model.parameters(), optimizer.state)
            step, words = step + 1, words + batch.size
            mean = float(loss.item()) if not mean else 0.96 * mean + 0.04 * float(loss.item())
            if step % SEEN_EVERY == 0:
                say(f"step {step} loss {mean:.4f} words/s {words / (time.perf_counter() - began):.0f}")
            if step % course.judged_every == 0 or step == course.steps:
                marks = judge(model, judged, course.size)
                say(f"step {step} " + " ".join(f"{k} {v:.3f}" for k, v in marks.items()))
                save_model(model, folder)
                _pause(optimizer, step, folder)
            if step >= course.steps:
                break


def _pause(optimizer: optim.Optimizer, step: int, folder: Path) -> None:
    state = {name: value for name, value in tree_flatten(optimizer.state) if isinstance(value, mx.array)}
    mx.save_safetensors(str(folder / "optimizer.safetensors"), state)
    (folder / "progress.json").write_text(json.dumps({"step": step}))


def _resume(model: Model, optimizer: optim.Optimizer, folder: Path) -> int:
    progress = folder / "progress.json"
    if not progress.is_file():
        return 0
    model.load_weights(str(folder / "model.safetensors"))
    optimizer.init(model.trainable_parameters())
    optimizer.state = tree_unflatten(list(mx.load(str(folder / "optimizer.safetensors")).items()))
    return int(json.loads(progress.read_text())["step"])
