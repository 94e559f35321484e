"""The words of `sideman train` checked and carried out: tunes in, weights out."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from daemon.config import ConfigError
from daemon.console import Console

DATA_SUFFIXES: Final = (".jsonl", ".jsonl.gz")
KEPT_OUT: Final = ".valid."
"""Files with this in their name are for judging, never for learning."""

_FILES: Final = {"key": "key_tables.py", "feel": "drummers.json"}
"""What is not made as a safetensors file of its own name."""


def find_data(folder: Path) -> list[Path]:
    """The training files in a folder, in order of name.

    Raises:
        ConfigError: there are none.
    """
    if not folder.is_dir():
        raise ConfigError([f"--data {folder}: must be a folder with .jsonl or .jsonl.gz files of tunes"])
    files = sorted(p for p in folder.iterdir() if p.name.endswith(DATA_SUFFIXES) and KEPT_OUT not in p.name)
    if not files:
        raise ConfigError([f"--data {folder}: has no .jsonl or .jsonl.gz files of tunes to learn from"])
    return files


def train(arguments: argparse.Namespace, console: Console) -> int:
    """Trains what was asked for, on every training file of the folder.

    Raises:
        ConfigError: the data or the output folder is not to be had.
    """
    if not 0 <= arguments.seed < 2**63:
        raise ConfigError([f"--seed: must be a whole number 0 to {2**63 - 1}, but was {arguments.seed}"])
    if arguments.what == "phrase":
        return _phrase(arguments, console)
    files = find_data(_data(arguments))
    try:
        arguments.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError([f"--output {arguments.output}: {error.strerror or error}"]) from None
    weights = arguments.output / _FILES.get(arguments.what, f"{arguments.what}.safetensors")
    figures: Mapping[str, object]
    if arguments.what == "recogniser":
        from daemon.training.recogniser import train_recogniser  # noqa: PLC0415 - each is heavy in its own way

        figures = train_recogniser(files, weights, seed=arguments.seed, say=console.say)
    elif arguments.what == "harmoniser":
        from daemon.training.harmoniser import train_harmoniser  # noqa: PLC0415

        figures = train_harmoniser(files, weights, say=console.say)
    elif arguments.what == "key":
        from daemon.training.key import train_key  # noqa: PLC0415

        figures = train_key(files, weights, seed=arguments.seed, say=console.say)
    elif arguments.what == "feel":
        figures = _feel(files, weights)
    else:
        from daemon.training.oracle import train_oracle  # noqa: PLC0415

        figures = train_oracle(files, weights, seed=arguments.seed, say=console.say)
    lines = [f"{weights}: {weights.stat().st_size // 1000} kB"]
    lines += [f"  {name:<24} {value}" for name, value in figures.items()]
    console.result({"ok": True, "file": str(weights), "files": [f.name for f in files], "figures": figures}, lines)
    return 0


def _data(arguments: argparse.Namespace) -> Path:
    if arguments.data is None:
        raise ConfigError(["--data DIR: is needed"])
    return Path(arguments.data)


def _phrase(arguments: argparse.Namespace, console: Console) -> int:
    from daemon.training.phrase import NEW, is_other_model  # noqa: PLC0415
    from daemon.training.phrase import run as teach  # noqa: PLC0415
    from daemon.training.take_over import roll_back  # noqa: PLC0415

    if arguments.roll_back:
        return roll_back(arguments.output, console)
    files = find_data(_data(arguments)) if arguments.base == NEW else []
    arguments.data = _data(arguments)
    if is_other_model(arguments.base):
        from daemon.training.lora import run as teach_other  # noqa: PLC0415

        return teach_other(arguments, console)
    return teach(arguments, console, files)


def _feel(files: list[Path], output: Path) -> Mapping[str, object]:
    from daemon.training.feel import train_feel  # noqa: PLC0415

    try:
        return train_feel(files, output)
    except ValueError as error:
        raise ConfigError([f"--data: {error}"]) from None
