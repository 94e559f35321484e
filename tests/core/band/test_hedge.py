"""Hedges: right whichever of the two comes."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.band.hedge import hedge_between
from realtime.core.chord import QUALITIES, Chord, parse_chord
from realtime.core.hedging import hedge_on
from realtime.core.planner import Planner

chords = st.builds(
    lambda root, quality: Chord(root, quality, root), st.integers(0, 11), st.sampled_from(sorted(QUALITIES))
)


@given(chords, chords)
def test_every_note_of_a_hedge_belongs_to_both_chords(one, other):
    hedge = hedge_between(one, other)
    both = set(one.pitch_classes) & set(other.pitch_classes)
    if hedge is None:
        assert len(both) < 2
        return
    assert set(hedge.tones) <= both
    assert hedge.bass is None or hedge.bass in both


def test_relatives_share_two_notes_and_the_root_of_one():
    hedge = hedge_between(parse_chord("C"), parse_chord("Am"))
    assert set(hedge.tones) == {0, 4}
    assert hedge.bass == 0


def test_neighbours_in_fifths_share_a_pedal_and_no_chord():
    hedge = hedge_between(parse_chord("F"), parse_chord("C"))
    assert (hedge.tones, hedge.bass) == ((), 0)


def test_strangers_share_nothing():
    assert hedge_between(parse_chord("C"), parse_chord("F#")) is None


def planned(threshold):
    planner = Planner()
    planner.begin(4)
    for number, symbol in enumerate(["C", "Am", "C", "F", "Am", "C"] * 4):
        planner.start_beat(number, 1, 8, threshold)
        planner.learn(number, parse_chord(symbol))
    planner.start_beat(24, 1, 8, threshold)
    return planner


def test_a_band_that_is_sure_does_not_hedge():
    assert hedge_on(planned(0.0), 25) is None


def test_a_band_that_is_unsure_plays_what_its_two_likeliest_chords_share():
    planner = planned(1.01)
    hedge = hedge_on(planner, 25)
    if hedge is not None:
        assert set(hedge.tones) <= set(planner.chord_on(25).pitch_classes)
    assert hedge_on(planner, 99) is None
