"""A phrase model's folder, as mlx-lm lays it out: config, safetensors, the tokenizer for MidiTok and mlx-lm."""

import json
from pathlib import Path
from typing import Any, Final

from realtime.core.chord_tokens import TOKEN_FAMILIES
from realtime.core.phrase_words import (
    FINE_DURATION,
    HIGHEST_PITCH,
    ID_OF,
    LONGEST_BAR,
    LONGEST_DURATION,
    LOWEST_PITCH,
    SPECIAL,
    STEPS,
    WORDS,
)

CONTEXT_WORDS: Final = 1024
ARCHITECTURE: Final[dict[str, Any]] = {
    "architectures": ["Qwen2ForCausalLM"],
    "model_type": "qwen2",
    "hidden_size": 192,
    "num_hidden_layers": 4,
    "intermediate_size": 512,
    "num_attention_heads": 3,
    "num_key_value_heads": 1,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0,
    "max_position_embeddings": CONTEXT_WORDS,
    "tie_word_embeddings": True,
    "vocab_size": len(WORDS),
    "bos_token_id": ID_OF["BOS_None"],
    "eos_token_id": ID_OF["EOS_None"],
    "pad_token_id": ID_OF["PAD_None"],
}
_INTERVALS: Final = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 4, 7, 11), (0, 3, 7, 10), (0, 3, 6), (0, 5, 7))


def miditok_config() -> dict[str, Any]:
    """The arguments of MidiTok's TokenizerConfig that give these words, in this order."""
    return {
        "pitch_range": (LOWEST_PITCH, HIGHEST_PITCH),
        "beat_res": {(0, FINE_DURATION // STEPS): STEPS, (FINE_DURATION // STEPS, LONGEST_DURATION // STEPS): 2},
        "special_tokens": list(SPECIAL),
        "use_velocities": False,
        "use_chords": True,
        "chord_maps": dict(zip(TOKEN_FAMILIES, _INTERVALS, strict=True)),
        "chord_tokens_with_root_note": True,
        "use_time_signatures": True,
        "time_signature_range": {4: list(range(2, LONGEST_BAR + 1))},
        "use_pitchdrum_tokens": False,
    }


def write_tokenizer(folder: Path) -> None:
    """Writes `tokenizer.json` and `tokenizer_config.json`, as transformers and mlx-lm read them.

    A text is words with a blank between. mlx-lm reads a qwen2 model's tokenizer as a byte-level one, whatever it says
    it is; so it is one, without merges, with every word as an added token that takes the blank before it along.
    """
    config = {
        "tokenizer_class": "Qwen2Tokenizer",
        "bos_token": "BOS_None",
        "eos_token": "EOS_None",
        "pad_token": "PAD_None",
        "unk_token": None,
        "add_bos_token": False,
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": CONTEXT_WORDS,
    }
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer(), indent=1) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def _tokenizer() -> dict[str, Any]:
    words = [
        {
            "id": number,
            "content": word,
            "single_word": False,
            "lstrip": True,
            "rstrip": False,
            "normalized": False,
            "special": False,
        }
        for number, word in enumerate(WORDS)
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": words,
        "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": {word: number for number, word in enumerate(WORDS)},
            "merges": [],
        },
    }
