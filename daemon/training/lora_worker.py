"""The process that trains a LoRA with mlx-lm: a job as JSON in a file, progress as JSON lines on stdout.

Run as `python -m daemon.training.lora_worker JOB`. It calls what `mlx_lm.lora` calls, and hears of the losses by
mlx-lm's own callback rather than by its tables. What it takes to go on is written whenever the phrases held out were
judged: the LoRA and how far it was; the optimiser's moments are not kept by mlx-lm and begin anew.
"""

import json
import math
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import mlx.core as mx
import numpy as np
from mlx.utils import tree_flatten
from mlx_lm import load
from mlx_lm.lora import CONFIG_DEFAULTS, train_model
from mlx_lm.tuner.callbacks import TrainingCallback
from mlx_lm.tuner.datasets import CacheDataset, load_dataset
from mlx_lm.tuner.trainer import evaluate

from daemon.models.limits import cap_memory
from daemon.models.qwen_adapter import ADAPTER_CONFIG, ADAPTER_WEIGHTS, BadAdapter, shapes_in

BATCH: Final = 4
ROUNDS: Final = 3
MOST_STEPS: Final = 600
MOST_LAYERS: Final = 16
MOST_TOKENS: Final = 2048
RATE: Final = 1e-4
PATIENCE: Final = 4
"""So many judgements that are no better end it."""
PROGRESS: Final = "progress.json"
LAST: Final = "last.safetensors"
RESULT: Final = "result"

Tell = Callable[[dict[str, Any]], None]


class Enough(Exception):
    """Nothing has got better for some time: the way out of mlx-lm's loop."""


class Keeper(TrainingCallback):  # type: ignore[misc]  # mlx_lm has no types
    """Hears of every judgement; keeps what was best, and what it takes to go on."""

    def __init__(self, model: Any, work: Path, state: dict[str, Any], steps: int, tell: Tell) -> None:  # noqa: ANN401
        self._model, self._work, self._state, self._steps, self._tell = model, work, state, steps, tell
        self._begun = int(state["step"])

    def on_train_loss_report(self, train_info: dict[str, Any]) -> None:
        """Progress between judgements, as a remark: nothing is decided by it."""
        step = self._begun + int(train_info["iteration"])
        if step > self._steps:
            return
        bits = float(train_info["train_loss"]) / math.log(2)
        self._tell({"remark": f"step {step} of {self._steps}: learning, {bits:.3f} bits a token"})

    def on_val_loss_report(self, val_info: dict[str, Any]) -> None:
        """A judgement."""
        state, step = self._state, self._begun + int(val_info["iteration"])
        bits = float(val_info["val_loss"]) / math.log(2)
        if state["before"] is None:
            if not math.isfinite(bits):
                raise ValueError("the model's loss is no number before anything was learnt: its weights are broken")
            state |= {"before": bits, "best": bits}
            self._tell({"before": {"bits": bits}})
        if step <= state["step"]:
            return
        better = bits < state["best"]
        state |= {"step": step, "waited": 0 if better else state["waited"] + 1}
        if better:
            state["best"] = bits
            keep(self._model, self._work / RESULT / ADAPTER_WEIGHTS)
        keep(self._model, self._work / LAST)
        part = self._work / "progress.part"
        part.write_text(json.dumps(state))
        part.replace(self._work / PROGRESS)
        self._tell({"step": step, "of": self._steps, "bits": bits})
        if state["waited"] >= PATIENCE:
            raise Enough


def keep(model: Any, file: Path) -> None:  # noqa: ANN401 - mlx has no types
    """Writes what is trained, whole or not at all; says what mlx does not: why it may have failed."""
    file.parent.mkdir(exist_ok=True)
    part = file.with_name("part.safetensors")
    try:
        mx.save_safetensors(str(part), dict(tree_flatten(model.trainable_parameters())))
        shapes_in(part)
    except (RuntimeError, BadAdapter):
        part.unlink(missing_ok=True)
        raise OSError(f"{file} could not be written whole: is the disk full?") from None
    part.replace(file)


def tune(job: dict[str, Any], tell: Tell) -> None:
    """Trains a LoRA for the model of `job["base"]` on the chats in `job["work"]`."""
    work = Path(job["work"])
    file = work / PROGRESS
    state: dict[str, Any] = {"step": 0, "best": math.inf, "waited": 0, "before": None}
    if file.is_file() and (work / LAST).is_file():
        state = json.loads(file.read_text())
    model, tokenizer = load(job["base"])[:2]
    args = settings(job, work, state, len(model.layers))
    learnt, judged, _ = load_dataset(args, tokenizer)
    args.batch_size = min(BATCH, len(learnt), len(judged))
    steps = job["steps"] or min(MOST_STEPS, max(10, ROUNDS * len(learnt) // args.batch_size))
    # One more than is wanted: the last is judged before its step.
    args.iters = steps - state["step"] + 1
    args.steps_per_eval = max(2, min(50, steps // 10))
    tell(
        {
            "before": {"bits": state["before"]} if state["before"] is not None else {},
            "rows": len(learnt),
            "steps": steps,
        }
    )
    if args.iters > 1 and state["waited"] < PATIENCE:
        np.random.seed([job["seed"] % 2**32, state["step"]])  # mlx-lm draws its batches with it
        try:
            train_model(args, model, learnt, judged, Keeper(model, work, state, steps, tell))
        except Enough:
            tell({"remark": f"nothing better in {PATIENCE} judgements: it ends here"})
    del model
    mx.clear_cache()
    tell({"before": before_of(job, args, float(state["before"]), tell)})
    tell({"after": {"bits": marked(job["base"], args, finished(work))}})


def settings(job: dict[str, Any], work: Path, state: dict[str, Any], layers: int) -> types.SimpleNamespace:
    """What `mlx_lm.lora` would read from its command line."""
    return types.SimpleNamespace(
        **CONFIG_DEFAULTS
        | {
            "model": job["base"],
            "train": True,
            "data": str(work),
            "seed": job["seed"] % 2**32,
            "num_layers": min(MOST_LAYERS, layers),
            "val_batches": -1,
            "learning_rate": RATE,
            "steps_per_report": 10,
            "save_every": 10**9,
            "max_seq_length": MOST_TOKENS,
            "mask_prompt": "messages" in json.loads((work / "train.jsonl").open().readline()),
            "adapter_path": str(work / "adapter"),
            "resume_adapter_file": str(work / LAST) if state["step"] else None,
        }
    )


def before_of(job: dict[str, Any], args: types.SimpleNamespace, alone: float, tell: Tell) -> dict[str, float]:
    """What has to be bettered: the model alone, and with the LoRA that stands in the output folder."""
    if job["stands"] is None:
        return {"bits": alone}
    try:
        stands = marked(job["base"], args, Path(job["stands"]))
    except (OSError, ValueError, RuntimeError, KeyError) as problem:
        tell({"remark": f"the LoRA in {job['stands']} is not for this model, or broken: {problem}"[:300]})
        return {"bits": alone}
    return {"bits": min(alone, stands), "alone": alone, "stands": stands}


def finished(work: Path) -> Path:
    """The result as it will be loaded: the best, or else the last."""
    result = work / RESULT
    result.mkdir(exist_ok=True)
    if not (result / ADAPTER_WEIGHTS).is_file():
        (result / ADAPTER_WEIGHTS).write_bytes((work / LAST).read_bytes())
    (result / ADAPTER_CONFIG).write_bytes((work / "adapter" / ADAPTER_CONFIG).read_bytes())
    return result


def marked(base: str, args: types.SimpleNamespace, adapter: Path) -> float:
    """Bits a token of the phrases held out, by the model with a LoRA."""
    model, tokenizer = load(base, adapter_path=str(adapter))[:2]
    judged = CacheDataset(load_dataset(args, tokenizer)[1])
    loss = evaluate(model, judged, args.batch_size, -1, max_seq_length=args.max_seq_length)
    return float(loss) / math.log(2)


def main() -> int:
    """Entry of the process."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m daemon.training.lora_worker JOB\n")
        return 2
    cap_memory()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # mlx-lm's tables go to stderr

    def tell(news: dict[str, Any]) -> None:
        answers.write(json.dumps(news) + "\n")
        answers.flush()

    try:
        tune(json.loads(Path(sys.argv[1]).read_text()), tell)
    except Exception as problem:
        tell({"problem": f"{type(problem).__name__}: {problem}"[:500]})
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
