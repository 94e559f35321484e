"""A finished training judged and put where the band finds it; what stood there before is kept, and comes back."""

import argparse
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.config import ConfigError
from daemon.console import Console
from daemon.models.phrase_folder import MIDITOK_FILE
from daemon.models.phrase_weights import MIX_FILE, WEIGHTS_FILE
from daemon.models.qwen_adapter import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from daemon.training.learning_process import CURVE, Outcome

WORK: Final = "work"
PREVIOUS: Final = "previous"
RESULT: Final = "result"
REPORT: Final = "training.json"
WEIGHTS: Final = (WEIGHTS_FILE, ADAPTER_WEIGHTS)
"""A folder without one of them holds no model."""

MODEL_FILES: Final = (
    "config.json",
    MIDITOK_FILE,
    "tokenizer.json",
    "tokenizer_config.json",
    MIX_FILE,
    ADAPTER_CONFIG,
    REPORT,
    *WEIGHTS,
)

LEAST_BETTER: Final = 0.005
"""Bits by which the result must be better."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is trained: what is counted, what reads it to see that it is whole, and the setting that plays it."""

    unit: str
    """Of which bits are told: a note, a token."""
    check: Callable[[Path], object]
    setting: str


def judge(arguments: argparse.Namespace, outcome: Outcome, console: Console, kind: Kind) -> int:
    """Takes over what is better, and says so; returns the exit code: 1 where nothing was taken over."""
    output: Path = arguments.output
    work = output / WORK
    if outcome.problem or not outcome.after:
        console.say(f"train: {outcome.problem or 'nothing came of it'}; what was there is untouched")
        console.result({"ok": False, "problem": outcome.problem}, [])
        return 1
    before, after = outcome.before.get("bits"), outcome.after["bits"]
    report = {"ok": True, "before": outcome.before, "after": outcome.after, "base": str(arguments.base)}
    if before is not None and not after <= before - LEAST_BETTER and not arguments.force:
        seen = f"{after:.3f} bits a {kind.unit} on pieces held out, {before:.3f} before"
        console.say(f"not taken over: {seen} (--force takes it)")
        console.result({**report, "ok": False, "problem": "no better than before"}, [])
        return 1
    result = work / RESULT
    (result / REPORT).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    kind.check(result)
    take_over(result, output)
    shutil.copy(work / CURVE, output / CURVE)
    shutil.rmtree(work)
    gained = "" if before is None else f" (before: {before:.3f})"
    lines = [
        f"{output}: {after:.3f} bits a {kind.unit} on pieces held out{gained}",
        f"  to play with it: {kind.setting}={output}",
        f"  to go back:      sideman train --roll-back --output {output}",
    ]
    console.result(report, lines)
    return 0


def take_over(result: Path, output: Path) -> None:
    """Puts a finished model in `output`; the one that was there goes to `previous`."""
    if _holds_model(output):
        previous = output / PREVIOUS
        shutil.rmtree(previous, ignore_errors=True)
        previous.mkdir()
        _move(output, previous)
    _move(result, output)


def roll_back(output: Path, console: Console) -> int:
    """Changes the model in `output` and the one before; run again, it changes them back.

    Raises:
        ConfigError: there is no model before.
    """
    previous = output / PREVIOUS
    if not _holds_model(previous):
        raise ConfigError([f"--roll-back: there is no earlier model in {output}; an empty setting plays without it"])
    aside = output / "aside"
    aside.mkdir(exist_ok=True)
    _move(output, aside)
    _move(previous, output)
    _move(aside, previous)
    aside.rmdir()
    console.result({"ok": True, "folder": str(output)}, [f"{output}: the model before is back"])
    return 0


def _holds_model(folder: Path) -> bool:
    return any((folder / name).is_file() for name in WEIGHTS)


def _move(source: Path, target: Path) -> None:
    # The weights are last in the list: a folder without them holds no model.
    for name in MODEL_FILES:
        if (source / name).is_file():
            (source / name).replace(target / name)
