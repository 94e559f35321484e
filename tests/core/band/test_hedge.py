"""Hedges: right whichever of the two comes."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.band.bassist import play_bass
from realtime.core.band.hedge import hedge_between
from realtime.core.band.keyboardist import play_chords
from realtime.core.chord import QUALITIES, Chord, parse_chord
from realtime.core.hedging import hedge_on
from realtime.core.planner import Planner
from tests.core.band.test_players import moment

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
    """A plan whose next beat is A minor or F: after C either came as often as the other, in no order."""
    planner = Planner()
    planner.begin(4)
    song = [symbol for either in "aaffafffaafaafaf" for symbol in ("C", "Am" if either == "a" else "F")]
    for number, symbol in enumerate([*song, "C"]):
        planner.start_beat(number, 1, 8, threshold)
        planner.learn(number, parse_chord(symbol))
    planner.start_beat(len(song) + 1, 1, 8, threshold)
    return planner, len(song) + 1


def test_a_band_that_is_sure_does_not_hedge():
    planner, number = planned(0.0)
    assert hedge_on(planner, number) is None


def test_a_band_that_is_unsure_plays_what_its_two_likeliest_chords_share():
    planner, number = planned(1.01)
    assert hedge_on(planner, number) == hedge_between(parse_chord("Am"), parse_chord("F"))
    assert hedge_on(planner, 99) is None


@given(chords, chords, st.sampled_from("ABCD"), st.integers(0, 3), st.integers(0, 40))
def test_what_is_played_under_a_hedge_belongs_to_both_chords(ballad, one, other, variation, beat, bar):
    hedge = hedge_between(one, other)
    now = moment(ballad, variation, bar, beat, chord=one, before="C", after=other)._replace(hedge=hedge)
    if hedge is None:
        return
    if hedge.bass is not None:
        assert {note.pitch % 12 for note in play_bass(now, (40,))} <= {hedge.bass}
    for part, row in (("keys", now.groove.keys), ("pad", now.groove.pad)):
        notes, _ = play_chords(now, part, row, ())
        if hedge.tones:
            assert {note.pitch % 12 for note in notes} <= set(one.pitch_classes) & set(other.pitch_classes)
