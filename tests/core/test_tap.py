"""Tap tempo."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.tap import TapTempo
from realtime.core.units import MAX_TEMPO_BPM, MIN_TEMPO_BPM, Micros


def tapped(*times):
    tap = TapTempo()
    return [tap.tap(Micros(at)) for at in times], tap


def test_one_tap_is_no_tempo_and_two_are():
    assert tapped(0, 500_000)[0] == [None, 120.0]


def test_one_uneven_tap_does_not_spoil_the_tempo():
    tempi, _ = tapped(0, 500_000, 1_000_000, 1_700_000, 2_000_000, 2_500_000)
    assert tempi[-1] == 120.0


def test_a_pause_begins_a_new_count():
    assert tapped(0, 500_000, 10_000_000)[0][-1] is None


def test_the_fourth_tap_completes_a_count_in():
    assert tapped(0, 500_000, 1_000_000, 1_500_000)[1].is_count_in
    assert not tapped(0, 500_000, 1_000_000)[1].is_count_in


@given(st.lists(st.integers(0, 10**8)))
def test_any_taps_give_a_tempo_within_range_or_none(times):
    for tempo in tapped(*times)[0]:
        assert tempo is None or MIN_TEMPO_BPM <= tempo <= MAX_TEMPO_BPM
