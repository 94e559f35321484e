"""The process that trains a phrase model: a job as JSON in a file, progress as JSON lines on stdout.

Run as `python -m daemon.training.phrase_worker JOB`. It is the one place that needs mlx, and it writes into its own
working folder only; who started it decides what becomes of the result.
"""

import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import mlx.core as mx
import numpy as np
from mlx.utils import tree_map

from daemon.models.phrase_lines import written
from daemon.models.phrase_net import PhraseNet
from daemon.models.phrase_weights import MIX_FILE, BadPhraseModel, read_phrase_model
from daemon.training.phrase_gate import fit_gates
from daemon.training.phrase_learn import BEST, Course, judge, learn, new_model, quantised, read_model
from daemon.training.phrase_lines import lines_in
from daemon.training.phrase_rows import Ids, rows
from realtime.core.phrase_words import ID_OF, PAD

NEW: Final = "new"
RESULT: Final = "result"
"""Where in the working folder the finished model stands."""

ROUNDS: Final = 8
MOST_TUNING_STEPS: Final = 2000
NEW_STEPS: Final = 1000
MOST_JUDGED: Final = 200
GATE_LINES: Final = 250
"""On so many lines the weights of net and memory are fitted."""

BLENDS: Final = (1.0, 0.7, 0.4)
"""How much of the tuned model goes with the rest of the base one: what is learnt of one should cost little of all."""

FORGIVEN: Final = 0.01
"""Bits a note: so little worse a blend with more of the base is taken all the same."""


def read_rows(path: Path) -> list[Ids]:
    """The rows of a prepared file as numbers; a line that is none is left out."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            ids = [ID_OF[word] for word in json.loads(line)["text"].split()]
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        found.append(np.array([*ids[:257], *[PAD] * (257 - len(ids))], dtype=np.int32))
    return found


def shuffled(found: Sequence[Ids]) -> Callable[[np.random.Generator], Iterator[Ids]]:
    """Rounds of all rows in a new order."""

    def one_round(rng: np.random.Generator) -> Iterator[Ids]:
        for place in rng.permutation(len(found)):
            yield found[place]

    return one_round


def tune(job: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    """Teaches the model of `job["base"]` the rows of `job["data"]`, and writes the better of both, quantised."""
    work, data = Path(job["work"]), Path(job["data"])
    learnt, judged = read_rows(data / "train.jsonl"), read_rows(data / "val.jsonl")[:MOST_JUDGED]
    if not learnt or not judged:
        raise ValueError(f"{data}: has no rows to learn from, or none to judge by")
    size = min(8, len(learnt))
    steps = job["steps"] or min(MOST_TUNING_STEPS, ROUNDS * max(1, len(learnt) // size))
    course = Course(
        steps=steps,
        size=size,
        rate=4e-4,
        warm_up=min(20, steps // 4 + 1),
        judged_every=max(5, min(50, steps // 10)),
        patience=4,
        seed=job["seed"],
    )
    model, config = read_model(Path(job["base"]))
    before = judge(model, judged, size)
    base = model.parameters()
    tell({"before": before, "rows": len(learnt), "steps": steps})
    learn(model, shuffled(learnt), judged, course, work, tell)
    tuned = read_model(work / BEST)[0].parameters()
    best, share = math.inf, 1.0
    for blend in BLENDS:
        model.update(tree_map(partial(_blend, blend), tuned, base))
        marks = judge(model, judged, size)
        tell({"blend": blend, **marks})
        if marks["bits"] < best + FORGIVEN:
            best, share = min(best, marks["bits"]), blend
    model.update(tree_map(partial(_blend, share), tuned, base))
    quantised(model, work / RESULT, config)
    after = judge(read_model(work / RESULT)[0], judged, size)
    tell({"after": after, "before": before, "blend": share})


def _blend(share: float, tuned: mx.array, base: mx.array) -> mx.array:
    return share * tuned + (1.0 - share) * base


def begin(job: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    """Trains a new model on files of tunes."""
    work, files = Path(job["work"]), [Path(name) for name in job["files"]]
    read = [line for path in files for line in lines_in(path)]
    lines = [written(line) for line in read]
    rng = np.random.default_rng(job["seed"])
    aside = [line for place, line in enumerate(lines) if place % 20 == 0]
    learnt = [line for place, line in enumerate(lines) if place % 20]
    judged = list(rows(aside, 257, rng))[:MOST_JUDGED]
    steps = job["steps"] or NEW_STEPS
    course = Course(steps=steps, seed=job["seed"], judged_every=min(100, steps))
    model = new_model(job["seed"])
    tell({"rows": len(lines), "steps": steps})
    learn(model, lambda draw: rows(learnt, course.length, draw), judged, course, work, tell)
    model, config = read_model(work / BEST)
    quantised(model, work / RESULT, config)
    net = PhraseNet(read_phrase_model(work / RESULT))
    every = read[:: max(1, len(read) // GATE_LINES)]
    gates = fit_gates(every, net, work / RESULT / MIX_FILE, seed=job["seed"], say=lambda text: tell({"gates": text}))
    tell({"after": judge(read_model(work / RESULT)[0], judged, course.size), "gate_bits": gates})


def main() -> int:
    """Entry of the process."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m daemon.training.phrase_worker JOB\n")
        return 2
    job = json.loads(Path(sys.argv[1]).read_text())

    def tell(news: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(news) + "\n")
        sys.stdout.flush()

    try:
        (begin if job["base"] == NEW else tune)(job, tell)
    except (OSError, ValueError, BadPhraseModel, RuntimeError) as problem:
        tell({"problem": str(problem)})
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
