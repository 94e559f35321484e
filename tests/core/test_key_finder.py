"""Keys, heard and named."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.chord import parse_chord
from realtime.core.evidence import Evidence
from realtime.core.key_filter import MODES
from realtime.core.key_finder import LEAST_SURE, BadKey, Key, KeyFinder, parse_key, told_key, trust


def evidence_of(symbol):
    """A chord with its root in the bass."""
    weights, bass = [0.0] * 12, [0.0] * 12
    for pitch_class in parse_chord(symbol).pitch_classes:
        weights[pitch_class] = 1.0
    bass[parse_chord(symbol).root] = 1.0
    return Evidence(tuple(weights), tuple(bass), 4)


def key_after(symbols):
    finder = KeyFinder()
    for symbol in symbols.split() * 4:
        finder.take(evidence_of(symbol))
    return finder.key.name


@pytest.mark.parametrize(
    ("symbols", "key"),
    [("C F G C", "C major"), ("Am Dm E Am", "A minor"), ("Eb Ab Bb7 Eb", "Eb major"), ("D G A7 D", "D major")],
)
def test_a_cadence_tells_its_key(symbols, key):
    assert key_after(symbols) == key


@given(st.integers(0, 11), st.booleans())
def test_every_key_is_read_back_from_its_name(tonic, minor):
    assert parse_key(Key(tonic, minor).name) == Key(tonic, minor)


@given(st.text(max_size=12))
def test_any_text_is_a_key_or_is_refused(text):
    try:
        assert 0 <= parse_key(text).tonic < 12
    except BadKey as problem:
        assert "Eb major" in str(problem)


def test_a_key_is_kept_until_another_is_clearly_likelier():
    finder = KeyFinder()
    for _ in range(8):
        for symbol in ("C", "F", "G", "C"):
            finder.take(evidence_of(symbol))
    finder.take(evidence_of("D"))
    assert finder.key.name == "C major"
    for _ in range(16):
        for symbol in ("D", "G", "A", "D"):
            finder.take(evidence_of(symbol))
    assert finder.key.name == "D major"


@pytest.mark.parametrize(("semitones", "bars"), [(1, 4), (2, 4), (3, 4), (5, 4), (10, 4), (7, 5)])
def test_a_modulation_is_noticed_within_four_bars_and_to_the_dominant_within_five(semitones, bars):
    finder = KeyFinder()
    loop = ("C", "G7", "Am", "F")
    for beat in range(64):
        finder.take(evidence_of(loop[beat // 4 % 4]))
    assert finder.key.name == "C major"
    beats = 0
    while finder.key.tonic != semitones and beats <= 4 * bars:
        chord = parse_chord(loop[beats // 4 % 4]).transposed(semitones)
        finder.take(evidence_of(chord.name()))
        beats += 1
    assert beats <= 4 * bars


@given(
    st.integers(0, 11), st.lists(st.sampled_from(["C", "Am", "F", "G7", "Dm7", "Em", "Bb"]), min_size=4, max_size=24)
)
def test_music_moved_up_is_in_the_key_moved_up(semitones, symbols):
    here, there = KeyFinder(), KeyFinder()
    for symbol in symbols:
        chord = parse_chord(symbol)
        here.take(evidence_of(symbol))
        there.take(evidence_of(chord.transposed(semitones).name()))
    assert (here.key is None) == (there.key is None)
    if here.key is not None:
        assert there.key == replace(here.key, tonic=(here.key.tonic + semitones) % 12)


def test_silence_has_no_key():
    finder = KeyFinder()
    finder.take(Evidence((0.0,) * 12, (0.0,) * 12, 0))
    assert finder.key is None
    assert finder.confidence == 0.0


@given(st.integers(0, 11), st.sampled_from(MODES))
def test_every_mode_is_read_back_from_its_name_and_has_its_own_scale(tonic, mode):
    key = parse_key(f"{Key(tonic, minor=False).name.split()[0]} {mode}")
    assert parse_key(key.name) == key
    assert len(set(key.scale)) == 7
    assert ((key.tonic + 3) % 12 in key.scale) == key.minor


@pytest.mark.parametrize(
    ("symbols", "key"),
    [
        ("G F C G G Dm F G", "G mixolydian"),
        ("Dm C Dm G Dm C G Dm", "D dorian"),
        ("C F G C Am Dm G7 C", "C major"),
        ("Am Dm E Am F G Am E", "A minor"),
    ],
)
def test_a_mode_is_told_when_it_has_long_been_clear(symbols, key):
    finder, told = KeyFinder(), []
    for beat in range(128):
        finder.take(evidence_of(symbols.split()[beat // 2 % 8]))
        told.append(None if finder.key is None else finder.key.name)
    assert told[-1] == key
    assert key.endswith(("major", "minor")) or key not in told[:16]


def test_no_mode_is_told_that_does_not_rest_on_its_tonic():
    finder = KeyFinder()
    for beat in range(128):
        finder.take(evidence_of("Dm G Dm G Dm Em G Dm".split()[beat // 4 % 8]))  # noqa: SIM905 - reads like a chart
        assert finder.key is None or finder.key.mode in ("", "dorian")


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_in_no_sure_key(seed):
    random, finder, sure = np.random.default_rng(seed), KeyFinder(), 0
    for _ in range(64):
        weights = random.random(12) * (random.random(12) < 0.6)
        finder.take(Evidence(tuple(weights), tuple(weights * (random.random(12) < 0.2)), 6))
        sure += finder.confidence >= 0.5
    assert sure == 0


def test_a_chromatic_scale_is_in_no_sure_key():
    finder = KeyFinder()
    for beat in range(64):
        weights = [0.0] * 12
        for step in range(4):
            weights[(4 * beat + step) % 12] = 0.5
        finder.take(Evidence(tuple(weights), (0.0,) * 12, 4))
    assert finder.confidence < 0.5


def test_the_shares_of_the_keys_are_a_distribution():
    finder = KeyFinder()
    for symbol in ("C", "F", "G7", "C"):
        finder.take(evidence_of(symbol))
    assert finder.shares.shape == (24,)
    assert finder.shares.sum() == pytest.approx(1.0)
    assert finder.shares.argmax() == 0


def test_a_modulation_up_a_fourth_is_noticed_within_five_bars_by_plain_chords():
    finder = KeyFinder()
    loop = ("C", "F", "G", "C")
    for beat in range(64):
        finder.take(evidence_of(loop[beat // 4 % 4]))
    for beat in range(20):
        finder.take(evidence_of(parse_chord(loop[beat // 4 % 4]).transposed(5).name()))
    assert finder.key.name == "F major"


@given(st.integers(0, 23) | st.none(), st.lists(st.floats(0.0, 1.0), min_size=24, max_size=24))
def test_the_key_told_is_the_old_one_or_has_the_likeliest_scale(before, odds):
    shares = np.array(odds) / max(1.0, sum(odds))
    told = told_key(shares, before)
    scales = shares[:12] + np.roll(shares[12:], 3)
    if told is None:
        assert before is None
        assert scales.max() <= LEAST_SURE
    elif told != before:
        scale = (told + 3 * (told >= 12)) % 12
        assert scales[scale] == scales.max() or (before is not None and (before + 3 * (before >= 12)) % 12 == scale)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_what_the_filter_is_surer_of_is_trusted_more(one, other):
    assert 0.0 < trust(one) < 1.0
    assert one <= other or trust(one) >= trust(other)
