"""`sideman train`: teaches the phrase model what is in prepared data, and puts the result where the band finds it.

Rules. The training is a process of its own; what it has written is taken over only when it is whole, and only when it
foretells the pieces held out better than the model it came from. The model that stood there before is kept beside it
(`previous`), and `--roll-back` changes them. A training that was cut off goes on where it stopped.
"""

import argparse
import json
from importlib.resources import as_file
from pathlib import Path
from typing import Final

from daemon.config import ConfigError
from daemon.console import Console
from daemon.models.phrase_weights import BadPhraseModel, is_phrase_model, read_phrase_model, shipped_folder
from daemon.models.qwen_adapter import ADAPTER_WEIGHTS
from daemon.training.learning_process import begins_anew, carry_out, need_mlx
from daemon.training.prepare import INFO_NAME, vocabulary_hash
from daemon.training.take_over import WORK, Kind, judge

EMBEDDED: Final = "embedded"
NEW: Final = "new"
REHEARSAL_FILE: Final = "rehearsal.jsonl.gz"
"""Rows of what the model that ships learnt from, so that tuning does not forget them."""

KIND: Final = Kind("note", read_phrase_model, "sideman run --set models.phrase")
MODULE: Final = "daemon.training.phrase_worker"


def run(arguments: argparse.Namespace, console: Console, files: list[Path]) -> int:
    """Trains, judges, and takes over; returns the exit code: 1 where nothing was taken over.

    Raises:
        ConfigError: the words, the data or the base are wrong, or mlx is not installed.
    """
    output: Path = arguments.output
    _check(arguments)
    need_mlx()
    work = output / WORK
    try:
        work.mkdir(parents=True, exist_ok=True)
        with as_file(shipped_folder()) as shipped:
            base = str(shipped) if arguments.base == EMBEDDED else str(arguments.base)
            job = {
                "base": base,
                "data": str(arguments.data),
                "work": str(work),
                "rehearsal": str(shipped / REHEARSAL_FILE),
                "files": [str(path) for path in files],
                "steps": arguments.steps,
                "seed": arguments.seed,
            }
            begins_anew(work, job, console)
            outcome = carry_out(work, MODULE, KIND.unit, console)
        return judge(arguments, outcome, console, KIND)
    except OSError as error:
        raise ConfigError([f"--output {output}: {error.strerror or error}; what was there is untouched"]) from None


def is_other_model(base: str) -> bool:
    """Whether `--base` names a model that is not one of ours."""
    return base not in (EMBEDDED, NEW) and not is_phrase_model(Path(base))


def _check(arguments: argparse.Namespace) -> None:
    problems = check_steps(arguments.steps)
    if arguments.base not in (EMBEDDED, NEW):
        try:
            read_phrase_model(Path(arguments.base))
        except BadPhraseModel as problem:
            problems.append(f"--base {arguments.base}: {problem}")
    if arguments.base != NEW:
        problems += check_data(arguments.data)
    if (arguments.output / ADAPTER_WEIGHTS).exists():
        problems.append(f"--output {arguments.output}: holds a LoRA; choose a folder of its own for the phrase model")
    if problems:
        raise ConfigError(problems)


def check_steps(steps: int | None) -> list[str]:
    """What is wrong with `--steps`."""
    if steps is None or 1 <= steps <= 1_000_000:
        return []
    return [f"--steps: must be 1 to 1000000, but was {steps}"]


def check_data(data: Path) -> list[str]:
    """What is wrong with a folder of prepared data."""
    try:
        info = json.loads((data / INFO_NAME).read_text(encoding="utf-8"))
        words = info["words"]
    except (OSError, ValueError, KeyError, TypeError):
        return [f"--data {data}: must be a folder that `sideman prepare` wrote (it has no {INFO_NAME})"]
    if words != vocabulary_hash():
        return [f"--data {data}: was prepared for another vocabulary ({words!r:.40}): prepare it again"]
    return []
