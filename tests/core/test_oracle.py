"""Foresight: what a session teaches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.chord import Chord, parse_chord
from realtime.core.oracle import MEMORY_BEATS, SILENCE, TOKEN_COUNT, Oracle, token_of

chords = st.one_of(
    st.none(),
    st.builds(lambda root, quality: Chord(root, quality, root), st.integers(0, 11), st.sampled_from(["", "m"])),
)


def share_foreseen(song, passes, steps=1):
    """For each pass through a looped song (a chord a beat), the share of beats foreseen `steps` beats ahead."""
    oracle, promised, shares = Oracle(), {}, []
    for turn in range(passes):
        right = 0
        for place, symbol in enumerate(song):
            beat = turn * len(song) + place
            for ahead, expected in enumerate(oracle.foresee(steps), start=beat):
                if ahead - beat == steps - 1:
                    promised[ahead] = expected.chord
            chord = parse_chord(symbol)
            right += token_of(promised.get(beat)) == token_of(chord)
            oracle.observe(chord)
        shares.append(right / len(song))
    return shares


def bars(symbols, beats=4):
    return [symbol for symbol in symbols.split() for _ in range(beats)]


@pytest.mark.parametrize(
    "song",
    [
        bars("C Am F G"),
        bars("C C F F C G C G7"),
        bars("C7 C7 C7 C7 F7 F7 C7 C7 G7 F7 C7 G7"),
        bars("Dm G C C Fm Bb Eb Eb", beats=2),
    ],
)
def test_a_loop_is_known_from_its_third_time_round(song):
    shares = share_foreseen(song, passes=4)
    assert shares[2] >= 0.97
    assert shares[3] >= 0.99
    assert shares[0] < 0.95


def test_a_loop_is_known_two_beats_ahead_as_well():
    assert share_foreseen(bars("C Am F G"), passes=4, steps=2)[3] >= 0.97


def test_one_strange_chord_does_not_break_a_known_loop():
    song = bars("C Am F G")
    oracle = Oracle()
    for symbol in song * 4 + song[:5]:
        oracle.observe(parse_chord(symbol))
    oracle.observe(parse_chord("Ebm"))  # in place of Am
    following = [expected.chord for expected in oracle.foresee(4)]
    assert following[2:] == [parse_chord("F"), parse_chord("F")]


def test_the_loop_s_length_is_known():
    oracle = Oracle()
    for symbol in bars("C Am F G") * 4:
        oracle.observe(parse_chord(symbol))
    assert oracle.loop_beats == 16


@given(st.lists(chords, max_size=60), st.integers(1, 32))
@settings(max_examples=40)
def test_every_expectation_is_a_probability_distribution(history, beats):
    oracle = Oracle()
    for chord in history:
        oracle.foresee(2)
        oracle.observe(chord)
    for expected in oracle.foresee(beats):
        assert expected.distribution.shape == (TOKEN_COUNT,)
        assert np.isclose(expected.distribution.sum(), 1.0)
        assert (expected.distribution >= 0).all()
        assert 0.0 <= expected.probability <= 1.0


@given(st.lists(chords, min_size=1, max_size=40))
@settings(max_examples=30)
def test_asking_what_if_teaches_nothing(history):
    asked, left_alone = Oracle(), Oracle()
    for chord in history:
        asked.foresee_after(parse_chord("F#"), 3)
        asked.observe(chord)
        left_alone.observe(chord)
    for one, other in zip(asked.foresee(4), left_alone.foresee(4), strict=True):
        assert (one.distribution == other.distribution).all()


def test_silence_has_its_own_token():
    assert token_of(None) == SILENCE
    assert len({token_of(Chord(root, quality, root)) for root in range(12) for quality in ("", "m", "7")}) == 36


def test_a_long_night_does_not_fill_the_memory():
    oracle = Oracle()
    chord = parse_chord("C")
    for _ in range(MEMORY_BEATS + 100):
        oracle.observe(chord)
    assert oracle.next_beat == MEMORY_BEATS + 100
    assert len(oracle._chords) == MEMORY_BEATS
    assert oracle.foresee(1)[0].chord == chord
