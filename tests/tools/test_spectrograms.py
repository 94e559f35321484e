"""The pictures of the instruments: what is drawn is what sounds."""

import numpy as np
import pytest

from realtime.core.sound_table import INSTRUMENTS

pytestmark = pytest.mark.skipif(not INSTRUMENTS, reason="the sound engine is not built")


def test_a_harder_stroke_is_brighter_in_the_picture_and_the_key_s_pitch_is_the_brightest_line():
    from tests.tools.spectrograms import HIGHEST_HZ, LOWEST_HZ, ROWS, play, spectrogram  # noqa: PLC0415

    soft, hard = (spectrogram(play("electric_piano", velocity, 57)) for velocity in (30, 120))
    assert soft.shape == hard.shape
    assert soft.shape[0] == ROWS
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, ROWS + 1)
    row = int(np.argmax(soft[:, 60]))
    assert edges[row] / 1.06 < 220 < edges[row + 1] * 1.06
    top = ROWS * 3 // 4
    assert hard[top:, 5].max() - hard.max() > soft[top:, 5].max() - soft.max()
