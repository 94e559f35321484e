"""The words of `sideman evaluate` checked and carried out: files in, report and pictures out."""

import argparse
import os
import sys
from collections.abc import Callable
from typing import Final

from daemon.config import Config, ConfigError
from daemon.console import Console
from daemon.evaluation.band_tasks import BAND_TASKS, table
from daemon.evaluation.corpus import Corpus
from daemon.evaluation.evaluate import TASKS, Progress, evaluate
from daemon.evaluation.feel import measure_feel
from daemon.evaluation.feel import report_lines as feel_lines
from daemon.evaluation.follow import follow_lines
from daemon.evaluation.memorisation import measure
from daemon.evaluation.plots import NoPlots, draw
from daemon.evaluation.rehearsal import BandOrder
from daemon.evaluation.report import report_lines
from daemon.evaluation.rivals import fit
from daemon.evaluation.styles import evaluate_solos, evaluate_styles
from daemon.models.phrase_player import own_folder
from daemon.styles_folder import StyleShelf, check_style
from daemon.weights_folder import load_weights
from realtime.core.oracle import EXPERTS

FOUND_WRONG: Final = 1
MAX_PROBLEMS_SHOWN: Final = 20
PLAYING_TASKS: Final = ("landing", "harmonise")
"""Those in which the band plays."""


def check(arguments: argparse.Namespace) -> None:
    """Raises `ConfigError` with everything that is wrong with the words."""
    problems = _check_task(arguments)
    if arguments.limit is not None and arguments.limit < 1:
        problems.append(f"--limit: must be 1 or more, but was {arguments.limit}")
    if arguments.jobs is not None and arguments.jobs < 1:
        problems.append(f"--jobs: must be 1 or more, but was {arguments.jobs}")
    if arguments.seed is not None and not 0 <= arguments.seed < 2**63:
        problems.append(f"--seed: must be a whole number 0 to {2**63 - 1}, but was {arguments.seed}")
    if arguments.baseline and arguments.task not in PLAYING_TASKS:
        problems.append(f"--baseline: is for {' and '.join(PLAYING_TASKS)}; in {arguments.task} no band plays")
    problems += _check_prediction(arguments)
    if not 0.0 <= arguments.corrupt <= 1.0:
        problems.append(f"--corrupt: must be a share 0 to 1, but was {arguments.corrupt:g}")
    if problems:
        raise ConfigError(problems)


def _check_task(arguments: argparse.Namespace) -> list[str]:
    task, problems = arguments.task, []
    if task in BAND_TASKS and arguments.data:
        problems.append(f"evaluate {task}: takes no files")
    elif not arguments.data and task not in (*BAND_TASKS, "styles", "solos", "songs"):
        problems.append(f"evaluate {task}: needs DATA.jsonl.gz, tunes, one a line")
    for path in [*arguments.data, *arguments.fit]:
        try:
            path.open("rb").close()
        except OSError as error:
            problems.append(f"{path}: cannot be read: {error.strerror or error}")
    return problems


def _check_prediction(arguments: argparse.Namespace) -> list[str]:
    problems = []
    if (arguments.without or arguments.against) and arguments.task != "prediction":
        problems.append("--without, --against: are for prediction; elsewhere the whole oracle foresees")
    if arguments.without and arguments.without not in EXPERTS:
        problems.append(f"--without: must be one of {', '.join(EXPERTS)}, but was {arguments.without}")
    if arguments.task == "memorisation":
        return problems if arguments.fit else [*problems, "evaluate memorisation: needs --fit, the tunes learnt from"]
    if bool(arguments.against) != bool(arguments.fit):
        problems.append("--against, --fit: go together; a rival is fitted to the tunes of --fit")
    return problems


def run(arguments: argparse.Namespace, config: Config, shelf: StyleShelf, console: Console) -> int:
    """Carries it out; returns the exit code: 1 where not one tune could be judged.

    Raises:
        ConfigError: the words, or the configuration, are wrong.
    """
    check(arguments)
    if arguments.task in ("feel", "styles", "solos", "songs", *BAND_TASKS):
        return _without_tunes(arguments, config, shelf, console)
    if arguments.task == "memorisation":
        return _memorisation(arguments, config, console)
    order = _order(arguments, config, shelf)
    corpus = Corpus(arguments.data, arguments.limit)
    jobs = arguments.jobs or os.cpu_count() or 1
    outcome = evaluate(
        arguments.task, corpus, order, jobs=jobs, seed=arguments.seed or 0, progress=_progress(sys.stderr.isatty())
    )
    _tell_problems(corpus.problems, console.say)
    report = {**outcome.report, "corrupt": arguments.corrupt}
    if arguments.task == "prediction":
        report |= {"without": arguments.without, "against": arguments.against}
    if arguments.task in PLAYING_TASKS:
        report["baseline"] = arguments.baseline
        report["settings"] = {
            name: order.parameters[name] for name in sorted(order.parameters) if name.startswith("commit")
        }
    console.result(report, follow_lines(report) if arguments.task == "follow" else report_lines(report))
    if arguments.plots is not None:
        try:
            files = draw(arguments.plots, TASKS[arguments.task].figures, outcome.tallies)
        except (NoPlots, OSError) as problem:
            console.say(str(problem))
        else:
            console.say(f"pictures: {', '.join(map(str, files)) or 'none for this task'}")
    return 0 if outcome.tallies else FOUND_WRONG


def _order(arguments: argparse.Namespace, config: Config, shelf: StyleShelf) -> BandOrder:
    """The band that is to be judged."""
    check_style(config.band.style, shelf)
    return BandOrder(
        shelf.styles,
        config.performer_parameters(),
        config.band.seed,
        arguments.baseline == "reactive",
        load_weights(),
        corrupt=arguments.corrupt,
        without=arguments.without or "",
        rival=fit(arguments.against, Corpus(arguments.fit)) if arguments.against else None,
        forms=shelf.forms,
        phrase_model=own_folder(config),
    )


def _memorisation(arguments: argparse.Namespace, config: Config, console: Console) -> int:
    tunes = Corpus(arguments.data, arguments.limit)
    report = measure(tunes, Corpus(arguments.fit), own_folder(config), arguments.seed or 0, console.say)
    _tell_problems(tunes.problems, console.say)
    console.result(report, report_lines(report))
    return 0 if report["pieces"] else FOUND_WRONG


def _without_tunes(arguments: argparse.Namespace, config: Config, shelf: StyleShelf, console: Console) -> int:
    match arguments.task:
        case "feel":
            return _feel(arguments, console)
        case "styles":
            return evaluate_styles(arguments, shelf, console)
        case "solos":
            return evaluate_solos(arguments, config, shelf, console)
        case "songs":
            from daemon.evaluation.songs import evaluate_songs  # noqa: PLC0415 - the studio only where it works

            return evaluate_songs(arguments, shelf, console)
        case _:
            return _band(arguments, config, shelf, console)


def _band(arguments: argparse.Namespace, config: Config, shelf: StyleShelf, console: Console) -> int:
    check_style(config.band.style, shelf)
    style = shelf.styles[config.band.style]
    rows = BAND_TASKS[arguments.task](shelf, style, load_weights(), arguments.limit)
    report = {"task": arguments.task, "style": style.name, "rows": rows, "load": round(os.getloadavg()[0], 2)}
    console.result(report, table(rows))
    return 0


def _feel(arguments: argparse.Namespace, console: Console) -> int:
    found = measure_feel(arguments.data, arguments.seed or 0)
    console.result({"task": "feel", "families": found}, feel_lines(found))
    return 0 if found else FOUND_WRONG


def _tell_problems(problems: list[str], say: Callable[[str], None]) -> None:
    for problem in problems[:MAX_PROBLEMS_SHOWN]:
        say(problem)
    if len(problems) > MAX_PROBLEMS_SHOWN:
        say(f"… and {len(problems) - MAX_PROBLEMS_SHOWN} more bad lines")


def _progress(is_seen: bool) -> Progress | None:  # noqa: FBT001 - private
    """Counts tunes on one line of a terminal; nothing where nobody looks."""
    if not is_seen:
        return None

    def show(count: int) -> None:
        sys.stderr.write(f"\r{count} tunes judged\r")
        sys.stderr.flush()

    return show
