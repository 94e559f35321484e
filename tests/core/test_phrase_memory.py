"""A session's melodies: what came again and again is expected, and every guess is a distribution."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.phrase_memory import EXPERTS, WIDTHS, PhraseMemory
from realtime.core.phrase_mixer import PhraseMixer, features_of, flat_priors, gate_shapes

notes = st.tuples(st.integers(0, 48), st.integers(30, 100), st.integers(0, 55))


def tables(rng=None):
    """A mixer's tables that weigh all alike, or by chance."""
    found = {f"prior.{kind}": table for kind, table in flat_priors().items()}
    for gate in ("mixed", "session"):
        for kind in EXPERTS:
            for name, shape in gate_shapes(kind, 3, with_net=gate == "mixed").items():
                found[f"{gate}.{kind}.{name}"] = np.zeros(shape) if rng is None else rng.normal(size=shape)
    return found


@given(st.lists(notes, max_size=30), st.sampled_from(list(EXPERTS)))
@settings(max_examples=40)
def test_every_guess_is_a_distribution(melody, kind):
    memory = PhraseMemory(flat_priors())
    for note in melody:
        memory.learn(note, note[0] % 48)
    guesses = memory.ask(kind, 12, wait=6, pitch=60)
    assert len(guesses) == EXPERTS[kind]
    for guess in guesses:
        assert len(guess.odds) == WIDTHS[kind]
        assert guess.odds.min() >= 0
        assert guess.odds.sum() == pytest.approx(1, abs=0.01)
        assert all(0 <= feature <= 1 for feature in guess.features)


def test_what_has_come_three_times_is_expected():
    phrase = [(0, 60, 5), (12, 62, 5), (12, 64, 5), (24, 67, 11)]
    memory = PhraseMemory(flat_priors())
    for _ in range(3):
        for place, note in enumerate(phrase):
            memory.learn(note, 12 * place)
    memory.learn(phrase[0], 0)
    memory.learn(phrase[1], 12)
    assert [int(guess.odds.argmax()) for guess in memory.ask("wait", 12)] == [12] * EXPERTS["wait"]
    pitches = memory.ask("pitch", 24, wait=12)
    assert pitches[0].odds.argmax() == pitches[-1].odds.argmax() == 64


def test_a_phrase_that_comes_again_higher_is_known_by_its_steps():
    memory = PhraseMemory(flat_priors())
    for pitch in (60, 64, 62, 65, 60, 64, 62, 65):
        memory.learn((6, pitch, 3), 0)
    for pitch in (70, 74, 72):
        memory.learn((6, pitch, 3), 0)
    steps = memory.ask("pitch", 0, wait=6)[2]
    assert steps.odds.argmax() == 75


def test_a_memory_that_is_cleared_knows_nothing():
    memory = PhraseMemory(flat_priors())
    fresh = [guess.odds for guess in memory.ask("pitch", 0)]
    memory.learn((6, 60, 3), 0)
    memory.clear()
    assert all(np.array_equal(a, b.odds) for a, b in zip(fresh, memory.ask("pitch", 0), strict=True))


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=20)
def test_what_is_mixed_is_a_distribution(seed, with_net):
    rng = np.random.default_rng(seed)
    mixer = PhraseMixer(tables(rng))
    memory = PhraseMemory(mixer.priors)
    memory.learn((0, 60, 5), 0)
    guesses = memory.ask("duration", 0, 0, 60)
    net = rng.dirichlet(np.ones(56)) if with_net else None
    odds = mixer.mix(
        "duration", [*(g.odds for g in guesses), memory.prior("duration", 0)], features_of(guesses, 1), net
    )
    assert odds.sum() == pytest.approx(1)
    assert odds.min() >= 0


def test_tables_of_another_shape_are_refused():
    broken = tables() | {"mixed.pitch.bias": np.zeros(2)}
    with pytest.raises(ValueError, match=r"mixed\.pitch\.bias"):
        PhraseMixer(broken)


def test_tables_that_are_not_numbers_are_refused():
    broken = tables()
    broken["session.wait.out"] = broken["session.wait.out"] * np.nan
    with pytest.raises(ValueError, match="finite"):
        PhraseMixer(broken)
