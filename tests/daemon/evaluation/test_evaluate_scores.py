"""Figures, and how sure they are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.evaluation.scores import ECE, LONGEST_RECOVERY, MEAN, MEDIAN, PERPLEXITY, SHARE, TOTAL, Tally, marks

FIGURES = {
    "top.share": SHARE,
    "perplexity": PERPLEXITY,
    "ece": ECE,
    "mean": MEAN,
    "median": MEDIAN,
    "count": TOTAL,
    "never": SHARE,
}


def tally(seed):
    made = Tally(FIGURES, n=10)
    for place in range(10):
        made.add("top.share", (place * seed) % 3 == 0)
        made.add("perplexity", math.log(2))
        made.trust("ece", 0.75, right=place % 4 != 0)
        made.lasted("mean", place + seed)
        made.lasted("median", place)
    made.add("count", seed)
    return made


def test_figures_are_what_they_are_called():
    report = marks(FIGURES, [tally(1)], seed=0)
    assert report["top"]["share"] == 0.4
    assert report["perplexity"] == 2.0
    assert report["ece"] == pytest.approx(0.05)
    assert (report["mean"], report["median"], report["count"]) == (5.5, 4, 1)
    assert report["never"] is None


def test_intervals_have_the_figures_names_and_hold_them():
    report = marks(FIGURES, [tally(seed) for seed in range(1, 9)], seed=0)
    assert set(report["ci"]) == set(report) - {"ci", "count"}
    low, high = report["ci"]["top"]["share"]
    assert low <= report["top"]["share"] <= high
    assert report["ci"]["never"] == [None, None]


def test_the_same_seed_gives_the_same_intervals_and_another_gives_others():
    pieces = [tally(seed) for seed in range(1, 9)]
    assert marks(FIGURES, pieces, seed=7) == marks(FIGURES, pieces, seed=7)
    assert marks(FIGURES, pieces, seed=7)["ci"] != marks(FIGURES, pieces, seed=8)["ci"]


def test_no_pieces_make_a_report_without_figures():
    report = marks(FIGURES, [], seed=0)
    assert report["top"]["share"] is None
    assert report["ci"]["ece"] == [None, None]


def test_a_long_recovery_counts_as_the_longest():
    made = Tally({"mean": MEAN})
    made.lasted("mean", 10_000)
    assert marks({"mean": MEAN}, [made], seed=0)["mean"] == LONGEST_RECOVERY


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_a_calibration_error_is_between_nought_and_one(answers):
    made = Tally({"ece": ECE})
    for probability, right in answers:
        made.trust("ece", probability, right=right)
    assert 0 <= marks({"ece": ECE}, [made], seed=0)["ece"] <= 1


def test_trust_that_is_earned_has_no_calibration_error():
    made = Tally({"ece": ECE})
    for place in range(4):
        made.trust("ece", 0.5, right=place % 2 == 0)
    assert marks({"ece": ECE}, [made], seed=0)["ece"] == 0
