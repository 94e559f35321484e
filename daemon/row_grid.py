"""Played notes written as a style's rows: which grid they are on, and how far off it they were played."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, pstdev
from typing import Final, NamedTuple

from realtime.core.meter import Meter
from realtime.core.style import HIT_LEVELS

GRIDS: Final = (1, 2, 3, 4, 6, 8, 12)
"""Steps a beat that a row may have."""

_FINER: Final = 0.0004
"""What a step more costs, in beats: a finer grid must be worth it, or people's unevenness is written out."""

_SWUNG: Final = 0.0003
_LEAST_SWING: Final = 0.1
_LEAST_OFF_BEATS: Final = 4
_MARKS: Final = sorted((level, mark) for mark, level in HIT_LEVELS.items() if mark != "?")
LOUD_SHARE: Final = 0.95
"""Louder than so many of a part's notes is loud."""


class Strike(NamedTuple):
    """A stroke on the grid: its `step` from the beginning, how many steps it lasts, how late it is, in beats."""

    step: int
    steps: int
    late: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Grid:
    """`steps_per_beat` steps, of which every second comes late by `swing` thirds of a step."""

    meter: Meter
    steps_per_beat: int
    swing: float = 0.0

    @property
    def steps_per_bar(self) -> int:
        """Steps a bar."""
        return self.steps_per_beat * self.meter.beats_per_bar

    def place(self, beats: float) -> tuple[int, float]:
        """The nearest step to a place in beats, and how late of it that is, in beats."""
        exact = beats * self.steps_per_beat
        near = (int(exact), int(exact) + 1) if exact >= 0 else (0,)
        step = min(near, key=lambda one: abs(exact - self._sounds(one)))
        return step, (exact - self._sounds(step)) / self.steps_per_beat

    def strike(self, start: float, length: float, pitch: int, velocity: int) -> Strike:
        """A note, `start` and `length` in beats."""
        step, late = self.place(start)
        steps = max(1, round(length * self.steps_per_beat))
        return Strike(step, steps, late, pitch, velocity)

    def _sounds(self, step: int) -> float:
        return step + (self.swing / 3 if step % 2 else 0.0)


def grid_of(meter: Meter, starts: Sequence[float]) -> Grid:
    """The coarsest grid that notes beginning at `starts` (in beats) are on, swung if they are."""
    grids = [Grid(meter, steps) for steps in GRIDS]
    grids += [Grid(meter, steps, swing) for steps in (2, 4) if (swing := _swing(starts, steps)) >= _LEAST_SWING]
    if not starts:
        return Grid(meter, 2)

    def cost(grid: Grid) -> float:
        off = fmean(abs(grid.place(start)[1]) for start in starts)
        return off + _FINER * grid.steps_per_beat + _SWUNG * (grid.swing > 0)

    return min(grids, key=cost)


def _swing(starts: Sequence[float], steps: int) -> float:
    """How late every second step is, as `Grid.swing`; 0 where there are hardly any."""
    late = [pair - 1 for start in starts if 0.6 < (pair := start * steps % 2) < 1.6]
    if len(late) < max(_LEAST_OFF_BEATS, len(starts) // 16):
        return 0.0
    return round(20 * min(1.0, max(0.0, 3 * median(late)))) / 20


def mark_of(velocity: int, full: int) -> str:
    """The kind of hit that a velocity is, where the part's loud ones are `full`."""
    return min(_MARKS, key=lambda level: abs(level[0] - velocity / full))[1]


def full_velocity(velocities: Iterable[int]) -> int:
    """A part's full velocity: so that its ordinary notes are normal hits, and its loud ones can be played."""
    ranked = sorted(velocities)
    if not ranked:
        return 100
    ordinary, loud = median(ranked) / HIT_LEVELS["x"], ranked[int(LOUD_SHARE * (len(ranked) - 1))]
    return max(1, min(127, max(round(ordinary), loud)))


def shortest(row: str, steps_per_bar: int) -> str:
    """The row without its repetition: the fewest whole bars that give it."""
    bars = len(row) // steps_per_bar
    for count in range(1, bars):
        if bars % count == 0 and row[: count * steps_per_bar] * (bars // count) == row:
            return row[: count * steps_per_bar]
    return row


def written(row: str, grid: Grid) -> str:
    """A row as people read it: a space between beats, `|` between bars."""
    beat, bar = grid.steps_per_beat, grid.steps_per_bar
    bars = [row[at : at + bar] for at in range(0, len(row), bar)]
    return "|".join(" ".join(one[at : at + beat] for at in range(0, bar, beat)) for one in bars)


@dataclass(slots=True)
class Feels:
    """How late and how loud each voice was played, gathered over a style."""

    beat_ms: float
    _late: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _velocities: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, voice: str, strikes: Iterable[Strike]) -> None:
        """Some strokes of a voice."""
        for strike in strikes:
            self._late[voice].append(strike.late)
            self._velocities[voice].append(strike.velocity)

    def full(self, voice: str) -> int:
        """The velocity of its loud strokes."""
        return full_velocity(self._velocities[voice])

    def tables(self) -> dict[str, dict[str, float]]:
        """The table `feel` of a style's file."""
        return {
            voice: {
                "lag_ms": round(max(-60.0, min(60.0, median(late) * self.beat_ms)), 1),
                "spread_ms": round(min(30.0, pstdev(late) * self.beat_ms), 1),
                "velocity": self.full(voice),
            }
            for voice, late in sorted(self._late.items())
        }


def counted(what: Counter[str]) -> str:
    """Names with how often each came, the most frequent first."""
    return ", ".join(f"{name} ({count})" if count > 1 else name for name, count in what.most_common())
