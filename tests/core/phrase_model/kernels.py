"""Kernels for tests: whatever they have heard, they say something odd, and always the same."""

import struct
from collections.abc import Sequence
from zlib import crc32

from realtime.core.phrase_words import WORDS

ODD = (float("nan"), float("inf"), float("-inf"), 1e30)


class OddKernel:
    """Scores by a hash of what was heard; with `broken`, some of them are no numbers."""

    def __init__(self, seed: int = 0, *, broken: bool = False) -> None:
        self.heard: list[int] = []
        self.said: list[int] = []
        self._seed, self._broken = seed, broken

    def attune(self, tokens: Sequence[int]) -> int:
        same = next((n for n, (a, b) in enumerate(zip(self.heard, tokens, strict=False)) if a != b), None)
        same = min(len(self.heard), len(tokens)) if same is None else same
        self.heard = list(tokens)
        return len(tokens) - same

    def hear(self, tokens: Sequence[int]) -> None:
        assert all(0 <= token < len(WORDS) for token in tokens)
        self.heard += tokens
        self.said += tokens

    def roll_back(self, length: int) -> None:
        del self.heard[length:]

    def logits(self) -> bytes:
        state = crc32(struct.pack(f"<{len(self.heard) + 1}I", self._seed, *self.heard))
        scores = []
        for _ in WORDS:
            state = (state * 1664525 + 1013904223) % (1 << 32)
            odd = self._broken and state % 5 == 0
            scores.append(ODD[state // 5 % 4] if odd else (state >> 16) / 6553.6)
        return struct.pack(f"<{len(WORDS)}f", *scores)
