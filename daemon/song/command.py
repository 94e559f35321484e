"""`sideman generate`: its words made a request, the piece made, and what came of it told."""

import argparse
import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from daemon.config import ConfigError
from daemon.config_file import load, user_config_folder
from daemon.console import Console
from daemon.midi_file import MidiFileError, read_file
from daemon.song.arranging import arranged_as, read_source
from daemon.song.continuation import Before, read_before
from daemon.song.make import Studio
from daemon.song.piece import Piece
from daemon.song.request import BadRequest
from daemon.styles_folder import load_styles
from realtime.edges.engine import EngineUnavailable

FLAGS: Final = {
    "synthesize_audio": "--no-audio", "use_gpu": "--gpu", "audio_format": "--format", "include_melody": "--no-melody",
    "include_chords": "--no-chords", "include_band": "--no-band",
}  # fmt: skip
"""Where a field's flag has another name."""

NUMBERS: Final = ("tempo", "bars", "complexity", "reverb", "seed")
TEXTS: Final = ("genre", "key", "style", "meter", "form", "chords", "backend")


def generate(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman generate`; returns the exit code.

    Raises:
        ConfigError: listing every word that is wrong.
    """
    config = load(arguments.config, arguments.set, os.environ)
    studio = Studio(load_styles(user_config_folder() / "styles"), models=config.models)
    before = _before(arguments.continue_from)
    content = _content(arguments, before)
    with _in_words_of_the_command_line(arguments.output):
        piece = studio.make(studio.read(content), arguments.output, before)
    return _tell(piece, arguments.output, console)


def arrange(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman arrange`; returns the exit code.

    Raises:
        ConfigError: the file cannot be read, or a word is wrong.
    """
    try:
        source = read_file(arguments.input, read_source)
    except MidiFileError as problem:
        raise ConfigError([str(problem)]) from None
    studio = Studio(load_styles(user_config_folder() / "styles"))
    content = {name: vars(arguments)[name] for name in ("genre", "style", "form") if vars(arguments)[name] is not None}
    content |= {name: _number(vars(arguments)[name]) for name in ("complexity", "seed") if vars(arguments)[name]}
    content |= arranged_as(source)
    content["synthesize_audio"] = not arguments.no_audio
    with _in_words_of_the_command_line(arguments.output):
        piece = studio.make(studio.read(content), arguments.output, source=source)
    return _tell(piece, arguments.output, console)


@contextlib.contextmanager
def _in_words_of_the_command_line(output: Path) -> Iterator[None]:
    """What is wrong with a request, or in the way of a piece, told by the flags that set it."""
    try:
        yield
    except BadRequest as problem:
        raise ConfigError([str(f).replace(f.field, flag_of(f.field), 1) for f in problem.faults]) from None
    except EngineUnavailable as problem:
        raise ConfigError([f"{problem}; or --no-audio"]) from None
    except OSError as problem:
        raise ConfigError([f"-o {output}: {problem.strerror or problem}"]) from None


def _tell(piece: Piece, output: Path, console: Console) -> int:
    description = piece.description()
    console.result({"ok": True, "folder": str(output), **description}, report(description, output))
    return 0


def flag_of(field: str) -> str:
    """The word on the command line that sets a field."""
    return FLAGS.get(field, "--" + field.replace("_", "-"))


def _before(path: Path | None) -> Before | None:
    if path is None:
        return None
    try:
        return read_before(path)
    except MidiFileError as problem:
        raise ConfigError([f"--continue {problem}"]) from None


def _content(arguments: argparse.Namespace, before: Before | None) -> dict[str, object]:
    """The request as a mapping; numbers that are none stay words, to be named with all that is wrong."""
    words = vars(arguments)
    content: dict[str, object] = {name: words[name] for name in TEXTS if words[name] is not None}
    content |= {name: _number(words[name]) for name in NUMBERS if words[name] is not None}
    if before is not None:
        content = {"key": before.key.name, "tempo": before.tempo, "meter": before.meter} | content
    switches = {"include_melody": "no_melody", "include_chords": "no_chords", "include_band": "no_band",
                "synthesize_audio": "no_audio"}  # fmt: skip
    content |= {name: False for name, flag in switches.items() if words[flag]}
    return content | {"use_gpu": arguments.gpu, "audio_format": arguments.format}


def _number(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def report(piece: Mapping[str, Any], folder: Path) -> list[str]:
    """What came of it, for people."""
    lines = [
        f"{piece['title']} · {piece['bars']} bars of {piece['meter']} at {piece['tempo']:g} · style {piece['style']}"
        f" · complexity {piece['request']['complexity']} · seed {piece['seed']}",
        "",
        *_chord_lines(piece),
        "",
    ]
    melody = piece["melody"]
    if melody and melody["range"]:
        low, high = melody["range"]
        lines.append(
            f"melody: {melody['notes']} notes in {melody['phrases']} phrases, {low} to {high}"
            f" ({melody['range_semitones']} semitones)"
        )
    tracks = ", ".join(
        f"{t['part'].replace('solo', 'melody')} {t['notes']} ({t['instrument']})" for t in piece["tracks"]
    )
    lines.append(f"tracks: {tracks}")
    if piece["tokens"]:
        lines.append(f"tokens: {piece['tokens']}")
    if piece["audio"]:
        audio = piece["audio"]
        lines.append(f"audio: {audio['seconds']:.1f} s, {audio['lufs']} LUFS, peak {audio['peak_db']} dB")
    lines += [f"note: {note}" for note in piece["notes"]]
    lines.append(
        "time: " + ", ".join(f"{stage} {seconds * 1000:.0f} ms" for stage, seconds in piece["seconds"].items())
    )
    lines.append(f"files in {folder}: {', '.join(piece['files'].values())}")
    return lines


def _chord_lines(piece: Mapping[str, Any]) -> list[str]:
    """Four bars a line, symbols above numerals, a section's name in front."""
    sections = {section["first_bar"]: section["name"] for section in piece["sections"]}
    cells: dict[int, list[tuple[str, str]]] = {bar: [] for bar in range(1, piece["bars"] + 1)}
    for row in piece["chords"]:
        cells[row["bar"]].append((row["symbol"], row["roman"]))
    lines: list[str] = []
    starts = sorted({*sections, *range(1, piece["bars"] + 1)})
    line: list[int] = []
    for bar in [*starts, None]:
        if line and (bar is None or len(line) == 4 or bar in sections):
            name = sections.get(line[0], "")
            for which, head in ((0, name), (1, "")):
                texts = [" ".join(cell[which] for cell in cells[b]) or "%" * (which == 0) for b in line]
                widths = [max(len(" ".join(cell[i] for cell in cells[b])) for i in (0, 1)) for b in line]
                row = " | ".join(text.ljust(max(10, width)) for text, width in zip(texts, widths, strict=True))
                lines.append(f"{head:>8} | {row} |" if which == 0 else f"{'':>8}   {row}".rstrip())
            line = []
        if bar is not None:
            line.append(bar)
    return lines
