"""Chords and their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.chord import QUALITIES, BadChord, Chord, name_of, parse_chord

chords = st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)), st.integers(0, 11))


@given(chords, st.booleans())
def test_every_chord_is_read_back_from_its_name(chord, flats):
    assert parse_chord(chord.name(flats=flats)) == chord


@given(chords, st.integers(-24, 24))
def test_transposing_there_and_back_is_the_same_chord(chord, semitones):
    assert chord.transposed(semitones).transposed(-semitones) == chord


@given(st.text(max_size=20))
def test_any_text_is_a_chord_or_is_refused_with_what_was_seen(text):
    try:
        chord = parse_chord(text)
    except BadChord as problem:
        assert repr(text.strip())[:20] in str(problem) or repr(text)[:20] in str(problem)
    else:
        assert chord is None or 0 <= chord.root < 12


@pytest.mark.parametrize(
    ("symbol", "root", "quality", "bass"),
    [("C", 0, "", 0), ("Am7", 9, "m7", 9), ("F#-7b5", 6, "m7b5", 6), ("Bb/D", 10, "", 2), ("E♭maj7", 3, "maj7", 3)],
)
def test_common_spellings_are_understood(symbol, root, quality, bass):
    assert parse_chord(symbol) == Chord(root, quality, bass)


def test_no_chord_is_written_n():
    assert parse_chord("N") is None
    assert name_of(None) == "N"
