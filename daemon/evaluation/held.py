"""The charts that styles are held to: those that come with sideman, charts as text, and the charts of tune files."""

import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from daemon.evaluation.corpus import Corpus
from daemon.evaluation.grid import chart_on_beats, grid_of
from realtime.core.chart import Chart, parse_chart
from realtime.core.meter import Meter

GZIP_MAGIC: Final = b"\x1f\x8b"


def progressions() -> dict[str, str]:
    """The progressions that every style is held to, by name, as the text of charts."""
    text = resources.files("daemon").joinpath("evaluation", "progressions.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def is_chart_text(path: Path) -> bool:
    """Whether a file is a chart as text, and not tunes, one a line as JSON, gzipped or not.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(64).lstrip()
    return not (start.startswith((b"{", GZIP_MAGIC)))


def chart_text(path: Path) -> str:
    """A chart as text, checked.

    Raises:
        OSError, ValueError: it cannot be read, or is no chart.
    """
    text = path.read_text(encoding="utf-8")
    parse_chart(text, Meter().beats_per_bar)
    return text


def charts_of_tunes(paths: Sequence[Path], limit: int | None, most_bars: int) -> tuple[list[Chart], list[str]]:
    """The first `most_bars` bars of the charts in tune files, and what was wrong with some of their lines."""
    corpus, charts = Corpus(paths, limit), []
    for tune in corpus:
        grid = grid_of(tune)
        per_bar = grid.meter.beats_per_bar
        beats = [None if chord is None else chord.chord for chord in chart_on_beats(tune, grid)]
        sounding = [beat for beat, chord in enumerate(beats) if chord is not None]
        if not sounding or not tune.bars_known:
            continue
        first = sounding[0] // per_bar * per_bar
        last = min(-(-(sounding[-1] + 1) // per_bar) * per_bar, first + most_bars * per_bar)
        beats = (beats + [None] * per_bar)[first:last]
        charts.append(Chart(tuple(beats), per_bar))
    return charts, corpus.problems
