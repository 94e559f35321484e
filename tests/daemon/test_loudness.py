"""Loudness, held against the reference values of ITU-R BS.1770 and EBU Tech 3341."""

import numpy as np
import pytest

from daemon.loudness import SILENCE_DB, measure

RATE = 48_000


def sine(decibels, hertz=1000.0, seconds=5.0, channels=2):
    tone = 10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE)
    return np.stack([tone] * channels, axis=1).astype(np.float32)


@pytest.mark.parametrize("decibels", [-23.0, -33.0])
def test_a_stereo_sine_of_1_khz_is_as_loud_as_its_peak(decibels):
    # EBU Tech 3341, cases 1 and 2: a stereo sine at -23 dBFS peak measures -23.0 ±0.1 LUFS.
    assert measure(sine(decibels), RATE).lufs == pytest.approx(decibels, abs=0.1)


def test_one_channel_at_full_scale_is_3_lufs_down():
    # BS.1770-4: a 997 Hz sine at 0 dBFS in one front channel measures -3.01 LKFS.
    assert measure(sine(0.0, 997.0, channels=1), RATE).lufs == pytest.approx(-3.01, abs=0.05)


def test_silence_around_the_music_does_not_count():
    tone = sine(-20.0)
    padded = np.concatenate([np.zeros_like(tone), tone, np.zeros_like(tone)])
    assert measure(padded, RATE).lufs == pytest.approx(measure(tone, RATE).lufs, abs=0.3)


def test_peak_and_rms_are_in_decibels_under_full_scale():
    loudness = measure(sine(-6.0), RATE)
    assert loudness.peak_db == pytest.approx(-6.0, abs=0.02)
    assert loudness.rms_db == pytest.approx(-9.01, abs=0.02)


@pytest.mark.parametrize("frames", [0, 1, 100, RATE])
def test_silence_is_silent_and_nothing_breaks(frames):
    assert measure(np.zeros((frames, 2), np.float32), RATE).lufs == SILENCE_DB
