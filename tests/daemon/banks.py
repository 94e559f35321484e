"""A SoundFont written in memory, for tests."""

import math
import struct


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def little_bank():
    """A looped sine of 480 Hz on key 60, as bank 0, program 0."""
    wave = [round(20_000 * math.sin(2 * math.pi * n / 100)) for n in range(300)]
    tables = {
        b"phdr": struct.pack("<20sHHHIII", b"sine", 0, 0, 0, 0, 0, 0)
        + struct.pack("<20sHHHIII", b"EOP", 0, 0, 1, 0, 0, 0),
        b"pbag": struct.pack("<4H", 0, 0, 1, 0),
        b"pmod": bytes(10),
        b"pgen": struct.pack("<4H", 41, 0, 0, 0),
        b"inst": struct.pack("<20sH", b"sine", 0) + struct.pack("<20sH", b"EOI", 1),
        b"ibag": struct.pack("<4H", 0, 0, 2, 0),
        b"imod": bytes(10),
        b"igen": struct.pack("<6H", 54, 1, 53, 0, 0, 0),
        b"shdr": struct.pack("<20sIIIIIBbHH", b"sine", 0, 300, 100, 200, 48_000, 60, 0, 0, 1) + bytes(46),
    }
    samples = chunk(b"smpl", struct.pack("<300h", *wave) + bytes(92))
    body = b"sfbk" + chunk(b"LIST", b"INFO" + chunk(b"ifil", struct.pack("<2H", 2, 4)))
    body += chunk(b"LIST", b"sdta" + samples)
    body += chunk(b"LIST", b"pdta" + b"".join(chunk(name, data) for name, data in tables.items()))
    return chunk(b"RIFF", body)
