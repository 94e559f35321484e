"""A tiny phrase model with random weights, in the folder layout that is read."""

import json

import numpy as np
from safetensors.numpy import save_file

from realtime.core.phrase_words import WORDS

HIDDEN, WIDE = 16, 24


def write_phrase_folder(folder, words=WORDS, seed=0):
    """Writes config, weights and tokenizer; returns the folder."""
    rng = np.random.default_rng(seed)
    config = {
        "model_type": "qwen2", "hidden_size": HIDDEN, "num_hidden_layers": 1, "intermediate_size": WIDE,
        "num_attention_heads": 2, "num_key_value_heads": 1, "rms_norm_eps": 1e-6, "vocab_size": len(words),
        "max_position_embeddings": 1024,
    }  # fmt: skip
    at, half = "model.layers.0.", HIDDEN // 2
    shapes = {
        "model.embed_tokens.weight": (len(words), HIDDEN), "model.norm.weight": (HIDDEN,),
        at + "input_layernorm.weight": (HIDDEN,), at + "post_attention_layernorm.weight": (HIDDEN,),
        at + "self_attn.q_proj.weight": (HIDDEN, HIDDEN), at + "self_attn.q_proj.bias": (HIDDEN,),
        at + "self_attn.k_proj.weight": (half, HIDDEN), at + "self_attn.k_proj.bias": (half,),
        at + "self_attn.v_proj.weight": (half, HIDDEN), at + "self_attn.v_proj.bias": (half,),
        at + "self_attn.o_proj.weight": (HIDDEN, HIDDEN), at + "mlp.gate_proj.weight": (WIDE, HIDDEN),
        at + "mlp.up_proj.weight": (WIDE, HIDDEN), at + "mlp.down_proj.weight": (HIDDEN, WIDE),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()},
        folder / "model.safetensors",
    )
    (folder / "config.json").write_text(json.dumps(config))
    tokenizer = {"added_tokens": [{"id": number, "content": word} for number, word in enumerate(words)]}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    return folder
