"""The player's phrases: what is melody, and when it is over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.solo.call_ear import CallEar
from realtime.core.units import Micros, Ticks

BEAT, BAR = 960, 3840
MICROS_A_TICK = 600


def play(ear, notes):
    """Notes as (beat, beats, pitch), each struck and let go."""
    events = [(beat, 1, pitch) for beat, _, pitch in notes] + [(beat + long, 0, pitch) for beat, long, pitch in notes]
    for beat, is_on, pitch in sorted(events):
        tick = Ticks(round(beat * BEAT))
        if is_on:
            ear.strike(pitch, 80, Micros(tick * MICROS_A_TICK), tick)
        else:
            ear.lift(pitch, tick)


def call_at(ear, beat):
    return ear.call(55, Ticks(0), Ticks(round(beat * BEAT)), BEAT, BAR)


LINE = [(0.0, 0.4, 72), (0.5, 0.4, 74), (1.0, 0.4, 76), (1.5, 0.4, 74), (2.0, 0.9, 72)]


def test_a_phrase_is_over_when_the_next_note_is_overdue():
    ear = CallEar()
    play(ear, LINE)
    assert call_at(ear, 2.5) is None
    call = call_at(ear, 3.2)
    assert [note.pitch for note in call.notes] == [72, 74, 76, 74, 72]
    assert (call.start, call.end) == (0, round(2.9 * BEAT))


def test_a_slow_melody_is_waited_for_longer():
    slow, quick = CallEar(), CallEar()
    play(slow, [(0, 0.9, 72), (1, 0.9, 74), (2, 0.9, 76), (3, 0.9, 77), (4, 0.9, 76)])
    play(quick, [(beat / 4 + 3, 0.2, 70 + beat) for beat in range(5)])
    assert call_at(slow, 4.95) is None
    assert call_at(quick, 4.95) is not None


def test_a_note_held_for_two_beats_ends_a_phrase_while_it_sounds():
    ear = CallEar()
    play(ear, LINE[:4])
    ear.strike(76, 80, Micros(2 * BEAT * MICROS_A_TICK), Ticks(2 * BEAT))
    assert call_at(ear, 3.5) is None
    assert call_at(ear, 4.1) is not None


@given(st.lists(st.integers(55, 70), min_size=3, max_size=5, unique=True), st.integers(5, 12))
def test_chords_are_no_melody_but_a_note_apart_on_top_of_one_is(chord, above):
    ear = CallEar()
    for number in range(4):
        play(ear, [(number, 0.9, pitch) for pitch in chord])
    assert call_at(ear, 6.0) is None or max(chord) - sorted(chord)[-2] >= 5
    topped = CallEar()
    for number in range(4):
        play(topped, [(number, 0.9, pitch) for pitch in [*chord, max(chord) + above]])
    assert {note.pitch for note in topped.melody(55, Ticks(0))} == {max(chord) + above}


def test_the_left_hand_alone_calls_for_no_answer():
    ear = CallEar()
    play(ear, [(beat, long, pitch - 30) for beat, long, pitch in LINE])
    assert call_at(ear, 8) is None


@pytest.mark.parametrize("silence", [2.0, 4.0])
def test_a_silence_parts_phrases(silence):
    ear = CallEar()
    play(ear, LINE + [(beat + 3 + silence, long, pitch + 1) for beat, long, pitch in LINE])
    assert call_at(ear, 3 + silence + 4).start == round((3 + silence) * BEAT)
