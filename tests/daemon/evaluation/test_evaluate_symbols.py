"""Chord symbols on three grids, and the beats between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.evaluation.corruption import misheard
from daemon.evaluation.grid import grid_of
from daemon.evaluation.symbols import Symbols, beaten, changes, symbols_of_bars, symbols_of_beats, symbols_of_changes
from realtime.core.chord_tokens import NO_CHORD_TOKEN

CHORDS = [[4.0, 1.0, 0, "maj", None], [5.0, 2.5, 7, "7", None], [7.5, 4.5, 5, "maj", None], [12.0, 4.0, 0, "maj", None]]


def test_at_each_change_the_beats_since_the_last_one_are_known(tune):
    piece = tune(bars=4, chords=CHORDS)
    symbols = symbols_of_changes(piece, grid_of(piece))
    assert symbols.tokens == changes(piece) == [0, 51, 35, 0]
    assert (symbols.starts, symbols.positions) == ([0, 1, 3, 8], [0, 1, 3, 0])
    passed = [symbols.passed(place) for place in range(4)]
    assert [list(one.beats) for one in passed] == [[], [0], [51, 51], [35] * 5]
    assert [one.position for one in passed] == [0, 1, 3, 0]


def test_at_each_bar_all_beats_of_the_last_one_are_known(tune):
    piece = tune(bars=4, chords=CHORDS)
    symbols = symbols_of_bars(piece, grid_of(piece))
    none = NO_CHORD_TOKEN
    assert symbols.tokens == [none, 0, 35, 0]
    assert list(symbols.passed(2).beats) == [0, 51, 51, 51]
    assert list(symbols.passed(3).beats) == [35] * 4


def test_where_nobody_knows_the_bars_nothing_is_known_between_changes(tune):
    piece = tune(bars=4, bar_phase_unknown=True)
    assert symbols_of_changes(piece, grid_of(piece)).passed(1) is None


def test_beats_need_no_others(tune):
    piece = tune(bars=4)
    symbols = symbols_of_beats(piece, grid_of(piece))
    assert symbols.passed(3) is None
    assert list(symbols.positions[:5]) == [0, 1, 2, 3, 0]


@given(st.lists(st.tuples(st.integers(0, 84), st.integers(0, 6)), min_size=1, max_size=30), st.floats(0.0, 1.0))
def test_a_symbol_that_is_misheard_is_so_on_all_its_beats(row, share):
    starts = [sum(length for _, length in row[:place]) for place in range(len(row))]
    symbols = beaten(Symbols([token for token, _ in row], [0] * len(row), 1, starts))
    rough = misheard(symbols, share, "a piece", 0)
    assert len(rough.beats) == len(symbols.beats)
    for place in range(1, len(row)):
        assert set(rough.passed(place).beats) <= {rough.tokens[place - 1]}


def test_nothing_is_misheard_where_nothing_is_wrong():
    symbols = beaten(Symbols([0, 7, 0], [0] * 3, 1, [0, 2, 4]))
    assert misheard(symbols, 0.0, "a piece", 0) == symbols


@pytest.mark.parametrize("grid", [symbols_of_changes, symbols_of_bars])
def test_no_beat_is_told_twice_and_none_is_left_out(grid, tune):
    piece = tune()
    symbols = grid(piece, grid_of(piece))
    told = [beat for place in range(len(symbols.tokens)) for beat in symbols.passed(place).beats]
    assert told == list(symbols.beats[: symbols.starts[-1]])
