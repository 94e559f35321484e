"""Memories from logs: the same songs as the band heard, whoever killed the session."""

import json

import pytest

from daemon.cli import main
from daemon.memory_file import read_memory
from realtime.core.oracle import Oracle


@pytest.fixture(scope="module")
def take(tmp_path_factory):
    folder = tmp_path_factory.mktemp("memories")
    assert main(["demo", "--fast", "-o", str(folder / "take"), "--memory", str(folder / "live")]) == 0
    return folder / "take"


def remembered(take, file, *more):
    return main(["sessions", "remember", str(take), *map(str, more), "-o", str(file), "--json"])


def test_the_log_gives_a_memory_that_foresees_the_song(take, tmp_path, capsys):
    assert remembered(take, tmp_path / "m") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sessions"] == 1
    assert told["beats"] > 100
    assert len(read_memory(tmp_path / "m")) == pytest.approx(len((take.parent / "live").read_bytes()), abs=16)


def test_a_session_remembered_twice_is_remembered_once(take, tmp_path):
    file = tmp_path / "m"
    remembered(take, file)
    once = file.read_bytes()
    assert remembered(take, file) == 0
    assert file.read_bytes() == once


def test_a_session_that_was_cut_off_is_remembered_as_far_as_it_goes(take, tmp_path):
    lines = (take / "session.jsonl").read_bytes().splitlines(keepends=True)
    log = tmp_path / "torn.jsonl"
    log.write_bytes(b"".join(lines[: len(lines) // 2]) + lines[len(lines) // 2][:20])
    assert remembered(log, tmp_path / "m") == 0
    assert len(read_memory(tmp_path / "m")) > len(Oracle().save()) + 40


@pytest.mark.parametrize("words", [["remember"], ["remember", "nowhere", "-o", "m"]])
def test_what_cannot_be_remembered_is_said(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["sessions", *words]) == 2
    assert capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_file_is_not_overwritten(take, tmp_path):
    file = tmp_path / "m"
    file.write_bytes(b"a shopping list, long enough to be read")
    assert remembered(take, file) == 2
    assert file.read_bytes().startswith(b"a shopping list")
