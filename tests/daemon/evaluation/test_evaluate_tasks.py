"""Each task on tunes so plain that the right figures are known."""

from dataclasses import replace

import numpy as np
import pytest

from daemon.evaluation import harmonise, landing, prediction, predictors, recognition
from daemon.evaluation.bass_line import BassLine
from daemon.evaluation.corpus import TuneNote
from daemon.evaluation.grid import grid_of
from daemon.evaluation.scores import LEAST_PROBABILITY, marks
from daemon.evaluation.symbols import changes, on_bars, on_beats
from realtime.core.chord import parse_chord
from realtime.core.chord_tokens import NO_CHORD_TOKEN, TOKEN_COUNT
from realtime.core.events import NoteOff, NoteOn, Stamped
from realtime.core.units import Micros


def report(task, tune, order):
    tally = task.judge(tune, order)
    return {"n": tally.n, **marks(task.FIGURES, [tally], seed=0)}


def test_a_plain_loop_is_heard_rightly_at_the_end_of_each_beat(tune, order):
    told = report(recognition, tune(loop=((0, "maj"), (9, "min"), (5, "maj"), (7, "maj"))), order)
    assert told["n"] == 48
    assert told["root"] > 0.95
    assert told["onset"]["root"] > 0.9


def test_beats_without_a_chart_are_left_out_and_counted(tune, order):
    told = report(recognition, tune(bars=4, chords=[[4, 4, 9, "min7", None], [8, 4, None, "N", None]]), order)
    assert (told["n"], told["excluded"]) == (4, 12)


def test_a_suspended_chart_is_left_out_of_majmin_only(tune, order):
    told = report(recognition, tune(bars=2, chords=[[0, 8, 0, "sus4", None]]), order)
    assert (told["n"], told["majmin"]) == (8, None)
    assert told["root"] is not None


def test_equal_neighbours_are_one_change(tune):
    chords = [[0, 4, 0, "maj", None], [4, 4, 0, "maj6", 4], [8, 4, 7, "7", None], [14, 2, 7, "9", None]]
    assert changes(tune(bars=4, chords=chords)) == [0, 51, NO_CHORD_TOKEN, 51]


def test_the_grids_of_beats_and_bars_follow_the_bar_lines(tune):
    piece = tune(bars=4, pickup=2, chords=[[2, 4, 0, "maj", None], [6, 6, 7, "7", None]])
    none = NO_CHORD_TOKEN
    assert on_beats(piece, grid_of(piece)) == [none] * 4 + [0] * 4 + [51] * 6
    assert on_bars(piece, grid_of(piece)) == [none, 0, 51, 51]


def test_a_loop_is_learnt_and_only_by_the_one_who_listens(tune, order):
    told = report(prediction, tune(bars=48), order)
    assert told["n"] == 47
    assert told["adaptive"]["second_half"] == 1.0
    assert told["cold"]["second_half"] < 1.0
    assert told["adaptive"]["perplexity"] < told["cold"]["perplexity"]
    assert told["bar_grid"]["top1"] > 0.8
    assert told["beat_grid"]["top1"] > 0.8


class Sure:
    """Gives all to one token."""

    def __init__(self, token):
        self.token = token

    def observe(self, token):
        pass

    def distribution(self):
        likely = np.zeros(TOKEN_COUNT)
        likely[self.token] = 1.0
        return likely


def test_what_was_held_impossible_costs_much_but_not_everything():
    tally = prediction.Tally(prediction.FIGURES)
    prediction.mark(tally, "cold", [0, 7, 0], prediction.foretell([0, 7, 0], Sure(0)))
    told = marks(prediction.FIGURES, [tally], seed=0)["cold"]
    assert told["top1"] == 0.5
    assert told["perplexity"] == pytest.approx(LEAST_PROBABILITY**-0.5)
    assert told["ece"] == 0.5


@pytest.mark.parametrize("kind", ["cold", "adaptive", "beat_grid", "bar_grid"])
def test_every_predictor_gives_a_distribution(kind, tune, order):
    made = {
        "cold": predictors.ColdPredictor("changes", 4, order.weights.oracle),
        "adaptive": predictors.OraclePredictor("changes", 4, order.weights.oracle),
        "beat_grid": predictors.OraclePredictor("beats", 3, order.weights.oracle),
        "bar_grid": predictors.OraclePredictor("bars", 4, order.weights.oracle),
    }[kind]
    for likely in prediction.foretell(changes(tune()), made):
        assert likely.shape == (TOKEN_COUNT,)
        assert likely.min() >= 0
        assert likely.sum() == pytest.approx(1.0)


def test_a_band_that_knows_the_loop_lands_and_a_reactive_one_comes_late(tune, order):
    piece = tune(bars=24, loop=((0, "maj"), (9, "min"), (5, "maj"), (7, "maj")))
    foreseeing = report(landing, piece, order)
    reactive = report(landing, piece, replace(order, reactive=True))
    assert foreseeing["n"] == 95
    assert foreseeing["change"]["root"] > 0.6
    assert reactive["change"]["root"] == 0.0
    assert foreseeing["bar_line"]["bass_struck"] > reactive["bar_line"]["bass_struck"]
    assert foreseeing["next_beat"]["root"] > reactive["next_beat"]["root"]
    assert reactive["recovery_beats"] <= 1.0


def test_a_threshold_leaves_beats_uncommitted_and_guesses_stay(tune, order):
    piece = tune(bars=8)
    strict = replace(order, parameters={**order.parameters, "commit/threshold": 1.0})
    bold = replace(order, parameters={**order.parameters, "commit/threshold": 0.0})
    few, all_of_them = report(landing, piece, strict), report(landing, piece, bold)
    assert few["ahead"]["committed"] < all_of_them["ahead"]["committed"] == 1.0
    assert all_of_them["ahead"]["root"] == all_of_them["ahead"]["guess"]["root"]


def test_a_tune_whose_bar_lines_nobody_knows_has_no_bar_line_figures(tune, order):
    assert report(landing, tune(bars=4, bar_phase_unknown=True), order)["bar_line"]["root"] is None


def test_a_melody_on_chord_notes_finds_chords_that_hold_it(tune, order):
    told = report(harmonise, tune(bars=32), order)
    assert told["n"] == 128
    assert told["note_in_chord"] > 0.3
    assert told["changes_per_bar"] > 0
    assert told["recovered"] in (0.0, 1.0)


def test_melody_time_is_shared_out_over_beats_and_pitch_classes(tune):
    grid = grid_of(tune(bars=1))
    shares = harmonise.melody_on_beats((TuneNote(0.5, 1.0, 60), TuneNote(1.5, 0.5, 64)), grid)
    assert shares[0, 0] == 0.5
    assert (shares[1, 0], shares[1, 4]) == (0.5, 0.5)
    assert harmonise.fits(shares, {0: parse_chord("C"), 1: parse_chord("F")}).tolist() == [0.5, 0.5, 0.0, 0.0]


def test_recovery_is_the_first_place_after_which_it_is_good_again():
    sung = np.ones(20)
    inside = np.array([0.0] * 5 + [1.0] * 15)
    assert harmonise.recovery(harmonise.running(inside, sung), before=1.0) == 5
    assert harmonise.recovery(harmonise.running(inside, sung), before=0.5) == 1
    assert harmonise.recovery(harmonise.running(inside * 0.1, sung), before=1.0) is None


@pytest.mark.parametrize(
    ("task", "fields"),
    [
        (recognition, {"chords": []}),
        (prediction, {"chords": [[0, 4, 0, "maj", None]]}),
        (landing, {"chords": []}),
        (harmonise, {"melody": []}),
    ],
)
def test_a_tune_that_has_not_what_a_task_takes_is_left_out(task, fields, tune, order):
    assert task.judge(tune(bars=2, **fields), order) is None


def test_the_bass_is_asked_when_struck_and_over_a_stretch():
    def note(start, end, pitch):
        yield Stamped(Micros(start), NoteOn("bass", 1, pitch, 80))
        yield Stamped(Micros(end), NoteOff("bass", 1, pitch))

    line = BassLine([*note(100, 300, 40), *note(0, 100, 36), *note(300, 900, 43)])
    assert [line.at(Micros(moment)) for moment in (0, 99, 100, 299, 900)] == [36, 36, 40, 40, None]
    assert line.carrying(Micros(0), Micros(500)) == 40 == line.carrying(Micros(50), Micros(290))
    assert line.carrying(Micros(901), Micros(999)) is None
