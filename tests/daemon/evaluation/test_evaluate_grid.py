"""True beats and bar lines, and the messages that a tune becomes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.evaluation.corpus import TuneNote
from daemon.evaluation.grid import Grid, chart_on_beats, grid_of
from daemon.evaluation.playing import BeatClock, key_presses, moved_up, performed_notes
from realtime.core.events import MidiReceived
from realtime.core.meter import Meter


def test_a_pickup_stands_in_the_bar_before_the_first_bar_line(tune):
    grid = grid_of(tune(pickup=1))
    assert grid.edges[:5] == (-3.0, -2.0, -1.0, 0.0, 1.0)
    assert grid.bars[:3] == (0, 4, 8)


def test_compound_time_has_dotted_beats(tune):
    grid = grid_of(tune(meter="6/8"))
    assert grid.edges[:3] == (0.0, 1.5, 3.0)
    assert grid.bars[:3] == (0, 2, 4)


def test_bars_begin_anew_where_the_meter_changes(tune):
    grid = grid_of(tune(bars=4, meters=[[0, "4/4"], [6, "3/4"], [12, "2/2"]]))
    assert grid.edges == (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16)
    assert [grid.edges[bar] for bar in grid.bars] == [0, 4, 6, 9, 12]
    assert [grid.place_in_bar(beat) for beat in (0, 3, 5, 7, 14)] == [(0, 4), (3, 4), (1, 2), (1, 3), (2, 4)]


@pytest.mark.parametrize("quarters", [0.0, 0.5, 3.99, 4.0, 47.9])
def test_in_common_time_a_place_in_beats_is_a_place_in_quarters(quarters, tune):
    assert grid_of(tune()).position(quarters) == pytest.approx(quarters)


def test_a_beat_has_the_chord_that_fills_most_of_it(tune):
    chords = [
        [0, 1.5, 0, "maj", None],
        [1.5, 1.25, 5, "maj", None],
        [2.75, 1.25, 7, "7", None],
        [4, 1, None, "N", None],
    ]
    piece = tune(bars=2, chords=chords, melody=[], tracks={})
    roots = [chart.chord.root if chart else None for chart in chart_on_beats(piece, grid_of(piece))]
    assert roots == [0, 0, 5, 7, None]


def test_all_tracks_and_the_melody_are_played_and_drums_are_not(tune):
    piece = tune(
        bars=1, melody=[[0, 1, 80]], tracks={"piano": [[0, 1, 50]], "bass": [[0, 1, 30]], "drums": [[0, 1, 36]]}
    )
    assert {note.pitch for note in performed_notes(piece, grid_of(piece))} == {80, 50, 30}


def test_a_melody_that_a_track_holds_already_is_played_once(tune):
    piece = tune(bars=1, melody=[[0, 1, 80]], tracks={"right hand": [[0, 1, 80], [0, 1, 64]]})
    assert Counter(note.pitch for note in performed_notes(piece, grid_of(piece))) == {80: 1, 64: 1}


def test_without_tracks_the_chart_is_voiced_under_the_melody(tune):
    piece = tune(bars=2, tracks={}, chords=[[0, 8, 9, "min7", 7]], melody=[[0, 1, 84]])
    notes = performed_notes(piece, grid_of(piece))
    assert {note.start for note in notes} == {0.0, 4.0}
    assert sorted(note.pitch % 12 for note in notes if note.start == 4.0) == [0, 4, 7, 7, 9]
    assert min(note.pitch for note in notes) % 12 == 7


def test_moving_up_leaves_what_came_before():
    notes = moved_up([TuneNote(0, 1, 60), TuneNote(4, 1, 60), TuneNote(5, 1, 125)], 6, since=4)
    assert [note.pitch for note in notes] == [60, 66, 119]


NOTES = st.builds(TuneNote, st.floats(0, 20), st.floats(0.05, 8), st.integers(60, 62), st.integers(1, 127))


@given(st.lists(NOTES, max_size=20))
def test_every_key_that_goes_down_comes_up_before_it_goes_down_again(notes):
    grid = Grid(tuple(float(beat) for beat in range(30)), (0,), Meter())
    down: set[int] = set()
    last = 0
    for stamped in key_presses(notes, grid, BeatClock(grid, 120.0)):
        assert isinstance(stamped.event, MidiReceived)
        assert stamped.at >= last
        last = stamped.at
        status, pitch, _ = stamped.event.data
        assert (pitch in down) == (status == 0x80)
        down ^= {pitch}
    assert not down
