"""How near the drummer is to held-back drummers of the same family, in timing and in velocity.

A take is played again: the same strokes at the same tempo, each voice as loud on average; ghosts are told from the
rest, and nothing else of how it was played. Three play it: a machine on the grid (`quantised`), one that adds normal
noise as wide as the family's drummers are uneven (`random`), and ours (`drummer`). The figure is the Wasserstein
distance of what each stroke is off by, in ms, and of the velocities, for each voice and step of the bar that was struck
eight times or more, on average over strokes. `shared` is how much of the timing's variance two voices struck together
share (of the `people`, too): a distance of one voice at a time cannot see that a drummer wanders as one person.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from daemon.evaluation.drumming import Take, read_takes
from daemon.feel_folder import with_feel
from realtime.core.band.drummer import play_drums
from realtime.core.band.note import Moment
from realtime.core.chance import Chance
from realtime.core.meter import Meter
from realtime.core.register import NOBODY
from realtime.core.style import DRUM_VOICES, HIT_LEVELS, Feel, Groove, Style, Touch
from realtime.core.units import Ticks

LEAST_STROKES: Final = 8
PLAYERS: Final = ("quantised", "random", "drummer")
_VOICE_OF: Final = {DRUM_VOICES[v]: v for v in reversed(DRUM_VOICES) if not v.startswith("brush")}

Played = dict[tuple[str, int], tuple[float, float]]
"""By voice and step from the start: ms late, and velocity."""


def wasserstein(one: Sequence[float], other: Sequence[float]) -> float:
    """The distance of two samples of one size: how far each value moves, on average."""
    return fmean(abs(a - b) for a, b in zip(sorted(one), sorted(other), strict=True))


def style_of(take: Take) -> Style:
    """The take as a style of one long groove, with its family's feel."""
    bars = max(stroke.step for stroke in take.strokes) // take.steps_per_bar + 1
    voices = sorted({stroke.voice for stroke in take.strokes})
    rows = {voice: ["."] * bars * take.steps_per_bar for voice in voices}
    firm: dict[str, list[int]] = defaultdict(list)
    for stroke in take.strokes:
        if stroke.step >= 0:
            rows[stroke.voice][stroke.step] = "g" if stroke.is_ghost else "x"
        if not stroke.is_ghost:
            firm[stroke.voice].append(stroke.velocity)
    mapping: dict[str, Any] = with_feel(
        {"feel_from": take.family, "steps_per_beat": take.grid, "groove": {"B": {"drums": dict.fromkeys(voices, "")}}}
    )
    learnt: Mapping[str, Mapping[str, list[float]]] = mapping["learnt"]["voices"]
    return Style(
        name="take",
        title="Take",
        meter=Meter(),
        steps_per_beat=take.grid,
        tempo_bpm=(60.0, 120.0),
        swing=0.0,
        fill_every_bars=64,
        grooves={"B": Groove({voice: "".join(row) for voice, row in rows.items()}, ".", ".", ".")},
        fills=(),
        feel={voice: Feel(velocity=round(fmean(firm[voice]) / HIT_LEVELS["x"])) for voice in voices if firm[voice]},
        touch={
            voice: Touch(**{name: tuple(values) for name, values in table.items()}) for voice, table in learnt.items()
        },
        drift_ms=mapping["learnt"]["drift_ms"],
    )


def play(style: Style, seed: int) -> Played:
    """What our drummer plays of it."""
    groove, played = style.grooves["B"], {}
    steps = max(len(row) for row in groove.drums.values())
    for beat in range(steps // style.steps_per_beat):
        bar, beat_in_bar = divmod(beat, style.meter.beats_per_bar)
        moment = Moment(
            style=style, groove=groove, fill=None, section_start=False, tacet=False, bar=bar,
            beat_in_bar=beat_in_bar,
            start=Ticks(beat * style.meter.beat_ticks), beat_ticks=style.meter.beat_ticks, chord=None,
            chord_before=None, coming=(), sure=True, key=None, energy=1.0, density={"drums": 1.0}, swing=0.0,
            crowd=NOBODY, chance=Chance(seed),
        )  # fmt: skip
        for note in play_drums(moment):
            step = round(note.start * style.steps_per_beat / style.meter.beat_ticks)
            played[_VOICE_OF[note.pitch], step] = (note.lag_micros / 1000, float(note.velocity))
    return played


def _baseline(style: Style, seed: int, noise: float) -> Played:
    """The same rows on the grid, with `noise` times as much noise as the family has; no step unlike another."""
    chance, played = Chance(seed), {}
    for voice, row in style.grooves["B"].drums.items():
        touch, full = style.touch.get(voice), style.feel_of(voice).velocity
        wide = (fmean(touch.spread_ms) ** 2 + style.drift_ms**2) ** 0.5 if touch else 0.0
        uneven = fmean(touch.unevenness) if touch else 0.0
        for step, mark in enumerate(row):
            if mark in HIT_LEVELS:
                lag = noise * wide * chance.bell(voice, step, "lag")
                loud = full * HIT_LEVELS[mark] * (1 + noise * uneven * chance.bell(voice, step, "loud"))
                played[voice, step] = (lag, float(max(1, min(127, round(loud)))))
    return played


def _shared(lags: Mapping[tuple[str, int], float], steps_per_bar: int) -> tuple[float, float]:
    """Sums over pairs of voices on one step: of the products of what they are off by, and of the squares."""
    places: dict[tuple[str, int], list[float]] = defaultdict(list)
    for (voice, step), lag in lags.items():
        places[voice, step % steps_per_bar].append(lag)
    steps: dict[int, list[float]] = defaultdict(list)
    for (voice, step), lag in lags.items():
        place = places[voice, step % steps_per_bar]
        if len(place) >= LEAST_STROKES:
            steps[step].append(lag - fmean(place))
    pairs = [(one, other) for struck in steps.values() for one, other in combinations(struck, 2)]
    return sum(a * b for a, b in pairs), sum((a * a + b * b) / 2 for a, b in pairs)


Compared = dict[str, tuple[float, float, float, float]]
"""For each player: the distances in ms and in velocity, summed over strokes; and both sums of `_shared`."""


def distances(take: Take, seed: int = 0) -> tuple[int, Compared]:
    """How many strokes were compared, and what came of it."""
    style = style_of(take)
    players = {
        "quantised": _baseline(style, seed, 0.0), "random": _baseline(style, seed, 1.0), "drummer": play(style, seed),
    }  # fmt: skip
    places: dict[tuple[str, int], list[tuple[int, float, float]]] = defaultdict(list)
    for stroke in take.strokes:
        if all((stroke.voice, stroke.step) in played for played in players.values()):
            places[take.place(stroke)].append((stroke.step, stroke.lag_ms, float(stroke.velocity)))
    kept = {place: strokes for place, strokes in places.items() if len(strokes) >= LEAST_STROKES}
    count = sum(map(len, kept.values()))
    totals = {name: [0.0, 0.0] for name in PLAYERS}
    for (voice, _), strokes in kept.items():
        for name, played in players.items():
            for which in (0, 1):
                ours = [played[voice, step][which] for step, *_ in strokes]
                people = [stroke[1 + which] for stroke in strokes]
                totals[name][which] += len(strokes) * wasserstein(ours, people)
    theirs = {(stroke.voice, stroke.step): stroke.lag_ms for stroke in take.strokes}
    found: Compared = {"people": (0.0, 0.0, *_shared(theirs, take.steps_per_bar))}
    for name, played in players.items():
        lags = {key: played[key][0] for key in theirs if key in played}
        found[name] = (totals[name][0], totals[name][1], *_shared(lags, take.steps_per_bar))
    return count, found


def measure_feel(files: Sequence[Path], seed: int = 0) -> dict[str, Any]:
    """The distances by family and over all, weighed by strokes; timing in ms, velocity of 127."""
    sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0] * 4))
    strokes: dict[str, int] = defaultdict(int)
    takes: dict[str, int] = defaultdict(int)
    for take in read_takes(files):
        count, found = distances(take, seed)
        for group in (take.family, "all") if count else ():
            takes[group], strokes[group] = takes[group] + 1, strokes[group] + count
            for name, figures in found.items():
                sums[group][name] = [a + b for a, b in zip(sums[group][name], figures, strict=True)]
    return {
        group: {"takes": takes[group], "strokes": strokes[group]}
        | {name: _figures(name, figures, strokes[group]) for name, figures in players.items()}
        for group, players in sorted(sums.items())
    }


def _figures(name: str, sums: Sequence[float], strokes: int) -> dict[str, float]:
    shared = {"shared": round(sums[2] / sums[3], 2) if sums[3] else 0.0}
    if name == "people":
        return shared
    return {"ms": round(sums[0] / strokes, 2), "velocity": round(sums[1] / strokes, 2)} | shared


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """A table: a line a family."""
    lines = [f"{'family':<10} {'takes':>5} {'strokes':>7}" + "".join(f"  {name:>18}" for name in PLAYERS) + "  people"]
    for group, figures in report.items():
        cells = "".join(
            f"  {figures[name]['ms']:>5.1f} ms {figures[name]['velocity']:>4.1f} {figures[name]['shared']:>4.2f}"
            for name in PLAYERS
        )
        lines.append(
            f"{group:<10} {figures['takes']:>5} {figures['strokes']:>7}{cells}  {figures['people']['shared']:.2f}"
        )
    return lines
