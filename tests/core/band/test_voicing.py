"""Voicings: right notes, in range, led well."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.band.voicing import lead, tones_for, tones_of
from realtime.core.chord import QUALITIES, Chord, parse_chord
from realtime.core.register import NOBODY, Register
from realtime.core.style import HANDS, VOICINGS, Hand

chords = st.builds(
    lambda root, quality: Chord(root, quality, root), st.integers(0, 11), st.sampled_from(sorted(QUALITIES))
)
LOW, HIGH = HANDS["keys"].low, HANDS["keys"].high


def on_keys(chord, before=(), notes=4, crowd=NOBODY):
    return lead([tones_of(chord)[:notes]], before, Hand("close", LOW, HIGH, notes), crowd)


@given(st.lists(chords, min_size=1, max_size=8))
def test_a_voicing_is_of_the_chord_in_range_and_without_doubles(progression):
    before = ()
    for chord in progression:
        before = on_keys(chord, before)
        assert {pitch % 12 for pitch in before} <= set(chord.pitch_classes)
        assert all(LOW <= pitch <= HIGH for pitch in before)
        assert len(set(before)) == len(before) == min(4, len(chord.pitch_classes))
        assert list(before) == sorted(before)


@given(chords)
def test_the_notes_that_tell_the_quality_are_kept_when_there_is_room_for_few(chord):
    intervals = {(tone - chord.root) % 12 for tone in tones_of(chord)[:2]}
    telling = set(QUALITIES[chord.quality].intervals) - {0, 7}
    assert intervals & telling or not telling


def test_voices_move_little_through_a_cadence():
    before = on_keys(parse_chord("C"), notes=3)
    for symbol in ("F", "G", "C", "Am", "Dm", "G", "C"):
        after = on_keys(parse_chord(symbol), before, notes=3)
        assert sum(abs(new - old) for new, old in zip(after, before, strict=True)) <= 9
        before = after


@given(st.sampled_from(["Cmaj7", "Am7", "F", "G7"]), st.sets(st.integers(60, 72), min_size=1, max_size=3))
def test_the_player_s_hands_are_left_room(symbol, keys):
    register = Register()
    for key in keys:
        for _ in range(4):
            register.strike(key)

    def shared(voicing):
        return sum(register.crowd[pitch] for pitch in voicing)

    chord = parse_chord(symbol)
    assert shared(on_keys(chord, crowd=register.crowd)) <= shared(on_keys(chord))


def test_where_the_hands_were_is_forgotten():
    register = Register()
    register.strike(64)
    for _ in range(30):
        register.end_beat()
    assert register.crowd == NOBODY


hands = st.builds(
    lambda voicing, low, span, notes: Hand(voicing, low, low + span, notes),
    st.sampled_from(VOICINGS),
    st.integers(40, 60),
    st.integers(17, 28),
    st.integers(2, 5),
)


@given(chords, chords, hands, st.booleans())
def test_every_family_voices_every_chord_within_its_range_without_doubling(one, other, hand, colour):
    before = ()
    for chord in (one, other):
        tones = tones_for(chord, hand, colour=colour)
        before = lead([tones], before, hand)
        assert 2 <= len(before) <= hand.notes
        assert list(before) == sorted(set(before))
        assert all(hand.low <= pitch <= hand.high for pitch in before)
        assert {pitch % 12 for pitch in before} == set(tones)


@given(chords, hands)
def test_without_colours_only_notes_of_the_chord_are_played(chord, hand):
    if hand.voicing != "quartal":
        assert set(tones_for(chord, hand)) <= set(chord.pitch_classes)


@given(chords, chords, hands)
def test_with_a_chord_to_come_it_is_still_the_first_that_is_voiced(one, other, hand):
    tones = [tones_for(chord, hand) for chord in (one, other)]
    voicing = lead(tones, (), hand)
    assert {pitch % 12 for pitch in voicing} == set(tones[0])
    assert all(hand.low <= pitch <= hand.high for pitch in voicing)


def test_rootless_hands_hold_on_to_guide_tones_through_a_cycle_of_fifths():
    hand = Hand("rootless", 50, 72, 4)
    before = ()
    for symbol in ("Dm7", "G7", "Cmaj7", "Am7", "D7", "G7", "Cmaj7"):
        chord = parse_chord(symbol)
        voicing = lead([tones_for(chord, hand, colour=True)], before, hand)
        assert chord.root not in {pitch % 12 for pitch in voicing}
        if before:
            assert sum(abs(a - b) for a, b in zip(voicing, before, strict=True)) <= 10
        before = voicing
