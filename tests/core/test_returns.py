"""Returns: where in a form that comes back the next section begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.returns import LEAST_LAG, SURE_BARS, Landmarks, Returns

LOOP = [(1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3), (4, 4, 4, 4)]


def section(letter, bars=8):
    """Bars of chords that no other letter has; the last one leads anywhere."""
    return [(ord(letter) * 16 + bar,) * 4 for bar in range(bars - 1)] + [(0, 0, 0, 0)]


def song(letters, bars=8):
    return [bar for letter in letters for bar in section(letter, bars)]


def heard(bars):
    returns = Returns()
    for bar in bars:
        returns.take(bar)
    return returns


def set_up(bars):
    """The bars that are known, in the bar before, to begin something."""
    returns, found = Returns(), []
    for number, bar in enumerate(bars):
        if returns.landmarks(number).next_bar == number + 1 or (
            returns.landmarks(number).next_bar == number and returns.landmarks(number + 1).next_bar == number + 1
        ):
            found.append(number + 1)
        returns.take(bar)
    return found


@pytest.mark.parametrize(
    ("letters", "known"),
    [("ABAB", [24, 32]), ("AABAAABA", [16, 40, 48, 56, 64]), ("AAAA", [16, 24, 32]), ("ABCABC", [32, 40, 48])],
)
def test_the_second_time_round_every_section_is_known_before_it_begins(letters, known):
    assert set(known) <= set(set_up(song(letters)))
    assert all(bar % 8 == 0 for bar in set_up(song(letters)))


def test_a_twelve_bar_chorus_comes_round_every_twelve_bars():
    assert set_up(song("AAAA", 12)) == [24, 36, 48]


def test_what_never_comes_back_has_no_landmarks_ahead():
    assert set_up(song("ABCDEFGH")) == []


def test_a_loop_of_four_chords_is_a_phrase_of_eight_bars():
    assert set_up(LOOP * 8) == [16, 24, 32]


def test_a_wrong_bar_here_and_there_does_not_hide_a_return_but_another_song_ends_it():
    bars = song("ABAB")
    bars[18] = bars[23] = (9, 9, 9, 9)
    assert heard(bars[:26]).landmarks(26).next_bar == 32
    assert heard([*bars[:26], *song("XY")[:3]]).landmarks(29).next_bar is None


def test_a_section_that_returns_after_another_recalls_how_it_began():
    marks = heard(song("ABAB")[:24]).landmarks(24)
    assert (marks.next_bar, marks.recalls, marks.is_other) == (24, 8, True)
    assert not heard(song("AAA")).landmarks(24).is_other


@given(st.lists(st.integers(0, 2), max_size=80), st.integers(0, 4))
def test_landmarks_lie_ahead_and_memories_behind(tokens, ahead):
    bars = [(token,) * 4 for token in tokens]
    marks = heard(bars).landmarks(len(bars) + ahead)
    assert marks.next_bar is None or marks.next_bar >= len(bars) + ahead
    assert marks.recalls is None or 0 <= marks.recalls <= len(bars) + ahead - LEAST_LAG
    assert marks.next_bar is None or len(bars) >= LEAST_LAG + SURE_BARS
    assert marks.section_bar is not None
    assert marks.section_bar <= max(0, len(bars) + ahead)


@given(st.integers(0, 50))
def test_landmarks_are_moved_as_one(bars):
    assert Landmarks(1, 9, None).moved(bars) == Landmarks(1 + bars, 9 + bars, None)
