"""Trains a phrase model with mlx: rows of words in, checkpoints in mlx-lm's layout out; goes on where it stopped."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
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
from daemon.models.phrase_weights import read_phrase_model
from daemon.training.phrase_rows import Ids, batches, weights_of_words
from realtime.core.phrase_words import BAR, DURATION_IDS, PITCH_IDS, POSITION_IDS, WORDS

CLIP: Final = 1.0
BITS: Final = 8
GROUP: Final = 64
BEST: Final = "best"
"""Where in the working folder the best model stands."""


@dataclass(frozen=True, slots=True)
class Course:
    """How to learn: rows of `length` words, `size` a step, `steps` in all; the rate falls along a cosine."""

    steps: int
    size: int = 18
    length: int = 257
    rate: float = 2e-3
    warm_up: int = 100
    decay: float = 0.05
    judged_every: int = 200
    patience: int = 1000
    """So many judgements that are no better end it."""
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


def judge(model: Model, judged: Sequence[Ids], size: int) -> dict[str, float]:
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
    rounds: Callable[[np.random.Generator], Iterator[Ids]],
    judged: Sequence[Ids],
    course: Course,
    folder: Path,
    tell: Callable[[dict[str, Any]], None],
) -> None:
    """Trains `model` in place; what was best of the rows held out stands in `folder` at the end.

    `rounds` gives the rows of one round. Goes on from what stands in `folder`; ends early where `course.patience`
    judgements in a row were no better. `tell` hears of progress.
    """
    optimizer = optim.AdamW(_rates(course), betas=[0.9, 0.98], weight_decay=course.decay)
    weights = mx.array(weights_of_words())
    slopes_of = nn.value_and_grad(model, partial(loss_of, model, weights))
    state = _resume(model, optimizer, folder)
    rng = np.random.default_rng([course.seed, state["step"]])
    mean = 0.0
    while state["step"] < course.steps and state["waited"] < course.patience:
        before = state["step"]
        for batch in batches(rounds(rng), course.size):
            loss, slopes = slopes_of(mx.array(batch))
            slopes, _ = optim.clip_grad_norm(slopes, CLIP)
            optimizer.update(model, slopes)
            mx.eval(loss, model.parameters(), optimizer.state)
            state["step"] += 1
            mean = 0.96 * mean + 0.04 * float(loss.item()) if mean else float(loss.item())
            if state["step"] % course.judged_every == 0 or state["step"] == course.steps:
                marks = judge(model, judged, course.size)
                better = marks["bits"] < state["best"]
                state |= {"best": min(marks["bits"], state["best"]), "waited": 0 if better else state["waited"] + 1}
                tell({"step": state["step"], "of": course.steps, "loss": round(mean, 4), **marks})
                if better:
                    save_model(model, folder / BEST)
                _pause(model, optimizer, state, folder)
            if state["step"] >= course.steps or state["waited"] >= course.patience:
                break
        if state["step"] == before:
            raise ValueError(f"there are fewer rows than the {course.size} of one step")


def _rates(course: Course) -> Any:  # noqa: ANN401 - mlx's schedules have no type
    warm = optim.linear_schedule(0.0, course.rate, course.warm_up)
    fall = optim.cosine_decay(course.rate, max(1, course.steps - course.warm_up), course.rate / 50)
    return optim.join_schedules([warm, fall], [course.warm_up])


def _pause(model: Model, optimizer: optim.Optimizer, state: dict[str, Any], folder: Path) -> None:
    """Everything that it takes to go on, each file whole or not at all, the one that says how far last."""
    save_model(model, folder)
    moments = {name: value for name, value in tree_flatten(optimizer.state) if isinstance(value, mx.array)}
    part = folder / "part.safetensors"
    mx.save_safetensors(str(part), moments)
    part.replace(folder / "optimizer.safetensors")
    text = folder / "progress.part"
    text.write_text(json.dumps(state))
    text.replace(folder / "progress.json")


def _resume(model: Model, optimizer: optim.Optimizer, folder: Path) -> dict[str, Any]:
    progress = folder / "progress.json"
    if not progress.is_file():
        return {"step": 0, "best": math.inf, "waited": 0}
    model.load_weights(str(folder / "model.safetensors"))
    optimizer.init(model.trainable_parameters())
    optimizer.state = tree_unflatten(list(mx.load(str(folder / "optimizer.safetensors")).items()))
    return dict(json.loads(progress.read_text()))


def read_model(folder: Path) -> tuple[Model, dict[str, Any]]:
    """The model in a folder as float32, whatever it is quantised to, and its sizes."""
    weights = read_phrase_model(folder)
    sizes = {
        "hidden_size": weights.hidden,
        "num_hidden_layers": weights.layers,
        "num_attention_heads": weights.heads,
        "num_key_value_heads": weights.kv_heads,
        "intermediate_size": weights.feed_forward,
        "rope_theta": weights.rope_theta,
        "rms_norm_eps": weights.epsilon,
    }
    model = Model(ModelArgs.from_dict(ARCHITECTURE | sizes))
    model.load_weights([(name, mx.array(array)) for name, array in weights.arrays.items()])
    return model, ARCHITECTURE | sizes


def quantised(model: Model, folder: Path, config: dict[str, Any]) -> None:
    """Writes the model with its matrices as 8 bits in groups of 64."""
    nn.quantize(model, group_size=GROUP, bits=BITS)
    save_model(model, folder, config | {"quantization": {"group_size": GROUP, "bits": BITS}})
