"""The tasks in which the band is tried out by a player of its own, without tunes: what each measures, as a table."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any, Final

from daemon.evaluation.controls import controls, measure
from daemon.evaluation.cost import changes, cost_of, rounds
from daemon.evaluation.energy import correlation
from daemon.evaluation.long_run import evening
from daemon.evaluation.surprise import taken
from daemon.serve import tune_interpreter
from daemon.styles_folder import StyleShelf
from realtime.core.style import Style
from realtime.core.weights import Weights

SURPRISE_ROUNDS: Final = 4
COST_BARS: Final = 64
EVENING_SECONDS: Final = 7_200.0
BY_NEXT_BEAT: Final = 1.05
"""Beats: what comes on the next beat comes with the feel of who plays it."""

Rows = list[dict[str, Any]]


def _controls(shelf: StyleShelf, style: Style, weights: Weights, limit: int | None) -> Rows:
    """The one style that is configured."""
    del weights
    alike = [name for name, other in shelf.styles.items() if other.meter == style.meter and name != style.name]
    wanted = controls(max(alike, default=style.name))[:limit]
    return [_rounded(asdict(measure(dict(shelf.styles), style, control))) for control in wanted]


def _energy(shelf: StyleShelf, style: Style, weights: Weights, limit: int | None) -> Rows:
    del style
    return [{"style": s.name, "correlation": round(correlation(s, weights), 3)} for s in _styles(shelf, limit)]


def _surprise(shelf: StyleShelf, style: Style, weights: Weights, limit: int | None) -> Rows:
    del style
    rows = []
    for one in _styles(shelf, limit):
        all_of_them = [how for seed in range(SURPRISE_ROUNDS) for how in taken(one, seed, weights)]
        beats = sorted(how.agreed for how in all_of_them)
        rows.append(
            {
                "style": one.name,
                "surprises": len(beats),
                "mean_beats": round(sum(beats) / len(beats), 2),
                "p95_beats": round(beats[int(0.95 * len(beats))], 2),
                "by_next_beat": round(sum(beat <= BY_NEXT_BEAT for beat in beats) / len(beats), 3),
                "relapses": sum(how.relapses > 0 for how in all_of_them),
                "clipped_notes": sum(how.clipped for how in all_of_them),
            }
        )
    return rows


def _cost(shelf: StyleShelf, style: Style, weights: Weights, limit: int | None) -> Rows:
    """In an interpreter that is tuned as the daemon's is."""
    del style
    tune_interpreter()
    return [
        {
            "style": s.name,
            "ms_a_bar_by_chance": cost_of(changes(s, COST_BARS), COST_BARS, weights),
            "ms_a_bar_of_a_round": cost_of(rounds(s, COST_BARS), COST_BARS, weights),
        }
        for s in _styles(shelf, limit)
    ]


def _evening(shelf: StyleShelf, style: Style, weights: Weights, limit: int | None) -> Rows:
    """The configured style, for two hours, or for so many minutes."""
    del shelf
    tune_interpreter()
    seconds = EVENING_SECONDS if limit is None else 60.0 * limit
    return [asdict(mark) for mark in evening(style, seconds, weights, seconds / 8)]


BAND_TASKS: Final[dict[str, Callable[[StyleShelf, Style, Weights, int | None], Rows]]] = {
    "controls": _controls,
    "energy": _energy,
    "surprise": _surprise,
    "cost": _cost,
    "evening": _evening,
}


def table(rows: Rows) -> list[str]:
    """The rows as people read them, under the names of their columns."""
    if not rows:
        return []
    cells = [list(rows[0]), *([_text(value) for value in row.values()] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def _styles(shelf: StyleShelf, limit: int | None) -> Iterable[Style]:
    return [style for _, style in sorted(shelf.styles.items())][:limit]


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in row.items()}


def _text(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
