"""Which keys make chords."""

import pytest

from realtime.core.chord import parse_chord
from realtime.core.listener import Listener
from realtime.core.midi_codec import MidiMessage
from realtime.core.parameters import DEFAULTS
from realtime.core.units import Micros
from tests.core.playing import BEAT


def hear(keys, hands="full", split=60, beats=1):
    """The chord of the last of some beats in which `keys` are struck, with the listener."""
    listener = Listener(parameters={**DEFAULTS, "listen/hands": hands, "listen/split": split})
    for beat in range(beats):
        for pitch in keys:
            listener.take(MidiMessage("note_on", 0, pitch, 80), Micros(beat * BEAT))
        for pitch in keys:
            listener.take(MidiMessage("note_off", 0, pitch, 0), Micros((beat + 1) * BEAT - 1000))
        heard = listener.end_beat(Micros(beat * BEAT), Micros((beat + 1) * BEAT))
    return heard.chord, listener


LEFT_C, RIGHT_F = [48, 52, 55], [65, 69, 72, 77]


def test_the_whole_keyboard_makes_the_chord():
    chord, _ = hear([48, 64, 67])
    assert chord == parse_chord("C")


def test_above_the_split_nothing_makes_a_chord():
    assert hear(LEFT_C + RIGHT_F, "split")[0] == parse_chord("C")
    assert hear(RIGHT_F, "split")[0] is None


@pytest.mark.parametrize("split", [50, 53, 61])
def test_the_split_is_where_it_is_set(split):
    chord, _ = hear([48, 52, 55, 60], "split", split)
    assert (chord is None) == (split < 49) or chord.root == 0


def test_two_keys_are_no_fingered_chord_and_three_are():
    assert hear([48, 52, *RIGHT_F], "fingered")[0] is None
    assert hear(LEFT_C + RIGHT_F, "fingered")[0] == parse_chord("C")


def test_the_lowest_key_is_the_bass_if_the_player_wants_it_so():
    assert hear([53, 60, 64, 67], "bass")[0].bass == 5
    assert hear([40, 60, 64, 67], "bass")[0] == parse_chord("C/E")


def test_all_keys_count_for_the_energy_and_for_the_key():
    _, quiet = hear([60], "split", beats=8)
    _, busy = hear(RIGHT_F, "split", beats=8)
    assert busy.key is not None
    assert busy.energy >= quiet.energy


def test_a_chord_struck_above_the_split_moves_nobody():
    _, listener = hear(LEFT_C, "split")
    for pitch in RIGHT_F:
        listener.take(MidiMessage("note_on", 0, pitch, 80), Micros(BEAT + 10))
    assert listener.hear_now(Micros(BEAT), Micros(BEAT + 45_000)).chord is None


def test_a_key_held_while_the_split_moves_is_still_let_go():
    parameters = {**DEFAULTS, "listen/hands": "split"}
    listener = Listener(parameters=parameters)
    listener.take(MidiMessage("note_on", 0, 55, 80), Micros(0))
    parameters["listen/split"] = 40
    listener.take(MidiMessage("note_off", 0, 55, 0), Micros(1000))
    assert not list(listener.hands.chords.keyboard.sounding())
