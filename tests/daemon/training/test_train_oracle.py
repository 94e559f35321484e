"""`sideman train oracle`: the same tunes and seed make the same file, and what it makes can be used."""

import gzip
import json

import pytest
from safetensors.numpy import load_file

from daemon.config import ConfigError
from daemon.training.oracle import train_oracle
from daemon.training.oracle_data import read_songs
from realtime.core.chord import parse_chord
from realtime.core.oracle import Oracle

LOOPS = ([0, 9, 5, 7], [9, 5, 0, 7], [2, 7, 0, 0], [0, 5, 7, 5])


@pytest.fixture
def tunes(tmp_path):
    """Twelve little songs."""
    path = tmp_path / "songs.train.jsonl.gz"
    with gzip.open(path, "wt") as file:
        for number in range(12):
            loop = LOOPS[number % 4] * 4
            chords = [[4 * bar, 4, (root + number) % 12, "maj", None] for bar, root in enumerate(loop)]
            line = {"id": f"song {number}", "meter": "4/4", "key": [number, "major"], "tempo": 100, "chords": chords}
            file.write(json.dumps({**line, "licence": f"licence {number % 3}"}) + "\n")
    return path


def test_the_same_tunes_and_seed_make_the_same_file(tunes, tmp_path):
    made = []
    for name in ("one", "two"):
        train_oracle([tunes], tmp_path / name, seed=3, say=lambda _: None)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    oracle = Oracle(weights=load_file(tmp_path / "one"), grid="changes")
    for symbol in ["C", "Am", "F", "G"] * 4:
        oracle.observe(parse_chord(symbol))
        oracle.elapse([parse_chord(symbol)] * 4, 4)
    assert oracle.foresee(1)[0].chord == parse_chord("C")


def test_songs_come_with_the_beats_between_their_chords(tunes):
    songs = read_songs([tunes])
    tokens, positions, beats_per_bar, key, _, beats, starts, bar = songs.by_grid["changes"][0]
    assert (list(tokens[:4]), list(positions[:2]), beats_per_bar, key, bar) == ([0, 63, 35, 49], [0, 0], 4, 0, 4)
    assert starts[:3] == [0, 4, 8]
    assert list(beats[:9]) == [0] * 4 + [63] * 4 + [35]


def test_too_few_tunes_are_told(tunes, tmp_path):
    few = tmp_path / "few.jsonl"
    few.write_bytes(b"\n".join(gzip.decompress(tunes.read_bytes()).splitlines()[:3]))
    with pytest.raises(ConfigError, match="only 3 tunes"):
        train_oracle([few], tmp_path / "out", seed=1, say=lambda _: None)
