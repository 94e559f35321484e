"""The player's notes on their way through."""

from realtime.core.events import ControlChange, NoteOff, NoteOn, PitchBend
from realtime.core.midi_codec import MidiMessage
from realtime.core.thru import Thru
from realtime.core.units import Micros


def passed(*messages, then_silence=False):
    thru, out = Thru(), []
    for message in messages:
        out += thru.take(MidiMessage(*message), Micros(0))
    if then_silence:
        out = list(thru.silence(Micros(1)))
    return [stamped.event for stamped in out]


def test_a_note_and_its_end_are_passed_on():
    assert passed(("note_on", 2, 60, 80), ("note_off", 2, 60)) == [
        NoteOn("player", 2, 60, 80),
        NoteOff("player", 2, 60),
    ]


def test_an_end_without_a_note_is_not_passed_on():
    assert passed(("note_off", 0, 60)) == []


def test_a_key_struck_twice_is_ended_in_between():
    events = passed(("note_on", 0, 60, 80), ("note_on", 0, 60, 90))
    assert events == [NoteOn("player", 0, 60, 80), NoteOff("player", 0, 60), NoteOn("player", 0, 60, 90)]


def test_silence_lifts_the_pedal_and_ends_what_is_held():
    events = passed(("control", 0, 64, 127), ("note_on", 0, 60, 80), then_silence=True)
    assert events == [ControlChange("player", 0, 64, 0), NoteOff("player", 0, 60)]


def test_all_notes_off_is_acted_on_and_not_passed_on():
    events = passed(("note_on", 0, 60, 80), ("control", 0, 123, 0))
    assert events == [NoteOn("player", 0, 60, 80), NoteOff("player", 0, 60)]


def test_the_wheel_is_passed_on_and_percussion_is_not():
    assert passed(("bend", 0, 0, 64), ("note_on", 9, 36, 100)) == [PitchBend("player", 0, 0)]
