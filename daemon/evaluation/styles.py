"""`sideman evaluate styles`: every style held to progressions, to charts and to drummers; a table, and piano rolls."""

import argparse
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from daemon.config import Config, ConfigError
from daemon.console import Console
from daemon.evaluation.feel import measure_feel
from daemon.evaluation.held import chart_text, charts_of_tunes, is_chart_text, progressions
from daemon.evaluation.piano_roll import draw_styles
from daemon.evaluation.solo_table import measure_solos
from daemon.evaluation.style_table import BARS, measure, measure_tunes, table_lines
from daemon.models.phrase_player import ready_phrase_player
from daemon.styles_folder import StyleShelf
from realtime.core.chart import Chart
from realtime.core.style import Style

FOUND_WRONG: Final = 1
FEWER: Final = 4
MODEL_BARS: Final = 16
MAX_PROBLEMS_SHOWN: Final = 5

Held = tuple[str, Style, Mapping[str, str], Sequence[Chart]]
"""A style, and what it is held to: charts as text, and charts of tunes."""


def evaluate_styles(arguments: argparse.Namespace, shelf: StyleShelf, console: Console) -> int:
    """Holds all styles to what comes with sideman, or to `arguments.data`; 1 where the pictures cannot be written.

    Raises:
        ConfigError: a file cannot be read, or is no chart.
    """
    texts, tunes = _read(arguments.data, arguments.limit, console)
    shown = dict(sorted(shelf.styles.items()))
    jobs = arguments.jobs or os.cpu_count() or 1
    found = _measured([(name, style, texts, tunes) for name, style in shown.items()], jobs)
    report: dict[str, Any] = {"task": "styles", "charts": sorted(texts), "tunes": len(tunes), "styles": found}
    files = [path for path in arguments.data if not is_chart_text(path)]
    if files and (families := measure_feel(files, arguments.seed or 0)):
        report["drummers"] = {
            name: families[style.feel_from] for name, style in shown.items() if style.feel_from in families
        }
    lines = table_lines(found) + _drummer_lines(report.get("drummers", {}))
    console.result(report, lines)
    if arguments.plots is None:
        return 0
    try:
        pictures = draw_styles(arguments.plots, shown)
    except OSError as error:
        console.say(f"--plots {arguments.plots}: cannot be written: {error.strerror or error}")
        return FOUND_WRONG
    console.say(f"pictures: {len(pictures)} in {arguments.plots}; {pictures[-1].name} has all of them")
    return 0


def evaluate_solos(arguments: argparse.Namespace, config: Config, shelf: StyleShelf, console: Console) -> int:
    """Solos of every style over progressions: over what comes with sideman, or over charts in `arguments.data`.

    The rules' over all of them; the phrase model's, and the rules' beside it, over every fourth.

    Raises:
        ConfigError: a file cannot be read, or is no chart.
    """
    texts, _ = _read(arguments.data, arguments.limit, console)
    found = {name: measure_solos(style, texts).figures() for name, style in sorted(shelf.styles.items())}
    report: dict[str, Any] = {"task": "solos", "charts": sorted(texts), "styles": found}
    lines = table_lines(found)
    _, player = ready_phrase_player(config, console.say)
    if player is not None:
        few = dict(list(texts.items())[::FEWER])
        report["beside"] = beside = {
            who: {
                name: measure_solos(style, few, MODEL_BARS, improviser).figures()
                for name, style in sorted(shelf.styles.items())
            }
            for who, improviser in (("rules", None), ("model", player.improviser))
        }
        for who, figures in beside.items():
            lines += ["", f"{who}, {MODEL_BARS} bars over {len(few)} of them", *table_lines(figures)]
    console.result(report, lines)
    return 0


def _read(paths: Sequence[Path], limit: int | None, console: Console) -> tuple[dict[str, str], list[Chart]]:
    """The charts as text and those of tune files; without any files, what comes with sideman."""
    if not paths:
        return progressions(), []
    texts, tune_files, problems = {}, [], []
    for path in paths:
        try:
            if is_chart_text(path):
                texts[path.stem] = chart_text(path)
            else:
                tune_files.append(path)
        except (OSError, ValueError) as error:
            problems.append(f"{path}: {error}")
    if problems:
        raise ConfigError(problems)
    tunes, wrong = charts_of_tunes(tune_files, limit, BARS)
    for problem in wrong[:MAX_PROBLEMS_SHOWN]:
        console.say(problem)
    return (texts if texts or tunes else progressions()), tunes


def _measured(held: Sequence[Held], jobs: int) -> dict[str, dict[str, float]]:
    if jobs <= 1:
        return dict(map(_measure, held))
    with multiprocessing.get_context("spawn").Pool(min(jobs, len(held))) as pool:
        return dict(pool.imap(_measure, held))


def _measure(held: Held) -> tuple[str, dict[str, float]]:
    name, style, texts, tunes = held
    tally = measure(style, texts)
    tally.add(measure_tunes(style, tunes))
    return name, tally.figures()


def _drummer_lines(drummers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """How near each style's drummer is to people, beside a machine and one that is uneven at random."""
    if not drummers:
        return []
    head = f"{'style':<22} {'takes':>6}" + "".join(f" {name:>20}" for name in ("quantised", "random", "drummer"))
    lines = ["", "distance to recorded drummers of the style's family: ms, velocity", head]
    for name, figures in drummers.items():
        cells = "".join(
            f" {figures[player]['ms']:>11.1f} ms {figures[player]['velocity']:>5.1f}"
            for player in ("quantised", "random", "drummer")
        )
        lines.append(f"{name:<22} {figures['takes']:>6}{cells}")
    return lines
