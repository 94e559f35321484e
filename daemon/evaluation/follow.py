"""The task `follow`: the band keeps a person's time, against a band that keeps the tempo it was given.

Each tune is performed in each manner of `humanise` (drummers' takes as they were played) to the whole band with
`transport/source follow` and nothing said about tempo, start or bar line; the style is the configured one where the
tune is within its tempi, else the style of that meter whose tempi are nearest. What is judged are the beats that the
band begins. `fixed` is a band that begins on the first beat, knows the tempo of the first four bars, and keeps it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from math import log
from typing import Any, Final

import numpy as np

from daemon.evaluation.beat_scores import (
    Times,
    at_other_levels,
    continuous,
    continuous_at_any_level,
    distances,
    f_measure,
    hits,
)
from daemon.evaluation.corpus import Tune
from daemon.evaluation.humanise import AS_PLAYED, MANNERS, Manner, Performance, perform
from daemon.evaluation.playing import tempo_of
from daemon.evaluation.rehearsal import BandOrder
from daemon.evaluation.scores import SHARE, Floats, Kind, Tally
from daemon.evaluation.task import Task
from realtime.core.events import ActionRequested, Beat, Input, NoteOn, Stamped
from realtime.core.meter import Meter
from realtime.core.offline import play
from realtime.core.performer import Performer
from realtime.core.style import Style
from realtime.core.units import MICROS_PER_SECOND, Micros

MOST_MS: Final = 400
BEFORE_SECONDS: Final = 0.07
KNOWN_BARS: Final = 4
WRONG_LEVEL: Final = 0.1
"""By this much more right at another level: the beat is taken for its half or double, or for what is between."""


def _quantile(share: float, sums: Floats) -> Floats:
    running = sums.cumsum(axis=1)
    place = (running < share * running[:, -1:]).sum(axis=1).astype(np.float64)
    return np.where(running[:, -1] > 0, place, np.nan)


MEDIAN_MS: Final = Kind(MOST_MS + 1, partial(_quantile, 0.5))
P90_MS: Final = Kind(MOST_MS + 1, partial(_quantile, 0.9))

FIGURES: Final[dict[str, Kind]] = {
    f"{manner.name}.{who}.{name}": kind
    for manner in (*MANNERS, AS_PLAYED)
    for who in ("follow", "fixed")
    for name, kind in {
        "f": SHARE, "cmlt": SHARE, "amlt": SHARE, "median_ms": MEDIAN_MS, "p90_ms": P90_MS,
        **({"joined_f": SHARE, "downbeat_f": SHARE, "wrong_level": SHARE, "joins_after_beats": SHARE,
            "band_median_ms": MEDIAN_MS, "band_p90_ms": P90_MS} if who == "follow" else {}),
    }.items()
}  # fmt: skip


def follow_lines(report: Mapping[str, Any]) -> list[str]:
    """A report as people read it: a line a manner."""
    heads = ("follow", "  F", "joined", "downbt", "CMLt", "AMLt", "joins", "octave", "ms", "p90", "band", "p90")
    names = ("f", "joined_f", "downbeat_f", "cmlt", "amlt", "joins_after_beats", "wrong_level")
    lines = [
        f"follow: {report['pieces']} pieces, {report['n']} beats, {report['unsuited']} unsuited, "
        f"{report['seconds']:.0f} s; fixed: F, CMLt, AMLt, ms, p90",
        f"{heads[0]:<11}" + "".join(f"{head:>7}" for head in heads[1:]) + "   fixed",
    ]
    for manner in (*MANNERS, AS_PLAYED):
        followed, fixed = report[manner.name]["follow"], report[manner.name]["fixed"]
        if followed["f"] is None:
            continue
        cells = [_cell(followed[name]) for name in (*names, "median_ms", "p90_ms", "band_median_ms", "band_p90_ms")]
        cells += ["  ", *(_cell(fixed[name]) for name in ("f", "cmlt", "amlt", "median_ms", "p90_ms"))]
        lines.append(f"{manner.name:<11}" + "".join(f"{cell:>7}" if cell.strip() else cell for cell in cells))
    return lines


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}" if value <= 1 else f"{value:.0f}" if value > 30 else f"{value:.1f}"


def style_for(styles: Mapping[str, Style], wished: str, meter: Meter, tempo_bpm: float) -> str | None:
    """The style that somebody who plays in this meter and tempo would choose; None where there is none."""

    def away(style: Style) -> float:
        low, high = style.tempo_bpm
        return max(0.0, log(low / tempo_bpm), log(tempo_bpm / high))

    fitting = [name for name, style in sorted(styles.items()) if style.meter == meter]
    return min(fitting, key=lambda name: (away(styles[name]), name != wished)) if fitting else None


def judge(tune: Tune, order: BandOrder) -> Tally | None:
    """The marks of one tune, in every manner."""
    tally = Tally(FIGURES)
    is_played = any("drum" in name.lower() for name, _ in tune.tracks)
    meter = tune.meters[0][1]
    style = style_for(order.styles, str(order.parameters["style"]), meter, tempo_of(tune))
    for manner in (AS_PLAYED,) if is_played else MANNERS:
        performance = perform(tune, manner, order.seed)
        if performance is None or style is None or len(performance.beats) < 8 * meter.beats_per_bar:
            return None
        ordered = replace(order, parameters={**order.parameters, "style": style, "transport/source": "follow"})
        followed = follow(ordered, performance.script(), meter, performance.beats[-1])
        _mark_followed(tally, manner, performance, followed)
        _mark_fixed(tally, manner, performance, meter)
        tally.n += len(performance.beats)
    return tally


def follow(
    order: BandOrder, script: Iterable[Stamped[Input]], meter: Meter, until: float
) -> tuple[list[float], list[float], list[float]]:
    """When the band began its beats, its bars, and struck drums or bass, in seconds."""
    performer = Performer(order.styles, seed=order.seed, parameters=order.parameters, weights=order.weights)
    begin = Stamped(Micros(0), ActionRequested("transport/meter", (meter.numerator, meter.denominator)))
    beats: list[float] = []
    bars: list[float] = []
    struck: list[float] = []
    for stamped in play(performer, [begin, *script], Micros(round((until + BEFORE_SECONDS) * MICROS_PER_SECOND) + 1)):
        at = stamped.at / MICROS_PER_SECOND
        match stamped.event:
            case Beat(beat=beat):
                beats.append(at)
                if beat == 1:
                    bars.append(at)
            case NoteOn(part="drums" | "bass"):
                struck.append(at)
            case _:
                pass
    return beats, bars, sorted(struck)


def _mark_followed(
    tally: Tally, manner: Manner, played: Performance, followed: tuple[list[float], list[float], list[float]]
) -> None:
    beats, bars, struck = ([at for at in times if not _is_in(played.pause, at)] for times in followed)
    at = f"{manner.name}.follow."
    begins = beats[0] - BEFORE_SECONDS if beats else float("inf")
    joined = [beat for beat in played.beats if beat >= begins]
    _mark(tally, at, played.beats, beats, joined)
    tally.add(at + "joined_f", 2 * hits(joined, beats), len(joined) + len(beats))
    true_bars = [bar for bar in played.bars if bar >= begins]
    tally.add(at + "downbeat_f", 2 * hits(true_bars, bars), len(true_bars) + len(bars))
    tally.add(at + "joins_after_beats", len(played.beats) - len(joined))
    best = max(f_measure(level, beats) for level in at_other_levels(joined).values())
    tally.add(at + "wrong_level", float(best > WRONG_LEVEL + f_measure(joined, beats)))
    _count_ms(tally, at + "band_", distances(joined, struck))


def _mark_fixed(tally: Tally, manner: Manner, played: Performance, meter: Meter) -> None:
    known = KNOWN_BARS * meter.beats_per_bar
    first, length = played.beats[0], (played.beats[known] - played.beats[0]) / known
    beats = [first + n * length for n in range(int((played.beats[-1] - first + BEFORE_SECONDS) / length) + 1)]
    kept = [at for at in beats if not _is_in(played.pause, at)]
    _mark(tally, f"{manner.name}.fixed.", played.beats, kept, played.beats)


def _mark(tally: Tally, at: str, true: Times, told: Times, joined: Times) -> None:
    tally.add(at + "f", 2 * hits(true, told), len(true) + len(told))
    tally.add(at + "cmlt", continuous(joined, told))
    tally.add(at + "amlt", continuous_at_any_level(joined, told) if len(joined) > 3 else 0.0)
    _count_ms(tally, at, distances(joined, told))


def _count_ms(tally: Tally, at: str, seconds: Iterable[float]) -> None:
    """Adds to the quantiles of how far off the beats are."""
    places = [min(MOST_MS, round(1000 * off)) for off in seconds]
    for name in ("median_ms", "p90_ms"):
        row = tally.sums.setdefault(at + name, np.zeros(MOST_MS + 1))
        np.add.at(row, places, 1)


def _is_in(pause: tuple[float, float] | None, at: float) -> bool:
    return pause is not None and pause[0] + BEFORE_SECONDS < at < pause[1] - BEFORE_SECONDS


FOLLOW: Final = Task("follow", "performed notes or drums in one meter", FIGURES, judge)
