"""Pushes, and parts that leave the changes to others."""

from dataclasses import replace

from realtime.core.band.keyboardist import play_chords
from realtime.core.chord import parse_chord
from tests.core.band.test_players import moment

TRIADS = {"C": {0, 4, 7}, "F": {5, 9, 0}}


def pitch_classes(notes):
    return {note.pitch % 12 for note in notes}


def test_a_push_plays_the_chord_of_the_next_beat(ballad):
    now = moment(ballad, chord="C", after="F", energy=0.0)
    notes, hand = play_chords(now, "keys", "..>-" * 4, (60, 64, 67))
    assert {note.start for note in notes} == {now.start + 2 * now.step_ticks}
    assert pitch_classes(notes) == TRIADS["F"]
    assert hand == tuple(sorted(note.pitch for note in notes))


def test_a_push_before_more_of_the_same_is_a_hit_like_others(ballad):
    notes, hand = play_chords(moment(ballad, chord="C", after="C"), "keys", "..>-" * 4, (60, 64, 67))
    assert pitch_classes(notes) == TRIADS["C"]
    assert hand == (60, 64, 67)


def test_a_part_that_does_not_mark_changes_rests_where_its_row_rests(ballad):
    hands = {part: replace(hand, on_change=False) for part, hand in ballad.hands.items()}
    now = moment(replace(ballad, hands=hands), chord="F", before="C")
    row = "....x..." * 2
    assert play_chords(now, "keys", row, ())[0] == []
    assert play_chords(moment(ballad, chord="F", before="C"), "keys", row, ())[0] != []


def test_a_row_of_rests_is_silent_at_a_change_too(ballad):
    assert play_chords(moment(ballad, chord="F", before="C"), "keys", "....", ())[0] == []


def test_the_hand_of_a_part_that_rests_is_on_the_new_chord_all_the_same(ballad):
    hands = {part: replace(hand, on_change=False) for part, hand in ballad.hands.items()}
    now = moment(replace(ballad, hands=hands), chord="F", before="C", energy=0.0)
    _, hand = play_chords(now, "keys", "....", (60, 64, 67))
    assert {pitch % 12 for pitch in hand} == set(parse_chord("F").pitch_classes)
