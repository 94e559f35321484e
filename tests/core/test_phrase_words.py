"""The words of the phrase model: what is written can be read again, on the grid, in any key."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.chord_tokens import NO_CHORD_TOKEN
from realtime.core.meter import Meter
from realtime.core.phrase_words import (
    CHORD_IDS,
    DURATIONS,
    HIGHEST_PITCH,
    ID_OF,
    LONGEST_BAR,
    LOWEST_PITCH,
    PLACES,
    STEPS,
    WORDS,
    LineNote,
    PhraseWriter,
    bar_quarters,
    duration_steps,
    is_triple,
    meter_id,
    onset_steps,
    read_notes,
    shift_to_c,
    steps_of_beats,
    style_id,
    transposed,
)

places = st.tuples(st.integers(0, 3), st.sampled_from(PLACES)).map(lambda pair: pair[0] * STEPS + pair[1])
bars = st.lists(
    st.lists(
        st.tuples(
            places,
            st.integers(LOWEST_PITCH + 6, HIGHEST_PITCH - 6),
            st.sampled_from(DURATIONS),
            st.integers(0, NO_CHORD_TOKEN),
        ),
        max_size=6,
        unique_by=lambda note: note[0],
    ).map(sorted),
    min_size=1,
    max_size=6,
)


def write(bars, shift=0):
    writer = PhraseWriter(4, shift)
    ids = [meter_id(4)]
    for bar in bars:
        ids += writer.bar(4)
        for position, pitch, duration, chord in bar:
            ids += writer.onset(position, chord)
            ids += writer.note(pitch, duration)
    return ids


def test_every_word_stands_once():
    assert len(set(WORDS)) == len(WORDS) == len(ID_OF)


@given(bars, st.integers(-6, 5))
def test_what_is_written_is_read_again(bars, shift):
    expected = [
        LineNote(number * 4 * STEPS + position, pitch + shift, duration)
        for number, bar in enumerate(bars)
        for position, pitch, duration, _ in bar
    ]
    assert list(read_notes(write(bars, shift))) == expected


@given(bars, st.integers(-6, 5))
def test_writing_in_another_key_is_moving_the_words(bars, shift):
    assert write(bars, shift) == [transposed(word, shift) for word in write(bars)]


@given(bars)
def test_a_chord_is_told_only_when_it_changes(bars):
    told = [word for word in write(bars) if word in CHORD_IDS]
    assert all(one != other for one, other in pairwise(told))


@given(st.floats(0, 500))
def test_an_onset_lies_on_the_grid_and_near(quarters):
    steps = onset_steps(quarters)
    assert steps % STEPS in PLACES
    assert abs(steps - quarters * STEPS) <= 1.5 + 1e-6


@given(st.floats(0.001, 30))
def test_a_duration_has_a_word(quarters):
    assert duration_steps(quarters) in DURATIONS


@pytest.mark.parametrize(
    ("meter", "quarters", "triple"),
    [
        ((4, 4), 4, False), ((3, 4), 3, False), ((2, 2), 4, False), ((6, 8), 3, True), ((3, 8), 3, True),
        ((9, 8), 3, True), ((12, 8), 6, True), ((5, 8), 5, False), ((7, 8), 7, False), ((5, 4), 5, False),
        ((1, 4), 2, False), ((4, 2), 8, False),
    ],
)  # fmt: skip
def test_meters_are_written_in_quarters(meter, quarters, triple):
    assert bar_quarters(Meter(*meter)) == quarters
    assert is_triple(Meter(*meter)) is triple


@given(st.integers(1, 32), st.sampled_from([2, 4, 8, 16]))
def test_any_meter_can_be_written(numerator, denominator):
    assert 2 <= bar_quarters(Meter(numerator, denominator)) <= LONGEST_BAR


@given(st.integers(0, 11), st.booleans())
def test_a_key_is_brought_to_c_or_its_relative_minor(tonic, minor):
    shift = shift_to_c(tonic, minor=minor)
    assert -6 <= shift <= 5
    assert (tonic + shift) % 12 == (9 if minor else 0)


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from((0, 0.25, 0.5, 0.75))), max_size=12))
def test_sixteenths_played_a_little_late_are_sixteenths(places):
    onsets = [beat + part for beat, part in places]
    late = [onset + 0.04 for onset in onsets]
    assert steps_of_beats(late) == [round(onset * STEPS) for onset in onsets]


def test_triplets_played_a_little_late_are_triplets():
    assert steps_of_beats([2.03, 2.36, 2.69]) == [24, 28, 32]


def test_a_style_nobody_knows_is_any():
    assert style_id("polka") == ID_OF["Style_any"]
