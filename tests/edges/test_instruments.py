"""Laws of the engine's instruments and effects as Python uses them: in tune, bounded, and silent in the end."""

import struct
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.sound_table import INSTRUMENTS, KNOBS
from realtime.edges.engine import dsp, parameter_ids

pytestmark = pytest.mark.skipif(not INSTRUMENTS, reason="the sound engine is not built")

RATE = 48_000
CEILING = 0.8913  # -1 dBFS
RANGES = {"nylon_guitar": (40, 88), "upright_bass": (28, 67), "finger_bass": (28, 67), "grand_piano": (33, 100)}
"""Where the plucked and struck ones are at home, as MIDI pitches."""


def event(at: int, kind: int, part: int, a: int, b: int = 0, value: float = 0.0) -> bytes:
    return struct.pack("<qBBBBf", at, kind, part, a, b, value)


def render(events: list[bytes], *, rate: int = RATE, **options: Any) -> npt.NDArray[np.float64]:
    samples = dsp().render(b"".join(events), rate=rate, **options)
    return np.frombuffer(samples, np.float32).reshape(-1, 2).astype(np.float64)


def frequency(sound: npt.NDArray[np.float64], near: float, rate: int) -> float:
    """The strongest line within a quarter-tone of `near` Hz: a transform padded with zeros, and a parabola on it."""
    windowed = sound * np.blackman(len(sound))
    size = 1 << (16 * len(sound) - 1).bit_length()
    level = np.log(np.abs(np.fft.rfft(windowed, size)) + 1e-12)
    low, high = (int(near * 2 ** (cents / 1200) * size / rate) for cents in (-50, 50))
    top = low + int(np.argmax(level[low:high]))
    a, b, c = level[top - 1 : top + 2]
    return float(top + 0.5 * (a - c) / (a - 2 * b + c)) * rate / size


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(sorted(RANGES)).flatmap(lambda name: st.tuples(st.just(name), st.integers(*RANGES[name]))),
    st.sampled_from([44_100, 48_000, 96_000]),
)
def test_any_key_in_an_instrument_s_range_is_within_a_cent_at_any_rate(case: tuple[str, int], rate: int) -> None:
    name, pitch = case
    number = INSTRUMENTS.index(name)
    sound = render(
        [event(0, 5, 0, number), event(0, 1, 0, pitch, 90), event(2_000_000, 0, 0, pitch)],
        rate=rate,
        effects=False,
        tail_seconds=0.0,
    )
    expected = 440 * 2 ** ((pitch - 69) / 12)
    seen = frequency(sound[rate // 10 : rate * 8 // 5].mean(axis=1), expected, rate)
    assert abs(1200 * np.log2(seen / expected)) < 1


moments = st.integers(0, 600_000)
parts = st.integers(0, 5)
somethings = st.one_of(
    st.builds(event, moments, st.just(1), parts, st.integers(0, 127), st.integers(1, 127)),
    st.builds(event, moments, st.just(0), parts, st.integers(0, 127)),
    st.builds(
        event, moments, st.just(2), parts, st.sampled_from([1, 7, 11, 64, 66, 120, 121, 123]), st.integers(0, 127)
    ),
    st.builds(event, moments, st.just(5), parts, st.integers(0, max(len(INSTRUMENTS) - 1, 0))),
    st.builds(event, moments, st.just(6), parts, st.just(0), st.just(0), st.floats(-1, 1, width=32)),
)


def turned(knob: Any) -> st.SearchStrategy[bytes]:
    """One of the engine's knobs, anywhere in its range."""
    return st.builds(
        lambda at, share: event(at, 3, 0, parameter_ids()[knob.name], 0, knob.low + share * (knob.high - knob.low)),
        moments,
        st.floats(0, 1),
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(somethings, max_size=40), st.lists(st.sampled_from(KNOBS or [None]).flatmap(turned), max_size=12))
def test_any_playing_with_any_knob_turned_is_finite_and_below_the_ceiling(
    playing: list[bytes], knobs: list[bytes]
) -> None:
    sound = render(playing + knobs, tail_seconds=0.3)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max(initial=0) <= CEILING


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_after_the_last_key_is_up_every_instrument_falls_silent(name: str) -> None:
    number = INSTRUMENTS.index(name)
    keys = (38, 45, 64, 77)
    events = [event(0, 5, 0, number)]
    events += [event(0, 1, 0, key, 110) for key in keys] + [event(400_000, 0, 0, key) for key in keys]
    sound = render(events, effects=False, tail_seconds=6.0)
    assert np.abs(sound).max() > 0.01
    # The renderer ends by itself where silence has come, and fades only what it has to cut.
    assert len(sound) < 6.2 * RATE
    assert np.abs(sound[-RATE // 20 :]).max() < 1e-4
