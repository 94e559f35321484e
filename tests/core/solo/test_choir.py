"""The choir: what it sings under a note, and that no voice is forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.chord import QUALITIES, Chord, parse_chord
from realtime.core.key_finder import Key
from realtime.core.solo.choir import LOWEST, NEAREST, Choir, harmony_under
from realtime.core.units import Micros

C_MAJOR = Key(0, minor=False)
chords = st.none() | st.builds(lambda root, q: Chord(root, q, root), st.integers(0, 11), st.sampled_from([*QUALITIES]))
keys = st.none() | st.builds(Key, st.integers(0, 11), st.booleans())


@given(
    st.integers(0, 127),
    chords,
    keys,
    st.integers(1, 3),
    st.sampled_from(["close", "drop2"]),
    st.sampled_from(["diminished", "diatonic"]),
)
def test_voices_lie_under_the_melody_and_no_two_are_one(melody, chord, key, voices, layout, passing):
    found = harmony_under(melody, chord, key, voices, layout, passing)
    assert len(set(found)) == len(found) <= voices
    assert all(LOWEST <= pitch <= melody - NEAREST for pitch in found)
    assert list(found) == sorted(found, reverse=True)


@pytest.mark.parametrize(
    ("melody", "symbol", "layout", "passing", "expected"),
    [
        (76, "C", "close", "diatonic", (72, 67)),  # E over C: C and G
        (79, "Dm7", "close", "diatonic", (74, 72)),  # G, the eleventh of Dm7, stands for its third
        (76, "Dm7", "close", "diatonic", (72, 69)),  # E, its ninth, for the root
        (74, "Cmaj7", "close", "diatonic", (71, 67)),
        (76, "C", "drop2", "diatonic", (67, 60)),
        (77, "Cmaj7", "close", "diminished", (74, 71)),  # F passes: B and D, of the diminished chord
        (77, "Cmaj7", "close", "diatonic", (74, 71)),
        (75, "Cmaj7", "close", "diatonic", (72, 69)),  # outside the scale: diminished, whatever the style
    ],
)
def test_a_note_is_harmonised_as_sections_do(melody, symbol, layout, passing, expected):
    assert harmony_under(melody, parse_chord(symbol), C_MAJOR, 2, layout, passing) == expected


def test_without_a_chord_the_key_s_thirds_and_without_a_key_an_octave():
    assert harmony_under(76, None, C_MAJOR, 2, "close", "diatonic") == (72, 69)
    assert harmony_under(76, None, None, 2, "close", "diatonic") == (64,)


events = st.lists(
    st.one_of(
        st.tuples(st.just("on"), st.integers(60, 66)),
        st.tuples(st.just("off"), st.integers(60, 66)),
        st.tuples(st.just("pedal"), st.booleans()),
    ),
    max_size=40,
)


@given(events)
def test_every_voice_that_begins_ends_once(script):
    choir, sounding = Choir(), set()

    def ended(voices):
        for voice in voices:
            sounding.remove(voice)  # raises where it has ended already

    for number, (kind, value) in enumerate(script):
        if kind == "on":
            ended(choir.strike(value, Micros(number * 1_000_000)))
            begun = choir.sing(value, (value - 4, value - 7))
            assert not sounding & {*begun}
            sounding.update(begun)
        else:
            ended(choir.lift(value) if kind == "off" else choir.pedal(down=value))
    ended(choir.clear())
    assert not sounding


def test_the_top_of_a_chord_struck_together_is_the_melody():
    choir = Choir()
    choir.strike(64, Micros(0))
    choir.sing(64, (60,))
    assert choir.strike(67, Micros(5_000)) == [60]
    assert not choir.is_melody(62, 55)
    assert not choir.is_melody(70, 72)
