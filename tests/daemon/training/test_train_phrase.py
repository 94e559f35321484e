"""`sideman train`: what it lacks is said at once; what is no better is not taken over; one word goes back."""

import importlib.util
import json
from pathlib import Path

import pytest

from daemon.cli import main
from daemon.training import learning_process
from daemon.training.prepare import vocabulary_hash
from tests.daemon.models.phrase_models import random_arrays, write_model

ROWS = "BOS_None Style_any Role_melody TimeSig_4/4" + " Bar_None" + " Position_0 Pitch_60 Duration_1.0.12" * 5


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("train", "val"):
        (folder / f"{name}.jsonl").write_text(json.dumps({"text": ROWS}) + "\n")
    (folder / "dataset_info.json").write_text(json.dumps({"words": vocabulary_hash()}))
    return folder


def write_result(work, bits, seed):
    write_model(work / "result", random_arrays(seed))


class Training:
    """In the training process's place: tells how it went, and has a model ready."""

    def __init__(self, monkeypatch, before=5.0, after=4.0, problem=""):
        self.before, self.after, self.problem = before, after, problem
        self.seed = 1
        monkeypatch.setattr(learning_process, "news", self.news)
        monkeypatch.setattr(learning_process, "find_spec", lambda name: object())

    def news(self, work, *_):
        if self.problem:
            yield {"problem": self.problem}
            return
        self.seed += 1
        write_result(work, self.after, self.seed)
        yield {"before": {"bits": self.before}}
        yield {"step": 5, "of": 10, "loss": 1.0, "bits": self.after}
        yield {"before": {"bits": self.before}, "after": {"bits": self.after}}


def train(data, output, *words):
    return main(["train", "--data", str(data), "--output", str(output), *words])


def weights(folder):
    return (Path(folder) / "model.safetensors").read_bytes()


def test_a_better_model_is_taken_over(data, tmp_path, monkeypatch, capsys):
    Training(monkeypatch)
    assert train(data, tmp_path / "out") == 0
    assert not (tmp_path / "out" / "work").exists()
    assert json.loads((tmp_path / "out" / "training.json").read_text())["after"]["bits"] == 4.0
    assert len((tmp_path / "out" / "training.jsonl").read_text().splitlines()) == 3
    assert "models.phrase" in capsys.readouterr().out


@pytest.mark.parametrize("after", [5.0, 4.999, 7.0])
def test_a_model_that_is_no_better_is_not_taken_over(data, tmp_path, monkeypatch, after, capsys):
    Training(monkeypatch)
    train(data, tmp_path / "out")
    stood = weights(tmp_path / "out")
    Training(monkeypatch, after=after)
    assert train(data, tmp_path / "out", "--seed", "2") == 1
    assert weights(tmp_path / "out") == stood
    assert "not taken over" in capsys.readouterr().err


def test_force_takes_it_all_the_same(data, tmp_path, monkeypatch):
    Training(monkeypatch, after=6.0)
    assert train(data, tmp_path / "out", "--force") == 0


def test_one_word_goes_back_and_forth(data, tmp_path, monkeypatch):
    training = Training(monkeypatch)
    train(data, tmp_path / "out")
    first = weights(tmp_path / "out")
    train(data, tmp_path / "out", "--seed", "2")
    second = weights(tmp_path / "out")
    assert training.seed == 3
    assert first != second
    back = ["train", "--roll-back", "--output", str(tmp_path / "out")]
    assert main(back) == 0
    assert weights(tmp_path / "out") == first
    assert main(back) == 0
    assert weights(tmp_path / "out") == second


def test_there_is_no_way_back_before_the_first(tmp_path, capsys):
    assert main(["train", "--roll-back", "--output", str(tmp_path)]) == 2
    assert "no earlier model" in capsys.readouterr().err


def test_a_training_that_fails_leaves_what_was_there(data, tmp_path, monkeypatch, capsys):
    Training(monkeypatch)
    train(data, tmp_path / "out")
    stood = weights(tmp_path / "out")
    Training(monkeypatch, problem="No space left on device")
    assert train(data, tmp_path / "out", "--seed", "2") == 1
    assert weights(tmp_path / "out") == stood
    assert "No space left on device" in capsys.readouterr().err


def test_a_training_that_was_cut_off_goes_on(data, tmp_path, monkeypatch, capsys):
    Training(monkeypatch, problem="killed")
    train(data, tmp_path / "out")
    (tmp_path / "out" / "work" / "progress.json").write_text("{}")
    Training(monkeypatch)
    assert train(data, tmp_path / "out") == 0
    assert "going on" in capsys.readouterr().err


def test_another_training_begins_anew(data, tmp_path, monkeypatch):
    Training(monkeypatch, problem="killed")
    train(data, tmp_path / "out")
    left = tmp_path / "out" / "work" / "progress.json"
    left.write_text("{}")
    train(data, tmp_path / "out", "--seed", "9")
    assert not left.exists()


@pytest.mark.skipif(importlib.util.find_spec("mlx_lm") is not None, reason="mlx-lm is installed here")
def test_without_mlx_it_says_what_to_install(data, tmp_path, capsys):
    assert train(data, tmp_path / "out") == 2
    assert "sideman[train]" in capsys.readouterr().err


def test_data_of_another_vocabulary_are_refused(data, tmp_path, capsys):
    (data / "dataset_info.json").write_text(json.dumps({"words": "0123"}))
    assert train(data, tmp_path / "out") == 2
    assert "another vocabulary" in capsys.readouterr().err


def test_data_that_were_not_prepared_are_refused(tmp_path, capsys):
    assert train(tmp_path, tmp_path / "out") == 2
    assert "sideman prepare" in capsys.readouterr().err


def test_a_poisoned_base_is_refused_before_anything_begins(data, tmp_path, capsys):
    base = write_model(tmp_path / "base")
    (base / "model.safetensors").write_bytes(b"\x80\x04}q\x00.")
    assert train(data, tmp_path / "out", "--base", str(base)) == 2
    assert "--base" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_whole_way_through_mlx(data, tmp_path):
    for needed in ("mlx", "mlx_lm"):
        pytest.importorskip(needed, reason=f"{needed} is not installed (pip install 'sideman[train]')")
    base = write_model(tmp_path / "base", {n: a * 0.2 if a.ndim == 2 else a for n, a in random_arrays().items()})
    assert train(data, tmp_path / "out", "--base", str(base), "--steps", "30") == 0
    report = json.loads((tmp_path / "out" / "training.json").read_text())
    assert report["after"]["bits"] < report["before"]["bits"]
