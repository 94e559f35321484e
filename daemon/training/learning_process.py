"""The process that a model is trained in, as who started it sees it: a job in a file, news on stdout, an end."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from daemon.config import ConfigError
from daemon.console import Console
from daemon.worker_environment import quick_blas, worker_environment

JOB: Final = "job.json"
CURVE: Final = "training.jsonl"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a training ended: what it told last, and its problem, if any."""

    before: dict[str, float]
    after: dict[str, float]
    problem: str


def need_mlx() -> None:
    """Raises `ConfigError` where mlx or mlx-lm is not installed beside us."""
    for needed in ("mlx", "mlx_lm"):
        if find_spec(needed) is None:
            raise ConfigError([f"train: needs {needed}, which is not installed: pip install 'sideman[train]'"])


def begins_anew(work: Path, job: dict[str, Any], console: Console) -> bool:
    """Writes the job, and whether it is another than the one that was there; what that has left in the folder goes."""
    file = work / JOB
    text = json.dumps(job, sort_keys=True)
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        console.say(f"going on where the training in {work} stopped")
        return False
    shutil.rmtree(work)
    work.mkdir()
    file.write_text(text, encoding="utf-8")
    return True


def carry_out(work: Path, module: str, unit: str, console: Console, python: str = sys.executable) -> Outcome:
    """Runs `module` on the job in `work` to its end; progress, in bits a `unit`, goes to `console` and the curve."""
    last: dict[str, Any] = {}
    with (work / CURVE).open("a", encoding="utf-8") as curve, closing(news(work, module, python)) as stream:
        for told in stream:
            curve.write(json.dumps(told) + "\n")
            curve.flush()
            last |= told
            if "step" in told and "bits" in told:
                console.say(f"step {told['step']} of {told.get('of', '?')}: {told['bits']:.3f} bits a {unit}")
            elif "remark" in told:
                console.say(str(told["remark"]))
    return Outcome(last.get("before") or {}, last.get("after") or {}, str(last.get("problem", "")))


def news(work: Path, module: str, python: str) -> Generator[dict[str, Any], None, None]:
    """What the process tells, to its end; a line that is no JSON object is passed over."""
    errors = work / "errors.txt"
    with (
        errors.open("wb") as sink,
        subprocess.Popen(
            [python, "-P", "-m", module, str(work / JOB)], env=_environment(), stdout=subprocess.PIPE, stderr=sink
        ) as process,
    ):
        try:
            yield from (told for line in process.stdout or () if (told := read_news(line)) is not None)
        except BaseException:
            process.terminate()
            raise
        code = process.wait()
    if code not in (0, 1):
        seen = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        yield {"problem": f"the training process ended with {code}: {seen[-1] if seen else 'no word'}"}


def read_news(line: bytes) -> dict[str, Any] | None:
    """A line as news; None where it is none: libraries print what they like."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _environment() -> dict[str, str]:
    """Ours, with a quick BLAS before mlx's own on Linux: without it a step takes eight times as long."""
    environment = {"OPENBLAS_NUM_THREADS": "1", **worker_environment(), "HF_HUB_OFFLINE": "1"}
    found = quick_blas()
    if found is not None and "LD_PRELOAD" not in os.environ:
        environment["LD_PRELOAD"] = str(found)
    return environment
