"""The phrase kernel against mlx-lm: the same model folder gives the same scores."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from realtime._dsp import PhraseKernel

MODELS = Path(__file__).parent / "phrase_models"
"""Tiny random models and their logits, written by mlx-lm 0.32 (`logits`: after every fourth of `tokens`)."""


def kernel(folder: Path) -> PhraseKernel:
    return PhraseKernel((folder / "config.json").read_bytes(), (folder / "model.safetensors").read_bytes())


def scores(kernel: PhraseKernel) -> np.ndarray:
    return np.frombuffer(kernel.logits(), dtype="<f4")


@pytest.mark.parametrize(("name", "tolerance"), [("floats", 2e-5), ("affine", 5e-4)])
def test_its_scores_are_those_of_mlx_lm(name, tolerance):
    one, golden = kernel(MODELS / name), load_file(MODELS / name / "golden.safetensors")
    assert np.ptp(golden["logits"]) > 1.0
    for place, token in enumerate(golden["tokens"].tolist()):
        one.hear([token])
        if place % 4 == 0:
            assert np.abs(scores(one) - golden["logits"][place // 4]).max() < tolerance


def test_a_folder_that_mlx_lm_writes_here_and_now_is_understood(tmp_path):
    mx = pytest.importorskip("mlx.core", reason="mlx is not installed")
    nn = pytest.importorskip("mlx.nn")
    qwen2 = pytest.importorskip("mlx_lm.models.qwen2", reason="mlx-lm is not installed")
    from mlx.utils import tree_flatten  # noqa: PLC0415

    config = json.loads((MODELS / "affine" / "config.json").read_text()) | {"num_hidden_layers": 3, "vocab_size": 80}
    model = qwen2.Model(qwen2.ModelArgs.from_dict(config))
    nn.quantize(model, group_size=64, bits=8)
    (tmp_path / "config.json").write_text(json.dumps(config))
    mx.save_safetensors(str(tmp_path / "model.safetensors"), dict(tree_flatten(model.parameters())))
    tokens = [(7 * place * place + 3) % 80 for place in range(50)]
    expected = np.array(model(mx.array([tokens])))[0]
    one = kernel(tmp_path)
    one.hear(tokens)
    assert np.abs(scores(one) - expected[-1]).max() < 1e-3


def test_it_says_what_is_wrong_with_a_folder():
    config, weights = ((MODELS / "affine" / name).read_bytes() for name in ("config.json", "model.safetensors"))
    with pytest.raises(ValueError, match=r"config\.json: is no JSON"):
        PhraseKernel(b"{", weights)
    with pytest.raises(ValueError, match=r"model\.embed_tokens\.weight: lies outside of the file"):
        PhraseKernel(config, weights[:-40_000])
    with pytest.raises(ValueError, match="num_hidden_layers must be a whole number 1 to 48, but is 4000"):
        PhraseKernel(config.replace(b'"num_hidden_layers": 2', b'"num_hidden_layers": 4000'), weights)


def test_a_token_that_is_none_costs_nothing_heard():
    one = kernel(MODELS / "affine")
    one.hear([1, 2, 3])
    before = one.logits()
    with pytest.raises(ValueError, match="token 99 is outside 0 to 63"):
        one.hear([4, 99])
    assert (one.heard, one.logits()) == ([1, 2, 3], before)
