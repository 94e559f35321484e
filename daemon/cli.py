"""The command line: `sideman COMMAND`. What each command does lives elsewhere; this reads words and sets codes.

Exit codes: 0 done, 1 it ran and found something wrong, 2 bad arguments or configuration, 130 interrupted.
"""

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol

from daemon import __version__
from daemon.console import Console

OK: Final = 0
FOUND_WRONG: Final = 1
BAD_ARGUMENTS: Final = 2
INTERRUPTED: Final = 130

Command = Callable[[argparse.Namespace, "Console"], int]


class Adder(Protocol):
    """Adds a command, done by the function of its name in `module`."""

    def __call__(self, name: str, about: str, module: str = "daemon.commands") -> argparse.ArgumentParser:
        """The parser of its words."""


def _command(name: str, module: str) -> Command:
    """The command `name` of a module, which is imported only when it is run: that keeps `sideman --help` quick."""

    def run(arguments: argparse.Namespace, console: Console) -> int:
        return int(getattr(import_module(module), name)(arguments, console))

    return run


def _layout(arguments: argparse.Namespace, console: "Console") -> int:
    from daemon.layouts.command import run  # noqa: PLC0415 - as above

    return run(arguments, console)


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

    def add(name: str, about: str, module: str = "daemon.commands") -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about, parents=[shared])
        added.set_defaults(run=_command(name, module))
        return added

    run = add("run", "play: open MIDI, OSC and sound, and accompany until stopped")
    run.add_argument("--chart", type=Path, metavar="FILE", help="the song's chords: MIDI, or text: | C | Am7 D7 |")
    run.add_argument("--lan", action="store_true", help="let a tablet on the local network in: page, OSC, QR code")
    _add_memory(run)
    _add_performing(add)
    _add_composing(add)
    _add_looking(add)
    _add_layout(add)
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


def _add_performing(add: Adder) -> None:
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
    render = add("render", "a MIDI file, or a session, to a WAV file with the sound engine")
    render.add_argument("input", type=Path, metavar="IN.mid", help="or a session's folder")
    render.add_argument("-o", "--output", type=Path, metavar="OUT.wav", required=True)
    render.add_argument("--rate", type=int, default=48_000, metavar="HZ")
    render.add_argument("--no-effects", action="store_true", help="without reverb, compressor and limiter")
    render.add_argument("--soundfont", type=Path, metavar="FILE")
    devices = ("auto", "cpu", "gpu")
    render.add_argument("--device", choices=devices, default="auto", help="where a SoundFont's voices are rendered")
    replay = add("replay", "play a session's log again")
    replay.add_argument("session", metavar="SESSION", help="a session's folder, log, or name")
    replay.add_argument("--verify", action="store_true", help="exit 1 at the first difference")


def _add_composing(add: Adder) -> None:
    about = "make a whole piece: chords, melody, band, MIDI, tokens and audio"
    generate = add("generate", about, "daemon.song.command")
    for field, about in (
        ("genre", "gospel, jazz, blues, pop, rnb, funk, bossa, country, rock or classical (pop, if left out)"),
        ("key", "as C, F# minor, Eb or D dorian"), ("tempo", "quarters a minute"), ("bars", "1 to 256 (8)"),
        ("style", "a style of the band, as traditional or jazz_swing"), ("complexity", "1 to 10 (5)"),
        ("meter", "as 4/4, 3/4 or 12/8"), ("form", "as aaba, blues, verse_chorus, loop, or letters: AABAC"),
        ("chords", "your own: symbols or numerals, as 'C Am F G', 'I vi IV V' or '| C | Am7 D7 |'"),
        ("reverb", "0 to 1 (0.5)"), ("seed", "the same seed, the same piece"),
        ("backend", "embedded, musiclang or qwen"),
    ):  # fmt: skip
        generate.add_argument("--" + field, metavar=field.upper(), help=about)
    generate.add_argument("--continue", dest="continue_from", type=Path, metavar="IN.mid", help="go on from this file")
    for what in ("melody", "chords", "band", "audio"):
        generate.add_argument("--no-" + what, action="store_true", help=f"without {what}")
    generate.add_argument("--gpu", action="store_true", help="render on the GPU, where that is possible")
    generate.add_argument("--format", default="wav", metavar="wav|flac", help="of the audio file")
    generate.add_argument("-o", "--output", type=Path, metavar="DIR", required=True)
    about = "play a piano piece with the whole band: its melody stays, its chords are enriched"
    arrange = add("arrange", about, "daemon.song.command")
    arrange.add_argument("input", type=Path, metavar="IN.mid")
    for field in ("genre", "style", "complexity", "form", "seed"):
        arrange.add_argument("--" + field, metavar=field.upper(), help="as for generate")
    arrange.add_argument("--no-audio", action="store_true", help="without audio")
    arrange.add_argument("-o", "--output", type=Path, metavar="DIR", required=True)


def _add_layout(add: Adder) -> None:
    layout = add("layout", "write a controller's layout: for TouchOSC, Max, or Pure Data")
    layout.add_argument("kind", choices=("touchosc", "max", "pd"))
    layout.add_argument("-o", "--output", type=Path, metavar="FILE", help="sideman.tosc, .maxpat or .pd, if left out")
    layout.set_defaults(run=_layout)


def _add_looking(add: Adder) -> None:
    bench = add("bench", "measure what this machine does")
    tasks = ("latency", "jitter", "render", "predict", "load", "osc", "flood", "page", "thru", "generate", "phrase")
    bench.add_argument("task", choices=tasks)
    bench.add_argument("files", type=Path, nargs="*", metavar="IN.mid", help="render: these, with --soundfont")
    bench.add_argument("--soundfont", type=Path, metavar="FILE", help="render: with this, beside FluidSynth")
    bench.add_argument("--repeat", type=int, default=3, metavar="N", help="render, generate: medians of so many runs")
    bench.add_argument("--seconds", type=float, default=20.0, metavar="S", help="how long the live tasks run")
    bench.add_argument("--device", choices=("cpu", "gpu"), default="cpu", help="render: measure the GPU as well")
    bench.set_defaults(late_files="files")
    _add_evaluate(add)
    _add_learning(add)
    about = "explain a progression: numerals, functions, cadences, voice leading, complexity"
    theory = add("theory", about, "daemon.theory_command")
    theory.add_argument("progression", metavar="CHORDS", help='as "Dm7 G7 Cmaj7", "| C | F G |", or "ii7 V7 Imaj7"')
    theory.add_argument("--key", metavar="KEY", help="hear it in this key: C, Eb major, F# minor, D dorian")
    theory.add_argument("--words", choices=("template", "qwen"), default="template", help="whose words explain it")
    theory.add_argument(
        "--question", default="", metavar="TEXT", help="what to dwell on: looked up in the knowledge base"
    )
    models = add(
        "models", "the large models: which are there, how to get them, do they answer", "daemon.models.command"
    )
    models.add_argument("what", choices=("list", "install", "check"), nargs="?", default="list")
    models.add_argument("model", choices=("qwen", "musiclang"), nargs="?", help="install, check: this one")
    add("ports", "list MIDI ports and audio devices")
    doctor = add("doctor", "check everything, and say how to fix what is wrong")
    doctor.add_argument("--latency", action="store_true", help="measure how long MIDI takes there and back, instead")
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


def _add_learning(add: Adder) -> None:
    prepare = add("prepare", "MIDI files and sessions to what the phrase models learn from", "daemon.training.prepare")
    prepare.add_argument("--input", type=Path, metavar="DIR", required=True, help="MIDI files, sessions, tunes")
    prepare.add_argument("--output", type=Path, metavar="DIR", required=True, help="where the data sets go")
    prepare.add_argument("--genre", default="any", metavar="G", help="what all of it is: pop, jazz, gospel …")
    prepare.add_argument("--val-split", type=float, default=0.1, metavar="SHARE", help="the share kept for judging")
    prepare.add_argument("--keys", type=int, default=3, metavar="N", help="in C, and in so many keys in all")
    prepare.add_argument("--jobs", type=int, metavar="N", help="processes; all cores, if left out")
    about = "teach the phrase model what is yours; or remake what comes with sideman, from tunes"
    train = add("train", about, "daemon.training.command")
    train.add_argument(
        "what",
        nargs="?",
        default="phrase",
        choices=("phrase", "oracle", "recogniser", "harmoniser", "key", "feel"),
        help="phrases, if left out; what comes next, the chord ear, chords for melodies, the key finder, drummers",
    )
    train.add_argument("--data", type=Path, metavar="DIR", help="what `sideman prepare` wrote; else tunes")
    train.add_argument("--output", type=Path, metavar="DIR", required=True, help="where the weights go")
    train.add_argument(
        "--base",
        default="embedded",
        metavar="WHICH",
        help="embedded, new, or a model's folder: ours, or any that mlx-lm loads (a LoRA)",
    )
    train.add_argument("--steps", type=int, metavar="N", help="at most so many steps; by the data, if left out")
    train.add_argument("--force", action="store_true", help="keep the result though it is no better")
    train.add_argument("--roll-back", action="store_true", help="go back to the model before the last training")
    train.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, other weights")


def _add_evaluate(add: Adder) -> None:
    evaluate = add("evaluate", "mark what is heard, foreseen and played against the charts of known tunes")
    evaluate.add_argument(
        "task",
        choices=(
            *("recognition", "prediction", "landing", "harmonise", "key", "melody", "feel", "styles", "solos", "songs"),
            *("follow", "memorisation", "controls", "energy", "surprise", "cost", "evening"),
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
    evaluate.add_argument(
        "--fit", type=Path, nargs="+", default=[], metavar="FILE", help="tunes that --against, or the model, learnt"
    )
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
