"""Keys told of tunes so plain that the right ones are known."""

import json

import pytest

from daemon.evaluation import keys
from daemon.evaluation.corpus import parse_tune
from daemon.evaluation.grid import grid_of
from daemon.evaluation.scores import marks

CADENCE = ((0, "maj"), (9, "min"), (5, "maj"), (7, "7"))


def a_tune(bars=32, moved_from=None, up=2, **more):
    """A cadence in C, over and over; from bar `moved_from` on in another key."""
    chords = []
    for bar in range(bars):
        root, quality = CADENCE[bar % 4]
        shift = up if moved_from is not None and bar >= moved_from else 0
        chords.append([4 * bar, 4, (root + shift) % 12, quality, None])
    facts = {"id": "plain", "meter": "4/4", "key": [0, "major"], "tempo": 100, "chords": chords, "melody": []}
    return parse_tune(json.dumps({**facts, **more}).encode())


def report(tune, order):
    tally = keys.judge(tune, order)
    return {"n": tally.n, **marks(keys.FIGURES, [tally], seed=0)}


def test_a_plain_tune_is_in_its_key_and_stays_there(order):
    told = report(a_tune(), order)
    assert told["n"] == 128
    assert told["relative"]["after_8_bars"] == told["right"]["after_16_bars"] == 1.0
    assert told["false_moves_per_100_bars"] == 0.0


def test_a_modulation_that_is_made_is_noticed(order):
    told = report(a_tune(), order)["modulation"]
    assert told["within_4_bars"] == 1.0
    assert told["beats"] >= 1


def test_a_modulation_that_is_in_the_data_is_noticed(order):
    moved = a_tune(moved_from=16, keys=[[0, 0, "major"], [64, 2, "major"]])
    told = report(moved, order)
    assert told["natural"]["within_4_bars"] == 1.0
    assert told["false_moves_per_100_bars"] is None


def test_a_tune_in_a_wrong_key_is_marked_wrong(order):
    told = report(a_tune(key=[6, "minor"]), order)
    assert told["relative"]["all"] == 0.0
    assert told["ece"] > 0.5


def test_a_tune_without_a_key_cannot_be_judged(order):
    assert keys.judge(a_tune(key=None), order) is None


@pytest.mark.parametrize("key", [[12, "major"], ["C", "major"], "C", [0], {"tonic": 0}])
def test_what_is_no_key_is_left_out(key):
    assert a_tune(key=key).keys == ()


def test_each_beat_has_the_key_of_its_time():
    tune = a_tune(keys=[[0, 0, "major"], [8, 9, "minor"]])
    assert keys.keys_on_beats(tune, grid_of(tune))[6:10] == [(0, False), (0, False), (9, True), (9, True)]


def test_a_tune_in_another_mode_keeps_its_tonic_and_a_plain_one_is_told_in_none(order):
    told = report(a_tune(bars=64), order)
    assert told["turned"]["right"] == 1.0
    assert told["plain"]["told_as_mode"] == 0.0


def test_notes_are_turned_into_the_mode_on_their_tonic():
    old = [keys.TuneNote(0.0, 1.0, pitch, 80) for pitch in (62, 65, 70, 73)]
    assert [keys.turned_note(note, 2, "dorian").pitch for note in old] == [62, 65, 71, 72]
