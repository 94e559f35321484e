"""Finds and reads trained weights: those that come with sideman, or a folder of the user's own.

A log keeps a fingerprint of each, so that a replay knows whether it has the same ones.
"""

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from daemon.config import ConfigError
from realtime.core.weights import Tensors, Weights

NAMES: Final = ("recogniser", "oracle", "harmoniser")
MAX_WEIGHT_BYTES: Final = 64_000_000


def load_weights(folder: Path | None = None) -> Weights:
    """The weights that ship, each replaced by the one of the same name in `folder` if there is one.

    Raises:
        ConfigError: a file is broken; the text says which.
    """
    found = {name: _read(name, folder) for name in NAMES}
    return Weights(**found)


def fingerprints(folder: Path | None = None) -> dict[str, str]:
    """What identifies each file of weights: the beginning of its SHA-256; empty where there is none."""
    return {name: hashlib.sha256(data).hexdigest()[:16] for name in NAMES if (data := _bytes(name, folder))}


def _read(name: str, folder: Path | None) -> Tensors:
    from safetensors import SafetensorError  # noqa: PLC0415 - only where something is played
    from safetensors.numpy import load  # noqa: PLC0415

    data = _bytes(name, folder)
    try:
        return load(data) if data else {}
    except (SafetensorError, ValueError, KeyError) as error:
        raise ConfigError([f"{name}.safetensors: is broken: {error}"]) from None


def _bytes(name: str, folder: Path | None) -> bytes:
    """The file's content; the user's first, then ours; nothing where there is neither."""
    places: list[Traversable] = [] if folder is None else [folder]
    places.append(resources.files("daemon").joinpath("weights"))
    for place in places:
        file = place.joinpath(f"{name}.safetensors")
        if file.is_file():
            data = file.read_bytes()
            if len(data) > MAX_WEIGHT_BYTES:
                raise ConfigError([f"{file}: is larger than {MAX_WEIGHT_BYTES} bytes"])
            return data
    return b""
