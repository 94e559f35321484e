"""What is heard of keys, pad and bass, and the lanes that show a piece."""

from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.evaluation import landing
from daemon.evaluation.chart import chart_chord
from daemon.evaluation.comping import HeardBeat, HeardNotes, comping_figures, mark_comping
from daemon.evaluation.landing_plot import colour
from daemon.evaluation.lanes import LANES, LaneBeat
from daemon.evaluation.plots import draw
from daemon.evaluation.scores import Tally, marks
from realtime.core.events import NoteOff, NoteOn, Stamped
from realtime.core.units import Micros

C_MAJOR = chart_chord(0, "maj", None)


def heard(*notes):
    """Notes as (start, end, pitch, part)."""
    outputs = []
    for start, end, pitch, part in notes:
        outputs += [Stamped(Micros(start), NoteOn(part, 2, pitch, 80)), Stamped(Micros(end), NoteOff(part, 2, pitch))]
    return HeardNotes.of(outputs)


def marked(beat, *, sure=True):
    tally = Tally(comping_figures(("bar_line",)))
    mark_comping(tally, ("bar_line",), C_MAJOR, beat, sure=sure)
    return marks(tally.figures, [tally], 0)


def test_what_sounds_on_is_heard_and_what_ends_early_does_not_carry():
    notes = heard((-500, 300, 60, "keys"), (0, 600, 64, "pad"), (400, 600, 67, "keys"), (0, 600, 36, "bass"))
    beat = notes.on_beat(Micros(0), Micros(40), Micros(500))
    assert beat.struck == {60, 64}
    assert beat.carrying == {60, 64}
    assert sorted(beat.begun) == [36, 64, 67]


def test_one_strange_note_makes_the_comping_wrong_and_only_lowers_the_share_of_notes():
    told = marked(HeardBeat(frozenset({60, 64}), frozenset({60, 65}), (36, 60, 64, 65)), sure=False)
    assert told["bar_line"] == {"comping_struck": 1.0, "comping_right": 0.0, "comping_coloured": 0.0}
    assert told["notes_right"] == told["notes_unsure"] == 0.75


def test_a_ninth_is_wrong_by_the_letter_and_right_as_a_colour():
    told = marked(HeardBeat(frozenset({60, 62}), frozenset({60, 62}), ()))
    assert told["bar_line"] == {"comping_struck": 0.0, "comping_right": 0.0, "comping_coloured": 1.0}


def test_silence_is_not_judged():
    told = marked(HeardBeat())
    assert told["bar_line"]["comping_right"] is None
    assert told["notes_right"] is None


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 900), st.integers(0, 127))))
def test_nothing_is_heard_that_was_not_played(notes):
    beat = heard(*((on, on + length, pitch, "keys") for on, length, pitch in notes)).on_beat(
        Micros(300), Micros(340), Micros(600)
    )
    assert {*beat.struck, *beat.carrying, *beat.begun} <= {pitch for _, _, pitch in notes}


def test_the_lanes_of_a_piece_have_a_place_for_every_beat(tune, order):
    tally = landing.judge(tune(), order)
    assert set(tally.lanes.rows) == set(LANES)
    assert {len(row) for row in tally.lanes.rows.values()} == {48}
    assert [beat.name for beat in tally.lanes.rows["chart"][::4][:4]] == ["C", "Am7", "F", "G7"]
    assert all(beat.is_right for beat in tally.lanes.rows["chart"])
    assert all(beat.is_sure for beat in tally.lanes.rows["foreseen"][32:])


def test_roots_have_colours_of_their_own():
    assert len({colour(LaneBeat(root)) for root in range(12)}) == 12


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="needs matplotlib")
def test_a_piece_is_drawn_into_a_file_that_its_name_allows(tune, order, tmp_path):
    tally = landing.judge(tune("../a b"), order)
    files = draw(tmp_path, landing.FIGURES, [tally])
    assert [file.name for file in files if "landing" in file.name] == ["landing-..-a-b.png"]
