"""`sideman train`: what it needs is said before anything is learnt."""

import pytest

from daemon.cli import main
from daemon.training.command import find_data


def test_a_folder_without_tunes_is_bad_arguments(tmp_path, capsys):
    words = ["train", "oracle", "--data", str(tmp_path), "--output", str(tmp_path / "out")]
    assert main(words) == 2
    assert "no .jsonl" in capsys.readouterr().err


def test_the_output_folder_must_be_named(tmp_path):
    with pytest.raises(SystemExit) as stop:
        main(["train", "recogniser", "--data", str(tmp_path)])
    assert stop.value.code == 2


@pytest.mark.parametrize("what", ["recogniser", "phrase"])
def test_the_data_must_be_named(what, tmp_path, capsys):
    assert main(["train", what, "--output", str(tmp_path / "out")]) == 2
    assert "--data" in capsys.readouterr().err


def test_what_is_kept_for_judging_is_never_learnt_from(tmp_path):
    for name in ("b.train.jsonl.gz", "a.jsonl", "b.valid.jsonl.gz", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in find_data(tmp_path)] == ["a.jsonl", "b.train.jsonl.gz"]
