"""What the evaluation's tests lean on: small made-up tunes, as lines of data and read, and the band that plays."""

import gzip
import json
from pathlib import Path

import pytest

from daemon.config import Config
from daemon.evaluation.corpus import Corpus, parse_tune
from daemon.evaluation.rehearsal import BandOrder
from daemon.styles_folder import load_styles
from daemon.weights_folder import load_weights

LOOP = ((0, "maj"), (9, "min7"), (5, "maj"), (7, "7"))


def make_line(name="loop", bars=12, *, loop=LOOP, tracks=True, **fields):
    """A tune of `bars` bars of 4/4, a chord of `loop` a bar, with a melody in eighths on the chord's notes."""
    chords, melody, keys = [], [], []
    for bar in range(bars):
        root, quality = loop[bar % len(loop)]
        third = 3 if quality.startswith("min") else 4
        chords.append([bar * 4, 4, root, quality, None])
        tones = [root, root + third, root + 7]
        melody += [[bar * 4 + step, 0.5, 72 + tones[step % 3], 90] for step in range(4)]
        keys += [[bar * 4 + beat, 0.9, 36 + root, 80] for beat in (0, 2)]
        keys += [[bar * 4, 3.9, 55 + (tone - 55) % 12, 70] for tone in tones]
    line = {"id": name, "meter": "4/4", "pickup": 0, "key": [0, "major"], "tempo": 120, "chords": chords}
    line["melody"] = melody
    if tracks:
        line["tracks"] = {"piano": keys} if tracks is True else tracks
    return {**line, **fields}


@pytest.fixture(scope="session")
def line():
    """Makes a tune's line, as the data holds it."""
    return make_line


@pytest.fixture(scope="session")
def tune():
    """Makes a tune."""

    def make(*args, **fields):
        return parse_tune(json.dumps(make_line(*args, **fields)).encode())

    return make


@pytest.fixture(scope="session")
def order():
    """The band as it comes, with whatever weights it comes with."""
    return BandOrder(load_styles().styles, Config().performer_parameters(), weights=load_weights())


@pytest.fixture
def data_file(tmp_path):
    """Writes lines (dicts or bytes) to a file, gzipped if its name says so."""

    def write(lines, name="tunes.jsonl.gz") -> Path:
        path = tmp_path / name
        text = b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines) + b"\n"
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        return path

    return write


@pytest.fixture
def corpus(data_file, line):
    """Three tunes."""
    fifths = ((2, "min7"), (7, "7"), (0, "maj7"), (0, "maj6"))
    lines = [line("a"), line("b", 10, loop=fifths), line("c", 9, loop=((0, "maj"), (5, "sus4")), tracks=False)]
    return Corpus([data_file(lines)])
