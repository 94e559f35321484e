"""`sideman train --base MODEL`: a LoRA for a chat model that mlx-lm loads, so that its melodies are more like yours.

Rules. The model itself is only read, and never downloaded. It is asked in training as it is asked in use (see
`chat_rows`), and only its answers are learnt. What was best of the phrases held out is kept; it is taken over only
where it foretells them better than the model alone, and than with the LoRA that stood there before; `--roll-back` goes
back. A training that was cut off goes on where it was last judged.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from daemon.config import ConfigError
from daemon.console import Console
from daemon.models.qwen import find_qwen
from daemon.models.qwen_adapter import ADAPTER_WEIGHTS, BadAdapter, read_shapes
from daemon.training.chat_rows import write_chats
from daemon.training.learning_process import begins_anew, carry_out, need_mlx
from daemon.training.phrase import check_data, check_steps
from daemon.training.take_over import WORK, Kind, judge

KIND: Final = Kind("token", read_shapes, "sideman generate --backend qwen --set models.qwen_adapter")
MODULE: Final = "daemon.training.lora_worker"
MOST_LEARNT: Final = 100_000
MOST_JUDGED: Final = 64
"""Phrases held out that are judged by: with a large model on a laptop that takes a minute each time."""


def run(arguments: argparse.Namespace, console: Console, python: str = sys.executable) -> int:
    """Trains, judges, and takes over; returns the exit code: 1 where nothing was taken over.

    `python` is who has mlx-lm; us, but for tests.

    Raises:
        ConfigError: the words, the data or the base are wrong, or mlx-lm is not installed.
    """
    output: Path = arguments.output
    base = _checked_base(arguments)
    if python == sys.executable:
        need_mlx()
    work = output / WORK
    try:
        work.mkdir(parents=True, exist_ok=True)
        job: dict[str, Any] = {
            "base": str(base),
            "data": str(arguments.data),
            "work": str(work),
            "stands": str(output) if (output / ADAPTER_WEIGHTS).is_file() else None,
            "steps": arguments.steps,
            "seed": arguments.seed,
        }
        if begins_anew(work, job, console) or not (work / "valid.jsonl").is_file():
            _write_data(base, arguments.data, work, console)
        return judge(arguments, carry_out(work, MODULE, KIND.unit, console, python), console, KIND)
    except OSError as error:
        raise ConfigError([f"--output {output}: {error.strerror or error}; what was there is untouched"]) from None
    except BadAdapter as problem:
        raise ConfigError([f"{problem}; what was there is untouched"]) from None


def _checked_base(arguments: argparse.Namespace) -> Path:
    found = find_qwen(arguments.base)
    problems = check_steps(arguments.steps) + check_data(arguments.data)
    if (arguments.output / "config.json").exists():
        problems.append(f"--output {arguments.output}: holds a model; choose a folder of its own for the LoRA")
    if found.folder is None:
        problems.append(f"--base {arguments.base}: {found.seen}; {found.fix}")
    if problems or found.folder is None:
        raise ConfigError(problems)
    return found.folder.resolve()


def _write_data(base: Path, data: Path, work: Path, console: Console) -> None:
    """Writes `train.jsonl` and `valid.jsonl`, the latter last and whole: with it the data are complete."""
    has_template = _has_template(base)
    learnt, barren = write_chats(data / "train.jsonl", work / "train.jsonl", MOST_LEARNT, has_template=has_template)
    part = work / "valid.part"
    judged, _ = write_chats(data / "val.jsonl", part, MOST_JUDGED, has_template=has_template)
    if not learnt or not judged:
        raise ConfigError([f"--data {data}: has no phrases on sixteenths to learn from, or none to judge by"])
    part.replace(work / "valid.jsonl")
    console.say(f"{learnt} phrases to learn from, {judged} to judge by; {barren} rows had none on sixteenths")


def _has_template(base: Path) -> bool:
    """Whether the model's tokenizer writes chats."""
    if (base / "chat_template.jinja").is_file() or (base / "chat_template.json").is_file():
        return True
    try:
        config = json.loads((base / "tokenizer_config.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and bool(config.get("chat_template"))
