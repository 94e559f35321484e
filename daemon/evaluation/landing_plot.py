"""Draws a piece and the band as four lanes, bar after bar, in systems as a score has them. Needs matplotlib."""

import colorsys
import re
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, Final

from daemon.evaluation.lanes import LANES, LaneBeat, Lanes

BARS_IN_SYSTEM: Final = 16
PICTURES: Final = 3
"""So many pieces are drawn, the first ones."""

_LANE_HEIGHT: Final = 0.86
_SYSTEM_HEIGHT: Final = 5.6
"""Four lanes, the bar numbers above them, and some air."""

_LEGEND: Final = (
    "foreseen a beat ahead: solid if sure, faint if a guess   "
    "outlined: not the chart's root (bass: no note of its chord)"
)
_FAINT: Final = 0.28
_WRONG: Final = "#c1121f"
_INK: Final = "#222222"
_WIDTH_OF_LETTER: Final = 0.36
"""Beats that a letter of a name takes."""


def draw_landing(plt: Any, folder: Path, lanes: Lanes) -> Path:  # noqa: ANN401 - matplotlib is not there to be typed
    """One piece, into `landing-NAME.png`; returns the file."""
    systems = [lanes.bars[place : place + BARS_IN_SYSTEM] for place in range(0, len(lanes.bars), BARS_IN_SYSTEM)]
    beats = len(lanes.rows["chart"])
    edges = [*(system[0] for system in systems), beats]
    width = max(end - start for start, end in pairwise(edges))
    figure, axes = plt.subplots(figsize=(11, 0.5 + 0.92 * len(systems)), dpi=100)
    for number, system in enumerate(systems):
        top = -number * _SYSTEM_HEIGHT
        _draw_system(axes, lanes, (edges[number], edges[number + 1]), system, top)
    axes.set_xlim(-0.085 * width, width + 0.5)
    axes.set_ylim(-len(systems) * _SYSTEM_HEIGHT + 0.4, 1.2)
    axes.axis("off")
    axes.set_title(f"{lanes.name}   {_LEGEND}", fontsize=8, color=_INK, loc="left")
    figure.tight_layout(pad=0.4)
    file = folder / f"landing-{re.sub(r'[^A-Za-z0-9_.-]+', '-', lanes.name)[:60]}.png"
    figure.savefig(file)
    plt.close(figure)
    return file


def _draw_system(axes: Any, lanes: Lanes, span: tuple[int, int], bars: tuple[int, ...], top: float) -> None:  # noqa: ANN401
    """The beats from `span[0]` until `span[1]`, the first lane at `top`."""
    start, end = span
    for place, lane in enumerate(LANES):
        y = top - place
        axes.text(-0.4, y - 0.5, lane, ha="right", va="center", fontsize=7, color=_INK)
        x = 0
        for beat, run in groupby(lanes.rows[lane][start:end]):
            length = len(list(run))
            _draw_run(axes, beat, x, length, y)
            x += length
    first = lanes.bars.index(bars[0])
    for number, bar in enumerate(bars):
        x = bar - start
        axes.plot([x, x], [top + 0.05, top - len(LANES) + 0.1], color=_INK, linewidth=0.35, alpha=0.6, zorder=3)
        if number % 4 == 0:
            axes.text(x + 0.1, top + 0.12, str(first + number + 1), fontsize=6, color="#777777", va="bottom")


def _draw_run(axes: Any, beat: LaneBeat, x: int, length: int, y: float) -> None:  # noqa: ANN401
    """Beats that are alike, as one box with a name."""
    if beat.root is None:
        return
    middle, fill = x + length / 2, (*colour(beat), 1.0 if beat.is_sure else _FAINT)
    axes.bar(middle, -_LANE_HEIGHT, width=length, bottom=y - 0.07, color=fill, linewidth=0, zorder=1)
    if not beat.is_right:
        axes.bar(
            middle, 0.18 - _LANE_HEIGHT, width=length - 0.18, bottom=y - 0.16,
            fill=False, edgecolor=_WRONG, linewidth=0.9, zorder=2,
        )  # fmt: skip
    if len(beat.name) * _WIDTH_OF_LETTER <= length:
        axes.text(middle, y - 0.5, beat.name, ha="center", va="center", fontsize=5.8, color=_INK, zorder=4)


def colour(beat: LaneBeat) -> tuple[float, float, float]:
    """A root's colour: neighbours on the circle of fifths are neighbours on the wheel; minor is duller."""
    hue = (beat.root or 0) * 7 % 12 / 12
    return colorsys.hls_to_rgb(hue, 0.70 if beat.is_minor else 0.76, 0.38 if beat.is_minor else 0.75)
