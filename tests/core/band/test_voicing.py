"""Voicings: right notes, in range, led well."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.band.keyboardist import KEYS_RANGE
from realtime.core.band.voicing import tones_of, voice
from realtime.core.chord import QUALITIES, Chord, parse_chord

chords = st.builds(
    lambda root, quality: Chord(root, quality, root), st.integers(0, 11), st.sampled_from(sorted(QUALITIES))
)
LOW, HIGH = KEYS_RANGE


def on_keys(chord, before=(), notes=4, avoid=90.0):
    return voice(chord, before, low=LOW, high=HIGH, notes=notes, avoid=avoid)


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


def test_the_player_s_hands_are_left_room():
    crowded = on_keys(parse_chord("Cmaj7"), avoid=64.0)
    assert all(abs(pitch - 64) >= 2 for pitch in crowded)
