"""What counts as heard."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.evidence import MAX_NOTES_KEPT, Ear
from realtime.core.midi_codec import MidiMessage
from realtime.core.units import Micros
from tests.core.playing import BEAT

messages = st.lists(
    st.tuples(
        st.integers(0, 300_000),
        st.one_of(
            st.builds(MidiMessage, st.just("note_on"), st.integers(0, 15), st.integers(0, 127), st.integers(1, 127)),
            st.builds(MidiMessage, st.just("note_off"), st.integers(0, 15), st.integers(0, 127)),
            st.builds(MidiMessage, st.just("control"), st.integers(0, 15), st.integers(60, 127), st.integers(0, 127)),
        ),
    )
)


@given(messages)
def test_whatever_is_played_the_weights_are_finite_and_not_negative(script):
    ear, now = Ear(), 0
    for gap, message in script:
        now += gap
        ear.take(message, Micros(now))
    evidence = ear.evidence(Micros(now - BEAT), Micros(now))
    assert all(0.0 <= weight < 100.0 for weight in (*evidence.weights, *evidence.bass))


def test_a_note_that_ended_before_the_window_is_not_heard():
    ear = Ear()
    ear.take(MidiMessage("note_on", 0, 60, 80), Micros(0))
    ear.take(MidiMessage("note_off", 0, 60, 0), Micros(100))
    assert ear.evidence(Micros(200), Micros(BEAT)).total == 0.0


def test_a_pedalled_note_is_heard_after_its_key_is_up():
    ear = Ear()
    ear.take(MidiMessage("control", 0, 64, 127), Micros(0))
    ear.take(MidiMessage("note_on", 0, 60, 80), Micros(10))
    ear.take(MidiMessage("note_off", 0, 60, 0), Micros(100))
    assert ear.evidence(Micros(200), Micros(BEAT)).weights[0] > 0.5
    ear.take(MidiMessage("control", 0, 64, 0), Micros(BEAT))
    assert ear.evidence(Micros(BEAT + 1), Micros(2 * BEAT)).total == 0.0


def test_the_longer_of_two_notes_counts_more():
    ear = Ear()
    ear.take(MidiMessage("note_on", 0, 60, 80), Micros(0))
    ear.take(MidiMessage("note_on", 0, 64, 80), Micros(0))
    ear.take(MidiMessage("note_off", 0, 64, 0), Micros(BEAT // 4))
    weights = ear.evidence(Micros(0), Micros(BEAT)).weights
    assert weights[0] > weights[4] > 0.0


def test_percussion_is_not_harmony():
    ear = Ear()
    ear.take(MidiMessage("note_on", 9, 60, 80), Micros(0))
    assert ear.evidence(Micros(0), Micros(BEAT)).total == 0.0


def test_a_flood_of_notes_does_not_fill_the_memory():
    ear = Ear()
    for index in range(10_000):
        ear.take(MidiMessage("note_on", 0, index % 128, 80), Micros(index))
    assert len(ear._spans) == MAX_NOTES_KEPT
    assert len(ear._open) <= 128
