"""Chords for a melody that is played alone."""

from importlib import resources
from itertools import pairwise

import numpy as np
import pytest
from safetensors.numpy import load

from realtime.core.chord_tokens import NO_CHORD_TOKEN, TOKEN_COUNT, chord_of
from realtime.core.harmoniser import COMMIT_BEATS, Harmoniser

TABLES = load(resources.files("daemon").joinpath("weights", "harmoniser.safetensors").read_bytes())
PHRASE = (0, 4, 7, 4, 5, 9, 5, 9, 7, 11, 2, 7, 0, 4, 0, 0)
"""A pitch class a beat: four bars that say C, F, G, C."""


def melody(pitch_class):
    row = np.zeros(12)
    row[pitch_class] = 1.35
    return row


def in_key(tonic):
    keys = np.full(24, 0.002)
    keys[tonic] = 1.0
    return keys / keys.sum()


def sing(harmoniser, phrase, tonic=0, struck=True):
    """What the band is on in each beat, and what had been planned for it four beats before."""
    chords, planned = [], {}
    for beat, pitch_class in enumerate(phrase):
        rows = [np.full(TOKEN_COUNT, 1.0 / TOKEN_COUNT)] * 8
        led = harmoniser.plan((beat % 4, 4), rows, list(harmoniser.ahead))
        planned.setdefault(beat + COMMIT_BEATS, led[COMMIT_BEATS].token)
        if struck:
            led = harmoniser.strike(pitch_class)
        chords.append(led[0].token)
        harmoniser.hear(melody(pitch_class), in_key(tonic), (beat % 4, 4))
    return chords, [planned.get(beat) for beat in range(len(phrase))]


def roots(tokens):
    return [chord_of(token).root for token in tokens]


def test_a_plain_phrase_gets_its_plain_chords():
    chords, _ = sing(Harmoniser(TABLES), PHRASE * 2)
    assert roots(chords[16::4]) == [0, 5, 7, 0]


def test_most_notes_are_in_their_chord_and_chords_last():
    chords, _ = sing(Harmoniser(TABLES), PHRASE * 4)
    fits = [note in chord_of(token).pitch_classes for note, token in zip(PHRASE * 4, chords, strict=True)]
    assert np.mean(fits) > 0.75
    moves = sum(one != other for one, other in pairwise(chords))
    assert moves <= len(chords) * 1.5 / 4


def test_chords_seldom_change_off_the_strong_beats():
    chords, _ = sing(Harmoniser(TABLES), PHRASE * 4)
    weak = sum(chords[beat] != chords[beat - 1] for beat in range(1, 64) if beat % 2)
    assert weak <= 3


def test_a_phrase_that_returns_is_known_four_beats_ahead():
    chords, planned = sing(Harmoniser(TABLES), PHRASE * 4)
    late = range(40, 64)
    agreed = np.mean([roots([planned[beat]]) == roots([chords[beat]]) for beat in late])
    assert agreed > 0.8


@pytest.mark.parametrize("tonic", range(12))
def test_a_melody_moved_up_gets_its_chords_moved_up(tonic):
    here, _ = sing(Harmoniser(TABLES), PHRASE)
    there, _ = sing(Harmoniser(TABLES), [(note + tonic) % 12 for note in PHRASE], tonic)
    assert roots(there[4:]) == [(root + tonic) % 12 for root in roots(here[4:])]  # the first beat knows no key


def test_every_row_is_a_distribution_and_no_beat_is_without_a_chord():
    harmoniser = Harmoniser(TABLES)
    for beat in range(12):
        for led in harmoniser.plan((beat % 3, 3), [], []):
            assert led.distribution.shape == (TOKEN_COUNT,)
            assert led.distribution.sum() == pytest.approx(1.0)
            assert 0.0 <= led.probability <= 1.0 + 1e-9
            assert led.token != NO_CHORD_TOKEN
        now = harmoniser.hear(np.zeros(12), np.full(24, 1 / 24), (beat % 3, 3))
        assert now.sum() == pytest.approx(1.0)


def test_chords_that_were_struck_are_believed():
    harmoniser, heard = Harmoniser(TABLES), np.full(TOKEN_COUNT, 0.001)
    heard[9 * 7 + 1] = 1.0
    for beat in range(4):
        now = harmoniser.hear(np.zeros(12), in_key(0), (beat, 4), heard / heard.sum())
    assert now.argmax() == 9 * 7 + 1
