"""The words of `sideman bench` checked, and the task they name measured."""

import argparse
from dataclasses import asdict
from functools import partial
from typing import Any

from daemon.bench import Say, bench
from daemon.bench import report as machine_report
from daemon.bench_page import bench_page
from daemon.bench_phrase import bench_phrase
from daemon.bench_render import bench_with_soundfont
from daemon.config import Config, ConfigError
from daemon.config_file import user_config_folder
from daemon.graphics import look
from daemon.midi_file import MidiFileError
from daemon.song.bench import bench_generate
from daemon.styles_folder import load_styles
from realtime.edges.soundfont import BadSoundFont


def measure(arguments: argparse.Namespace, config: Config, say: Say) -> dict[str, Any]:
    """The report of the task that was asked for.

    Raises:
        ConfigError: the words do not go together, or name a file that cannot be used.
        EngineUnavailable: the task needs the sound engine, and it is not built.
    """
    if not 0.1 <= arguments.seconds <= 3600.0:
        raise ConfigError([f"--seconds: must be 0.1 to 3600, but was {arguments.seconds:g}"])
    if arguments.task == "generate":
        shelf = load_styles(user_config_folder() / "styles")
        return machine_report("generate", lambda: bench_generate(shelf, arguments.repeat, say))
    if arguments.task in ("page", "phrase"):
        return bench_page(arguments.seconds, say) if arguments.task == "page" else bench_phrase(config)
    if arguments.soundfont is None:
        if arguments.files:
            raise ConfigError(["bench: files are for `bench render --soundfont FILE`"])
        if arguments.task in ("osc", "flood"):
            from daemon.bench_osc import bench_osc  # noqa: PLC0415 - needs trio

            shelf = load_styles(user_config_folder() / "styles")
            measured = partial(bench_osc, arguments.task, config, shelf, arguments.seconds, say)
            return machine_report(arguments.task, measured)
        report = bench(arguments.task, config, load_styles(user_config_folder() / "styles"), arguments.seconds, say)
        if arguments.task == "render" and arguments.device != "cpu":
            report["figures"]["gpu"] = asdict(look())
        return report
    if arguments.task != "render" or not 1 <= arguments.repeat <= 99:
        raise ConfigError(["bench: --soundfont is for `bench render`, and --repeat must be 1 to 99"])
    try:
        return bench_with_soundfont(arguments.soundfont, arguments.files, arguments.repeat, say)
    except (MidiFileError, BadSoundFont) as error:
        raise ConfigError([str(error)]) from None
