"""Tunes are read line by line, and a bad line harms nobody else."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.evaluation.corpus import BadTune, Corpus, parse_tune


@pytest.mark.parametrize("name", ["tunes.jsonl.gz", "tunes.jsonl", "no-ending"])
def test_plain_and_gzipped_files_read_the_same(name, line, data_file):
    assert [tune.name for tune in Corpus([data_file([line("a"), line("b")], name)])] == ["a", "b"]


def test_a_bad_line_is_told_with_file_and_number_and_the_others_are_read(line, data_file):
    path = data_file([line("a"), b"{nonsense", b"", line("b", meter="4/5"), line("c")])
    corpus = Corpus([path])
    assert [tune.name for tune in corpus] == ["a", "c"]
    assert corpus.skipped == 2
    assert corpus.problems[0].startswith(f"{path}:2: ")
    assert corpus.problems[1] == f"{path}:4: meter denominator must be one of (2, 4, 8, 16), but was 5"


def test_a_limit_counts_good_tunes(line, data_file):
    path = data_file([b"bad", *(line(name) for name in "abc")])
    assert [tune.name for tune in Corpus([path], limit=2)] == ["a", "b"]


def test_a_torn_file_gives_what_stands_before_the_tear(line, tmp_path):
    whole = gzip.compress(b"\n".join(json.dumps(line(str(n), 40)).encode() for n in range(60)))
    path = tmp_path / "torn.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    corpus = Corpus([path])
    assert 0 < len(list(corpus)) < 60
    assert "the file is damaged here" in corpus.problems[-1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": 3}, "id"),
        ({"tempo": 0}, "tempo must be more than 0"),
        ({"pickup": -1}, "pickup must be 0 to 20000"),
        ({"meter": "four"}, "meter must be as 4/4"),
        ({"chords": [[0, 4, 12, "maj", None]]}, "chords: root must be a whole number 0 to 11, but was 12"),
        ({"chords": [[4, 4, 0, "maj", None], [0, 4, 0, "maj", None]]}, "in order of time"),
        ({"chords": [[0, 4, 0]]}, "chords"),
        ({"melody": [[0, 1]]}, "melody: a note is [start, length, pitch]"),
        ({"melody": [[0, 1, 60.5]]}, "melody: pitch must be a whole number"),
        ({"tracks": {"piano": [[0, 1, 128]]}}, "tracks.piano: pitch"),
        ({"tracks": {"piano": [[0, 1e9, 60]]}}, "tracks.piano: length"),
        ({"meters": [[8, "3/4"], [4, "4/4"]]}, "meters must be in order"),
    ],
)
def test_what_is_wrong_with_a_tune_is_said(change, told, line):
    with pytest.raises(BadTune, match=r".") as problem:
        parse_tune(json.dumps(line(**change)).encode())
    assert told in str(problem.value)


def test_unknown_fields_are_left_alone(line):
    assert parse_tune(json.dumps(line(made_up={"deep": [1]}, key="any")).encode()).name == "loop"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("id", "meter", "pickup", "tempo", "chords", "melody", "tracks", "meters", "bar_phase_unknown")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_json_at_all_is_a_tune_or_a_bad_one(fields):
    try:
        parse_tune(json.dumps(fields).encode())
    except BadTune as problem:
        assert str(problem)


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_a_tune_or_a_bad_one(data):
    with pytest.raises(BadTune):
        parse_tune(data)
