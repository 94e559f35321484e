"""Finds and reads what the band knows by heart: forms that come with sideman, and the charts of the user's own songs.

A chart is a text file, `NAME.txt`, as `realtime.core.chart` reads it. A user's chart replaces ours of the same name.
"""

from collections.abc import Iterator
from contextlib import suppress
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from daemon.config import ConfigError
from realtime.core.chart import MAX_CHART_CHARACTERS, BadChart, parse_chart
from realtime.core.repertoire import KEYS, MOST_STATES

SUFFIX: Final = ".txt"
_USUAL_METERS: Final = (4, 3, 6, 2)


def load_forms(user_folder: Path | None = None) -> dict[str, str]:
    """The charts by name.

    Raises:
        ConfigError: with a line for every file that is no chart, or if they are too many.
    """
    forms: dict[str, str] = {}
    problems: list[str] = []
    for file in _files(user_folder):
        try:
            forms[file.name.removesuffix(SUFFIX)] = _read(file)
        except (OSError, ValueError) as error:
            problems.append(f"{file}: {error}")
    beats = sum(_beats(text) for text in forms.values())
    if beats * KEYS > MOST_STATES:
        problems.append(f"{user_folder}: the charts have at most {MOST_STATES // KEYS} beats in all, but have {beats}")
    if problems:
        raise ConfigError(problems)
    return forms


def _files(user_folder: Path | None) -> Iterator[Traversable]:
    """Built-in files first, so that a user's file of the same name replaces them."""
    folders: list[Traversable] = [resources.files("daemon").joinpath("forms")]
    if user_folder is not None:
        folders.append(user_folder)
    for folder in folders:
        if folder.is_dir():
            yield from sorted((f for f in folder.iterdir() if f.name.endswith(SUFFIX)), key=lambda f: f.name)


def _beats(text: str) -> int:
    """How long a chart is in the meter that makes it longest."""
    lengths = [0]
    for beats_per_bar in _USUAL_METERS:
        with suppress(BadChart):
            lengths.append(len(parse_chart(text, beats_per_bar).beats))
    return max(lengths)


def _read(file: Traversable) -> str:
    """A chart's text, if it is one in any of the usual meters.

    Raises:
        OSError: it cannot be read.
        BadChart, UnicodeDecodeError: it is none.
    """
    with file.open("rb") as opened:
        text = opened.read(4 * MAX_CHART_CHARACTERS + 1).decode()
    problem: BadChart | None = None
    for beats_per_bar in _USUAL_METERS:
        try:
            parse_chart(text, beats_per_bar)
        except BadChart as error:
            problem = problem or error
        else:
            return text
    raise problem or BadChart("is no chart")
