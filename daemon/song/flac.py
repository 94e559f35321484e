"""Writes FLAC (RFC 9639): 16 bits, fixed predictors, Rice codes; the same samples come out again, in half the bytes."""

import hashlib
import struct
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

BLOCK: Final = 4096
BITS: Final = 16
MOST_ORDER: Final = 4
_CRC16_POLYNOMIAL: Final = 0x8005
_CRC8_POLYNOMIAL: Final = 0x07
_SAMPLE_SIZE_16: Final = 4
_BLOCK_SIZE_IN_16_BITS: Final = 7

Bits = npt.NDArray[np.uint8]
Whole = npt.NDArray[np.int64]


def flac_bytes(sound: npt.NDArray[np.float32], rate: int) -> bytes:
    """A FLAC stream of `sound`, frames × 2 channels of floats -1..1, at `rate` Hz."""
    samples = np.clip(np.rint(sound * 32767.0), -32768, 32767).astype(np.int64)
    frames = [
        _frame(samples[start : start + BLOCK], number) for number, start in enumerate(range(0, len(samples), BLOCK))
    ]
    digest: bytes = hashlib.md5(samples.astype("<i2").tobytes(), usedforsecurity=False).digest()
    packed: int = (rate << 44) | ((samples.shape[1] - 1) << 41) | ((BITS - 1) << 36) | len(samples)
    sizes = bytes(6)  # the smallest and the largest frame: unknown
    info = struct.pack(">HH", BLOCK, BLOCK) + sizes + struct.pack(">Q", packed) + digest
    return b"fLaC" + bytes([0x80]) + len(info).to_bytes(3, "big") + info + b"".join(frames)


def _frame(block: Whole, number: int) -> bytes:
    """One block: sync, header with its CRC-8, a subframe a channel, CRC-16."""
    head = bytes([0xFF, 0xF8, _BLOCK_SIZE_IN_16_BITS << 4, ((block.shape[1] - 1) << 4) | (_SAMPLE_SIZE_16 << 1)])
    head += chr(number).encode() if number < 0xD800 else _long_number(number)
    head += struct.pack(">H", len(block) - 1)
    head += bytes([_crc(np.unpackbits(np.frombuffer(head, np.uint8)), _CRC8_POLYNOMIAL, 8)])
    bits = np.concatenate([_subframe(channel) for channel in block.T])
    bits = np.concatenate([np.unpackbits(np.frombuffer(head, np.uint8)), bits, np.zeros(-len(bits) % 8, np.uint8)])
    return np.packbits(bits).tobytes() + struct.pack(">H", _crc(bits, _CRC16_POLYNOMIAL, 16))


def _long_number(number: int) -> bytes:
    """UTF-8's scheme, for numbers that are no characters."""
    if number < 0x10000:
        return bytes([0xE0 | number >> 12, 0x80 | (number >> 6) & 0x3F, 0x80 | number & 0x3F])
    high = [0xF0 | number >> 18, 0x80 | (number >> 12) & 0x3F]
    return bytes([*high, 0x80 | (number >> 6) & 0x3F, 0x80 | number & 0x3F])


def _subframe(channel: Whole) -> Bits:
    """The channel by the fixed predictor that leaves least, its residual in one Rice partition."""
    differences = [channel]
    while len(differences) <= min(MOST_ORDER, len(channel) - 1):
        differences.append(np.diff(differences[-1]))
    order = min(range(len(differences)), key=lambda n: float(np.abs(differences[n]).sum()))
    residual = differences[order]
    folded = np.where(residual >= 0, 2 * residual, -2 * residual - 1)
    mean = float(folded.mean()) if len(folded) else 0.0
    parameter = max(0, min(30, int(mean).bit_length() - 1))
    head = _fixed(np.array([(8 | order) << 1]), 8)
    warm = _fixed(channel[:order] & 0xFFFF, BITS)
    coding = np.concatenate([_fixed(np.array([1]), 2), _fixed(np.array([0]), 4), _fixed(np.array([parameter]), 5)])
    return np.concatenate([head, warm, coding, _rice(folded, parameter)])


def _fixed(values: Whole, width: int) -> Bits:
    """Each value in `width` bits, the highest first."""
    shifts = np.arange(width - 1, -1, -1)
    return ((values[:, None] >> shifts) & 1).astype(np.uint8).ravel()


def _rice(values: Whole, parameter: int) -> Bits:
    """Each value as so many zeros, a one, and its low bits."""
    ones = np.cumsum((values >> parameter) + 1 + parameter) - parameter - 1
    bits = np.zeros(int(ones[-1]) + 1 + parameter if len(values) else 0, np.uint8)
    bits[ones] = 1
    for place in range(parameter):
        bits[ones + 1 + place] = (values >> (parameter - 1 - place)) & 1
    return bits


def _crc(bits: Bits, polynomial: int, width: int) -> int:
    """The remainder: that of each bit that is set, added up, for division is linear."""
    weights = _weights(polynomial, width, 1 << max(10, (len(bits) - 1).bit_length()))
    return int(np.bitwise_xor.reduce(weights[: len(bits)][::-1][bits.astype(bool)], initial=0))


@lru_cache(maxsize=16)
def _weights(polynomial: int, width: int, count: int) -> npt.NDArray[np.int64]:
    """What a one, so many bits before the end of the message, leaves."""
    mask, remainder, found = (1 << width) - 1, polynomial, np.empty(count, np.int64)
    for place in range(count):
        found[place] = remainder
        remainder = ((remainder << 1) & mask) ^ (polynomial if remainder >> (width - 1) else 0)
    return found
