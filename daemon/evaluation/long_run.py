"""A long evening: whether the heart slows down or grows while it plays for hours."""

import resource
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

from daemon.evaluation.cost import changes, milliseconds_by_bar
from realtime.core.performer import Performer
from realtime.core.style import Style
from realtime.core.weights import Weights

MARK_SECONDS: Final = 900


@dataclass(frozen=True, slots=True)
class Mark:
    """How things stood: minutes of music, milliseconds a bar since the last mark (median), kilobytes."""

    minutes: float
    milliseconds_a_bar: float
    resident_kb: int
    python_kb: int
    """What Python holds, where it is traced; 0 where it is not."""


def evening(style: Style, seconds: float, weights: Weights | None = None, mark: float = MARK_SECONDS) -> Iterator[Mark]:
    """Plays on for so many seconds of music, and tells at each mark how things stand."""
    heart = Performer({style.name: style}, parameters={"style": style.name}, weights=weights)
    bar_seconds = changes(style, 1).at(style.meter.beats_per_bar) / 1e6
    bars, every = round(seconds / bar_seconds), max(1, round(mark / bar_seconds))
    times: list[float] = []
    for bar, spent in enumerate(milliseconds_by_bar(changes(style, bars), bars, heart), start=1):
        times.append(spent)
        if bar % every == 0:
            held = tracemalloc.get_traced_memory()[0] // 1024 if tracemalloc.is_tracing() else 0
            yield Mark(round(bar * bar_seconds / 60, 1), round(median(times), 2), _resident_kb(), held)
            times.clear()


def _resident_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
