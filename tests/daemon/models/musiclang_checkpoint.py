"""Makes a tiny checkpoint for musiclang-predict, in the formats of a real one; run by its own environment's Python.

    python musiclang_checkpoint.py HF_HOME

A llama whose attention and feed-forward add nothing, so that the logits are a table: what follows each token in a few
bars that are written here. Real files, real loading, real inference, and music that can be read back.
"""

import json
import os
import random
import struct
import sys
from array import array
from collections import Counter
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from musiclang import Score
from musiclang.library import s0, s1, s2, s3, s4, s5, s6
from musiclang_predict import MusicLangTokenizer

REPOSITORY = "musiclang/musiclang-v2"
REVISION = "0" * 40
DIM, HIDDEN, HEADS, SEQUENCE = 384, 4, 4, 2048
CHORDS = "Am CM Dm E7 FM GM Em Bdim FM7 Dm7 Em7b5 Gsus4 Am CM7 Dm7 G7"


def songs() -> list[list[str]]:
    """Tokens of some bars for piano and bass."""
    tokenizer, chance, scale = MusicLangTokenizer(), random.Random(1), [s0, s1, s2, s3, s4, s5, s6]
    rows = []
    for _ in range(12):
        bars = []
        for chord in Score.from_chord_repr(CHORDS):
            tune = [chance.choice(scale) for _ in range(4)]
            bars.append(chord(piano__0=sum(tune[1:], tune[0]), bass__0=s0.o(-2).h + s4.o(-2).h))
        rows.append(tokenizer.tokenize(sum(bars[1:], bars[0])))
    return rows


def main(home: Path) -> None:
    rows = songs()
    repository = home / "hub" / f"models--{REPOSITORY.replace('/', '--')}"
    folder = repository / "snapshots" / REVISION
    folder.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(REVISION)
    text = home / "tokens.txt"
    text.write_text("\n".join(" ".join(row) for row in rows))
    MusicLangTokenizer().train_tokenizer_from_token_files([str(text)], output=str(folder))
    (folder / "config.json").write_text("{}")
    ids = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    pieces = ["<unk>", "\n<s>\n", "\n</s>\n", *(f"<0x{n:02X}>" for n in range(256)), " "]
    first = len(pieces)
    pieces += [chr(33 + n) for n in range(max(ids.values()) + 1)]
    write_pieces(folder / "tokenizer.bin", pieces)
    follows = [Counter[int]() for _ in pieces]
    for row in rows:
        for before, after in pairwise(first + ids[token] for token in row):
            follows[before][after] += 1
    for counts in follows:  # what was never followed ends the bar
        counts[first + ids["CHORD_CHANGE"]] += int(not counts)
    write_model(folder / "model.bin", follows)


def write_pieces(path: Path, pieces: list[str]) -> None:
    """llama2.c's tokenizer: the longest length, then score, length and bytes of each."""
    coded = [piece.encode() for piece in pieces]
    body = b"".join(struct.pack("<fi", -float(n), len(piece)) + piece for n, piece in enumerate(coded))
    path.write_bytes(struct.pack("<i", max(map(len, coded))) + body)


def write_model(path: Path, follows: list[Counter[int]]) -> None:
    """llama2.c's version 0, with a classifier of its own (a negative vocabulary size says so)."""
    size = len(follows)
    embedding, classifier = array("f", bytes(4 * size * DIM)), array("f", bytes(4 * size * DIM))
    length = DIM**0.5  # of a normalised one-hot vector's one entry
    for before, counts in enumerate(follows):
        embedding[before * DIM + before] = 1.0
        for after in range(size):
            classifier[after * DIM + before] = (10.0 if counts[after] else -20.0) / length
    ones = array("f", [1.0] * DIM)
    nothing = array("f", bytes(4 * (4 * DIM * DIM)))
    feed = array("f", bytes(4 * 3 * DIM * HIDDEN))
    turns = array("f", bytes(4 * SEQUENCE * DIM // HEADS))
    with path.open("wb") as file:
        file.write(struct.pack("<7i", DIM, HIDDEN, 1, HEADS, HEADS, -size, SEQUENCE))
        for part in (embedding, ones, nothing, ones, feed, ones, turns, classifier):
            part.tofile(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
