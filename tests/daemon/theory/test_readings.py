"""Progressions are read as textbooks read them, in every key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.theory import BadProgression, analyse, read_progression
from daemon.theory.complexity import distance
from daemon.theory.progression import MOST_CHORDS, of_chords
from realtime.core.chord import QUALITIES, Chord, parse_chord
from realtime.core.key_finder import Key, parse_key
from tests.daemon.theory.textbook import TEXTBOOK

CHORDS = st.builds(
    lambda root, quality, over: Chord(root, quality, (root + over) % 12),
    st.integers(0, 11),
    st.sampled_from(sorted(QUALITIES)),
    st.sampled_from([0, 0, 0, 4, 7, 10, 2]),
)


@pytest.mark.parametrize(("text", "key", "numerals"), TEXTBOOK, ids=[text for text, _, _ in TEXTBOOK])
def test_a_progression_is_read_as_the_textbooks_read_it(text, key, numerals):
    analysis = analyse(read_progression(text))
    assert {read.key.name for read in analysis.chords} == {key}
    assert " ".join(read.reading.numeral for read in analysis.chords) == numerals


@given(st.lists(CHORDS, min_size=1, max_size=8), st.integers(1, 11))
def test_a_transposed_progression_has_the_same_numerals(chords, semitones):
    here = analyse(of_chords(chords))
    there = analyse(of_chords([chord.transposed(semitones) for chord in chords]))
    if (
        len(here.regions) == len(there.regions) == 1 and (here.key.tonic + semitones) % 12 == there.key.tonic
    ):  # of keys that fit alike, the first is taken
        assert [read.reading for read in here.chords] == [_moved(read.reading, -semitones) for read in there.chords]


def _moved(reading, semitones):
    target = None if reading.target is None else (reading.target + semitones) % 12
    return type(reading)(reading.numeral, reading.function, reading.kind, reading.cost, target, reading.resolves)


@given(st.lists(CHORDS, min_size=1, max_size=12), st.booleans(), st.integers(0, 11))
def test_any_chords_have_an_analysis_in_any_key(chords, minor, tonic):
    analysis = analyse(of_chords(chords), Key(tonic, minor))
    assert {read.key for read in analysis.chords} == {Key(tonic, minor)}
    assert 1 <= analysis.complexity.grade <= 10
    assert 0.0 <= analysis.complexity.chromaticity <= 1.0


def test_numerals_are_read_in_the_key_that_is_given():
    assert read_progression("ii7 V7 Imaj7", parse_key("Eb")).chords == read_progression("Fm7 Bb7 Ebmaj7").chords


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has none"),
        ("% C", "begins with it"),
        ("Dm7 H7", "'H7' is neither a chord symbol"),
        ("C " * (MOST_CHORDS + 1), "at most 1024 chords"),
        ("C" * 20_000, "at most 16384 characters"),
    ],
)
def test_what_is_no_progression_is_refused_with_what_was_seen(text, message):
    with pytest.raises(BadProgression, match=message):
        read_progression(text)


@given(st.text(max_size=60))
def test_any_text_is_a_progression_or_refused(text):
    try:
        progression = read_progression(text)
    except BadProgression:
        return
    assert progression.steps


def test_bars_share_their_time_and_percent_repeats_them():
    steps = read_progression("| C F | % | G |").steps
    assert [(step.bar, step.bars) for step in steps] == [(0.0, 0.5), (0.5, 0.5), (1.0, 0.5), (1.5, 0.5), (2.0, 1.0)]


def test_a_modulation_is_seen_with_its_pivot():
    analysis = analyse(read_progression("C Am F G7 C Am D7 G Em Am D7 G"))
    (change,) = analysis.modulations
    assert (change.old.name, change.new.name) == ("C major", "G major")
    assert change.pivot in [("vi", "ii"), ("I", "IV")]


@pytest.mark.parametrize(("name", "apart"), [("G", 5), ("F", 5), ("Am", 7), ("Em", 7), ("Dm", 8), ("Bdim", 8)])
def test_distances_in_tonal_pitch_space_are_lerdahls(name, apart):
    key, chord = parse_key("C"), parse_chord(name)
    assert distance(parse_chord("C"), key, chord, key) == apart
