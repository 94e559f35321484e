"""Whether a melody is alone."""

from realtime.core.evidence import Span
from realtime.core.melody_ear import MelodyEar, melody_of
from realtime.core.units import Micros

BEAT = 600_000


def span(pitch, start=0.0, length=1.0, pedal=0.0):
    begin, lifted = Micros(int(start * BEAT)), Micros(int((start + length) * BEAT))
    return Span(pitch, 80, begin, Micros(int((start + length + pedal) * BEAT)), lifted)


def take(ear, *spans):
    return ear.take(list(spans), Micros(0), Micros(BEAT))


def test_a_melody_is_alone_after_its_first_bar():
    ear = MelodyEar()
    for _ in range(4):
        take(ear, span(72, 0.0, 0.5), span(74, 0.5, 0.5))
    assert ear.is_alone


def test_silence_is_no_melody():
    ear = MelodyEar()
    for _ in range(8):
        take(ear)
    assert not ear.is_alone


def test_a_chord_ends_that_at_once_and_eight_beats_of_melody_bring_it_back():
    ear = MelodyEar()
    take(ear, span(60), span(64), span(67))
    assert not ear.is_alone
    beats = 0
    while not ear.is_alone:
        take(ear, span(72))
        beats += 1
    assert beats == 8


def test_a_bass_is_no_melody():
    ear = MelodyEar()
    take(ear, span(40))
    assert not ear.is_alone


def test_a_melody_in_thirds_is_not_alone_for_long():
    ear = MelodyEar()
    for _ in range(4):
        take(ear, span(72), span(76))
    assert not ear.is_alone


def test_a_pedal_under_a_melody_makes_no_chord_of_it():
    ear = MelodyEar()
    for _ in range(4):
        take(ear, *(span(pitch, n / 4, 0.2, pedal=3.0) for n, pitch in enumerate((72, 76, 79, 84))))
    assert ear.is_alone


def test_legato_makes_no_chord_of_a_melody():
    ear = MelodyEar()
    for _ in range(4):
        take(ear, span(72, 0.0, 0.6), span(74, 0.5, 0.5))
    assert ear.is_alone


def test_a_beat_s_melody_is_how_long_each_note_was_held_and_what_began_it():
    row = melody_of([span(72, 0.0, 0.5), span(74, 0.5, 0.5)], Micros(0), Micros(BEAT))
    assert row[0] > row[2] == 0.5
