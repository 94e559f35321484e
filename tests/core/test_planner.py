"""The plan: promises, revisions, vetoes."""

from realtime.core.chord import parse_chord
from realtime.core.oracle import token_of
from realtime.core.planner import Planner

LOOP = [symbol for symbol in ("C", "Am", "F", "G") for _ in range(4)]


def taught(beats, commit=1):
    """A planner that has lived through `beats` beats of the loop, standing at the start of the next."""
    planner = Planner()
    planner.begin(4)
    for number in range(beats):
        planner.start_beat(number, commit, 8)
        planner.oracle.observe(parse_chord(LOOP[number % 16]))
    return planner


def test_every_beat_is_promised_a_beat_ahead_and_once():
    planner = Planner()
    planner.begin(4)
    for number in range(20):
        made = [commitment.number for commitment in planner.start_beat(number, 1, 8)]
        assert made == ([0, 1] if number == 0 else [number + 1])
        planner.oracle.observe(parse_chord("C"))


def test_a_wider_commitment_promises_further_ahead():
    planner = Planner()
    planner.begin(4)
    assert [c.number for c in planner.start_beat(0, 4, 8)] == [0, 1, 2, 3, 4]
    planner.oracle.observe(None)
    assert [c.number for c in planner.start_beat(1, 4, 8)] == [5]


def test_a_known_loop_is_promised_right():
    planner = taught(48)
    planner.start_beat(48, 1, 8)
    assert [planner.chord_on(n).name() for n in range(48, 54)] == ["C"] * 4 + ["Am"] * 2


def test_a_surprise_changes_what_sounds_but_not_what_was_promised():
    planner = taught(48)
    planner.start_beat(48, 1, 8)
    changed = planner.revise(48, parse_chord("Ab"))
    assert changed[0] == 48
    assert planner.chord_on(48) == parse_chord("Ab")
    assert planner.committed[48].chord == parse_chord("C")


def test_what_was_expected_anyway_changes_nothing():
    planner = taught(48)
    planner.start_beat(48, 1, 8)
    assert planner.revise(48, parse_chord("C")) == []


def test_a_veto_takes_the_next_best_and_keeps_it():
    planner = taught(48)
    planner.start_beat(48, 1, 8)
    other = planner.veto(49)
    assert token_of(other) != token_of(parse_chord("C"))
    planner.revise(48, parse_chord("F"))
    assert planner.chord_on(49) == other


def test_old_promises_are_forgotten():
    planner = taught(500)
    assert len(planner.committed) < 80
    assert len(planner.playing) < 80
