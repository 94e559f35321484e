"""What an evaluation task is: the figures it gives, and how it judges one tune."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from daemon.evaluation.corpus import Tune
from daemon.evaluation.rehearsal import BandOrder
from daemon.evaluation.scores import Kind, Tally


@dataclass(frozen=True, slots=True)
class Task:
    """A task's name, what it asks of a tune, its figures, and its judge (None: the tune has not what it takes)."""

    name: str
    needs: str
    figures: Mapping[str, Kind]
    judge: Callable[[Tune, BandOrder], Tally | None]
