"""Builds style files of an arranger keyboard, byte by byte as their format is described in public."""

import io
from dataclasses import dataclass, field

import mido

TICKS = 480
ALL_CHORDS = (1 << 34) - 1
BASS_SFF1, BASS_SFF2 = 3, 0x81
"""The byte NTT of a bass: a table of its own in SFF1, melody with the top bit in SFF2."""


def chunk(name, data):
    return name.encode() + len(data).to_bytes(4, "big") + data


def rule(ntr=0, ntt=2, low=0, high=127, rtr=3):
    return bytes([ntr, ntt, 11, low, high, rtr])


def head(source, destination, *, name="voice", chords=ALL_CHORDS, root=0, chord_type=2):
    named = name.encode()[:8].ljust(8)
    muted = (0x0FFF).to_bytes(2, "big") + chords.to_bytes(5, "big")
    return bytes([source]) + named + bytes([destination, 0]) + muted + bytes([root, chord_type])


def ctab(source, destination, *, follows=None, **more):
    return chunk("Ctab", head(source, destination, **more) + (follows or rule()) + b"\0")


def ctb2(source, destination, *, follows=None, **more):
    return chunk("Ctb2", head(source, destination, **more) + bytes([0, 127]) + (follows or rule()) * 3 + bytes(7))


def cseg(sections, *tables):
    return chunk("CSEG", chunk("Sdec", ",".join(sections).encode()) + b"".join(tables))


def casm(*segments):
    return chunk("CASM", b"".join(segments))


@dataclass
class StyBuilder:
    """A style file in the making; notes are (start, length, pitch, velocity), times in quarters of their section."""

    version: str = "SFF1"
    title: str = "Test style"
    tempo_bpm: float = 110.0
    meter: tuple[int, int] = (4, 4)
    sections: list = field(default_factory=list)
    tail: bytes = b""
    setup: list = field(default_factory=list)

    def section(self, name, quarters, **channels):
        """A section; `channels` by number as `c9=[notes]`."""
        self.sections.append((name, quarters, {int(key[1:]): notes for key, notes in channels.items()}))
        return self

    def midi(self):
        track = mido.MidiTrack()
        timed = [
            (0, mido.MetaMessage("track_name", name=self.title)),
            (0, mido.MetaMessage("time_signature", numerator=self.meter[0], denominator=self.meter[1])),
            (0, mido.MetaMessage("set_tempo", tempo=round(60_000_000 / self.tempo_bpm))),
            (0, mido.MetaMessage("marker", text=self.version)),
            (0, mido.MetaMessage("marker", text="SInt")),
            *((0, message) for message in self.setup),
        ]
        at = 4 * TICKS
        for name, quarters, channels in self.sections:
            timed.append((at, mido.MetaMessage("marker", text=name)))
            notes = []
            for channel, played in channels.items():
                for start, length, pitch, velocity in played:
                    begins, ends = at + round(start * TICKS), at + round((start + length) * TICKS)
                    notes.append((begins, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)))
                    notes.append((ends, mido.Message("note_off", channel=channel, note=pitch)))
            timed += sorted(notes, key=lambda pair: (pair[0], pair[1].type == "note_on"))
            at += round(quarters * TICKS)
        timed.append((at, mido.MetaMessage("end_of_track")))
        timed.sort(key=lambda pair: pair[0])
        before = 0
        for tick, message in timed:
            track.append(message.copy(time=max(0, tick - before)))
            before = max(before, tick)
        out = io.BytesIO()
        mido.MidiFile(type=0, ticks_per_beat=TICKS, tracks=[track]).save(file=out)
        return out.getvalue()

    def bytes(self):
        return self.midi() + self.tail


DRUMS_1 = [(0, 0.1, 36, 110), (1, 0.1, 38, 112), (2, 0.1, 36, 108), (2.5, 0.1, 36, 80), (3, 0.1, 38, 112)]
HATS = [(step / 2, 0.1, 42, 90 if step % 2 == 0 else 60) for step in range(8)]
BASS_1 = [
    (0, 0.9, 36, 100), (1, 0.4, 40, 96), (1.5, 0.4, 43, 96), (2, 0.9, 48, 100), (3, 0.4, 45, 96), (3.5, 0.4, 39, 90),
]  # fmt: skip
"""C E G c A and a chromatic E flat."""

COMPING = [
    (start, 0.4, pitch, 90) for start in (0.5, 1.5, 2.5, 3.5) for pitch in (60, 64, 67)
]  # fmt: skip
STRINGS = [(0, 3.9, pitch, 70) for pitch in (55, 60, 64)]


def whole_style(version="SFF1"):
    """A style with all kinds of sections, in either format."""
    second = version == "SFF2"
    table, bass = (ctb2, BASS_SFF2) if second else (ctab, BASS_SFF1)
    builder = StyBuilder(version)
    for letter, bars in (("A", 1), ("B", 2), ("C", 1), ("D", 1)):
        builder.section(f"Main {letter}", 4 * bars, c9=DRUMS_1 + HATS, c10=BASS_1, c11=COMPING, c13=STRINGS)
        builder.section(f"Fill In {letter * 2}", 4, c9=[(step / 4, 0.1, 38, 60 + 4 * step) for step in range(16)])
    builder.section("Fill In BA", 4, c9=[(0, 0.1, 49, 120)], c10=[(0, 0.5, 36, 120)])
    five_one = [(0, 1.9, p, 90) for p in (59, 62, 65, 67)] + [(2, 1.9, p, 90) for p in (60, 64, 67)]
    roots = [(0, 1.9, 43, 100), (2, 1.9, 36, 100)]
    builder.section("Intro A", 4, c9=HATS, c10=roots, c11=five_one)
    builder.section("Ending A", 4, c9=HATS, c10=roots, c11=five_one)
    names = [name for name, *_ in builder.sections]
    tables = (
        table(9, 9, follows=rule(1, 0)), table(10, 10, follows=rule(0, bass, 28, 55)),
        table(11, 11, follows=rule(1, 2)), table(13, 13, follows=rule(1, 2, rtr=0)),
    )  # fmt: skip
    builder.tail = casm(cseg(names, *tables)) + chunk("OTSc", b"MThd" + bytes(40))
    return builder
