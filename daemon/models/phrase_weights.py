"""Reads a phrase model's folder: mlx-lm's layout of a small Qwen2, checked before anything is made of it.

Only safetensors is read, never pickled objects. Arrays quantised by mlx (affine, 8 or 4 bits) come out as float32.
"""

import json
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.phrase_words import WORDS

Floats = NDArray[np.float32]

MAX_BYTES: Final = 256_000_000
WEIGHTS_FILE: Final = "model.safetensors"
MIX_FILE: Final = "mix.safetensors"
"""How net and session memory are weighed; a folder without one takes that which ships."""
_BOUNDS: Final = {
    "hidden_size": (32, 2048),
    "num_hidden_layers": (1, 48),
    "intermediate_size": (32, 8192),
    "num_attention_heads": (1, 64),
    "num_key_value_heads": (1, 64),
    "vocab_size": (len(WORDS), len(WORDS)),
}
_SAFE_TYPES: Final = {"F32": "<f4", "F16": "<f2", "BF16": "<u2", "U32": "<u4"}


class BadPhraseModel(ValueError):
    """The folder holds no phrase model that can be used; the text says what is wrong, and where."""


@dataclass(frozen=True, slots=True)
class PhraseWeights:
    """A phrase model: its sizes, and its arrays as float32 under mlx-lm's names."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int
    rope_theta: float
    epsilon: float
    arrays: dict[str, Floats]

    @property
    def head(self) -> int:
        """Numbers a head."""
        return self.hidden // self.heads


def shipped_folder() -> Traversable:
    """The folder of the model that ships."""
    return resources.files("daemon").joinpath("weights", "phrase")


def mix_file(folder: Traversable | None = None) -> Traversable:
    """The file that says how net and memory are weighed."""
    own = folder.joinpath(MIX_FILE) if folder is not None else None
    return own if own is not None and own.is_file() else shipped_folder().joinpath(MIX_FILE)


def read_phrase_model(folder: Traversable | None = None) -> PhraseWeights:
    """The model in `folder`; without one, that which ships.

    Raises:
        BadPhraseModel: a file is missing, broken, or has what it must not have.
    """
    place = folder if folder is not None else shipped_folder()
    config = _config(place)
    weights = PhraseWeights(
        hidden=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        kv_heads=config["num_key_value_heads"],
        feed_forward=config["intermediate_size"],
        rope_theta=float(config.get("rope_theta", 10000.0)),
        epsilon=float(config.get("rms_norm_eps", 1e-6)),
        arrays={},
    )
    raw = _arrays(place)
    for name, shape in expected_shapes(weights).items():
        weights.arrays[name] = _checked(raw, name, shape, config)
    return weights


def expected_shapes(weights: PhraseWeights) -> dict[str, tuple[int, ...]]:
    """Every array's name and shape."""
    hidden, kv, wide = weights.hidden, weights.kv_heads * weights.head, weights.feed_forward
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (len(WORDS), hidden)}
    for layer in range(weights.layers):
        at = f"model.layers.{layer}"
        for name, width in (("q", hidden), ("k", kv), ("v", kv)):
            shapes[f"{at}.self_attn.{name}_proj.weight"] = (width, hidden)
            shapes[f"{at}.self_attn.{name}_proj.bias"] = (width,)
        shapes[f"{at}.self_attn.o_proj.weight"] = (hidden, hidden)
        shapes[f"{at}.mlp.gate_proj.weight"] = shapes[f"{at}.mlp.up_proj.weight"] = (wide, hidden)
        shapes[f"{at}.mlp.down_proj.weight"] = (hidden, wide)
        shapes[f"{at}.input_layernorm.weight"] = shapes[f"{at}.post_attention_layernorm.weight"] = (hidden,)
    return shapes | {"model.norm.weight": (hidden,)}


def is_phrase_model(folder: Path) -> bool:
    """Whether a folder says that it is a model over our words, whatever else may be wrong with it."""
    try:
        config = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("vocab_size") == len(WORDS)


def _config(place: Traversable) -> dict[str, Any]:
    try:
        config = json.loads(place.joinpath("config.json").read_bytes())
    except (OSError, ValueError) as problem:
        raise BadPhraseModel(f"{place}/config.json: cannot be read: {problem}") from None
    if not isinstance(config, dict) or config.get("model_type") != "qwen2":
        raise BadPhraseModel(f"{place}/config.json: model_type must be qwen2")
    for name, (low, high) in _BOUNDS.items():
        value = config.get(name)
        if not isinstance(value, int) or not low <= value <= high:
            raise BadPhraseModel(f"{place}/config.json: {name} must be {low} to {high}, but was {value!r:.40}")
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    if config["hidden_size"] % heads or heads % kv_heads or config["hidden_size"] // heads % 2:
        raise BadPhraseModel(f"{place}/config.json: heads must divide hidden_size into even parts, kv heads the heads")
    if not config.get("tie_word_embeddings", False):
        raise BadPhraseModel(f"{place}/config.json: tie_word_embeddings must be true")
    return config


def _arrays(place: Traversable) -> dict[str, NDArray[Any]]:
    """The file's arrays, read by hand: numpy has no bfloat16, and nothing in the header is trusted."""
    file = place.joinpath(WEIGHTS_FILE)
    try:
        data = file.read_bytes()
    except OSError as problem:
        raise BadPhraseModel(f"{file}: cannot be read: {problem.strerror or problem}") from None
    if not 8 < len(data) <= MAX_BYTES:
        raise BadPhraseModel(f"{file}: must have 8 to {MAX_BYTES} bytes, but has {len(data)}")
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + length]) if 0 < length <= len(data) - 8 else None
        found = {}
        entries: dict[str, Any] = dict(header or {})
        for name, entry in entries.items():
            if name == "__metadata__":
                continue
            start, end = entry["data_offsets"]
            if not 0 <= start <= end <= len(data) - 8 - length:
                raise ValueError(f"{name} lies outside the file")
            numbers = np.frombuffer(data[8 + length + start : 8 + length + end], dtype=_SAFE_TYPES[entry["dtype"]])
            if entry["dtype"] == "BF16":
                numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
            found[name] = numbers.reshape(entry["shape"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise BadPhraseModel(f"{file}: is no safetensors file: {problem!r:.120}") from None
    return found


def _checked(raw: dict[str, NDArray[Any]], name: str, shape: tuple[int, ...], config: dict[str, Any]) -> Floats:
    stem = name.removesuffix(".weight")
    if f"{stem}.scales" in raw:
        numbers = _dequantised(raw, stem, shape, config)
    else:
        found = raw.get(name)
        if found is None or found.shape != shape or found.dtype == np.uint32:
            raise BadPhraseModel(f"{name}: must be {shape}, but was {None if found is None else found.shape}")
        numbers = found.astype(np.float32)
    if not np.isfinite(numbers).all():
        raise BadPhraseModel(f"{name}: has numbers that are not finite")
    return numbers


def _dequantised(raw: dict[str, NDArray[Any]], stem: str, shape: tuple[int, ...], config: dict[str, Any]) -> Floats:
    """mlx's affine quantisation undone: numbers of a group are `scale * whole + bias`, packed from the low bit."""
    settings = config.get("quantization")
    bits = settings.get("bits") if isinstance(settings, dict) else None
    group = settings.get("group_size") if isinstance(settings, dict) else None
    if bits not in (4, 8) or group not in (32, 64, 128) or len(shape) != 2 or shape[1] % group:
        raise BadPhraseModel(f"{stem}: quantised to {bits!r:.20} bits in groups of {group!r:.20}: 4 or 8, 32 to 128")
    packed, scales, biases = (raw.get(f"{stem}.{part}") for part in ("weight", "scales", "biases"))
    if packed is None or packed.dtype != np.uint32 or packed.shape != (shape[0], shape[1] * bits // 32):
        raise BadPhraseModel(f"{stem}.weight: must be packed for {shape}")
    groups = (shape[0], shape[1] // group)
    if scales is None or biases is None or scales.shape != groups or biases.shape != groups:
        raise BadPhraseModel(f"{stem}.scales, .biases: must be {groups}")
    shifts = np.arange(0, 32, bits, dtype=np.uint32)
    wholes = ((packed[:, :, None] >> shifts) & np.uint32((1 << bits) - 1)).reshape(shape[0], -1, group)
    numbers = wholes * scales.astype(np.float32)[:, :, None] + biases.astype(np.float32)[:, :, None]
    return np.asarray(numbers.reshape(shape), dtype=np.float32)
