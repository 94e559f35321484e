"""Plain n-grams and PPM, to compare with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.evaluation.rivals import NAMES, NGram, NGramPredictor, PpmPredictor, fit, seen_from
from realtime.core.chord_tokens import NO_CHORD_TOKEN, TOKEN_COUNT

songs = st.lists(st.lists(st.integers(0, TOKEN_COUNT - 1), max_size=20), max_size=6)
tokens = st.lists(st.integers(0, TOKEN_COUNT - 1), max_size=20)


@settings(max_examples=40, deadline=None)
@given(songs, tokens, st.integers(1, 5), st.booleans(), st.sampled_from([NGramPredictor, PpmPredictor]))
def test_every_rival_gives_a_distribution(corpus, heard, order, changes, kind):
    predictor = kind(NGram(order, corpus), changes=changes)
    for token in heard:
        likely = predictor.distribution()
        assert likely.shape == (TOKEN_COUNT,)
        assert likely.min() >= 0.0
        assert likely.sum() == pytest.approx(1.0)
        predictor.observe(token)


@settings(max_examples=40, deadline=None)
@given(songs, tokens, st.integers(1, 11))
def test_an_n_gram_knows_no_key(corpus, heard, semitones):
    ngram = NGram(4, corpus)
    moved = [token if token == NO_CHORD_TOKEN else (token + 7 * semitones) % NO_CHORD_TOKEN for token in heard]
    here, there = ngram.distribution(heard), ngram.distribution(moved)
    if any(token != NO_CHORD_TOKEN for token in heard[-8:]):
        assert np.allclose(here[:-1], np.roll(there[:-1], -7 * semitones))
        assert here[-1] == pytest.approx(there[-1])


def test_seen_from_its_own_root_every_chord_is_on_c():
    assert [seen_from(token, token // 7) for token in (0, 51, 83)] == [0, 2, 6]
    assert seen_from(NO_CHORD_TOKEN, 5) == NO_CHORD_TOKEN


def test_ppm_learns_the_piece_and_an_n_gram_does_not(tune):
    loop = [0, 43, 35, 51] * 6
    likely = {}
    for name in NAMES:
        predictor = fit(name, [tune()]).predictor("changes", cold=False)
        for token in loop:
            predictor.observe(token)
        likely[name] = predictor.distribution()[0]
    assert likely["ppm"] > 0.8
    assert likely["ppm"] > likely["ngram2"]
