"""The measure of feel: nought for a copy, smaller for our drummer than for a machine."""

import json

from hypothesis import given
from hypothesis import strategies as st

from daemon.cli import main
from daemon.evaluation.drumming import read_takes
from daemon.evaluation.feel import distances, measure_feel, wasserstein
from tests.daemon.training.test_train_feel import groove

samples = st.lists(st.floats(-50, 50), min_size=1, max_size=20)


@given(samples, st.randoms())
def test_a_sample_is_no_distance_from_itself_in_another_order(sample, dice):
    shuffled = list(sample)
    dice.shuffle(shuffled)
    assert wasserstein(sample, shuffled) == 0


@given(samples, st.floats(0, 20))
def test_a_shift_is_as_far_as_it_shifts(sample, shift):
    assert abs(wasserstein(sample, [value + shift for value in sample]) - shift) < 1e-9


def test_every_stroke_of_a_take_is_played_again(tmp_path):
    (tmp_path / "take.jsonl").write_text(json.dumps(groove(bars=12)))
    (take,) = read_takes([tmp_path / "take.jsonl"])
    count, found = distances(take, seed=1)
    assert count == len(take.strokes)
    assert set(found) == {"people", "quantised", "random", "drummer"}
    assert distances(take, seed=1) == (count, found)


def test_what_no_two_voices_share_is_not_called_shared(tmp_path):
    (tmp_path / "take.jsonl").write_text(json.dumps(groove(bars=40)))
    report = measure_feel([tmp_path / "take.jsonl"])["funk"]
    assert abs(report["people"]["shared"]) < 0.2
    assert abs(report["random"]["shared"]) < 0.2 < report["drummer"]["shared"]


def test_the_command_tells_every_family(tmp_path, capsys):
    (tmp_path / "take.jsonl").write_text("\n".join(json.dumps(groove(style=s)) for s in ("funk", "jazz")))
    assert main(["evaluate", "feel", str(tmp_path / "take.jsonl"), "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["families"]) == {"all", "funk", "jazz"}
