"""How loud a mix is: peak, RMS, and loudness as broadcasters measure it (ITU-R BS.1770-4, EBU R 128)."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

SILENCE_DB: Final = -120.0
_BLOCK_SECONDS: Final = 0.4
_OVERLAP: Final = 4
_ABSOLUTE_GATE: Final = -70.0
_RELATIVE_GATE: Final = -10.0


@dataclass(frozen=True, slots=True)
class Loudness:
    """Peak and RMS in dB under full scale, integrated loudness in LUFS."""

    peak_db: float
    rms_db: float
    lufs: float


def measure(sound: npt.NDArray[np.float32], rate: int) -> Loudness:
    """The loudness of `sound`, frames × channels, at `rate` Hz."""
    if sound.size == 0:
        return Loudness(SILENCE_DB, SILENCE_DB, SILENCE_DB)
    peak = float(np.max(np.abs(sound)))
    rms = math.sqrt(float(np.mean(np.square(sound, dtype=np.float64))))
    return Loudness(_db(peak), _db(rms), _integrated(sound, rate))


def _db(amplitude: float) -> float:
    return round(20 * math.log10(max(amplitude, 1e-6)), 2)


def _integrated(sound: npt.NDArray[np.float32], rate: int) -> float:
    weighted = np.stack([_weighted(channel, rate) for channel in sound.T])
    hop = max(1, int(rate * _BLOCK_SECONDS / _OVERLAP))
    hops = weighted.shape[1] // hop
    if hops < _OVERLAP:
        return SILENCE_DB
    energy = np.square(weighted[:, : hops * hop]).reshape(len(weighted), hops, hop).mean(axis=2).sum(axis=0)
    blocks = np.convolve(energy, np.ones(_OVERLAP) / _OVERLAP, mode="valid")
    loud = blocks[blocks > _power(_ABSOLUTE_GATE)]
    if loud.size == 0:
        return SILENCE_DB
    loud = loud[loud > float(loud.mean()) * 10 ** (_RELATIVE_GATE / 10)]
    return round(-0.691 + 10 * math.log10(float(loud.mean())), 2)


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _weighted(channel: npt.NDArray[np.float32], rate: int) -> npt.NDArray[np.float64]:
    """The channel through the K-weighting filter. In one transform, for only its energy is wanted."""
    size = 1 << (len(channel) - 1).bit_length()
    spectrum = np.fft.rfft(channel, size)
    spectrum *= _k_weighting(np.fft.rfftfreq(size, 1 / rate).astype(np.float64))
    weighted: npt.NDArray[np.float64] = np.fft.irfft(spectrum, size)[: len(channel)]
    return weighted


def _k_weighting(hertz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The filter's gain: a shelf of +4 dB for the head, and a high-pass for the ear.

    The corner frequencies, gain and qualities are those of the analogue prototypes behind BS.1770's table
    (as in libebur128): 1682 Hz, 0.7072, +4.0 dB; 38.14 Hz, 0.5003.
    """
    s = 1j * hertz / 1681.974450955533
    high, q = 10 ** (3.999843853973347 / 20), 0.7071752369554196
    band = high**0.4996667741545416
    shelf = (high * s**2 + band * s / q + 1) / (s**2 + s / q + 1)
    s = 1j * hertz / 38.13547087602444
    high_pass = s**2 / (s**2 + s / 0.5003270373238773 + 1)
    gain: npt.NDArray[np.float64] = np.abs(shelf * high_pass)
    return gain
