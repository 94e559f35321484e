"""Free time: chords without a beat."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.chord import parse_chord
from realtime.core.free_time import SHORTEST_CHORD, FreeTime
from realtime.core.units import Micros

LOOP = [parse_chord(symbol) for symbol in ("C", "Am7", "Dm7", "G7")]


def play(free, times, pause=1_000_000):
    told = []
    for number in range(times * len(LOOP)):
        told.append(free.hear(LOOP[number % len(LOOP)], Micros(number * pause)))
    return told


def test_a_loop_is_foreseen_once_it_has_come_round_twice():
    told = play(FreeTime(), 4)[8:-1]
    for number, expected in enumerate(told, start=9):
        assert expected.chord == LOOP[number % len(LOOP)]
        assert expected.probability > 0.5


def test_the_same_chord_again_says_nothing_new():
    free = FreeTime()
    assert free.hear(LOOP[0], Micros(0)) is not None
    assert free.hear(LOOP[0], Micros(2_000_000)) is None


@given(st.lists(st.integers(0, SHORTEST_CHORD - 1), min_size=1, max_size=6))
def test_what_is_over_at_once_is_not_learnt(moments):
    """A rolled chord sounds like several on its way."""
    clean, rolled = FreeTime(), FreeTime()
    for number in range(8):
        at = number * 1_000_000
        clean.hear(LOOP[number % 4], Micros(at))
        for moment in sorted(moments):
            rolled.hear(LOOP[(number + moment) % 4], Micros(at + moment))
        rolled.hear(LOOP[number % 4], Micros(at + max(moments)))
    assert clean.oracle.save() == rolled.oracle.save()


def test_the_last_chord_before_a_beat_is_learnt_too():
    free = FreeTime()
    free.hear(LOOP[0], Micros(0))
    before = free.oracle.next_beat
    free.leave(Micros(1_000_000))
    assert free.oracle.next_beat == before + 1
