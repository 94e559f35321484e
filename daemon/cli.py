"""The command line: `sideman COMMAND`. What each command does lives elsewhere; this reads words and sets codes.

Exit codes: 0 done, 1 it ran and found something wrong, 2 bad arguments or configuration, 130 interrupted.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from daemon import __version__
from daemon.console import Console

OK: Final = 0
FOUND_WRONG: Final = 1
BAD_ARGUMENTS: Final = 2
INTERRUPTED: Final = 130

Command = Callable[[argparse.Namespace, "Console"], int]


def _command(name: str) -> Command:
    """The command `name` of `daemon.commands`, imported only when it is run."""

    def run(arguments: argparse.Namespace, console: Console) -> int:
        from daemon import commands  # noqa: PLC0415 - keeps `sideman --help` quick

        return int(getattr(commands, name)(arguments, console))

    return run


def build_parser() -> argparse.ArgumentParser:
    """All words that sideman understands."""
    parser = argparse.ArgumentParser(
        prog="sideman", description="A band that listens: live accompaniment for MIDI keyboards."
    )
    parser.add_argument("--version", action="version", version=f"sideman {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="one JSON object on stdout, nothing else")
    shared.add_argument("--config", type=Path, metavar="FILE", help="configuration file")
    shared.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="one setting, as osc.port=18000"
    )

    def add(name: str, about: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about, parents=[shared])
        added.set_defaults(run=_command(name))
        return added

    run = add("run", "play: open MIDI, OSC and sound, and accompany until stopped")
    run.add_argument("--chart", type=Path, metavar="FILE", help="the song's chords: MIDI, or text: | C | Am7 D7 |")
    _add_memory(run)
    _add_performing(add)
    _add_looking(add)
    return parser


def _add_memory(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--memory",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="remember the songs heard, from one session to the next; again: more memories, to read",
    )


def _add_performing(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    demo = add("demo", "hear it: a bundled performance with the band, shown bar by bar")
    demo.add_argument("-o", "--output", type=Path, metavar="DIR", default=Path("sideman-demo"))
    perform = add("perform", "play a MIDI file as the player, and keep what the band does")
    perform.add_argument("input", type=Path, metavar="IN.mid")
    perform.add_argument("-o", "--output", type=Path, metavar="DIR", required=True)
    perform.add_argument("--chart", type=Path, metavar="FILE", help="the song's chords: MIDI, or text: | C | Am7 D7 |")
    perform.add_argument("--tempo-from", choices=("file", "follow"), default="file", help="whose time the band keeps")
    for command in (demo, perform):
        _add_memory(command)
        command.add_argument("--fast", action="store_true", help="as fast as the machine can, without ports")
        command.add_argument("--seed", type=int, metavar="N", help="another seed, another take")
        command.add_argument("--style", metavar="NAME", help="the style the band plays")
    render = add("render", "a MIDI file to a WAV file with the sound engine")
    render.add_argument("input", type=Path, metavar="IN.mid")
    render.add_argument("-o", "--output", type=Path, metavar="OUT.wav", required=True)
    render.add_argument("--rate", type=int, default=48_000, metavar="HZ")
    render.add_argument("--no-effects", action="store_true", help="without reverb, compressor and limiter")
    render.add_argument("--soundfont", type=Path, metavar="FILE")
    devices = ("auto", "cpu", "gpu")
    render.add_argument("--device", choices=devices, default="auto", help="where a SoundFont's voices are rendered")
    replay = add("replay", "play a session's log again")
    replay.add_argument("session", metavar="SESSION", help="a session's folder, log, or name")
    replay.add_argument("--verify", action="store_true", help="exit 1 at the first difference")


def _add_looking(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    bench = add("bench", "measure what this machine does")
    bench.add_argument("task", choices=("latency", "jitter", "render", "predict", "load", "phrase"))
    bench.add_argument("files", type=Path, nargs="*", metavar="IN.mid", help="render: these, with --soundfont")
    bench.add_argument("--soundfont", type=Path, metavar="FILE", help="render: with this, beside FluidSynth")
    bench.add_argument("--repeat", type=int, default=3, metavar="N", help="render: medians of so many runs")
    bench.add_argument("--seconds", type=float, default=20.0, metavar="S", help="how long the live tasks run")
    bench.add_argument("--device", choices=("cpu", "gpu"), default="cpu", help="render: measure the GPU as well")
    bench.set_defaults(late_files="files")
    _add_evaluate(add)
    train = add("train", "remake the tables and weights that come with sideman, from tunes of your own")
    train.add_argument(
        "what",
        choices=("oracle", "recogniser", "harmoniser", "key", "feel"),
        help="what comes next, the chord ear, chords for melodies, the key finder, or how drummers sit",
    )
    train.add_argument("--data", type=Path, metavar="DIR", required=True, help="a folder of .jsonl(.gz) tunes")
    train.add_argument("--output", type=Path, metavar="DIR", required=True, help="where the weights go")
    train.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, other weights")
    add("ports", "list MIDI ports and audio devices")
    add("doctor", "check everything, and say how to fix what is wrong")
    sessions = add("sessions", "list the sessions that were kept, or remember their songs")
    sessions.add_argument("what", nargs="?", choices=("list", "remember"), default="list", help="list, if left out")
    sessions.add_argument("session", nargs="*", metavar="SESSION", help="a session's folder, log, or name")
    sessions.add_argument("-o", "--output", type=Path, metavar="FILE", help="the memory that the songs are added to")
    style = add("style", "list the styles, check files of your own, or import those of an arranger keyboard")
    style.add_argument("what", choices=("list", "check", "import"))
    style.add_argument("file", type=Path, nargs="*", metavar="FILE", help="check: styles as TOML; import: .sty files")
    style.set_defaults(late_files="file")
    style.add_argument("-o", "--output", type=Path, metavar="FILE", help="import: else into the folder of your styles")
    config = add("config", "show or check the configuration, or list every knob")
    config.add_argument("what", choices=("show", "check", "knobs"))


def _add_evaluate(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    evaluate = add("evaluate", "mark what is heard, foreseen and played against the charts of known tunes")
    evaluate.add_argument(
        "task",
        choices=(
            *("recognition", "prediction", "landing", "harmonise", "key", "melody", "feel", "styles", "solos"),
            *("controls", "energy", "surprise", "cost", "evening"),
        ),
    )
    evaluate.add_argument(
        "data",
        type=Path,
        nargs="*",
        metavar="DATA.jsonl.gz",
        help="tunes, one a line; for styles, charts or drummers; for solos, charts",
    )
    evaluate.set_defaults(late_files="data")
    evaluate.add_argument("--limit", type=int, metavar="N", help="at most so many tunes")
    evaluate.add_argument("--seed", type=int, metavar="N", help="of the resampling that gives the intervals")
    evaluate.add_argument("--jobs", type=int, metavar="N", help="processes; all cores, if left out")
    evaluate.add_argument("--baseline", choices=("reactive",), help="the same band without foresight, to compare with")
    evaluate.add_argument(
        "--corrupt", type=float, default=0.0, metavar="SHARE", help="play and hear this share wrong, 0 to 1"
    )
    evaluate.add_argument("--without", metavar="EXPERT", help="prediction: leave out this expert of the oracle")
    evaluate.add_argument("--against", choices=("ngram2", "ngram4", "ppm"), help="prediction: this in its place")
    evaluate.add_argument("--fit", type=Path, nargs="+", default=[], metavar="FILE", help="tunes that --against learns")
    evaluate.add_argument("--plots", type=Path, metavar="DIR", help="pictures, too (but for styles, needs matplotlib)")


def _arguments(words: list[str] | None) -> argparse.Namespace:
    """The words understood. Files may come after options, too, where argparse takes an empty list for all of them."""
    parser = build_parser()
    arguments, more = parser.parse_known_args(words)
    if more and ("late_files" not in arguments or any(word.startswith("-") for word in more)):
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    if more:
        vars(arguments)[arguments.late_files] += map(Path, more)
    return arguments


def main(words: list[str] | None = None) -> int:
    """Runs sideman; returns the exit code."""
    # Before numpy is loaded: our matrices are small, and a second thread of its would only spin, in the music's way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = _arguments(words)
    console = Console(as_json=arguments.json)
    _configure_log()
    from daemon.config import ConfigError  # noqa: PLC0415 - keeps `sideman --help` quick

    try:
        code: int = arguments.run(arguments, console)
    except ConfigError as error:
        _complain(console, error.problems)
        return BAD_ARGUMENTS
    except KeyboardInterrupt:
        console.say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has left; that is their right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return code


def _complain(console: Console, problems: list[str]) -> None:
    if console.as_json:
        console.result({"ok": False, "problems": problems}, [])
    for problem in problems:
        console.say(problem)


def _configure_log() -> None:
    import logging  # noqa: PLC0415 - as above

    logging.basicConfig(stream=sys.stderr, format="sideman: %(message)s", level=logging.WARNING)
