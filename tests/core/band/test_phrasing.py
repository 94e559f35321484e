"""Phrasing: fills before what is known to begin, a crash on its one, and sections that are played as they were."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.band.phrasing import BarNews, Phrasing
from realtime.core.chance import Chance
from realtime.core.returns import Landmarks
from realtime.core.style import VARIATIONS, Fill

NOWHERE = Landmarks(0)


def news(bar, energy=0.4, wanted="auto", marks=NOWHERE):
    return BarNews(bar, marks, energy, wanted, harmony=True)


def played(style, bars):
    """The variation and the fill of each bar; `bars` are their news."""
    phrasing, told = Phrasing(Chance(1)), []
    for one in bars:
        phrasing.begin(one)
        fills = [phrasing.fill(one, beat, 4, style, asked=False) for beat in range(4)]
        phrasing.keep(one.bar, {"keys": (60 + one.bar % 5, 64)})
        told.append((phrasing.variation, fills, phrasing.begins_section(one.bar)))
    return told


def filled(told):
    return [bar for bar, (_, fills, _) in enumerate(told) if any(fill is not None for fill in fills)]


def test_without_a_form_bars_are_counted(ballad):
    assert filled(played(ballad, [news(bar) for bar in range(24)])) == [7, 15, 23]


def test_a_section_that_is_sure_to_begin_is_set_up_and_no_fill_comes_just_before(ballad):
    bars = [news(bar, marks=Landmarks(0, 10) if bar <= 10 else Landmarks(10, 20)) for bar in range(20)]
    told = played(ballad, bars)
    assert filled(told) == [9, 19]
    assert [bar for bar, (_, _, crash) in enumerate(told) if crash] == [10]


def test_four_chords_going_round_are_not_set_up_every_time(ballad):
    bars = [news(bar, marks=Landmarks(bar // 4 * 4, (bar + 3) // 4 * 4)) for bar in range(32)]
    starts = [bar + 1 for bar in filled(played(ballad, bars))]
    assert all(after - before >= 8 for before, after in pairwise(starts))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.lists(st.integers(0, 70), max_size=6))
def test_the_band_gets_louder_only_through_a_fill(ballad, energies, begins):
    def marks(bar):
        return Landmarks(0, min((at for at in begins if at >= bar), default=None))

    told = played(ballad, [news(bar, energy, marks=marks(bar)) for bar, energy in enumerate(energies)])
    for before, after in pairwise(told):
        if after[0] > before[0]:
            assert before[1][-1] is not None
            assert after[2], "and there is a crash"


def test_rising_energy_is_followed_within_two_bars_and_falling_energy_at_once(ballad):
    told = played(ballad, [news(bar, 0.9 if 2 <= bar < 6 else 0.1) for bar in range(8)])
    assert [variation for variation, _, _ in told] == ["A", "A", "A", "D", "D", "D", "A", "A"]


@pytest.mark.parametrize("wanted", VARIATIONS)
def test_a_variation_that_is_asked_for_is_played_from_the_bar_line_on(ballad, wanted):
    assert played(ballad, [news(3, 0.5, wanted)])[0][0] == wanted


def test_a_section_that_comes_back_is_played_as_it_was_unless_the_player_is_not(ballad):
    phrasing = Phrasing(Chance(1))
    for bar in range(8):
        phrasing.begin(news(bar, 0.6, "D" if bar < 4 else "A"))
        phrasing.keep(bar, {"keys": (60 + bar, 64)})
    kept = phrasing.begin(news(8, 0.3, marks=Landmarks(4, 8, 0, is_other=True)))
    assert (phrasing.variation, kept.voicings) == ("D", {"keys": (60, 64)})
    for bar, energy, variation in ((9, 0.3, "D"), (10, 0.6, "D"), (11, 0.1, "A")):
        phrasing.begin(news(bar, energy, marks=Landmarks(8, 16, bar - 8)))
        assert phrasing.variation == variation


def test_a_fill_leads_into_the_variation_that_it_says(ballad):
    rows = ballad.fills[0].rows
    style = replace(ballad, fills=(Fill(rows, "AB"), Fill(rows, "CD"), Fill(rows, "D")))
    for wanted, fitting in (("A", {0}), ("C", {1}), ("D", {1, 2})):
        assert {
            Phrasing(Chance(seed)).fill(news(3, 0.5, wanted), 0, 4, style, asked=True) for seed in range(9)
        } == fitting
