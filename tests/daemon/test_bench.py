"""The benchmark command: every task gives its figures and the machine they were taken on."""

import json

import pytest

from daemon import bench_render
from daemon.bench import TASKS, report_lines
from daemon.bench_render import made_up_songs
from daemon.cli import main
from tests.daemon.banks import little_bank


@pytest.fixture
def bank(tmp_path):
    path = tmp_path / "little.sf2"
    path.write_bytes(little_bank())
    return path


@pytest.mark.parametrize("task", ["predict", "load", "render"])
def test_an_offline_task_reports_figures_and_the_machine(task, capsys):
    assert main(["bench", task, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["task"] == task
    assert report["figures"]
    assert report["machine"]["cores"] >= 1
    assert report_lines(report)[0].startswith(task)


def test_the_oracle_s_step_is_timed_in_its_kernel(capsys):
    assert main(["bench", "predict", "--json"]) == 0
    step = json.loads(capsys.readouterr().out)["figures"]["kernel_step_micros"]
    assert step["count"] == 32 * 3 * 32 * 4
    assert 0 < step["p50"] <= step["p99"] <= step["worst"]


def test_the_distance_from_the_deadline_is_told_in_one_line():
    machine = {"system": "Linux", "processor": "x", "cores": 2, "python": "3", "load_before": 0, "load_after": 0}
    figures = {"engine": {"xruns": 1, "load_histogram": ((1.5, 30), (98.5, 2))}}
    lines = report_lines({"task": "latency", "machine": machine, "figures": figures})
    assert lines[1:] == [f"  {'engine xruns':<34} 1", f"  {'engine load_histogram':<34} ≤1.5%:30 ≤98.5%:2"]


def test_the_contract_s_tasks_are_all_there():
    assert set(TASKS) == {"latency", "jitter", "render", "predict", "load", "thru"}


def test_a_senseless_length_is_refused(capsys):
    assert main(["bench", "latency", "--seconds", "0"]) == 2
    assert "0.1 to 3600" in capsys.readouterr().err


def test_a_soundfont_is_measured_on_songs_of_its_own_where_none_is_given(bank, capsys, monkeypatch):
    monkeypatch.setattr(bench_render, "CROWDS", (4, 8))
    monkeypatch.setattr(bench_render, "made_up_songs", lambda folder: made_up_songs(folder)[:1])
    assert main(["bench", "render", "--soundfont", str(bank), "--repeat", "1", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    dry = figures["files"]["few_voices.mid"]["dry"]
    assert 0 < dry["block_micros"]["p50"] <= dry["block_micros"]["p99"]
    assert 3 <= dry["mean_voices"] <= 16
    assert figures["note_on_micros"]["p50"] > 0
    assert figures["crowd"]["8_voices"]["block_micros"]["p50"] > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["render", "song.mid"], "files are for `bench render --soundfont FILE`"),
        (["latency", "--soundfont", "x.sf2"], "--soundfont is for `bench render`"),
        (["render", "--soundfont", "nothing.sf2"], "cannot be read"),
    ],
)
def test_words_that_do_not_go_together_are_refused(words, said, capsys):
    assert main(["bench", *words]) == 2
    assert said in capsys.readouterr().err
