"""Writes a score as a Standard MIDI File, bytes at once: tempo, meter, key, chords and sections, and a track a part."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from daemon.song.score import Score
from realtime.core.events import CHANNEL_OF_PART, Part
from realtime.core.key_finder import Key
from realtime.core.timeline import micros_per_quarter
from realtime.core.units import DRUM_CHANNEL, TICKS_PER_QUARTER

TRACK_NAMES: Final[dict[Part, str]] = {
    "solo": "melody", "player": "chords", "keys": "keys", "pad": "pad", "bass": "bass", "drums": "drums",
}  # fmt: skip
PROGRAMS: Final = {
    "grand_piano": 0, "electric_piano": 4, "organ": 16, "nylon_guitar": 24, "upright_bass": 32, "finger_bass": 33,
    "strings": 48, "lead": 80, "pad": 89, "drum_kit": 0, "brush_kit": 40,
}  # fmt: skip
"""General MIDI programs, 0-based, of the engine's instruments; of drums, the kit."""

_NAME, _MARKER, _TEXT = 0x03, 0x06, 0x01
_TEMPO, _METER, _KEY, _END = 0x51, 0x58, 0x59, 0x2F
_SHARPS_OF_MAJOR: Final = {0: 0, 7: 1, 2: 2, 9: 3, 4: 4, 11: 5, 6: -6, 1: -5, 8: -4, 3: -3, 10: -2, 5: -1}
Event = tuple[int, int, bytes]
"""Tick, order within the tick, and the message."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What is written into the file besides notes: its title, chord symbols and sections with their ticks."""

    title: str
    key: Key
    chords: Sequence[tuple[int, str]]
    sections: Sequence[tuple[int, str]]


def midi_bytes(score: Score, labels: Labels, instruments: Mapping[Part, str]) -> bytes:
    """The file's content: type 1, 960 ticks a quarter."""
    tracks = [_conductor(score, labels)]
    for part in score.parts:
        channel = CHANNEL_OF_PART[part]
        program = PROGRAMS.get(instruments.get(part, ""), 0)
        events: list[Event] = [(0, 0, _meta(_NAME, TRACK_NAMES[part].encode()))]
        if channel != DRUM_CHANNEL or program:
            events.append((0, 1, bytes([0xC0 | channel, program])))
        for note in score.notes:
            if note.part == part:
                events.append((note.start, 3, bytes([0x90 | channel, note.pitch, note.velocity])))
                events.append((note.end, 2, bytes([0x80 | channel, note.pitch, 0])))
        tracks.append(_track(events))
    return struct.pack(">4sIHHH", b"MThd", 6, 1, len(tracks), TICKS_PER_QUARTER) + b"".join(tracks)


def _conductor(score: Score, labels: Labels) -> bytes:
    meter = score.meter
    denominator = meter.denominator.bit_length() - 1
    events: list[Event] = [
        (0, 0, _meta(_NAME, labels.title.encode())),
        (0, 1, _meta(_METER, bytes([meter.numerator, denominator, 24, 8]))),
        (0, 1, _meta(_KEY, _key_signature(labels.key))),
        (score.end_tick, 9, b""),
    ]
    events += [(at, 2, _meta(_TEMPO, micros_per_quarter(bpm).to_bytes(3, "big"))) for at, bpm in score.tempi.changes]
    events += [(at, 3, _meta(_MARKER, name.encode())) for at, name in labels.sections]
    events += [(at, 4, _meta(_TEXT, name.encode())) for at, name in labels.chords]
    return _track(events)


def _key_signature(key: Key) -> bytes:
    """Its sharps (flats are negative) and whether it is minor; of a mode, those of the scale it shares."""
    steps = {"dorian": 10, "phrygian": 8, "lydian": 7, "mixolydian": 5, "minor": 3, "major": 0}[key.mode_name]
    sharps = _SHARPS_OF_MAJOR[(key.tonic + steps) % 12]
    return struct.pack("bB", sharps, key.mode_name == "minor")


def _track(events: Iterable[Event]) -> bytes:
    data = bytearray()
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        if message:
            data += _length(tick - now) + message
            now = tick
    end = max((tick for tick, _, _ in events), default=0)
    data += _length(max(0, end - now)) + bytes([0xFF, _END, 0])
    return struct.pack(">4sI", b"MTrk", len(data)) + bytes(data)


def _meta(kind: int, data: bytes) -> bytes:
    return bytes([0xFF, kind]) + _length(len(data)) + data


def _length(value: int) -> bytes:
    """A variable-length quantity: seven bits a byte, the highest first."""
    data = bytearray([value & 0x7F])
    while value := value >> 7:
        data.insert(0, 0x80 | (value & 0x7F))
    return bytes(data)
