"""Rows of words to learn from: lines one after another, each from the beginning of a bar, most of them in C.

Every line comes once a round, in an order and in keys that are drawn anew. A row that begins within a line begins with
a bar, behind the line's prefix.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.models.phrase_lines import Written
from realtime.core.phrase_words import EOS, ID_OF, PAD, WORDS, prefix, transposed

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]

IN_C: Final = 0.75
"""The share of lines whose key is known that are brought to C; the rest are in any key, so that a key misheard does
little harm."""

STYLE_UNTOLD: Final = 0.25
ANSWERS_AFTER_BREATH: Final = 0.3
CONTINUES: Final = 0.03
"""How often the style is left open; how often a bar after a breath begins an answer, and any other bar a continuation.
"""

LEAST_ROOM: Final = 48
"""A line is not begun in a row with less room."""

_SHIFTED: Final = np.array(
    [[transposed(number, shift) for number in range(len(WORDS))] for shift in range(-6, 6)], dtype=np.int32
)


def weights_of_words() -> Floats:
    """How much each word counts in learning: what is given rather than foretold counts little, padding nothing."""
    weights = np.ones(len(WORDS), dtype=np.float32)
    for number, word in enumerate(WORDS):
        kind = word.split("_")[0]
        weights[number] = {"Chord": 0.2, "TimeSig": 0.2, "Style": 0.1, "Role": 0.1, "Feel": 0.1, "BOS": 0.0}.get(
            kind, 1.0
        )
    weights[PAD] = 0.0
    return weights


def rows(lines: Sequence[Written], length: int, rng: np.random.Generator) -> Iterator[Ids]:
    """Rows of `length` words, one round through the lines."""
    row: list[int] = []
    for place in rng.permutation(len(lines)):
        line = lines[place]
        shift = line.shift if line.shift is not None and rng.random() < IN_C else int(rng.integers(-6, 6))
        style = "any" if rng.random() < STYLE_UNTOLD else line.style
        words, starts = _with_roles(line, rng)
        ids = _SHIFTED[shift + 6][np.array(words, dtype=np.int32)].tolist()
        head = prefix(style, line.quarters, triple=line.triple)
        bar = 0
        while bar < len(starts):
            if length - len(row) < LEAST_ROOM:
                yield _padded(row, length)
                row = []
            room = length - len(row) - len(head)
            body = [*ids[starts[bar] :], EOS]
            row += [*head, *body[:room]]
            if len(body) <= room:
                break
            # The next row goes on with the bar that this one could not end.
            reached = starts[bar] + room
            bar = max(bar + 1, int(np.searchsorted(starts, reached, side="right")) - 1)
    if len(row) >= LEAST_ROOM:
        yield _padded(row, length)


def _with_roles(line: Written, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """The line's words with answers and continuations marked in it, and where its bars begin now."""
    words: list[int] = []
    starts: list[int] = []
    ends = [*line.starts[1:], len(line.ids)]
    for start, end, breath in zip(line.starts, ends, line.breaths, strict=True):
        starts.append(len(words))
        words.append(line.ids[start])
        rest = line.ids[start + 1 : end]
        draw = rng.random()
        role = "answer" if breath and draw < ANSWERS_AFTER_BREATH else "continue" if draw < CONTINUES else ""
        at = 1 if rest and WORDS[rest[0]].startswith("TimeSig") else 0
        words += [*rest[:at], *([ID_OF[f"Role_{role}"]] if role else []), *rest[at:]]
    return words, starts


def _padded(row: list[int], length: int) -> Ids:
    return np.array([*row[:length], *[PAD] * (length - len(row))], dtype=np.int32)


def batches(found: Iterator[Ids], size: int) -> Iterator[Ids]:
    """Rows by `size`; what is left over at the end is left out."""
    batch: list[Ids] = []
    for row in found:
        batch.append(row)
        if len(batch) == size:
            yield np.stack(batch)
            batch = []
