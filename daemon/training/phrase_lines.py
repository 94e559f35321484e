"""The melodies of files of tunes that may teach a model that ships."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from daemon.evaluation.corpus import BadTune, parse_tune
from daemon.evaluation.melody_lines import line_of
from daemon.models.phrase_lines import Line
from daemon.training.tune_lines import tunes_of

STYLE_OF_SOURCE: Final = {
    "pop909": "pop",
    "openewld": "jazz",
    "lieder": "classical",
    "openhymnal": "gospel",
    "rs200": "rock",
}


def lines_in(path: Path) -> Iterator[Line]:
    """The lines of a file of tunes that may teach a model that ships."""
    style = STYLE_OF_SOURCE.get(path.name.split(".")[0], "any")
    for facts, raw in tunes_of(path):
        if facts.get("tier", "ship") != "ship":
            continue
        try:
            line = line_of(parse_tune(raw), style)
        except BadTune:
            continue
        if line is not None:
            yield line
