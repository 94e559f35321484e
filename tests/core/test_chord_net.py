"""The chord net's laws: it turns with the music, adds without rounding, and refuses what is not a net."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.chord_features import CHANNELS, FACTS
from realtime.core.chord_net import INPUTS, LEVELS, MATRICES, MOST_ACTIVE, STATE_LEVELS, BadNet, ChordNet
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN

CODE, STATE, HIDDEN = 32, 24, 16
SHAPES = {
    "encode": (INPUTS, CODE), "enter": (CODE, 3 * STATE), "recur": (STATE, 3 * STATE), "mix": (CODE, HIDDEN),
    "recall": (STATE, HIDDEN), "family": (HIDDEN, FAMILY_COUNT), "none": (HIDDEN, 1),
}  # fmt: skip


def some_net(seed):
    rng = np.random.default_rng(seed)
    tensors = {"steps": np.array([0.02, 0.02], dtype=np.float32)}
    for name, shape in SHAPES.items():
        tensors[name] = rng.integers(-127, 128, shape).astype(np.int8)
        tensors[f"{name}.worth"] = np.full(shape[1], 3e-4, dtype=np.float32)
        if name != "recall":
            tensors[f"{name}.bias"] = rng.normal(0, 0.1, shape[1]).astype(np.float32)
    return tensors


def some_evidence(seed):
    rng = np.random.default_rng(seed)
    channels = rng.random((CHANNELS, 12)) * (rng.random((CHANNELS, 12)) < 0.3)
    return channels.astype(np.float32), rng.random(FACTS).astype(np.float32)


def after(net, seeds, semitones=0):
    """The last judgement of some beats one after the other, all moved up."""
    state = net.blank_state()
    for seed in seeds:
        channels, facts = some_evidence(seed)
        judgement = net.judge(np.roll(channels, semitones, axis=1), facts, state)
        state = judgement.state
    return judgement


@given(st.integers(0, 50), st.lists(st.integers(0, 50), min_size=1, max_size=6), st.integers(0, 11))
def test_music_moved_up_is_heard_as_the_same_chords_moved_up_exactly(seed, beats, semitones):
    net = ChordNet(some_net(seed))
    here, there = after(net, beats), after(net, beats, semitones)
    moved = np.roll(here.logs[:NO_CHORD_TOKEN].reshape(12, FAMILY_COUNT), semitones, axis=0).reshape(-1)
    assert np.allclose(there.logs[:NO_CHORD_TOKEN], moved, atol=1e-12)
    assert there.logs[NO_CHORD_TOKEN] == pytest.approx(here.logs[NO_CHORD_TOKEN], abs=1e-12)
    assert np.array_equal(there.state, np.roll(here.state, semitones, axis=0))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_however_long_it_listens_a_state_lies_between_minus_one_and_one(beats):
    state = after(ChordNet(some_net(2)), beats).state
    assert state.shape == (12, STATE)
    assert np.abs(state).max() <= 1.0


def test_the_beats_before_count():
    net = ChordNet(some_net(4))
    assert not np.array_equal(after(net, [1, 9]).logs, after(net, [2, 9]).logs)


def test_the_scores_are_log_probabilities():
    logs = after(ChordNet(some_net(1)), [1]).logs
    assert logs.shape == (NO_CHORD_TOKEN + 1,)
    assert np.exp(logs).sum() == pytest.approx(1.0)


def test_no_sum_in_the_net_can_grow_beyond_what_single_precision_counts_exactly():
    assert INPUTS * LEVELS * 127 < 2**24
    assert 512 * MOST_ACTIVE * 127 < 2**24
    assert 1024 * STATE_LEVELS * 127 < 2**24


def test_the_order_of_the_inputs_sums_changes_nothing():
    tensors = some_net(3)
    channels, facts = some_evidence(3)
    active = np.rint(np.concatenate([channels.reshape(-1), facts]) * LEVELS).astype(np.float32)
    weights = tensors["encode"].astype(np.float32)
    order = np.random.default_rng(0).permutation(INPUTS)
    assert np.array_equal(active @ weights, active[order] @ weights[order])


@pytest.mark.parametrize("name", [*MATRICES, "recur.bias", "recall.worth", "steps"])
def test_weights_that_lack_something_are_refused(name):
    tensors = some_net(0)
    del tensors[name]
    with pytest.raises(BadNet, match=name):
        ChordNet(tensors)


def test_the_weights_of_the_net_without_a_memory_are_refused_by_name():
    with pytest.raises(BadNet, match="recurrent chord net; missing: encode"):
        ChordNet({name: np.zeros((4, 4), dtype=np.int8) for name in ("w1", "s1", "b1", "worth")})


@pytest.mark.parametrize("name", ["encode", "enter", "family", "none", "recall.worth"])
def test_weights_of_another_shape_are_refused(name):
    tensors = some_net(0)
    tensors[name] = tensors[name][:-1]
    with pytest.raises(BadNet, match=name):
        ChordNet(tensors)


def test_a_net_too_wide_to_add_up_exactly_is_refused():
    wide = {**SHAPES, "mix": (CODE, 600), "recall": (STATE, 600), "family": (600, FAMILY_COUNT), "none": (600, 1)}
    tensors = some_net(0)
    for name, shape in wide.items():
        tensors[name] = np.zeros(shape, dtype=np.int8)
        tensors[f"{name}.worth"] = np.zeros(shape[1], dtype=np.float32)
        tensors[f"{name}.bias"] = np.zeros(shape[1], dtype=np.float32)
    with pytest.raises(BadNet, match="too wide"):
        ChordNet(tensors)
