"""Laws of the pulse train: jitter averages out, a new tempo is found, and nothing breaks it."""

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.pulse_train import LOCKED_AFTER, PulseTrain
from realtime.core.units import MICROS_PER_MINUTE, PULSES_PER_QUARTER, Micros


def follow(tempo_at, jitter, beats):
    """The train after so many beats, and at each pulse how far it is from the truth, in ms."""
    train, true_time, errors = PulseTrain(), 0.0, []
    for pulse in range(beats * PULSES_PER_QUARTER):
        train.pulse(Micros(round(true_time + jitter(true_time))))
        errors.append((train.time - true_time) / 1_000)
        true_time += MICROS_PER_MINUTE / tempo_at(pulse / PULSES_PER_QUARTER) / PULSES_PER_QUARTER
    return train, errors


@given(st.floats(24, 300))
def test_an_even_train_is_known_exactly_after_a_beat(tempo):
    train, errors = follow(lambda _: tempo, lambda _: 0.0, 4)
    assert train.is_locked
    assert math.isclose(train.tempo_bpm, tempo, rel_tol=1e-4)
    assert max(map(abs, errors[LOCKED_AFTER:])) < 0.01


@given(st.floats(60, 200), st.integers(0, 1_000))
def test_a_millisecond_of_jitter_leaves_a_quarter_of_it_after_eight_beats(tempo, seed):
    chance = random.Random(seed)
    train, errors = follow(lambda _: tempo, lambda _: chance.uniform(-500, 500), 16)
    assert max(map(abs, errors[8 * PULSES_PER_QUARTER :])) < 0.5
    assert abs(train.tempo_bpm - tempo) < 0.01 * tempo


@given(st.floats(90, 150), st.sampled_from((-0.1, 0.1)))
def test_a_ramp_of_a_tenth_in_eight_beats_is_followed_within_two_milliseconds(tempo, change):
    def ramp(beat):
        return tempo * (1 + change * min(max((beat - 16) / 8, 0), 1))

    train, errors = follow(ramp, lambda _: 0.0, 40)
    assert max(map(abs, errors[8 * PULSES_PER_QUARTER :])) < 2.0
    assert math.isclose(train.tempo_bpm, ramp(40), rel_tol=1e-3)


@given(st.floats(60, 180), st.floats(60, 180))
def test_a_sudden_new_tempo_is_found_within_four_beats_and_no_pulse_is_lost(before, after):
    train, errors = follow(lambda beat: before if beat < 8 else after, lambda _: 0.0, 16)
    assert train.count == 16 * PULSES_PER_QUARTER - 1
    assert math.isclose(train.tempo_bpm, after, rel_tol=1e-2)
    assert max(map(abs, errors[12 * PULSES_PER_QUARTER :])) < 2.0


def test_one_pulse_that_is_fifteen_milliseconds_late_moves_the_beat_by_less_than_half_a_millisecond():
    late = 10 * 24 * 20_833
    _, errors = follow(lambda _: 120.0, lambda at: 15_000 if abs(at - late) < 10_000 else 0.0, 16)
    assert max(map(abs, errors[LOCKED_AFTER:])) < 0.5


@given(st.lists(st.integers(0, 3_000_000), max_size=200))
def test_any_pulses_at_all_leave_a_finite_line(gaps):
    train, at = PulseTrain(), 0
    for gap in gaps:
        at += gap
        train.pulse(Micros(at))
        assert math.isfinite(train.time)
        assert train.period >= 0
        assert train.tempo_bpm >= 0
