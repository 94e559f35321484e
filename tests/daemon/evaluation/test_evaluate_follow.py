"""The task `follow`: its scores, its performances, and a band that is judged by its own beats."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.evaluation.beat_scores import (
    at_other_levels,
    continuous,
    continuous_at_any_level,
    distances,
    f_measure,
    hits,
    nearest,
)
from daemon.evaluation.follow import FOLLOW, follow_lines, style_for
from daemon.evaluation.humanise import AS_PLAYED, MANNERS, Manner, perform
from daemon.evaluation.scores import marks
from realtime.core.meter import Meter

EVEN = [0.5 * n for n in range(40)]
times = st.lists(st.floats(0, 100), max_size=40).map(sorted)


@given(times, times)
def test_hits_are_pairs_of_beats_so_it_matters_not_which_is_true(one, other):
    assert hits(one, other) == hits(other, one) <= min(len(one), len(other))
    assert hits(one, one) == len(one)


@given(times.filter(bool), st.floats(-5, 105))
def test_the_nearest_is_nearest(found, at):
    assert abs(found[nearest(found, at)] - at) == min(abs(time - at) for time in found)


def test_the_same_beats_are_right_by_every_score():
    assert f_measure(EVEN, EVEN) == continuous(EVEN, EVEN) == 1.0
    assert distances(EVEN, EVEN) == [0.0] * 40


@pytest.mark.parametrize("level", ["off-beat", "double", "half", "other half"])
def test_another_level_is_right_only_where_any_is_allowed(level):
    told = at_other_levels(EVEN)[level]
    assert continuous(EVEN, told) < 0.6
    assert continuous_at_any_level(EVEN, told) > 0.95
    assert f_measure(EVEN, told) < 0.7


def test_what_is_fifty_milliseconds_late_is_a_hit_and_eighty_is_none():
    assert f_measure(EVEN, [at + 0.05 for at in EVEN]) == 1.0
    assert f_measure(EVEN, [at + 0.08 for at in EVEN]) == 0.0


def test_without_a_manner_a_tune_is_played_as_it_is_written(tune):
    played = perform(tune(bars=4), AS_PLAYED)
    assert [b - a for a, b in pairwise(played.beats)] == pytest.approx([0.5] * 15)
    assert played.bars == pytest.approx((1.0, 3.0, 5.0, 7.0))
    places = [(note[0] - 1.0) * 2 for note in played.notes]
    assert places == pytest.approx([round(place) for place in places])


@pytest.mark.parametrize("manner", MANNERS, ids=lambda manner: manner.name)
def test_a_performance_is_in_order_and_the_same_each_time(manner, tune):
    piece = tune(bars=24)
    played = perform(piece, manner)
    assert played == perform(piece, manner)
    assert list(played.beats) == sorted(played.beats)
    assert list(played.notes) == sorted(played.notes)
    script = played.script()
    assert [stamped.at for stamped in script] == sorted(stamped.at for stamped in script)
    assert sum(stamped.event.data[0] == 0x90 for stamped in script) == len(played.notes)


def test_a_pause_stands_between_two_beats(tune):
    played = perform(tune(bars=12), Manner("still", pause_seconds=3.0))
    gaps = [b - a for a, b in pairwise(played.beats)]
    assert max(gaps) == pytest.approx(3.5)
    assert played.pause[1] - played.pause[0] == 3.0


def test_the_style_is_the_one_wished_where_its_tempi_fit(order):
    assert style_for(order.styles, "pop_ballad", Meter(), 80) == "pop_ballad"
    assert style_for(order.styles, "pop_ballad", Meter(), 240) == "jazz_up"
    assert style_for(order.styles, "pop_ballad", Meter(7, 8), 80) is None


def test_a_plain_tune_is_followed_and_the_report_says_so(tune, order):
    piece = tune(bars=24, tempo=84, loop=((0, "maj"), (9, "min"), (5, "maj"), (7, "maj")))
    tally = FOLLOW.judge(piece, replace(order, seed=1))
    told = {"pieces": 1, "n": tally.n, "unsuited": 0, "seconds": 1.0, **marks(FOLLOW.figures, [tally], seed=0)}
    assert told["steady"]["follow"]["joined_f"] > 0.95
    assert told["steady"]["follow"]["wrong_level"] == 0.0
    assert told["steady"]["follow"]["f"] > told["steady"]["fixed"]["f"]
    assert told["as_played"]["follow"]["f"] is None
    lines = follow_lines(told)
    assert len(lines) == 2 + len(MANNERS)
    assert lines[2].startswith("steady")
