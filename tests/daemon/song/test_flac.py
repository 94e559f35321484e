"""FLAC: what was put in comes out again, read by a decoder written from the format's text."""

import numpy as np
import pytest

from daemon.song.flac import flac_bytes


class Bits:
    def __init__(self, data):
        self.bits = np.unpackbits(np.frombuffer(data, np.uint8))
        self.at = 0

    def take(self, count):
        value = 0
        for bit in self.bits[self.at : self.at + count]:
            value = value << 1 | int(bit)
        self.at += count
        return value

    def zeros(self):
        begin = self.at
        while not self.bits[self.at]:
            self.at += 1
        self.at += 1
        return self.at - 1 - begin


def subframe(bits, size):
    assert bits.take(1) == 0
    order = bits.take(6) - 8
    assert bits.take(1) == 0
    samples = [(value ^ 0x8000) - 0x8000 for value in (bits.take(16) for _ in range(order))]
    assert (bits.take(2), bits.take(4)) == (1, 0)
    parameter = bits.take(5)
    weights = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]][order]
    for _ in range(size - order):
        folded = bits.zeros() << parameter | bits.take(parameter)
        residual = folded >> 1 if folded % 2 == 0 else -(folded >> 1) - 1
        samples.append(residual + sum(w * samples[-1 - back] for back, w in enumerate(weights)))
    return samples


def decoded(data):
    assert data[:4] == b"fLaC"
    bits = Bits(data[4 + 4 + 34 :])
    channels = [[], []]
    while bits.at < len(bits.bits):
        assert bits.take(14) == 0x3FFE
        bits.take(2 + 4 + 4 + 4 + 3 + 1)
        assert bits.take(8) < 0x80, "the test has few frames"
        size = bits.take(16) + 1
        bits.take(8)
        for channel in channels:
            channel.extend(subframe(bits, size))
        bits.at += -bits.at % 8
        bits.take(16)
    return np.array(channels).T


@pytest.mark.parametrize("length", [1, 5, 4096, 4097])
def test_the_samples_come_out_again(length):
    chance = np.random.default_rng(length)
    time = np.arange(length) / 48_000
    left, right = 0.9 * np.sin(2765 * time), chance.uniform(-1, 1, length)
    sound = np.stack([left, right], axis=1).astype(np.float32)
    expected = np.clip(np.rint(sound * 32767.0), -32768, 32767)
    assert (decoded(flac_bytes(sound, 48_000)) == expected).all()


def test_silence_is_small():
    assert len(flac_bytes(np.zeros((48_000, 2), np.float32), 48_000)) < 20_000
