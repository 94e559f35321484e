"""What a training process says is read leniently: news, or passed over."""

import json

from hypothesis import given
from hypothesis import strategies as st

from daemon.training import learning_process
from daemon.training.learning_process import read_news


@given(st.binary())
def test_whatever_a_library_prints_is_news_or_passed_over(line):
    told = read_news(line)
    assert told is None or isinstance(told, dict)


@given(st.dictionaries(st.text(), st.integers()))
def test_news_come_through_as_they_were_told(told):
    assert read_news(json.dumps(told).encode() + b"\n") == told


def test_half_a_line_and_endless_brackets_are_no_news():
    assert [read_news(line) for line in (b'{"step": ', b"[" * 100_000, b"Iter 10: Val loss 1.2", b"3")] == [None] * 4


def test_where_openblas_lies_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(learning_process.sys, "platform", "linux")
    assert learning_process.quick_blas(tmp_path) is None
    file = tmp_path / "usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3"
    file.parent.mkdir(parents=True)
    file.touch()
    assert learning_process.quick_blas(tmp_path) == file
