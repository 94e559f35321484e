"""`sideman style`: lists the styles, says everything that is wrong with files of your own, and has others imported."""

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path

from daemon.config import ConfigError
from daemon.config_file import user_config_folder
from daemon.console import Console
from daemon.feel_folder import with_feel
from daemon.style_import import run as import_styles
from daemon.styles_folder import MAX_STYLE_BYTES, load_styles
from realtime.core.style import DRUM_VOICES, PASSAGES, Groove, Style
from realtime.core.style_reader import StyleError, parse_style

FOUND_WRONG = 1
HELD_OVER = "a held note does not go over a bar line: strike it again, or rest"


def run(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman style list`, `check FILE…` and `import FILE…`; 1 where a file is no style.

    Raises:
        ConfigError: there is nothing to check, or a style of the user's folder cannot be read.
    """
    if arguments.what == "list":
        return _list(console)
    if arguments.what == "import":
        return import_styles(arguments, console)
    if not arguments.file:
        raise ConfigError(["style check: needs FILE…"])
    results, lines = [], []
    for path in arguments.file:
        problems, hints = check(path)
        results.append({"file": str(path), "ok": not problems, "problems": problems, "hints": hints})
        lines += [f"{path}: {problem}" for problem in problems]
        lines += [f"{path}: (hint) {hint}" for hint in hints]
        if not problems:
            lines.append(f"{path}: is right")
    is_right = all(result["ok"] for result in results)
    console.result({"ok": is_right, "files": results}, lines)
    return 0 if is_right else FOUND_WRONG


def check(path: Path) -> tuple[list[str], list[str]]:
    """All problems of a style's file, and hints about what can be played but is hardly meant."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return [f"cannot be read: {error.strerror or error}"], []
    if len(data) > MAX_STYLE_BYTES:
        return [f"is larger than {MAX_STYLE_BYTES} bytes"], []
    try:
        mapping = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        return [f"is not TOML: {error}"], []
    problems = []
    try:
        mapping = with_feel(mapping)
    except ValueError as error:
        problems.append(str(error))
    try:
        style = parse_style(mapping, path.stem)
    except StyleError as error:
        return problems + list(error.problems), []
    return problems, list(_hints(style))


def _hints(style: Style) -> Iterator[str]:
    for name, groove in style.grooves.items():
        for part, row in (("bass", groove.bass), ("keys", groove.keys), ("pad", groove.pad)):
            bars = [row[at : at + style.steps_per_bar] for at in range(0, len(row), style.steps_per_bar)]
            if any(bar.startswith("-") for bar in bars):
                yield f"groove.{name}.{part}: {HELD_OVER}"
    for kind in ("intro", "ending"):
        for number, passage in style.passages.get(kind, {}).items():
            if not passage.chords:
                yield f"{kind}.{number}: has no chords, so only drums are heard unless the player plays"
    unfelt = sorted(_voices(style) - {*style.feel} - {*style.touch})
    if unfelt:
        yield f"feel: has nothing for {', '.join(unfelt)}; played on the grid, as loud as can be"
    if len(style.fills) < 2:
        yield "fill: there is only one, and it will come every time"


def _voices(style: Style) -> set[str]:
    written = [passage.groove for kind in style.passages.values() for passage in kind.values()]
    grooves: list[Groove] = [*style.grooves.values(), *written]
    return {
        v for rows in (*(groove.drums for groove in grooves), *(fill.rows for fill in style.fills)) for v in rows
    } & {*DRUM_VOICES}


def _list(console: Console) -> int:
    shelf = load_styles(user_config_folder() / "styles")
    styles = [
        {
            "name": name, "title": style.title, "genre": style.genre, "meter": str(style.meter),
            "tempo_bpm": list(style.tempo_bpm), "swing": style.swing, "fills": len(style.fills),
            **{kind: len(style.passages.get(kind, {})) for kind in PASSAGES}, "kit": style.kit,
            "options": dict(style.options),
            "feel_from": style.feel_from,
        }
        for name, style in sorted(shelf.styles.items())
    ]  # fmt: skip
    lines = [f"{'style':<22} {'meter':<6} {'quarters a minute':<18} {'swing':<6} title"]
    lines += [
        f"{name:<22} {style.meter!s:<6} {'{:g} to {:g}'.format(*style.tempo_bpm):<18} {style.swing:<6g} {style.title}"
        for name, style in sorted(shelf.styles.items())
    ]
    console.result({"styles": styles}, lines)
    return 0
