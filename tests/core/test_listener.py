"""What the player is doing, beat by beat."""

from realtime.core.chord import parse_chord
from realtime.core.key_finder import Key
from realtime.core.listener import Listener
from realtime.core.midi_codec import MidiMessage
from realtime.core.units import Micros
from tests.core.playing import BEAT, keys_of


def play_beat(listener, number, symbol, velocity=80):
    begin = number * BEAT
    for pitch in keys_of(symbol):
        listener.take(MidiMessage("note_on", 0, pitch, velocity), Micros(begin))
    for pitch in keys_of(symbol):
        listener.take(MidiMessage("note_off", 0, pitch, 0), Micros(begin + BEAT - 1000))
    return listener.end_beat(Micros(begin), Micros(begin + BEAT))


def test_each_beat_has_its_own_chord():
    listener = Listener()
    for number, symbol in enumerate(["C", "F", "G7", "Am", "Dm7"]):
        assert play_beat(listener, number, symbol).chord == parse_chord(symbol)


def test_loud_playing_raises_the_energy_and_soft_playing_lowers_it():
    loud, soft = Listener(), Listener()
    for number in range(24):
        play_beat(loud, number, "C", velocity=115)
        play_beat(soft, number, "C", velocity=40)
    assert loud.energy > 0.7
    assert soft.energy < 0.3


def test_silence_keeps_the_energy_and_gives_no_chord():
    listener = Listener()
    play_beat(listener, 0, "C")
    before = listener.energy
    assert listener.end_beat(Micros(BEAT), Micros(2 * BEAT)).chord is None
    assert listener.energy == before
    assert listener.chord == parse_chord("C")


def test_the_key_said_is_the_key():
    listener = Listener()
    play_beat(listener, 0, "C")
    listener.key_override = Key(3, minor=False)
    assert listener.key.name == "Eb major"
    assert listener.key_confidence == 1.0


def test_a_chord_is_heard_as_soon_as_it_is_struck():
    listener = Listener()
    for pitch in keys_of("F"):
        listener.take(MidiMessage("note_on", 0, pitch, 80), Micros(10))
    heard = listener.hear_now(Micros(0), Micros(45_000))
    assert heard.chord == parse_chord("F")
