"""The harmoniser's tables, from tunes so plain that the right ones are known."""

import json

import numpy as np
import pytest
from safetensors.numpy import load

from daemon.config import ConfigError
from daemon.training.harmoniser import train_harmoniser
from realtime.core.chord_tokens import TOKEN_COUNT
from realtime.core.harmoniser import Harmoniser

CADENCE = ((0, "maj", 4), (5, "maj", 9), (7, "7", 11), (0, "maj", 0))


def record(name, tonic=0, **more):
    chords, melody = [], []
    for bar in range(16):
        root, quality, note = CADENCE[bar % 4]
        chords.append([4 * bar, 4, (root + tonic) % 12, quality, None])
        melody.append([4 * bar, 4, 60 + (note + tonic) % 12, 80])
    return {"id": name, "meter": "4/4", "key": [tonic, "major"], "chords": chords, "melody": melody, **more}


def train(tmp_path, records):
    data, weights = tmp_path / "tunes.train.jsonl", tmp_path / "harmoniser.safetensors"
    data.write_text("".join(json.dumps(one) + "\n" for one in records))
    figures = train_harmoniser([data], weights, say=lambda _: None)
    return figures, weights


def test_the_tables_know_what_the_tunes_do_in_whatever_key_they_are(tmp_path):
    _, weights = train(tmp_path, [record(f"tune {tonic}", tonic) for tonic in range(12)])
    tables = load(weights.read_bytes())
    assert tables["follow"].shape == (2, TOKEN_COUNT, TOKEN_COUNT)
    assert tables["follow"][0, 0].argmax() == 5 * 7
    assert tables["notes"][0, 5 * 7].argmax() == 9
    assert tables["change"][0] > 0.5 > tables["change"][2]
    Harmoniser(tables)


def test_every_row_is_a_distribution_without_a_zero(tmp_path):
    _, weights = train(tmp_path, [record(f"tune {tonic}", tonic) for tonic in range(12)])
    tables = load(weights.read_bytes())
    for name in ("notes", "follow", "usual"):
        assert np.allclose(tables[name].astype(np.float64).sum(axis=-1), 1.0, atol=0.02)
    assert tables["notes"].min() > 0


def test_the_same_tunes_give_the_same_bytes(tmp_path):
    records = [record(f"tune {tonic}", tonic) for tonic in range(9)]
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one, other = train(tmp_path / "one", records)[1], train(tmp_path / "other", records)[1]
    assert one.read_bytes() == other.read_bytes()


def test_tunes_that_may_not_teach_do_not(tmp_path):
    silent = [
        record("judged", tier="eval"), record("derived", chords_derived=True), record("keyless", key=None),
        record("no melody", melody=[]), record("no chords", chords=[]),
    ]  # fmt: skip
    figures, _ = train(tmp_path, [record(f"tune {n}") for n in range(8)] + silent)
    assert sum(figures["sources"].values()) == 8


def test_too_few_tunes_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="at least 8"):
        train(tmp_path, [record("one")])
