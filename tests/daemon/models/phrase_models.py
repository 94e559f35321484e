"""Small phrase models made at random, in mlx-lm's layout, for tests."""

import json

import numpy as np
from safetensors.numpy import save_file

from daemon.models.phrase_folder import ARCHITECTURE, write_tokenizer
from daemon.models.phrase_weights import PhraseWeights, expected_shapes

SIZES = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "intermediate_size": 128,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}


def random_arrays(seed=1, sizes=SIZES):
    """Arrays of a random model, by name."""
    shell = PhraseWeights(*(sizes[k] for k in ("hidden_size", "num_hidden_layers")), 4, 2, 128, 1e4, 1e-6, {})
    rng = np.random.default_rng(seed)
    return {
        name: (1 + rng.normal(size=shape) * 0.1 if "norm" in name else rng.normal(size=shape) * 0.2).astype(np.float32)
        for name, shape in expected_shapes(shell).items()
    }


def write_model(folder, arrays=None, **config):
    """Writes a model's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(random_arrays() if arrays is None else arrays, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(ARCHITECTURE | SIZES | config))
    write_tokenizer(folder)
    return folder


def quantise(array, bits, group):
    """mlx's affine quantisation, in numpy: packed wholes, scales, biases."""
    rows = array.reshape(array.shape[0], -1, group).astype(np.float64)
    low, high = rows.min(axis=2, keepdims=True), rows.max(axis=2, keepdims=True)
    scale = np.maximum((high - low) / (2**bits - 1), 1e-8)
    wholes = np.round((rows - low) / scale).astype(np.uint32).reshape(array.shape[0], -1)
    each = 32 // bits
    packed = np.zeros((array.shape[0], array.shape[1] // each), dtype=np.uint32)
    for place in range(each):
        packed |= wholes[:, place::each] << np.uint32(bits * place)
    return packed, scale[:, :, 0].astype(np.float32), low[:, :, 0].astype(np.float32)
