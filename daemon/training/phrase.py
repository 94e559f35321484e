"""`sideman train`: teaches the phrase model what is in prepared data, and puts the result where the band finds it.

Rules. The training is a process of its own; what it has written is taken over only when it is whole, and only when it
foretells the pieces held out better than the model it came from. The model that stood there before is kept beside it
(`previous`), and `--roll-back` changes them. A training that was cut off goes on where it stopped.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from daemon.config import ConfigError
from daemon.console import Console
from daemon.models.phrase_weights import MIX_FILE, WEIGHTS_FILE, BadPhraseModel, read_phrase_model, shipped_folder
from daemon.training.prepare import INFO_NAME, vocabulary_hash
from daemon.worker_environment import worker_environment

EMBEDDED: Final = "embedded"
NEW: Final = "new"
WORK: Final = "work"
PREVIOUS: Final = "previous"
CURVE: Final = "training.jsonl"
REPORT: Final = "training.json"
MODEL_FILES: Final = ("config.json", WEIGHTS_FILE, "tokenizer.json", "tokenizer_config.json", MIX_FILE, REPORT)
LEAST_BETTER: Final = 0.005
"""Bits a note by which the result must be better."""

OPENBLAS: Final = "/usr/lib/*-linux-gnu/openblas-pthread/libblas.so.3"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a training ended: what it told last, and its problem, if any."""

    before: dict[str, float]
    after: dict[str, float]
    problem: str


def run(arguments: argparse.Namespace, console: Console, files: list[Path]) -> int:
    """Trains, judges, and takes over; returns the exit code: 1 where nothing was taken over.

    Raises:
        ConfigError: the words, the data or the base are wrong, or mlx is not installed.
    """
    output: Path = arguments.output
    _check(arguments)
    for needed in ("mlx", "mlx_lm"):
        if find_spec(needed) is None:
            raise ConfigError([f"train: needs {needed}, which is not installed: pip install 'sideman[train]'"])
    work = output / WORK
    try:
        work.mkdir(parents=True, exist_ok=True)
        with as_file(shipped_folder()) as shipped:
            base = str(shipped) if arguments.base == EMBEDDED else str(arguments.base)
            job = {
                "base": base,
                "data": str(arguments.data),
                "work": str(work),
                "files": [str(path) for path in files],
                "steps": arguments.steps,
                "seed": arguments.seed,
            }
            _start_or_go_on(work, job, console)
            outcome = _train(work, console)
        return _judge(arguments, outcome, console)
    except OSError as error:
        raise ConfigError([f"--output {output}: {error.strerror or error}; what was there is untouched"]) from None


def _check(arguments: argparse.Namespace) -> None:
    problems = []
    if arguments.steps is not None and not 1 <= arguments.steps <= 1_000_000:
        problems.append(f"--steps: must be 1 to 1000000, but was {arguments.steps}")
    if arguments.base not in (EMBEDDED, NEW):
        try:
            read_phrase_model(Path(arguments.base))
        except BadPhraseModel as problem:
            problems.append(f"--base {arguments.base}: {problem}")
    if arguments.base != NEW:
        problems += _check_data(arguments.data)
    if problems:
        raise ConfigError(problems)


def _check_data(data: Path) -> list[str]:
    try:
        info = json.loads((data / INFO_NAME).read_text(encoding="utf-8"))
        words = info["words"]
    except (OSError, ValueError, KeyError, TypeError):
        return [f"--data {data}: must be a folder that `sideman prepare` wrote (it has no {INFO_NAME})"]
    if words != vocabulary_hash():
        return [f"--data {data}: was prepared for another vocabulary ({words!r:.40}): prepare it again"]
    return []


def _start_or_go_on(work: Path, job: dict[str, Any], console: Console) -> None:
    """Writes the job; what another job has left in the folder goes."""
    file = work / "job.json"
    text = json.dumps(job, sort_keys=True)
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        console.say(f"going on where the training in {work} stopped")
        return
    shutil.rmtree(work)
    work.mkdir()
    file.write_text(text, encoding="utf-8")


def _train(work: Path, console: Console) -> _Outcome:
    last: dict[str, Any] = {}
    with (work / CURVE).open("a", encoding="utf-8") as curve:
        for news in _news(work):
            curve.write(json.dumps(news) + "\n")
            curve.flush()
            last |= news
            if "step" in news:
                console.say(f"step {news['step']} of {news['of']}: {news['bits']:.3f} bits a note")
    return _Outcome(last.get("before", {}), last.get("after", {}), last.get("problem", ""))


def _news(work: Path) -> Iterator[dict[str, Any]]:
    """What the process tells, to its end."""
    command = [sys.executable, "-P", "-m", "daemon.training.phrase_worker", str(work / "job.json")]
    errors = work / "errors.txt"
    with errors.open("wb") as sink:
        process = subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, stderr=sink)
        try:
            for line in process.stdout or ():
                try:
                    news = json.loads(line)
                except ValueError:
                    continue
                if isinstance(news, dict):
                    yield news
        finally:
            if process.poll() is None and sys.exc_info()[0] is not None:
                process.terminate()
            code = process.wait()
    if code not in (0, 1):
        seen = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        yield {"problem": f"the training process ended with {code}: {seen[-1] if seen else 'no word'}"}


def _environment() -> dict[str, str]:
    """Ours, with a quick BLAS before mlx's own on Linux: without it a step takes eight times as long."""
    environment = {"OPENBLAS_NUM_THREADS": "1", **worker_environment(), "HF_HUB_OFFLINE": "1"}
    found = sorted(Path("/").glob(OPENBLAS.removeprefix("/"))) if sys.platform == "linux" else []
    if found and "LD_PRELOAD" not in os.environ:
        environment["LD_PRELOAD"] = str(found[0])
    return environment


def _judge(arguments: argparse.Namespace, outcome: _Outcome, console: Console) -> int:
    work = arguments.output / WORK
    if outcome.problem or not outcome.after:
        console.say(f"train: {outcome.problem or 'nothing came of it'}; what was there is untouched")
        console.result({"ok": False, "problem": outcome.problem}, [])
        return 1
    before, after = outcome.before.get("bits"), outcome.after["bits"]
    report = {"ok": True, "before": outcome.before, "after": outcome.after, "base": str(arguments.base)}
    if before is not None and after > before - LEAST_BETTER and not arguments.force:
        console.say(
            f"not taken over: {after:.3f} bits a note on pieces held out, {before:.3f} before (--force takes it)"
        )
        console.result({**report, "ok": False, "problem": "no better than before"}, [])
        return 1
    result = work / "result"
    (result / REPORT).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    read_phrase_model(result)
    take_over(result, arguments.output)
    shutil.copy(work / CURVE, arguments.output / CURVE)
    shutil.rmtree(work)
    gained = "" if before is None else f" (before: {before:.3f})"
    lines = [
        f"{arguments.output}: {after:.3f} bits a note on pieces held out{gained}",
        f"  to play with it: sideman run --set models.phrase={arguments.output}",
        f"  to go back:      sideman train --roll-back --output {arguments.output}",
    ]
    console.result(report, lines)
    return 0


def take_over(result: Path, output: Path) -> None:
    """Puts a finished model in `output`; the one that was there goes to `previous`."""
    if (output / WEIGHTS_FILE).is_file():
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
    if not (previous / WEIGHTS_FILE).is_file():
        raise ConfigError([f"--roll-back: there is no earlier model in {output}; models.phrase='' is the built-in one"])
    aside = output / "aside"
    aside.mkdir(exist_ok=True)
    _move(output, aside)
    _move(previous, output)
    _move(aside, previous)
    aside.rmdir()
    console.result({"ok": True, "folder": str(output)}, [f"{output}: the model before is back"])
    return 0


def _move(source: Path, target: Path) -> None:
    # The weights last: a folder without them holds no model.
    for name in sorted(MODEL_FILES, key=lambda name: name == WEIGHTS_FILE):
        if (source / name).is_file():
            (source / name).replace(target / name)
