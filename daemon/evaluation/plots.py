"""Pictures of a report: how it learns, whether its trust is earned, and how the band lands. Needs matplotlib."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from daemon.evaluation.landing_plot import PICTURES, draw_landing
from daemon.evaluation.scores import ECE_BINS, Kind, Tally, curve_of, totals

Floats = NDArray[np.float64]

STEPS: Final = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 129)
"""Where the points of the learning curve begin and end, in changes so far; few where few pieces are left."""


class NoPlots(RuntimeError):
    """matplotlib is not there; the text says how to have it."""


def learning_curve(curve: Floats) -> tuple[list[float], list[float]]:
    """Points of a learning curve: changes so far, and the share that was right there."""
    places, shares = [], []
    for start, end in pairwise(STEPS):
        right, judged = curve[:, start:end].sum(axis=1)
        if judged:
            places.append((start + end - 1) / 2)
            shares.append(float(right / judged))
    return places, shares


def reliability(sums: Floats) -> tuple[list[float], list[float]]:
    """Points of a reliability diagram: mean trust of each bin, and the share that was right."""
    counts, trust, right = np.split(sums, 3)
    filled = counts > 0
    return (trust[filled] / counts[filled]).tolist(), (right[filled] / counts[filled]).tolist()


def draw(folder: Path, figures: Mapping[str, Kind], tallies: Sequence[Tally]) -> list[Path]:
    """Draws the pictures that the marks have the numbers for; returns the files.

    Raises:
        NoPlots: matplotlib is not installed.
        OSError: the folder cannot be written.
    """
    plt = _pyplot()
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    curves = {name: curve for name in ("cold", "adaptive") if (curve := curve_of(tallies, name)) is not None}
    if curves:
        lines = {name: learning_curve(curve) for name, curve in curves.items()}
        files.append(_picture(plt, folder / "learning.png", lines, "changes so far", "share of next chords right"))
    sums = totals(figures, tallies)
    trusted = {name.removesuffix(".ece"): row for name, row in sums.items() if len(row) == 3 * ECE_BINS and row.any()}
    if trusted:
        lines = {"perfect": ([0.0, 1.0], [0.0, 1.0]), **{name: reliability(row) for name, row in trusted.items()}}
        files.append(_picture(plt, folder / "reliability.png", lines, "trust in the likeliest chord", "share right"))
    pieces = [tally.lanes for tally in tallies if tally.lanes is not None]
    return files + [draw_landing(plt, folder, lanes) for lanes in pieces[:PICTURES]]


def _pyplot() -> Any:  # noqa: ANN401 - matplotlib is not there to be typed
    try:
        import_module("matplotlib").use("Agg")
        return import_module("matplotlib.pyplot")
    except ImportError:
        raise NoPlots("--plots: needs matplotlib, which is not installed; pip install 'sideman[plots]'") from None


def _picture(
    plt: Any,  # noqa: ANN401 - as above
    file: Path,
    lines: Mapping[str, tuple[list[float], list[float]]],
    across: str,
    up: str,
) -> Path:
    figure, axes = plt.subplots(figsize=(6, 4), dpi=120)
    for name, (x, y) in lines.items():
        axes.plot(x, y, "--" if name == "perfect" else "o-", label=name, markersize=3)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_ylim(0, 1)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(file)
    plt.close(figure)
    return file
