"""The chord net's laws: it turns with the music, adds without rounding, and refuses what is not a net."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.chord_features import CHANNELS, FACTS
from realtime.core.chord_net import LEVELS, MOST_ACTIVE, BadNet, ChordNet
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN

INPUTS = CHANNELS * 12 + FACTS


def some_net(seed, sizes=(32, 16)):
    rng = np.random.default_rng(seed)
    first, second = sizes
    shapes = {"1": (INPUTS, first), "2": (first, second), "3": (second, FAMILY_COUNT), "n": (second, 1)}
    tensors = {"worth": np.array([1 / LEVELS, 0.02, 0.02], dtype=np.float32)}
    for name, shape in shapes.items():
        tensors["w" + name] = rng.integers(-127, 128, shape).astype(np.int8)
        tensors["s" + name] = np.full(shape[1], 1e-4, dtype=np.float32)
        tensors["b" + name] = rng.normal(0, 0.1, shape[1]).astype(np.float32)
    return tensors


def some_evidence(seed):
    rng = np.random.default_rng(seed)
    channels = rng.random((CHANNELS, 12)) * (rng.random((CHANNELS, 12)) < 0.3)
    return channels.astype(np.float32), rng.random(FACTS).astype(np.float32)


@given(st.integers(0, 50), st.integers(0, 11))
def test_music_moved_up_is_heard_as_the_same_chords_moved_up_exactly(seed, semitones):
    net = ChordNet(some_net(seed))
    channels, facts = some_evidence(seed)
    here = net.scores(channels, facts)
    there = net.scores(np.roll(channels, semitones, axis=1), facts)
    moved = np.roll(here[:NO_CHORD_TOKEN].reshape(12, FAMILY_COUNT), semitones, axis=0).reshape(-1)
    assert np.allclose(there[:NO_CHORD_TOKEN], moved, atol=1e-12)
    assert there[NO_CHORD_TOKEN] == pytest.approx(here[NO_CHORD_TOKEN], abs=1e-12)


def test_the_scores_are_log_probabilities():
    logs = ChordNet(some_net(1)).scores(*some_evidence(1))
    assert logs.shape == (NO_CHORD_TOKEN + 1,)
    assert np.exp(logs).sum() == pytest.approx(1.0)


def test_no_sum_in_the_net_can_grow_beyond_what_single_precision_counts_exactly():
    assert INPUTS * LEVELS * 127 < 2**24
    assert 512 * MOST_ACTIVE * 127 < 2**24


def test_the_order_of_the_inputs_sums_changes_nothing():
    tensors = some_net(3)
    channels, facts = some_evidence(3)
    active = np.rint(np.concatenate([channels.reshape(-1), facts]) * LEVELS).astype(np.float32)
    weights = tensors["w1"].astype(np.float32)
    order = np.random.default_rng(0).permutation(INPUTS)
    assert np.array_equal(active @ weights, active[order] @ weights[order])


def test_weights_that_lack_something_are_refused():
    tensors = some_net(0)
    del tensors["w2"]
    with pytest.raises(BadNet, match="w2"):
        ChordNet(tensors)


def test_weights_for_other_features_are_refused():
    tensors = some_net(0)
    tensors["w1"] = tensors["w1"][:-12]
    with pytest.raises(BadNet):
        ChordNet(tensors)
