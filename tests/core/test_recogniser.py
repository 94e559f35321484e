"""Chords from keys: two hands, inversions, a melody on top, silence."""

import pytest

from realtime.core.chord import parse_chord
from realtime.core.evidence import Ear
from realtime.core.midi_codec import MidiMessage
from realtime.core.recogniser import recognise
from realtime.core.units import Micros
from tests.core.playing import BEAT, keys_of


def hear(pitches, melody=()):
    """The chord in one beat of held keys, with melody notes one after the other over them."""
    ear = Ear()
    for pitch in pitches:
        ear.take(MidiMessage("note_on", 0, pitch, 80), Micros(0))
    step = BEAT // max(1, len(melody))
    for index, pitch in enumerate(melody):
        ear.take(MidiMessage("note_on", 0, pitch, 90), Micros(index * step))
        ear.take(MidiMessage("note_off", 0, pitch, 0), Micros((index + 1) * step - 1000))
    return recognise(ear.evidence(Micros(0), Micros(BEAT)), None)


@pytest.mark.parametrize("root", ["C", "Db", "E", "F", "G", "Ab", "B"])
@pytest.mark.parametrize("quality", ["", "m", "7", "maj7", "m7", "m7b5", "sus4"])
def test_a_full_chord_over_its_root_is_heard_as_what_it_is(root, quality):
    heard = hear(keys_of(root + quality))
    assert heard.chord == parse_chord(root + quality)
    assert heard.confidence > 0.5


@pytest.mark.parametrize("symbol", ["C/E", "F/A", "Bb/D", "C/G", "G/B"])
def test_an_inversion_keeps_its_root_and_tells_its_bass(symbol):
    assert hear(keys_of(symbol)).chord == parse_chord(symbol)


def test_a_melody_over_the_chord_does_not_rename_it():
    assert hear(keys_of("C"), melody=[76, 77, 81, 79]).chord.root == 0
    assert hear(keys_of("Am"), melody=[76, 77, 79, 74]).chord == parse_chord("Am")


def test_two_notes_are_enough_for_a_root():
    assert hear([36, 43]).chord.root == 0


def test_silence_is_no_chord():
    heard = hear([])
    assert heard.chord is None
    assert heard.confidence == 0.0


def test_the_chord_before_goes_on_when_the_notes_could_be_either():
    ear = Ear()
    for pitch in (72, 76):
        ear.take(MidiMessage("note_on", 0, pitch, 80), Micros(0))
    evidence = ear.evidence(Micros(0), Micros(BEAT))
    assert recognise(evidence, parse_chord("Am")).chord.root == 9
    assert recognise(evidence, parse_chord("C")).chord.root == 0
