"""`sideman train --base MODEL`: a LoRA for a chat model, end to end on a tiny checkpoint in mlx-lm's format.

mlx-lm is looked for beside us or at SIDEMAN_MLX_PYTHON; without it the tests that need it are left out.
"""

import argparse
import json
import shutil
import subprocess

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from daemon.cli import main
from daemon.config import ConfigError, ModelsConfig
from daemon.models.child import ModelGone
from daemon.models.qwen import Qwen
from daemon.models.qwen_adapter import BadAdapter, find_adapter, read_shapes
from daemon.song import backends
from daemon.training import learning_process, lora
from daemon.training.prepare import vocabulary_hash
from tests.daemon.models.test_large_models import HERE, MLX_PYTHON, PATIENCE, needs_mlx

CHORDS = ("Chord_C:maj", "Chord_A:min", "Chord_F:maj", "Chord_G:7")
STEPS = 6


class Notebook:
    """A console that remembers, and breaks off at a word."""

    def __init__(self, stop_at="\0"):
        self.said, self.results, self.stop_at = [], [], stop_at

    def say(self, text):
        self.said.append(text)
        if self.stop_at in text:
            raise KeyboardInterrupt

    def result(self, data, lines):
        self.results.append((data, lines))


def row(seed):
    rng = np.random.default_rng(seed)
    words = ["BOS_None", "Style_jazz", "Role_melody", "TimeSig_4/4"]
    for chord in CHORDS:
        words.append("Bar_None")
        for beat in range(4):
            words += [f"Position_{12 * beat}", *([] if beat else [chord])]
            words += [f"Pitch_{rng.choice([60, 64, 67, 72])}", "Duration_1.0.12"]
    return json.dumps({"text": " ".join(words)}) + "\n"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for name, seeds in (("train", range(8)), ("val", range(90, 92))):
        (folder / f"{name}.jsonl").write_text("".join(map(row, seeds)))
    (folder / "dataset_info.json").write_text(json.dumps({"words": vocabulary_hash()}))
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chat-model")
    subprocess.run([MLX_PYTHON, HERE / "qwen_checkpoint.py", folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def learnt(base, data, tmp_path_factory):
    output = tmp_path_factory.mktemp("lora")
    assert train(base, data, output, Notebook()) == 0
    return output


def train(base, data, output, console, *, steps=STEPS, seed=1, force=False):
    words = argparse.Namespace(base=str(base), data=data, output=output, steps=steps, seed=seed, force=force)
    return lora.run(words, console, python=MLX_PYTHON)


def shell(folder):
    """What looks like a chat model from outside."""
    folder.mkdir()
    for name in ("config.json", "tokenizer_config.json", "model.safetensors"):
        (folder / name).write_text("{}")
    return folder


@needs_mlx
def test_a_lora_foretells_phrases_held_out_better_and_lies_in_mlx_lm_s_layout(learnt):
    report = json.loads((learnt / "training.json").read_text())
    assert report["after"]["bits"] < report["before"]["bits"] - 0.1
    assert all(".lora_" in name for name in read_shapes(learnt))
    assert json.loads((learnt / "adapter_config.json").read_text())["fine_tune_type"] == "lora"
    assert not (learnt / "work").exists()
    steps = [json.loads(line).get("step") for line in (learnt / "training.jsonl").read_text().splitlines()]
    assert [step for step in steps if step][-1] == STEPS


@needs_mlx
def test_the_band_s_model_answers_otherwise_with_it(base, learnt):
    chat = {"messages": [{"role": "user", "content": "C F G"}], "seed": 3, "max_tokens": 40}
    answers = []
    for adapter in (None, learnt):
        model = Qwen(base, python=MLX_PYTHON, adapter=adapter)
        model.wake(PATIENCE)
        answers.append(model._child.ask(chat, PATIENCE)["text"])
        model.close()
    assert answers[0] != answers[1]


@needs_mlx
def test_a_lora_for_another_model_is_refused_when_it_is_loaded(base, learnt, tmp_path):
    other = shutil.copytree(learnt, tmp_path / "other")
    arrays = load_file(learnt / "adapters.safetensors")
    save_file({name.replace("layers.1", "layers.7"): a for name, a in arrays.items()}, other / "adapters.safetensors")
    model = Qwen(base, python=MLX_PYTHON, adapter=other)
    with pytest.raises(ModelGone, match="for another model"):
        model.wake(PATIENCE)
    model.close()


@needs_mlx
def test_a_training_that_was_broken_off_goes_on_where_it_was_last_judged(base, data, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(base, data, tmp_path, Notebook(stop_at="step 3"), steps=10)
    reached = json.loads((tmp_path / "work" / "progress.json").read_text())
    assert reached["step"] >= 3
    console = Notebook()
    assert train(base, data, tmp_path, console, steps=10) == 0
    steps = [line for line in console.said if line.startswith("step")]
    assert "going on" in console.said[0]
    assert steps[0].startswith(f"step {reached['step'] + 1} of 10")
    report = console.results[-1][0]
    assert report["before"]["bits"] == reached["before"]
    assert report["after"]["bits"] < reached["best"]


@needs_mlx
def test_a_lora_that_stands_there_and_is_better_stays(base, data, learnt, tmp_path):
    output = shutil.copytree(learnt, tmp_path / "out")
    console = Notebook()
    assert train(base, data, output, console, steps=2, seed=2) == 1
    before, after = (console.results[-1][0][when] for when in ("before", "after"))
    assert before["bits"] == before["stands"] < after["bits"] < before["alone"]
    assert (output / "adapters.safetensors").read_bytes() == (learnt / "adapters.safetensors").read_bytes()


@needs_mlx
def test_a_model_that_cannot_be_loaded_is_told_and_nothing_is_taken_over(data, tmp_path):
    console = Notebook()
    assert train(shell(tmp_path / "base"), data, tmp_path / "out", console) == 1
    assert "what was there is untouched" in console.said[-1]
    assert not (tmp_path / "out" / "adapters.safetensors").exists()


@needs_mlx
def test_a_file_that_could_not_be_written_whole_is_noticed(tmp_path):
    code = (
        "import resource, sys, types, pathlib, mlx.core as mx\n"
        "from daemon.training.lora_worker import keep\n"
        "model = types.SimpleNamespace(trainable_parameters=lambda: {'a': mx.zeros((64, 1024))})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "keep(model, pathlib.Path(sys.argv[1]) / 'deep' / 'last.safetensors')\n"
    )
    environment = learning_process.worker_environment()
    done = subprocess.run(
        [MLX_PYTHON, "-c", code, tmp_path], check=False, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 1, done.stderr
    assert "disk full" in done.stderr
    assert not (tmp_path / "deep" / "last.safetensors").exists()


class Tuning:
    """In the training process's place: a LoRA as told, and how good it is."""

    def __init__(self, monkeypatch, after, before=2.0, mark=1.0):
        self.before, self.after, self.mark = before, after, mark
        monkeypatch.setattr(learning_process, "news", self.news)
        monkeypatch.setattr(learning_process, "find_spec", lambda name: object())

    def news(self, work, *_):
        write_adapter(work / "result", self.mark)
        yield {"before": {"bits": self.before}, "after": {"bits": self.after}}


def write_adapter(folder, mark=1.0):
    folder.mkdir(exist_ok=True)
    save_file({"model.layers.0.lora_a": np.full((2, 2), mark)}, folder / "adapters.safetensors")
    config = {"fine_tune_type": "lora", "num_layers": 1, "lora_parameters": {"rank": 8}}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder


def command(data, output, base, *words):
    return main(["train", "--data", str(data), "--output", str(output), "--base", str(base), *words])


@pytest.mark.parametrize(("after", "words", "code"), [(2.0, (), 1), (float("nan"), (), 1), (1.5, (), 0)])
def test_only_what_is_better_is_taken_over(data, tmp_path, monkeypatch, after, words, code):
    Tuning(monkeypatch, after)
    assert command(data, tmp_path / "out", shell(tmp_path / "base"), *words) == code
    assert (tmp_path / "out" / "adapters.safetensors").exists() == (code == 0)


def test_force_takes_over_what_is_worse(data, tmp_path, monkeypatch, capsys):
    Tuning(monkeypatch, 9.0)
    assert command(data, tmp_path / "out", shell(tmp_path / "base"), "--force") == 0
    assert "models.qwen_adapter=" in capsys.readouterr().out


def test_one_word_goes_back_to_the_lora_before(data, tmp_path, monkeypatch):
    base, out = shell(tmp_path / "base"), tmp_path / "out"
    for mark in (1.0, 2.0):
        Tuning(monkeypatch, 1.0, mark=mark)
        assert command(data, out, base, "--seed", str(int(mark))) == 0
    for mark in (1.0, 2.0):
        assert main(["train", "--roll-back", "--output", str(out)]) == 0
        assert load_file(out / "adapters.safetensors")["model.layers.0.lora_a"][0, 0] == mark
        assert read_shapes(out) == {"model.layers.0.lora_a": (2, 2)}


def test_a_folder_that_is_no_model_and_a_model_that_is_not_there_are_told(data, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    (tmp_path / "empty").mkdir()
    assert command(data, tmp_path / "out", tmp_path / "empty") == 2
    assert "no config.json, tokenizer_config.json, *.safetensors" in capsys.readouterr().err
    assert command(data, tmp_path / "out", "owner/model") == 2
    assert "hf download owner/model" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_lora_is_never_written_over_a_model_nor_a_model_over_a_lora(data, tmp_path, capsys):
    base = shell(tmp_path / "base")
    assert command(data, base, base) == 2
    assert "holds a model" in capsys.readouterr().err
    assert command(data, write_adapter(tmp_path / "lora"), "embedded") == 2
    assert "holds a LoRA" in capsys.readouterr().err


def test_without_mlx_lm_the_extra_is_named(data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(learning_process, "find_spec", lambda name: None)
    assert command(data, tmp_path / "out", shell(tmp_path / "base")) == 2
    assert "sideman[train]" in capsys.readouterr().err


def test_data_without_a_phrase_on_sixteenths_are_refused(data, tmp_path, monkeypatch):
    Tuning(monkeypatch, 1.0)
    barren = shutil.copytree(data, tmp_path / "barren")
    (barren / "val.jsonl").write_text("")
    with pytest.raises(ConfigError, match="none to judge by"):
        train(shell(tmp_path / "base"), barren, tmp_path / "out", Notebook())


@pytest.mark.parametrize("broken", ["adapters.safetensors", "adapter_config.json"])
@pytest.mark.parametrize("how", ["gone", "cut"])
def test_a_broken_lora_is_told_and_qwen_plays_without_it(tmp_path, monkeypatch, broken, how):
    folder = write_adapter(tmp_path / "lora")
    assert find_adapter(str(folder)) == folder
    file = folder / broken
    whole = file.read_bytes()
    file.unlink()
    if how == "cut":
        file.write_bytes(whole[:-3])
    with pytest.raises(BadAdapter, match=broken):
        find_adapter(str(folder))
    monkeypatch.setattr(backends, "has_mlx", lambda: True)
    named = ModelsConfig(qwen=str(shell(tmp_path / "base")), qwen_adapter=str(folder))
    backend = backends.backend_named("qwen", named)
    assert backend.qwen.adapter is None
    assert "without it" in backend.remarks[0]


def test_no_name_is_no_lora():
    assert find_adapter("") is None
