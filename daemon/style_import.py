"""`sideman style import`: an arranger keyboard's style file as a style of ours, and what was left out of it."""

import argparse
import re
import tomllib
from pathlib import Path
from typing import Any, Final

from daemon.config import ConfigError
from daemon.config_file import user_config_folder
from daemon.console import Console
from daemon.sty_casm import StyError
from daemon.sty_file import read_sty
from daemon.sty_import import import_sty
from daemon.style_text import style_text
from daemon.styles_folder import MAX_STYLE_BYTES
from realtime.core.style_reader import parse_style

FOUND_WRONG: Final = 1


def run(arguments: argparse.Namespace, console: Console) -> int:
    """`sideman style import FILE… [-o FILE.toml]`; 1 where a file is no style.

    Raises:
        ConfigError: there is nothing to import, or nowhere to put it.
    """
    if not arguments.file:
        raise ConfigError(["style import: needs FILE…, styles of an arranger keyboard (SFF1, SFF2)"])
    if arguments.output is not None and len(arguments.file) > 1:
        raise ConfigError([f"-o {arguments.output}: is one file, but there are {len(arguments.file)} to import"])
    results, lines = [], []
    for path in arguments.file:
        try:
            result, told = _import(path, arguments.output or _home(path))
        except StyError as problem:
            result, told = {"file": str(path), "ok": False, "problem": str(problem)}, [str(problem)]
        results.append(result)
        lines += told
    is_right = all(result["ok"] for result in results)
    console.result({"ok": is_right, "files": results}, lines)
    return 0 if is_right else FOUND_WRONG


def _home(path: Path) -> Path:
    """Where a style goes that nobody says a place for: to the user's own, by a name that can be typed."""
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_") or "imported"
    return user_config_folder() / "styles" / f"{name}.toml"


def _import(path: Path, output: Path) -> tuple[dict[str, Any], list[str]]:
    found = import_sty(read_sty(path), path.stem)
    text = style_text(found.mapping, [*found.remarks, *(f"left out: {what}" for what in found.left_out)])
    if len(text.encode()) > MAX_STYLE_BYTES:
        raise StyError(f"{path}: would be longer than the {MAX_STYLE_BYTES} bytes that a style's file may have")
    parse_style(tomllib.loads(text), output.stem)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError([f"{output}: is there already; -o FILE.toml writes another"]) from None
    except OSError as error:
        raise ConfigError([f"{output}: cannot be written: {error.strerror or error}"]) from None
    lines = [f"{path}: {remark}" for remark in found.remarks]
    lines += [f"left out: {what}" for what in found.left_out]
    lines.append(f"{output}: is written; play it with --style {output.stem}")
    result = {
        "file": str(path), "ok": True, "output": str(output), "remarks": found.remarks, "left_out": found.left_out,
    }  # fmt: skip
    return result, lines
