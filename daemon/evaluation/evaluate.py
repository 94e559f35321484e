"""`sideman evaluate`: judges every tune, on all cores, and makes one report of it.

A tune's marks depend on nothing but the tune and the order, and are put together in the tunes' order; so the report
is the same however many processes made it.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from daemon.evaluation.corpus import Corpus, Tune
from daemon.evaluation.follow import FOLLOW
from daemon.evaluation.harmonise import HARMONISE
from daemon.evaluation.keys import KEY
from daemon.evaluation.landing import LANDING
from daemon.evaluation.melody import MELODY
from daemon.evaluation.prediction import PREDICTION
from daemon.evaluation.recognition import RECOGNITION
from daemon.evaluation.rehearsal import BandOrder
from daemon.evaluation.scores import Tally, marks
from daemon.evaluation.task import Task

TASKS: Final[dict[str, Task]] = {
    task.name: task
    for task in (
        RECOGNITION,
        PREDICTION,
        LANDING,
        HARMONISE,
        KEY,
        MELODY,
        FOLLOW,
    )
}

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The report, and each piece's marks, for pictures."""

    report: dict[str, Any]
    tallies: list[Tally]


def evaluate(
    task: str, corpus: Corpus, order: BandOrder, *, jobs: int = 1, seed: int = 0, progress: Progress | None = None
) -> Outcome:
    """Judges every tune of `corpus`; `progress` is told how many are done.

    Raises:
        KeyError: there is no such task.
        OSError: a file cannot be read.
    """
    chosen = TASKS[task]
    began = time.perf_counter()
    tallies: list[Tally] = []
    unsuited = 0
    for count, tally in enumerate(_judged(chosen, corpus, order, jobs), start=1):
        if tally is None or tally.n == 0:
            unsuited += 1
        else:
            tallies.append(tally)
        if progress is not None:
            progress(count)
    report = {
        "task": task,
        "pieces": len(tallies),
        "n": sum(tally.n for tally in tallies),
        **marks(chosen.figures, tallies, seed),
        "skipped": corpus.skipped,
        "unsuited": unsuited,
        "seconds": round(time.perf_counter() - began, 3),
    }
    return Outcome(report, tallies)


def _judged(task: Task, corpus: Corpus, order: BandOrder, jobs: int) -> Iterator[Tally | None]:
    """Every tune's marks, in the tunes' order."""
    if jobs <= 1:
        yield from (task.judge(tune, order) for tune in corpus)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs, _get_ready, (task.name, order)) as pool:
        yield from pool.imap(_judge, corpus, chunksize=1)


_READY: Final[list[tuple[Task, BandOrder]]] = []
"""In a worker process: what it was started for. The order is large, and is sent once."""


def _get_ready(task: str, order: BandOrder) -> None:
    _READY[:] = [(TASKS[task], order)]


def _judge(tune: Tune) -> Tally | None:
    task, order = _READY[0]
    return task.judge(tune, order)
