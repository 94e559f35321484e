"""Form: sections heard as they return and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.form import LEAST_BARS, MAX_BARS, Form


def bars(text):
    """Sections spelt by letters, eight bars each, all of different chords."""
    return [(ord(letter) * 16 + bar,) * 4 for letter in text for bar in range(8)]


def heard(song):
    form = Form()
    for bar in song:
        form.take(bar)
    return [(section.letter, section.first_bar) for section in form.sections]


@pytest.mark.parametrize(
    ("song", "sections"),
    [
        ("AA", [("A", 0), ("A", 8)]),
        ("AABA", [("A", 0), ("A", 8), ("B", 16), ("A", 24)]),
        ("AABAAABA", [("A", 0), ("A", 8), ("B", 16), ("A", 24)]),
    ],
)
def test_sections_are_named_as_they_come_back(song, sections):
    assert heard(bars(song))[: len(sections)] == sections


def test_in_the_second_chorus_the_bridge_is_known():
    form = Form()
    for bar in bars("AABAAABA"):
        form.take(bar)
    bridge = next(section for section in form.sections if section.first_bar == 48)
    assert bridge.letter == "B"
    assert bridge.returns


def test_a_wrong_chord_here_and_there_does_not_hide_a_return():
    song = bars("AB") + bars("A")
    song[17] = (1, 1, 1, 1)
    assert ("A", 16) in heard(song)


def test_a_song_without_repeats_is_one_section():
    assert heard([(number,) * 4 for number in range(40)]) == [("A", 0)]


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 4), max_size=60))
def test_sections_stand_in_order_and_once_told_they_stand(song):
    form, told = Form(), []
    for bar in song:
        form.take(bar)
        starts = [section.first_bar for section in form.sections]
        assert starts == sorted(set(starts))
        told.append(len(form.sections))
    assert all(section.letter.isalpha() for section in form.sections)


def test_a_long_night_does_not_fill_the_memory():
    form = Form()
    for number in range(2 * MAX_BARS):
        form.take((number % 7,) * 4)
        assert form.bar_count <= MAX_BARS
    assert len(form.sections) < MAX_BARS // LEAST_BARS


def test_after_a_thousand_bars_sections_are_still_named_where_they_begin():
    form, told, song = Form(), [], bars("AABA") * 40
    for number, bar in enumerate(song):
        for beat in range(4):
            found = form.hear_beat(4 * number + beat, bar[beat], 4)
            if found is not None:
                told.append(found)
    late = [(section.letter, bar) for section, bar in told if bar >= MAX_BARS]
    assert {bar for letter, bar in late if letter == "B"} == set(range(MAX_BARS + 16, len(song), 32))
    assert all(bar % 8 == 0 for _, bar in late)
    assert form.landmarks(len(song)).next_bar == len(song)
