"""The benchmark command: every task gives its figures and the machine they were taken on."""

import json

import pytest

from daemon.bench import TASKS, report_lines
from daemon.cli import main


@pytest.mark.parametrize("task", ["predict", "load", "render"])
def test_an_offline_task_reports_figures_and_the_machine(task, capsys):
    assert main(["bench", task, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["task"] == task
    assert report["figures"]
    assert report["machine"]["cores"] >= 1
    assert report_lines(report)[0].startswith(task)


def test_the_distance_from_the_deadline_is_told_in_one_line():
    machine = {"system": "Linux", "processor": "x", "cores": 2, "python": "3", "load_before": 0, "load_after": 0}
    figures = {"engine": {"xruns": 1, "load_histogram": ((1.5, 30), (98.5, 2))}}
    lines = report_lines({"task": "latency", "machine": machine, "figures": figures})
    assert lines[1:] == [f"  {'engine xruns':<34} 1", f"  {'engine load_histogram':<34} ≤1.5%:30 ≤98.5%:2"]


def test_the_contract_s_tasks_are_all_there():
    assert set(TASKS) == {"latency", "jitter", "render", "predict", "load"}


def test_a_senseless_length_is_refused(capsys):
    assert main(["bench", "latency", "--seconds", "0"]) == 2
    assert "0.1 to 3600" in capsys.readouterr().err
