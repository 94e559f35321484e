"""`sideman evaluate`: words in, one report out, the same whoever does the work."""

import json
from importlib.util import find_spec

import numpy as np
import pytest

from daemon.cli import main
from daemon.evaluation import plots
from daemon.evaluation.corpus import Corpus
from daemon.evaluation.evaluate import TASKS, evaluate
from daemon.evaluation.scores import Tally

KEYS = {
    "recognition": {"root", "majmin", "family", "onset"},
    "prediction": {"cold", "adaptive", "bar_grid", "beat_grid"},
    "landing": {"next_beat", "bar_line", "change", "recovery_beats", "sounding"},
    "harmonise": {"note_in_chord", "changes_per_bar", "root", "recovery_beats"},
}


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.mark.parametrize("task", sorted(KEYS))
def test_a_report_is_one_object_with_what_was_promised(task, corpus, capsys):
    assert main(["evaluate", task, str(corpus.paths[0]), "--json", "--jobs", "1", "--seed", "3"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert KEYS[task] | {"task", "pieces", "n", "ci", "skipped", "seconds"} <= set(told)
    assert (told["task"], told["pieces"], told["skipped"]) == (task, 3, 0)
    assert KEYS[task] <= set(told["ci"])


@pytest.mark.parametrize("task", ["prediction", "landing"])
def test_one_process_and_two_make_the_same_report(task, corpus, order):
    one, two = (evaluate(task, Corpus(corpus.paths), order, jobs=jobs, seed=5).report for jobs in (1, 2))
    assert {**one, "seconds": 0} == {**two, "seconds": 0}


def test_without_json_there_is_a_table_for_people(corpus, capsys):
    assert main(["evaluate", "recognition", str(corpus.paths[0]), "--jobs", "1", "--limit", "2"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("recognition: 2 pieces, ")
    assert "onset.majmin" in captured.out
    assert captured.err == ""


def test_bad_lines_are_told_and_counted_and_the_rest_is_judged(data_file, line, capsys):
    path = data_file([b"?", line("a")])
    assert main(["evaluate", "recognition", str(path), "--json", "--jobs", "1"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["skipped"] == 1
    assert f"{path}:1: " in captured.err


def test_nothing_to_judge_is_found_wrong(data_file, capsys):
    assert main(["evaluate", "recognition", str(data_file([b"?"])), "--json", "--jobs", "1"]) == 1
    assert json.loads(capsys.readouterr().out)["pieces"] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["melody"], "needs DATA"),
        (["recognition", "nowhere.jsonl.gz"], "nowhere.jsonl.gz: cannot be read: No such file"),
        (["recognition", "DATA", "--limit", "0"], "--limit: must be 1 or more, but was 0"),
        (["recognition", "DATA", "--jobs", "-2"], "--jobs: must be 1 or more"),
        (["recognition", "DATA", "--seed", "-1"], "--seed: must be a whole number"),
        (["recognition", "DATA", "--baseline", "reactive"], "--baseline: is for landing and harmonise"),
        (["recognition", "DATA", "--corrupt", "2"], "--corrupt: must be a share 0 to 1, but was 2"),
        (["prediction", "DATA", "--without", "bassist"], "--without: must be one of interval, degree"),
        (["landing", "DATA", "--without", "ppm"], "--without, --against: are for prediction"),
        (["prediction", "DATA", "--against", "ppm"], "--against, --fit: go together"),
        (["prediction", "DATA", "--against", "ppm", "--fit", "nowhere"], "nowhere: cannot be read"),
        (["landing", "DATA", "--set", "band.style=polka"], "band.style: must be one of"),
    ],
)
def test_what_the_user_got_wrong_exits_2_with_a_plain_message(words, message, corpus, capsys):
    assert main(["evaluate", *(str(corpus.paths[0]) if word == "DATA" else word for word in words)]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err


def test_the_reactive_band_is_named_in_its_report(corpus, capsys):
    words = ["evaluate", "landing", str(corpus.paths[0]), "--json", "--jobs", "1", "--limit", "1"]
    assert main([*words, "--baseline", "reactive", "--set", "oracle.commit_beats=2"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["baseline"] == "reactive"
    assert told["settings"]["commit"] == 2


@pytest.mark.parametrize("rival", ["ngram2", "ngram4", "ppm"])
def test_a_rival_in_the_oracle_s_place_is_named_in_the_report(rival, corpus, capsys):
    data = str(corpus.paths[0])
    words = ["evaluate", "prediction", data, "--json", "--jobs", "1", "--against", rival, "--fit", data]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["against"], told["without"]) == (rival, None)
    assert 0.0 < told["adaptive"]["top1"] <= 1.0


def test_without_an_expert_the_figures_are_others(corpus, capsys):
    words = ["evaluate", "prediction", str(corpus.paths[0]), "--json", "--jobs", "1"]
    perplexities = []
    for more in ([], ["--without", "recall"]):
        assert main([*words, *more]) == 0
        perplexities.append(json.loads(capsys.readouterr().out)["adaptive"]["perplexity"])
    assert perplexities[0] != perplexities[1]


def test_pictures_need_matplotlib_and_say_so(corpus, tmp_path, capsys):
    words = ["evaluate", "prediction", str(corpus.paths[0]), "--json", "--jobs", "1"]
    assert main([*words, "--plots", str(tmp_path / "pictures")]) == 0
    told = capsys.readouterr().err
    if find_spec("matplotlib") is None:
        assert "needs matplotlib" in told
    else:
        assert {file.name for file in (tmp_path / "pictures").iterdir()} == {"learning.png", "reliability.png"}


def test_a_learning_curve_has_points_where_something_was_judged():
    tally = Tally(TASKS["prediction"].figures)
    for place in (1, 1, 5, 200):
        tally.at_place("cold", place, right=place > 1)
    assert plots.learning_curve(tally.curves["cold"]) == ([1.0, 5.5, 112.0], [0.0, 1.0, 1.0])


def test_a_reliability_diagram_has_the_filled_bins_only():
    tally = Tally(TASKS["prediction"].figures)
    for right in (True, True, False, True):
        tally.trust("cold.ece", 0.75, right=right)
    assert plots.reliability(np.asarray(tally.sums["cold.ece"])) == ([0.75], [0.75])
