"""`sideman models list|install|check`: which models there are, how to get the others, and whether they answer."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from daemon.config import Config, ConfigError
from daemon.config_file import load
from daemon.console import Console
from daemon.models.child import ModelError
from daemon.models.melody_text import BadMelody, MelodyOrder
from daemon.models.musiclang import MusicLang, environment_folder, find_musiclang
from daemon.models.qwen import DEFAULT_NAME, Qwen, find_qwen, has_mlx
from daemon.models.qwen_adapter import BadAdapter, find_adapter
from realtime.core.chord import Chord
from realtime.core.key_finder import Key

MODELS: Final = ("qwen", "musiclang")
FOUND_WRONG: Final = 1
CHECK_SECONDS: Final = 60.0

_PLAIN: Final = ("musiclang==0.26.0", "musiclang-predict==1.2.0")
_NEEDED: Final = (
    "numpy", "pandas<3", "scipy", "music21", "mido", "huggingface_hub", "tokenizers", "transformers", "joblib", "tqdm",
    "requests",
)  # fmt: skip
"""What musiclang uses when it predicts; what else it asks for (torch, tensorflow) it does not."""

_C: Final = tuple(Chord(root, quality, root) for root, quality in ((0, ""), (9, "m"), (5, ""), (7, "7")))


@dataclass(frozen=True, slots=True)
class Listed:
    """A model: whether it is there, where or what is missing, and how to get it."""

    name: str
    is_there: bool
    seen: str
    fix: str
    licence: str


def listed(config: Config) -> list[Listed]:
    """The large models, there or not."""
    qwen, musiclang = find_qwen(config.models.qwen), find_musiclang(config.models.musiclang)
    mlx = "" if has_mlx() else "pip install 'sideman[mlx]'"
    seen = qwen.seen if has_mlx() else f"mlx-lm is not installed; {qwen.seen}"
    fix = "; ".join(filter(None, (mlx, qwen.fix)))
    return [
        Listed("qwen", qwen.folder is not None and has_mlx(), seen, fix, "the model's own (Qwen2.5: Apache-2.0)"),
        Listed("musiclang", musiclang.folder is not None, musiclang.seen, musiclang.fix, "GPL-3.0, own process"),
    ]


def models(arguments: argparse.Namespace, console: Console) -> int:
    """Lists, installs or checks.

    Raises:
        ConfigError: the configuration is wrong, or `install` is told no model.
    """
    config = load(arguments.config, arguments.set, os.environ)
    if arguments.what == "list":
        return _list(config, console)
    named = arguments.model
    if arguments.what == "install" and named is None:
        raise ConfigError([f"models install: say which: {', '.join(MODELS)}"])
    if arguments.what == "install":
        return {"qwen": _install_qwen, "musiclang": _install_musiclang}[named](config, console)
    return _check(config, console, [named] if named else list(MODELS))


def _list(config: Config, console: Console) -> int:
    found = listed(config)
    lines = [f"{'ok' if each.is_there else '--'} {each.name}: {each.seen}" for each in found]
    for index, each in reversed(list(enumerate(found))):
        if each.fix:
            lines.insert(index + 1, f"      → {each.fix}")
    console.result({"models": [asdict(each) for each in found]}, lines)
    return 0


def _install_musiclang(_: Config, console: Console) -> int:
    """An environment of its own, since its packages and its licence do not go with ours."""
    folder = environment_folder()
    console.say(f"musiclang-predict (GPL-3.0) goes into {folder}, an environment of its own: about 0.8 GB")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps = (
        ("making the environment", [sys.executable, "-m", "venv", str(folder)]),
        ("installing what it needs", [*pip, *_NEEDED]),
        ("installing and compiling musiclang (needs a C compiler and make)", [*pip, "--no-deps", *_PLAIN]),
    )
    for what, command in steps:
        console.say(what)
        done = subprocess.run(command, check=False, stdout=sys.stderr)
        if done.returncode != 0:
            console.say(f"{what}: failed with {done.returncode}; what it said is above")
            return FOUND_WRONG
    found = find_musiclang()
    console.result(
        {"ok": True, "seen": found.seen}, [f"musiclang: {found.seen}", *([f"next: {found.fix}"] * bool(found.fix))]
    )
    return 0


def _install_qwen(config: Config, console: Console) -> int:
    """Downloads the model when asked to, by the hub's own tool; never by itself."""
    name = config.models.qwen or DEFAULT_NAME
    if not has_mlx():
        console.say("mlx-lm is not installed: pip install 'sideman[mlx]', then again")
        return FOUND_WRONG
    if os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0"):
        console.say("HF_HUB_OFFLINE is set, so nothing is downloaded")
        return FOUND_WRONG
    console.say(f"downloading {name} with huggingface_hub; ended with Ctrl-C it goes on next time")
    code = f"from huggingface_hub import snapshot_download as get; get({name!r})"
    done = subprocess.run([sys.executable, "-c", code], check=False, stdout=sys.stderr)
    found = find_qwen(config.models.qwen)
    console.result({"ok": found.folder is not None, "seen": found.seen}, [f"qwen: {found.seen}"])
    return FOUND_WRONG if done.returncode or found.folder is None else 0


def _check(config: Config, console: Console, names: list[str]) -> int:
    """Asks each for something small, and says how long it took."""
    asked: dict[str, Callable[[Config], str]] = {"qwen": _try_qwen, "musiclang": _try_musiclang}
    results, lines = {}, []
    for name in names:
        begin = time.monotonic()
        try:
            said, is_well = asked[name](config), True
        except (ModelError, BadMelody) as error:
            said, is_well = str(error), False
        seconds = time.monotonic() - begin
        results[name] = {"ok": is_well, "said": said, "seconds": round(seconds, 2)}
        lines.append(f"{'ok' if is_well else '--'} {name}: {said} ({seconds:.1f} s)")
    console.result({"models": results}, lines)
    return 0 if all(result["ok"] for result in results.values()) else FOUND_WRONG


def _try_qwen(config: Config) -> str:
    found = find_qwen(config.models.qwen)
    if found.folder is None or not has_mlx():
        raise ModelError(f"{found.seen} → {found.fix}" if found.folder is None else "mlx-lm is not installed")
    try:
        qwen = Qwen(found.folder, adapter=find_adapter(config.models.qwen_adapter))
    except BadAdapter as problem:
        raise ModelError(f"models.qwen_adapter: {problem}") from None
    try:
        order = MelodyOrder(tuple((chord,) for chord in _C), Key(0, minor=False))
        return f"a melody of {len(qwen.melody(order, timeout_seconds=CHECK_SECONDS))} notes"
    finally:
        qwen.close()


def _try_musiclang(config: Config) -> str:
    found = find_musiclang(config.models.musiclang)
    if found.folder is None:
        raise ModelError(f"{found.seen} → {found.fix}")
    model = MusicLang(Path(found.folder))
    try:
        return f"{len(model.parts(_C, timeout_seconds=CHECK_SECONDS).notes)} notes over four chords"
    finally:
        model.close()
