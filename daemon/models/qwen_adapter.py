"""A LoRA beside a chat model: what `sideman train --base MODEL` writes and mlx-lm loads, looked at before it is."""

import json
from pathlib import Path
from typing import Final

from safetensors import SafetensorError, safe_open

ADAPTER_CONFIG: Final = "adapter_config.json"
ADAPTER_WEIGHTS: Final = "adapters.safetensors"


class BadAdapter(ValueError):
    """A folder that holds no LoRA, or a broken one; the text says what is wrong."""


def read_shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """The names and shapes of a LoRA's arrays.

    Raises:
        BadAdapter: one of its two files is missing, cut off, or not what it should be.
    """
    try:
        config = json.loads((folder / ADAPTER_CONFIG).read_bytes())
        is_adapter = isinstance(config, dict) and isinstance(config.get("num_layers"), int)
    except (OSError, ValueError) as problem:
        raise BadAdapter(f"{folder}/{ADAPTER_CONFIG}: cannot be read: {problem}") from None
    if not is_adapter or not isinstance(config.get("lora_parameters"), dict):
        raise BadAdapter(f"{folder}/{ADAPTER_CONFIG}: must be an object with num_layers and lora_parameters")
    return shapes_in(folder / ADAPTER_WEIGHTS)


def shapes_in(file: Path) -> dict[str, tuple[int, ...]]:
    """The names and shapes of the arrays in a safetensors file, which must be whole.

    Raises:
        BadAdapter: it is not.
    """
    try:
        with safe_open(file, framework="numpy") as tensors:
            return {name: tuple(tensors.get_slice(name).get_shape()) for name in tensors.keys()}  # noqa: SIM118 - no dict
    except (OSError, SafetensorError) as problem:
        raise BadAdapter(f"{file}: cannot be read: {problem}") from None


def find_adapter(named: str) -> Path | None:
    """The folder of `models.qwen_adapter`, None where it names none.

    Raises:
        BadAdapter: there is no LoRA.
    """
    if not named:
        return None
    folder = Path(named).expanduser()
    read_shapes(folder)
    return folder
