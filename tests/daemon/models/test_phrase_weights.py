"""A phrase model's folder: what is right is read, whatever it is quantised to; what is poisoned is refused by name."""

import contextlib
import json
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from daemon.models.phrase_weights import BadPhraseModel, read_phrase_model
from tests.daemon.models.phrase_models import quantise, random_arrays, write_model


def test_what_is_written_is_read(tmp_path):
    arrays = random_arrays()
    weights = read_phrase_model(write_model(tmp_path, arrays))
    assert weights.arrays.keys() == arrays.keys()
    assert all(np.array_equal(weights.arrays[name], arrays[name]) for name in arrays)


@pytest.mark.parametrize(("bits", "group"), [(8, 64), (4, 32)])
def test_quantised_arrays_come_out_within_half_a_step(tmp_path, bits, group):
    arrays, stored = random_arrays(), {}
    for name, array in arrays.items():
        if array.ndim == 2:
            stem = name.removesuffix(".weight")
            stored[name], stored[f"{stem}.scales"], stored[f"{stem}.biases"] = quantise(array, bits, group)
        else:
            stored[name] = array
    folder = write_model(tmp_path, stored, quantization={"bits": bits, "group_size": group})
    weights = read_phrase_model(folder)
    for name, array in arrays.items():
        step = np.ptp(array) / (2**bits - 1) if array.ndim == 2 else 0.0
        assert np.abs(weights.arrays[name] - array).max() <= 0.51 * step + 1e-6


def test_half_precision_is_read(tmp_path):
    arrays = {name: array.astype(np.float16) for name, array in random_arrays().items()}
    weights = read_phrase_model(write_model(tmp_path, arrays))
    assert all(array.dtype == np.float32 for array in weights.arrays.values())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"hidden_size": 10**9}, "hidden_size"),
        ({"hidden_size": "64"}, "hidden_size"),
        ({"num_hidden_layers": 0}, "num_hidden_layers"),
        ({"vocab_size": 151936}, "vocab_size"),
        ({"model_type": "llama"}, "model_type"),
        ({"num_attention_heads": 3}, "heads"),
        ({"tie_word_embeddings": False}, "tie_word_embeddings"),
        ({"num_hidden_layers": 3}, "model.layers.2"),
    ],
)
def test_sizes_out_of_range_are_refused(tmp_path, change, told):
    with pytest.raises(BadPhraseModel, match=told):
        read_phrase_model(write_model(tmp_path, **change))


def test_numbers_that_are_none_are_refused(tmp_path):
    arrays = random_arrays()
    arrays["model.norm.weight"][3] = np.nan
    with pytest.raises(BadPhraseModel, match=r"model\.norm\.weight.*finite"):
        read_phrase_model(write_model(tmp_path, arrays))


def test_a_missing_array_is_named(tmp_path):
    arrays = random_arrays()
    del arrays["model.layers.1.mlp.up_proj.weight"]
    with pytest.raises(BadPhraseModel, match=r"layers\.1\.mlp\.up_proj"):
        read_phrase_model(write_model(tmp_path, arrays))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        pickle.dumps({"model.norm.weight": [1, 2]}),
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 60) + json.dumps({"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 999]}}).encode(),
    ],
)
def test_a_file_that_is_no_safetensors_is_refused(tmp_path, data):
    folder = write_model(tmp_path)
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(BadPhraseModel):
        read_phrase_model(folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("model"))


@given(place=st.integers(0, 3000), bit=st.integers(0, 7))
@settings(max_examples=60)
def test_a_file_with_a_bit_turned_is_read_or_refused(whole, place, bit, tmp_path_factory):
    content = bytearray((whole / "model.safetensors").read_bytes())
    content[place] ^= 1 << bit
    folder = tmp_path_factory.mktemp("turned")
    (folder / "config.json").write_bytes((whole / "config.json").read_bytes())
    (folder / "model.safetensors").write_bytes(bytes(content))
    with contextlib.suppress(BadPhraseModel):
        read_phrase_model(folder)


def test_a_folder_without_a_model_says_what_is_missing(tmp_path):
    with pytest.raises(BadPhraseModel, match=r"config\.json"):
        read_phrase_model(tmp_path)


def test_safetensors_reads_what_we_read(tmp_path):
    folder = write_model(tmp_path)
    ours = read_phrase_model(folder).arrays
    theirs = load_file(folder / "model.safetensors")
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)
    save_file({name: np.ascontiguousarray(array) for name, array in ours.items()}, folder / "again.safetensors")
