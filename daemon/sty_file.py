"""Reads an arranger keyboard's style file (SFF1, SFF2): a MIDI file cut into sections by its markers, then chunks.

The notes of "Main A" are those from the marker of that name to the next one; `SInt` is the setting up before. After the
MIDI part comes CASM (see `daemon.sty_casm`), then what an accompanist has no use for: one-touch settings (OTSc), a
music finder's entries (FNRc) and others, which are only named.

Rules. Any bytes at all give either a `Sty` or a `StyError` that names the chunk and where it is.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from daemon.midi_file import MAX_EVENTS, MidiFileError, merged, parse_file, read_file
from daemon.sty_casm import Casm, Chunk, StyError, chunks_in, parse_casm
from realtime.core.meter import ALLOWED_DENOMINATORS, MAX_NUMERATOR, Meter
from realtime.core.units import MICROS_PER_MINUTE

MAX_MIDI_BYTES: Final = 4_000_000
"""Of the MIDI part. Those that are sold have a twentieth of that."""

MAX_SECTION_QUARTERS: Final = 4 * 64

SECTIONS: Final = (
    *(f"Main {letter}" for letter in "ABCD"),
    *(f"Fill In {letters}" for letters in ("AA", "BB", "CC", "DD", "AB", "BA")),
    *(f"{name} {letter}" for name in ("Intro", "Ending") for letter in "ABCD"),
)
"""The markers that begin a section."""

FORMATS: Final = ("SFF1", "SFF2")
_WHAT_IS: Final = {"OTSc": "one-touch settings", "FNRc": "the music finder's entries", "MHhd": "multi-pad settings"}


@dataclass(frozen=True, slots=True, order=True)
class StyNote:
    """A note of a section; `start` and `length` in quarters from the section's beginning."""

    start: float
    pitch: int
    velocity: int
    length: float


@dataclass(slots=True)
class Section:
    """What is played between two markers, by source channel (0..15)."""

    quarters: float = 0.0
    channels: dict[int, list[StyNote]] = field(default_factory=dict)


@dataclass(slots=True)
class Sty:
    """A style file as it is; what was not read is named in `skipped`."""

    title: str = ""
    format: str = ""
    tempo_bpm: float = 120.0
    meter: Meter = field(default_factory=Meter)
    sections: dict[str, Section] = field(default_factory=dict)
    casm: Casm | None = None
    kits: dict[int, int] = field(default_factory=dict)
    """The program of each channel that has a drum kit's bank."""
    skipped: list[str] = field(default_factory=list)


def read_sty(path: Path) -> Sty:
    """The style file at `path`.

    Raises:
        StyError: it cannot be read, or is none, or is broken; the text names the file.
    """
    try:
        return read_file(path, parse_sty)
    except MidiFileError as error:
        raise StyError(str(error)) from None
    except StyError as error:
        raise StyError(f"{path}: {error}") from None


def parse_sty(data: bytes) -> Sty:
    """The style in the bytes of a style file.

    Raises:
        StyError: it is none, or is broken.
    """
    if data[:4] != b"MThd":
        raise StyError("is not a style file: it does not begin with MThd")
    midi_end = _midi_end(data)
    try:
        file = parse_file(data[:midi_end])
    except MidiFileError as error:
        raise StyError(f"the MIDI part (bytes 0 to {midi_end}) {error}") from None
    sty = _Reader(file.ticks_per_beat).read(merged(file.tracks))
    if not any(name.startswith("Main") for name in sty.sections):
        raise StyError("is not a style file: the MIDI part has no marker Main A, Main B, Main C or Main D")
    for chunk in _chunks_after(data, midi_end):
        if chunk.name == "CASM":
            sty.casm = parse_casm(chunk.data, chunk.at + 8)
            sty.skipped += [f"the chunk {name} inside CASM" for name in sty.casm.unknown]
        else:
            sty.skipped.append(f"{_WHAT_IS.get(chunk.name, 'a chunk')} ({chunk.name}, {len(chunk.data)} bytes)")
    return sty


def _midi_end(data: bytes) -> int:
    """The byte that the MIDI part ends at: after its head and as many tracks as it says."""
    place, tracks, found = 0, 1, 0
    while found < tracks:
        name, length = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "big")
        if found or place:
            if name != b"MTrk":
                raise StyError(f"MTrk was expected at byte {place}, but there is {name!r}")
            found += 1
        else:
            tracks = int.from_bytes(data[10:12], "big")
        place += 8 + length
        if place > len(data):
            left = max(0, len(data) - place + length)
            raise StyError(f"{name.decode()} at byte {place - 8 - length}: is {length} bytes long, but {left} are left")
        if place > MAX_MIDI_BYTES:
            raise StyError(f"MTrk: the MIDI part is longer than {MAX_MIDI_BYTES} bytes")
    return place


def _chunks_after(data: bytes, place: int) -> list[Chunk]:
    """The chunks behind the MIDI part; in some files CASM is a byte late."""
    begins = next((place + off for off in (0, 1) if data[place + off : place + off + 4] == b"CASM"), place)
    found: list[Chunk] = []
    try:
        for chunk in chunks_in(data[begins:], begins):
            found.append(chunk)
    except StyError as error:
        # What follows the CASM is not ours; a broken end of it takes nothing from what was read.
        if "CASM" in str(error) or not any(chunk.name == "CASM" for chunk in found):
            raise
    return found


class _Reader:
    """Goes through the messages of the MIDI part in order."""

    def __init__(self, ticks_per_quarter: int) -> None:
        self._per_quarter = ticks_per_quarter
        self._sty = Sty()
        self._section: Section | None = None
        self._begun = 0
        self._down: dict[tuple[int, int], tuple[int, int]] = {}
        self._banks: dict[int, int] = {}

    def read(self, messages: list[tuple[int, Any]]) -> Sty:
        """All of it.

        Raises:
            StyError: a section is longer than any is, or its meter is none of ours.
        """
        if len(messages) > MAX_EVENTS:
            raise StyError(f"the MIDI part has more than {MAX_EVENTS} events")
        self._head(messages)
        for tick, message in messages:
            if message.type == "marker":
                self._mark(tick, message.text.strip())
            elif message.type in ("note_on", "note_off"):
                self._note(tick, message)
            elif message.type == "control_change" and message.control == 0:
                self._banks[message.channel] = message.value
            elif message.type == "program_change" and self._banks.get(message.channel, 0) >= 126:
                self._sty.kits.setdefault(message.channel, message.program)
        self._close(messages[-1][0] if messages else 0)
        return self._sty

    def _head(self, messages: list[tuple[int, Any]]) -> None:
        """Title, tempo and meter: the first of each."""
        seen: set[str] = set()
        for _, message in messages:
            if message.type == "set_tempo" and message.type not in seen:
                self._sty.tempo_bpm = MICROS_PER_MINUTE / max(1, message.tempo)
            elif message.type == "time_signature" and message.type not in seen:
                if not 1 <= message.numerator <= MAX_NUMERATOR or message.denominator not in ALLOWED_DENOMINATORS:
                    raise StyError(f"MTrk: has the time signature {message.numerator}/{message.denominator}")
                self._sty.meter = Meter(message.numerator, message.denominator)
            elif message.type == "track_name" and not self._sty.title:
                self._sty.title = "".join(c for c in message.name if c.isprintable()).strip()
            seen.add(message.type)

    def _mark(self, tick: int, text: str) -> None:
        if text in FORMATS:
            self._sty.format = text
        elif text in SECTIONS or text == "SInt":
            self._close(tick)
            if text in SECTIONS and text not in self._sty.sections:
                self._section, self._begun = Section(), tick
                self._sty.sections[text] = self._section
            elif text in SECTIONS:
                self._sty.skipped.append(f"{text} for the second time")
        elif text.startswith(("Main", "Fill In", "Intro", "Ending")):
            self._close(tick)
            self._sty.skipped.append(f"the section {text:.20}")

    def _close(self, tick: int) -> None:
        """The section ends: what sounds, ends with it."""
        section, self._section = self._section, None
        if section is None:
            return
        section.quarters = (tick - self._begun) / self._per_quarter
        if section.quarters > MAX_SECTION_QUARTERS:
            raise StyError(
                f"MTrk: a section is {section.quarters:.0f} quarters long; {MAX_SECTION_QUARTERS} are allowed"
            )
        for key, (start, velocity) in self._down.items():
            self._add(section, key, start, velocity, tick)
        self._down.clear()
        for notes in section.channels.values():
            notes.sort()

    def _note(self, tick: int, message: Any) -> None:  # noqa: ANN401 - mido has no types
        if self._section is None:
            return
        key = message.channel, message.note
        if key in self._down:
            start, velocity = self._down.pop(key)
            self._add(self._section, key, start, velocity, tick)
        if message.type == "note_on" and message.velocity > 0:
            self._down[key] = tick, message.velocity

    def _add(self, section: Section, key: tuple[int, int], start: int, velocity: int, end: int) -> None:
        channel, pitch = key
        begins, length = (start - self._begun) / self._per_quarter, (end - start) / self._per_quarter
        section.channels.setdefault(channel, []).append(StyNote(begins, pitch, velocity, length))
