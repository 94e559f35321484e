"""The drummer with a touch learnt from people: each step its own, the whole kit as one, and within bounds."""

from dataclasses import replace
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.band.drummer import MOST_LAG_MS, play_drums
from realtime.core.style import Touch
from realtime.core.style_reader import StyleError, parse_style
from tests.core.band.test_players import moment

STEPS = 16


def touched(ballad, drift_ms=0.0, **numbers):
    """The ballad with one touch for all voices; what is not given is even."""
    even = {"lag_ms": 0.0, "spread_ms": 0.0, "loudness": 1.0, "unevenness": 0.0}
    touch = Touch(**{name: tuple(numbers.get(name, (value,) * STEPS)) for name, value in even.items()})
    return replace(ballad, touch=dict.fromkeys(("kick", "rim", "hat"), touch), drift_ms=drift_ms)


def test_each_step_has_its_own_lag_and_loudness(ballad):
    lags = tuple(float(step) for step in range(STEPS))
    loud = tuple(1.0 if step % 4 == 0 else 0.5 for step in range(STEPS))
    style = touched(ballad, lag_ms=lags, loudness=loud)
    for beat in range(4):
        for note in play_drums(moment(style, "A", 0, beat)):
            step = beat * 4 + (note.start - moment(style, "A", 0, beat).start) // 240
            assert note.lag_micros == 1000 * step
    plain = play_drums(moment(touched(ballad), "A"))
    softer = play_drums(moment(style, "A"))
    for one, other in zip(plain, softer, strict=True):
        on_beat = one.start == moment(style, "A").start
        assert abs(other.velocity - one.velocity * (1.0 if on_beat else 0.5)) <= 1


def test_the_kit_drifts_as_one(ballad):
    style = touched(ballad, drift_ms=10.0)
    for bar in range(8):
        for beat in range(4):
            notes = play_drums(moment(style, "A", bar, beat))
            by_time = {}
            for note in notes:
                by_time.setdefault(note.start, set()).add(note.lag_micros)
            assert all(len(lags) == 1 for lags in by_time.values())


def test_the_drift_is_slow_and_about_as_wide_as_it_says(ballad):
    wave = [moment(ballad, "A", bar).wave(step, "drift") for bar in range(200) for step in range(STEPS)]
    assert abs(fmean(wave)) < 0.2
    assert 0.8 < fmean(value**2 for value in wave) < 1.2
    beat_later = fmean(a * b for a, b in zip(wave, wave[4:], strict=False))
    bars_later = fmean(a * b for a, b in zip(wave, wave[32:], strict=False))
    assert beat_later > 0.6
    assert abs(bars_later) < 0.2


@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(0, 3))
def test_no_feel_is_off_the_grid_without_bounds(ballad, seed, bar, beat):
    style = touched(ballad, drift_ms=30.0, spread_ms=(30.0,) * STEPS, unevenness=(1.0,) * STEPS)
    for note in play_drums(moment(style, "A", bar, beat, seed=seed)):
        assert abs(note.lag_micros) <= 1000 * max(MOST_LAG_MS, 110)
        assert 1 <= note.velocity <= 127


def learnt(mapping, **numbers):
    even = {"lag_ms": [2.0] * 8 + [4.0] * 8, "spread_ms": [6.0] * 16, "loudness": [1.0] * 16, "unevenness": [0.1] * 16}
    return mapping | {"learnt": {"drift_ms": 9.0, "voices": {"kick": even | numbers}}}


def groove():
    parts = {"bass": "b---" * 4, "keys": "x---" * 4, "pad": "x---" * 4, "drums": {"kick": "x..." * 4}}
    return {"groove": dict.fromkeys("ABCD", parts), "fill": [{"kick": "x..." * 4}]}


def test_what_the_style_says_itself_wins_over_what_was_learnt():
    people = parse_style(learnt(groove()), "people").touch["kick"]
    own = parse_style(learnt(groove() | {"feel": {"kick": {"lag_ms": 10, "spread_ms": 3}}}), "own").touch["kick"]
    assert (people.lag_ms[0], people.lag_ms[8], people.spread_ms[0]) == (2.0, 4.0, 6.0)
    assert (own.lag_ms[0], own.lag_ms[8], own.spread_ms[0]) == (9.0, 11.0, 1.5)


def test_a_list_of_the_wrong_length_is_told():
    with pytest.raises(StyleError, match=r"learnt\.voices\.kick\.lag_ms: must be a list of 16 numbers"):
        parse_style(learnt(groove(), lag_ms=[1.0]), "odd")
