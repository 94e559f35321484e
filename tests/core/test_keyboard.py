"""Keys and pedals."""

from realtime.core.keyboard import SOSTENUTO, SUSTAIN, Keyboard
from realtime.core.midi_codec import MidiMessage
from realtime.core.units import Micros


def sounding(*messages):
    keyboard = Keyboard()
    for at, message in enumerate(messages):
        keyboard.take(MidiMessage(*message), Micros(at))
    return [note.pitch for note in keyboard.sounding()]


def on(pitch):
    return ("note_on", 0, pitch, 80)


def off(pitch):
    return ("note_off", 0, pitch)


def pedal(controller, value):
    return ("control", 0, controller, value)


def test_a_lifted_key_falls_silent():
    assert sounding(on(60), on(64), off(60)) == [64]


def test_the_sustain_pedal_holds_lifted_keys_until_it_rises():
    down = [on(60), pedal(SUSTAIN, 64), off(60), on(64)]
    assert sounding(*down) == [60, 64]
    assert sounding(*down, pedal(SUSTAIN, 63)) == [64]


def test_the_sostenuto_pedal_holds_only_keys_already_down():
    held = [on(60), pedal(SOSTENUTO, 127), on(64), off(60), off(64)]
    assert sounding(*held) == [60]
    assert sounding(*held, pedal(SOSTENUTO, 0)) == []


def test_all_notes_off_ends_everything():
    assert sounding(on(60), pedal(SUSTAIN, 127), pedal(123, 0)) == []


def test_notes_of_any_channel_are_the_player_s_but_percussion_is_not():
    assert sounding(("note_on", 5, 60, 80), ("note_on", 9, 36, 80)) == [60]
