"""Learns how drummers of a family place and weigh their strokes: small statistics, voice by voice and step by step.

For each family, grid and voice, at each step of the bar: how late (`lag_ms`, against the take's mean, the mean of
takes), how unevenly (`spread_ms`, standard deviation without what all voices share), how loud against the voice's other
strokes (`loudness`, ghosts aside), and how unevenly that (`unevenness`). What is seen seldom is drawn towards what
all families do. `drift_ms` is the slow wandering that all voices share. No recording is kept.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any, Final

import msgspec

from daemon.evaluation.drumming import BEATS, GRIDS, Stroke, Take, read_takes

ABOUT: Final = (
    "Timing and velocity statistics of drummers, learnt from the Groove MIDI Dataset 1.0.0 by Google LLC (Gillick, "
    "Roberts, Engel, Eck, Bamman 2019), https://magenta.tensorflow.org/datasets/groove, licensed CC BY 4.0, "
    "https://creativecommons.org/licenses/by/4.0/. Changed: only these statistics are kept."
)
ALL: Final = "all"
LEAST_OF_A_DRIFT: Final = 100
"""Pairs of voices on one step."""

ONCE_IN_A_WHILE: Final = frozenset({"crash", "bell", "tom_low", "tom_mid", "tom_high"})
"""Voices that are the same in all families, as far as so few strokes tell."""

LEAST_OF_A_VOICE: Final = 40
"""A family with fewer strokes of a voice takes what all families do."""

MOST_OF_A_PLACE: Final = 48
"""So many strokes of one place in a bar count from one take: nobody should speak for a whole family."""

LEAST_OF_A_TAKE: Final = 4
"""Strokes of a place; from fewer no mean is taken."""

PRIOR_TAKES: Final = 4.0
"""What all families do weighs as much as so many takes: one drummer's habit is not the family's."""

PRIOR_STROKES: Final = 24.0
"""The same for how uneven a place is, in strokes."""

DEFAULT: Final = {"lag_ms": 0.0, "spread_ms": 10.0, "loudness": 1.0, "unevenness": 0.12}
Place = tuple[int, str, int]
"""Grid, voice, step of the bar."""


class _Counts:
    """Everything that is counted of one family."""

    def __init__(self) -> None:
        self.takes = 0
        self.lags: dict[Place, list[float]] = defaultdict(list)
        self.wanders: dict[Place, list[float]] = defaultdict(list)
        self.loudness: dict[Place, list[float]] = defaultdict(list)
        self.unevenness: dict[Place, list[float]] = defaultdict(list)
        self.together: list[float] = []
        """Products of what two voices on one step are off by: on average the variance that they share."""

    def add(self, take: Take) -> None:
        self.takes += 1
        places: dict[tuple[str, int], list[Stroke]] = defaultdict(list)
        for stroke in take.strokes:
            places[take.place(stroke)].append(stroke)
        means = {place: fmean(s.lag_ms for s in strokes) for place, strokes in places.items()}
        for (voice, step), strokes in places.items():
            at = (take.grid, voice, step)
            some = strokes[:MOST_OF_A_PLACE]
            if len(some) >= LEAST_OF_A_TAKE:
                self.lags[at].append(fmean(stroke.lag_ms for stroke in some))
                self.wanders[at] += [stroke.lag_ms - means[voice, step] for stroke in some]
        self._weigh(take, places)
        steps: dict[int, list[Stroke]] = defaultdict(list)
        for stroke in take.strokes:
            steps[stroke.step].append(stroke)
        for struck in steps.values():
            for index, one in enumerate(struck):
                for other in struck[index + 1 :]:
                    if other.voice != one.voice and all(
                        len(places[take.place(s)]) >= LEAST_OF_A_TAKE for s in (one, other)
                    ):
                        self.together.append(
                            (one.lag_ms - means[take.place(one)]) * (other.lag_ms - means[take.place(other)])
                        )

    def _weigh(self, take: Take, places: dict[tuple[str, int], list[Stroke]]) -> None:
        voices: dict[str, list[int]] = defaultdict(list)
        for stroke in take.strokes:
            if not stroke.is_ghost:
                voices[stroke.voice].append(stroke.velocity)
        for (voice, step), strokes in places.items():
            firm = [s.velocity / fmean(voices[voice]) for s in strokes if not s.is_ghost][:MOST_OF_A_PLACE]
            if len(firm) >= LEAST_OF_A_TAKE:
                self.loudness[take.grid, voice, step].append(fmean(firm))
                self.unevenness[take.grid, voice, step] += [one - fmean(firm) for one in firm]

    @property
    def drift_ms(self) -> float:
        """The share of the variance that voices have in common, of a spread without slips; 0 where too few tell."""
        if len(self.together) < LEAST_OF_A_DRIFT:
            return 0.0
        wanders = [wander for place in self.wanders.values() for wander in place]
        share = max(0.0, fmean(self.together)) / fmean(wander**2 for wander in wanders)
        return round(math.sqrt(share) * _spread(wanders), 1)


def learn(takes: Iterable[Take]) -> dict[str, Any]:
    """The statistics of some takes, as the file holds them."""
    counts: dict[str, _Counts] = defaultdict(_Counts)
    for take in takes:
        counts[take.family].add(take)
        counts[ALL].add(take)
    everybody = _tables(counts[ALL], counts[ALL].drift_ms, lambda *_: DEFAULT)

    def prior(grid: int, voice: str, step: int) -> dict[str, float]:
        table = everybody.get(voice, {}).get(str(grid))
        return {name: values[step] for name, values in table.items()} if table else DEFAULT

    families = {}
    for name in sorted(counts):
        drift = counts[name].drift_ms or counts[ALL].drift_ms
        tables = everybody if name == ALL else _tables(counts[name], drift, prior, ONCE_IN_A_WHILE)
        families[name] = {"takes": counts[name].takes, "drift_ms": drift, "voices": tables}
    return {"about": ABOUT, "families": families}


def _tables(
    counts: _Counts,
    drift_ms: float,
    prior: Callable[[int, str, int], dict[str, float]],
    without: frozenset[str] = frozenset(),
) -> dict[str, dict[str, dict[str, list[float]]]]:
    """By voice and grid, a list with a number a step for each statistic."""
    tables: dict[str, dict[str, dict[str, list[float]]]] = {}
    for voice in sorted({voice for _, voice, _ in counts.wanders} - without):
        for grid in sorted(GRIDS):
            steps = range(grid * BEATS)
            if sum(len(counts.wanders.get((grid, voice, step), ())) for step in steps) < LEAST_OF_A_VOICE:
                continue
            rows = [_place(counts, drift_ms, (grid, voice, step), prior(grid, voice, step)) for step in steps]
            tables.setdefault(voice, {})[str(grid)] = {name: [row[name] for row in rows] for name in DEFAULT}
    return tables


def _place(counts: _Counts, drift_ms: float, at: Place, prior: dict[str, float]) -> dict[str, float]:
    lags, wanders = counts.lags.get(at, []), counts.wanders.get(at, [])
    firm, uneven = counts.loudness.get(at, []), counts.unevenness.get(at, [])
    own = max(0.0, _spread(wanders) ** 2 - drift_ms**2) ** 0.5
    return {
        "lag_ms": round(_drawn(fmean(lags) if lags else 0.0, len(lags), prior["lag_ms"], PRIOR_TAKES), 1),
        "spread_ms": round(max(2.0, _drawn(own, len(wanders), prior["spread_ms"])), 1),
        "loudness": round(_drawn(fmean(firm) if firm else 1.0, len(firm), prior["loudness"], PRIOR_TAKES), 2),
        "unevenness": round(_drawn(pstdev(uneven) if uneven else 0.0, len(uneven), prior["unevenness"]), 2),
    }


def _drawn(seen: float, count: int, prior: float, weight: float = PRIOR_STROKES) -> float:
    return (seen * count + prior * weight) / (count + weight)


def _spread(values: Sequence[float]) -> float:
    """The standard deviation, a little robust: the outermost strokes are as often slips as feel."""
    kept = sorted(values)[len(values) // 50 : len(values) - len(values) // 50]
    return pstdev(kept) if kept else 0.0


def train_feel(files: Sequence[Path], output: Path) -> dict[str, object]:
    """Learns from every take in `files`, writes the file, and returns what it was made of.

    Raises:
        ValueError: there are no drummers in the files.
    """
    learnt = learn(read_takes(files))
    if not learnt["families"][ALL]["takes"]:
        raise ValueError("there is no track named drums in them, of a style that is known")
    output.write_bytes(_written(learnt))
    return {f"{name}.takes": table["takes"] for name, table in learnt["families"].items()}


def _written(learnt: dict[str, Any]) -> bytes:
    """A line a voice and grid, so that a person can look at it and a change shows."""
    lines = ["{", f' "about": {msgspec.json.encode(learnt["about"]).decode()},', ' "families": {']
    names = list(learnt["families"])
    for name in names:
        family = learnt["families"][name]
        lines.append(f'  "{name}": {{"takes": {family["takes"]}, "drift_ms": {family["drift_ms"]}, "voices": {{')
        rows = [f'   "{v}": {msgspec.json.encode(table).decode()}' for v, table in family["voices"].items()]
        lines += [",\n".join(rows), "  }}" + ("," if name != names[-1] else "")]
    return "\n".join([*lines, " }", "}", ""]).encode()
