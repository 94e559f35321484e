"""Played notes on a grid: the coarsest that holds them, swing found, unevenness left to the feel."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.row_grid import GRIDS, Feels, Grid, Strike, full_velocity, grid_of, mark_of, shortest, written
from realtime.core.meter import Meter
from realtime.core.style import HIT_LEVELS

METER = Meter(4, 4)
grids = st.builds(Grid, st.just(METER), st.sampled_from(GRIDS))


@given(grids, st.integers(0, 400), st.floats(-0.3, 0.3))
def test_a_note_near_a_step_is_on_it_and_late_by_the_rest(grid, step, share):
    placed, late = grid.place((step + share) / grid.steps_per_beat)
    if step + share >= 0:
        assert placed == step
        assert abs(late * grid.steps_per_beat - share) < 1e-6


def test_straight_eighths_are_eighths_and_sixteenths_sixteenths():
    assert grid_of(METER, [0, 0.5, 1, 1.5, 2, 2.5]) == Grid(METER, 2)
    assert grid_of(METER, [0, 0.25, 0.75, 1, 1.5, 2]) == Grid(METER, 4)


def test_uneven_hands_do_not_make_a_finer_grid():
    uneven = [step / 4 + wobble for step, wobble in zip(range(64), [0.015, -0.02, 0.01, -0.005] * 16, strict=True)]
    assert grid_of(METER, uneven) == Grid(METER, 4)


def test_triplets_are_three_and_swung_eighths_two_with_swing():
    assert grid_of(METER, [beat + third / 3 for beat in range(4) for third in range(3)]).steps_per_beat == 3
    swung = grid_of(METER, [beat + off for beat in range(8) for off in (0, 2 / 3)])
    assert (swung.steps_per_beat, swung.swing) == (2, 1.0)
    assert grid_of(METER, [step / 4 + 0.04 * (step % 2) for step in range(64)]).swing > 0.3


def test_a_row_is_as_short_as_its_repetition_and_written_in_beats_and_bars():
    grid = Grid(METER, 2)
    assert shortest("x.x.x.x." * 4, 8) == "x.x.x.x."
    assert shortest("x......." + "........" + "x......." + "........", 8) == "x..............."
    assert written("x.x.x.x.o.......", grid) == "x. x. x. x.|o. .. .. .."


@given(st.lists(st.integers(1, 127), min_size=1, max_size=50))
def test_the_loud_notes_of_a_part_can_be_played_and_ordinary_ones_are_normal(velocities):
    full = full_velocity(velocities)
    assert full == 127 or full >= sorted(velocities)[int(0.95 * (len(velocities) - 1))]
    assert mark_of(full, full) == "X"
    for velocity in velocities:
        mark = mark_of(velocity, full)
        assert all(abs(HIT_LEVELS[mark] - velocity / full) <= abs(HIT_LEVELS[m] - velocity / full) for m in "goxX")


def test_a_feel_is_how_late_in_milliseconds():
    feels = Feels(beat_ms=500)
    feels.add("snare", [Strike(4, 1, 0.02, 38, 100), Strike(12, 1, 0.02, 38, 100)])
    assert feels.tables() == {"snare": {"lag_ms": 10.0, "spread_ms": 0.0, "velocity": 127}}
