"""The band tried out by a player of its own: what it is to be, in every style that ships, and the words for it."""

import json

import pytest

from daemon.cli import main
from daemon.evaluation.band_tasks import BY_NEXT_BEAT, table
from daemon.evaluation.controls import controls, measure
from daemon.evaluation.energy import correlation
from daemon.evaluation.long_run import evening
from daemon.evaluation.practice import Practice, sounded
from daemon.evaluation.surprise import surprises, taken
from daemon.styles_folder import load_styles
from daemon.weights_folder import load_weights


@pytest.fixture(scope="module")
def styles(tmp_path_factory):
    return dict(load_styles(tmp_path_factory.mktemp("none") / "styles").styles)


@pytest.fixture(scope="module")
def weights():
    return load_weights()


SOME = (0, 6, 15)
"""Sixteenths of the bar: its beginning, its middle, and when the next one is written already."""

NAMES = ("funk_sixteenths", "gospel_traditional", "jazz_swing", "pop_ballad", "reggae", "waltz")
"""One of each kind; `sideman evaluate` measures all."""


@pytest.mark.parametrize("name", NAMES)
def test_the_band_s_energy_goes_with_the_player_s(styles, weights, name):
    assert correlation(styles[name], weights) >= 0.7


@pytest.mark.parametrize("name", NAMES)
def test_a_surprise_is_agreed_on_by_the_next_beat_and_nothing_old_is_struck_again(styles, weights, name):
    how = list(taken(styles[name], 1, weights))
    assert sum(one.agreed <= BY_NEXT_BEAT for one in how) >= len(how) - 1
    assert sum(one.relapses > 0 for one in how) <= 1
    assert sum(one.clipped for one in how) == 0


def test_surprises_are_of_no_chord_of_the_round(styles):
    _, found = surprises(styles["pop_ballad"], 0)
    assert not {surprise.chord.root for surprise in found} & {0, 9, 5, 7}


@pytest.mark.parametrize("control", controls("pop_rock_eighths"), ids=lambda control: control.name)
def test_a_control_is_heard_at_its_boundary_and_not_before(styles, control):
    seen = measure(styles, styles["pop_ballad"], control, SOME)
    assert seen.before_boundary == 0
    assert seen.unheard == 0
    assert seen.most_beats < 4.2


def test_a_control_that_nobody_hears_is_told_as_unheard(styles):
    deaf = controls("pop_rock_eighths")[0]
    same = type(deaf)(deaf.name, type(deaf.event)("variation", "C"), "bar")
    assert measure(styles, styles["pop_ballad"], same, SOME).unheard == len(SOME)


def test_the_band_plays_on_for_so_many_minutes_and_is_looked_at(styles):
    marks = list(evening(styles["pop_ballad"], 60, None, 20))
    assert len(marks) == 3
    assert all(mark.resident_kb > 0 and mark.milliseconds_a_bar > 0 for mark in marks)


def test_practice_lets_every_key_go(styles):
    player = Practice(styles["waltz"])
    player.start()
    player.comp(["C", "F"])
    assert sounded(player.played(6))


def test_tables_line_up():
    assert table([{"a": 1, "long": 0.5}, {"a": 22, "long": 1.0}]) == ["a   long", "1   0.50", "22  1.00"]
    assert table([]) == []


def test_the_words_are_checked_and_carried_out(tmp_path, capsys):
    assert main(["evaluate", "energy", "--limit", "1", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["correlation"] > 0.7
    assert main(["evaluate", "landing"]) == 2
    tune = tmp_path / "tune.jsonl"
    tune.write_text("")
    assert main(["evaluate", "energy", str(tune)]) == 2
