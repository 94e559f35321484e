"""Rough playing and mishearing, on purpose."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.evaluation import prediction, recognition
from daemon.evaluation.corpus import TuneNote
from daemon.evaluation.corruption import rough_notes, rough_tokens
from daemon.evaluation.scores import marks


def test_about_the_share_asked_for_is_wrong():
    tokens = [place % 85 for place in range(4000)]
    heard = rough_tokens(tokens, 0.25, "a tune", 0)
    assert sum(a != b for a, b in zip(tokens, heard, strict=True)) / 4000 == pytest.approx(0.25, abs=0.03)
    notes = [TuneNote(place, 1.0, 60) for place in range(4000)]
    played = rough_notes(notes, 0.3, "a tune", 0)
    assert sum(note.pitch == 60 for note in played) / 4000 == pytest.approx(0.8, abs=0.03)
    assert sum(note.pitch != 60 for note in played) / 4000 == pytest.approx(0.2, abs=0.03)


@given(st.lists(st.integers(0, 84), max_size=30), st.lists(st.integers(0, 84), max_size=30), st.floats(0, 1))
def test_what_comes_later_changes_no_earlier_mistake(tokens, more, share):
    assert rough_tokens(tokens + more, share, "x", 1)[: len(tokens)] == rough_tokens(tokens, share, "x", 1)


def test_every_tune_has_mistakes_of_its_own_and_always_the_same_ones():
    tokens = [0] * 50
    assert rough_tokens(tokens, 0.3, "a", 1) == rough_tokens(tokens, 0.3, "a", 1)
    assert rough_tokens(tokens, 0.3, "a", 1) != rough_tokens(tokens, 0.3, "b", 1)
    assert rough_tokens(tokens, 0.3, "a", 1) != rough_tokens(tokens, 0.3, "a", 2)


@pytest.mark.parametrize(("task", "figure"), [(recognition, "root"), (prediction, "adaptive")])
def test_mistakes_cost_something_and_not_everything(task, figure, tune, order):
    def right(share):
        told = marks(task.FIGURES, [task.judge(tune(bars=40), replace(order, corrupt=share))], seed=0)[figure]
        return told["second_half"] if isinstance(told, dict) else told

    assert right(0.0) > right(0.5)
    assert right(0.2) > 0.3
