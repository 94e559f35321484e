"""The key filter: a distribution over keys and noise, whatever is heard."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core import key_tables as tables
from realtime.core.key_filter import MODES, RELATIONS, ROWS, STATES, KeyFilter, relations, scales_of_states

weights = st.lists(st.floats(0.0, 40.0), min_size=12, max_size=12).map(np.array)
beats = st.lists(st.tuples(weights, weights), min_size=1, max_size=12)


@given(beats)
def test_the_states_are_a_distribution_whatever_is_heard(heard):
    listener = KeyFilter()
    for notes, bass in heard:
        listener.hear(notes, bass)
        states = np.array(listener.states)
        assert states.shape == (STATES + 1,)
        assert np.isfinite(states).all()
        assert (states >= 0.0).all()
        assert states.sum() == pytest.approx(1.0)


@given(beats, st.integers(1, 11))
def test_music_moved_up_moves_every_state_up(heard, semitones):
    here, there = KeyFilter(), KeyFilter()
    for notes, bass in heard:
        here.hear(notes, bass)
        there.hear(np.roll(notes, semitones), np.roll(bass, semitones))
    keys = np.roll(np.reshape(here.states[:STATES], (-1, 12)), semitones, axis=1)
    assert np.allclose(np.reshape(there.states[:STATES], (-1, 12)), keys, atol=1e-9)
    assert there.states[STATES] == pytest.approx(here.states[STATES], abs=1e-9)


def test_silence_slowly_forgets():
    listener = KeyFilter()
    for pitch_class in (0, 5, 7, 0) * 8:
        notes = np.zeros(12)
        notes[[(pitch_class + step) % 12 for step in (0, 4, 7)]] = 1.0
        listener.hear(notes, np.eye(12)[pitch_class])
    before = max(listener.states)
    for _ in range(2000):
        listener.hear(np.zeros(12), np.zeros(12))
    assert max(listener.states) < before / 2


def test_the_tables_have_their_shapes_and_are_finite():
    hidden = len(tables.HIDDEN_OFFSETS)
    assert np.array(tables.LOOKS).shape == (ROWS, len(MODES), 12)
    assert np.array(tables.HIDDEN).shape == (ROWS, hidden, 12)
    assert np.array(tables.HIDDEN_TO_MODE).shape == (hidden, len(MODES))
    assert len(tables.OFFSETS) == len(tables.ENTERED) == len(MODES)
    assert len(tables.RELATIONS) == RELATIONS
    assert 0.9 < tables.FORGETS < 1.0
    assert tables.TRUST[1] > 0.0
    for name in ("LOOKS", "HIDDEN", "HIDDEN_OFFSETS", "HIDDEN_TO_MODE", "OFFSETS", "NOISE", "ENTERED", "RELATIONS"):
        assert np.isfinite(np.array(getattr(tables, name))).all()


def test_a_key_s_own_notes_speak_for_it_more_than_those_outside():
    scales = scales_of_states().reshape(len(MODES), 12)[:, 0]
    for mode, looks in enumerate(np.array(tables.LOOKS)[0]):
        inside = [(int(scales[mode]) + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)]
        outside = [step for step in range(12) if step not in inside]
        assert np.mean(looks[inside]) > np.mean(looks[outside])


def test_every_key_is_something_to_every_other_and_a_fifth_up_is_a_fifth_down_from_there():
    kinds = relations()
    assert set(kinds.ravel().tolist()) == set(range(RELATIONS))
    assert ((kinds == 1) == (kinds.T == 2)).all()
