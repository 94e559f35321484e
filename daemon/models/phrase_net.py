"""The phrase model in numpy: what `evaluate` and tests ask; the live band asks the same numbers of a faster kernel."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from daemon.models.phrase_weights import PhraseWeights

Floats = NDArray[np.float32]


@dataclass(slots=True)
class Thread:
    """What has been read of one line: keys and values by layer, grown as words come."""

    keys: list[Floats] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    length: int = 0


class PhraseNet:
    """A Qwen2 decoder: attention with rotary positions and biases, gated SiLU layers, tied embeddings."""

    def __init__(self, weights: PhraseWeights) -> None:
        self._w = weights
        self._layers = [
            {
                name.removeprefix(f"model.layers.{layer}."): array
                for name, array in weights.arrays.items()
                if name.startswith(f"model.layers.{layer}.")
            }
            for layer in range(weights.layers)
        ]
        self._embeddings = weights.arrays["model.embed_tokens.weight"]
        half = np.arange(0, weights.head, 2, dtype=np.float64) / weights.head
        self._turns = weights.rope_theta**-half

    def read(self, ids: list[int], thread: Thread) -> Floats:
        """Reads more words of a line; the logits of what comes after each, one row a word."""
        weights, count = self._w, len(ids)
        angles = np.outer(np.arange(thread.length, thread.length + count), self._turns)
        turn = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
        hidden = self._embeddings[np.array(ids, dtype=np.intp)]
        for number, layer in enumerate(self._layers):
            normed = self._norm(hidden, layer["input_layernorm.weight"])
            hidden = hidden + self._attend(normed, layer, number, thread, turn)
            normed = self._norm(hidden, layer["post_attention_layernorm.weight"])
            gate = normed @ layer["mlp.gate_proj.weight"].T
            gate = gate / (1.0 + np.exp(-gate)) * (normed @ layer["mlp.up_proj.weight"].T)
            hidden = hidden + gate @ layer["mlp.down_proj.weight"].T
        thread.length += count
        hidden = self._norm(hidden, weights.arrays["model.norm.weight"])
        return np.asarray(hidden @ self._embeddings.T)

    def _norm(self, numbers: Floats, scale: Floats) -> Floats:
        mean = np.square(numbers).mean(axis=-1, keepdims=True)
        return np.asarray(numbers / np.sqrt(mean + np.float32(self._w.epsilon)) * scale)

    def _attend(
        self, normed: Floats, layer: dict[str, Floats], number: int, thread: Thread, turn: tuple[Floats, Floats]
    ) -> Floats:
        weights, count = self._w, len(normed)

        def split(name: str, heads: int) -> Floats:
            flat = normed @ layer[f"self_attn.{name}_proj.weight"].T + layer[f"self_attn.{name}_proj.bias"]
            return np.asarray(flat.reshape(count, heads, weights.head).transpose(1, 0, 2))

        asked = _turned(split("q", weights.heads), turn)
        keys, values = _turned(split("k", weights.kv_heads), turn), split("v", weights.kv_heads)
        if thread.length:
            keys = np.concatenate([thread.keys[number], keys], axis=1)
            values = np.concatenate([thread.values[number], values], axis=1)
        if number == len(thread.keys):
            thread.keys.append(keys)
            thread.values.append(values)
        else:
            thread.keys[number], thread.values[number] = keys, values
        share = weights.heads // weights.kv_heads
        grouped = asked.reshape(weights.kv_heads, share * count, weights.head)
        scores = grouped @ keys.transpose(0, 2, 1) * np.float32(weights.head**-0.5)
        scores = scores.reshape(weights.kv_heads, share, count, -1)
        seen = np.arange(thread.length + count)[None, :] <= thread.length + np.arange(count)[:, None]
        scores = np.where(seen, scores, np.float32(-1e9))
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed = scores.reshape(weights.kv_heads, share * count, -1) @ values
        mixed = mixed.reshape(weights.heads, count, weights.head).transpose(1, 0, 2).reshape(count, -1)
        return np.asarray(mixed @ layer["self_attn.o_proj.weight"].T)


def _turned(heads: Floats, turn: tuple[Floats, Floats]) -> Floats:
    """Rotary positions, halves against halves as mlx has them."""
    cos, sin = turn
    first, second = np.split(heads, 2, axis=-1)
    return np.concatenate([first * cos - second * sin, first * sin + second * cos], axis=-1)
