"""The chunk CASM of an arranger keyboard's style file: what is played by whom, and how it follows the chords.

A CASM holds CSEG chunks. Each names sections of the style (Sdec: "Main A,Main B") and has a table for every channel the
notes of these sections are written on: Ctab (SFF1) or Ctb2 (SFF2), and in some SFF1 files Cntt, which overrides a
Ctab's rule. The format is not published by its maker; what is read here is as in "Style Files - Introduction and
Details" by Peter Wierzba and Michael P. Bedesem (2.1, 2015) and in Jørgen Sørensen's CASM references.

Rules. Any bytes at all give either a `Casm` or a `StyError` that names the chunk and the byte it begins at. A chunk
never reaches beyond the one it is in, so time and memory are bounded by the length of the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

CHORD_TYPES: Final = (
    "", "6", "maj7", "maj7", "add9", "maj9", "6", "aug", "m", "m6", "m7", "m7b5", "madd9", "m9", "m7", "mmaj7",
    "mmaj7", "dim", "dim7", "7", "7sus4", "7", "9", "7", "13", "7b9", "7#5", "7#9", "aug", "7#5", "5", "5", "sus4",
    "sus2",
)  # fmt: skip
"""The 34 chord types as our qualities, the nearest where we have none (maj7#11, 6/9, m11, 7b5)."""

NTRS: Final = ("root trans", "root fixed", "guitar")
_NTTS_SFF1: Final = ("bypass", "melody", "chord", "bass", "melodic minor", "harmonic minor")
_NTTS_SFF2: Final = (
    "bypass", "melody", "chord", "melodic minor", "melodic minor", "harmonic minor", "harmonic minor",
    "natural minor", "natural minor", "dorian", "dorian",
)  # fmt: skip
_NTTS_GUITAR: Final = ("all purpose", "stroke", "arpeggio")
RTRS: Final = ("stop", "pitch shift", "pitch shift to root", "retrigger", "retrigger to root", "note generator")

_COMMON_BYTES: Final = 20
_RULE_BYTES: Final = 6
_HEAD: Final = 8
_BASS_ON: Final = 0x80


class StyError(ValueError):
    """A style file that cannot be read; the text says which chunk, where, and what was wrong with it."""


class Chunk(NamedTuple):
    """A chunk's four letters, the byte of the file that it begins at, and its content."""

    name: str
    at: int
    data: bytes

    def fault(self, what: str) -> StyError:
        """The error that something is wrong with it."""
        return StyError(f"{self.name} at byte {self.at}: {what}")

    def byte(self, place: int, what: str, most: int = 127) -> int:
        """A byte of its content, which is `what`."""
        value = self.data[place]
        if value > most:
            raise self.fault(f"{what} (byte {self.at + _HEAD + place}) must be 0 to {most}, but was {value}")
        return value


@dataclass(frozen=True, slots=True)
class Rule:
    """How the notes of a channel follow the chord; `low` and `high` are the pitches they stay within."""

    ntr: str
    ntt: str
    bass_on: bool
    high_key: int
    low: int
    high: int
    rtr: str


@dataclass(frozen=True, slots=True)
class Channel:
    """The table of one source channel (0..15)."""

    source: int
    name: str
    destination: int
    """The part it is for: 8, 9 rhythm, 10 bass, 11, 12 chords, 13 pad, 14, 15 phrases."""
    chords: int
    """Bit n: whether it plays over chords of type n."""
    root: int
    quality: str
    """The chord it is written over; the quality as ours."""
    rules: tuple[Rule, ...]
    """One, or three: for notes below, within and above `middle`."""
    middle: tuple[int, int] = (0, 127)

    @property
    def rule(self) -> Rule:
        """The rule of its middle notes."""
        return self.rules[len(self.rules) // 2]


@dataclass(frozen=True, slots=True)
class Casm:
    """The tables by section and source channel, and the chunks inside that nobody here knows."""

    sections: dict[str, dict[int, Channel]]
    unknown: tuple[str, ...] = ()


def chunks_in(data: bytes, at: int) -> Iterator[Chunk]:
    """The chunks that `data` is made of; `at` is the byte of the file that it begins at.

    Raises:
        StyError: the last one is longer than what is left, or there are some bytes too many.
    """
    place = 0
    while place < len(data):
        name = data[place : place + 4].decode("latin-1")
        shown = name if name.isprintable() else repr(name)
        if len(data) - place < _HEAD:
            raise StyError(f"{shown} at byte {at + place}: ends within its head")
        length = int.from_bytes(data[place + 4 : place + _HEAD], "big")
        left = len(data) - place - _HEAD
        if length > left:
            raise StyError(f"{shown} at byte {at + place}: says it is {length} bytes long, but {left} are left")
        yield Chunk(shown, at + place, data[place + _HEAD : place + _HEAD + length])
        place += _HEAD + length


def parse_casm(data: bytes, at: int = 0) -> Casm:
    """The CASM whose content is `data` (without its head) and begins at byte `at` of the file.

    Raises:
        StyError: it is broken.
    """
    sections: dict[str, dict[int, Channel]] = {}
    unknown: list[str] = []
    for segment in chunks_in(data, at):
        if segment.name != "CSEG":
            unknown.append(segment.name)
            continue
        names, channels, others = _segment(segment)
        unknown += others
        for name in names:
            sections.setdefault(name, {}).update(channels)
    if not sections:
        raise StyError(f"CASM at byte {max(0, at - _HEAD)}: has no CSEG with the name of a section")
    return Casm(sections, tuple(dict.fromkeys(unknown)))


def _segment(segment: Chunk) -> tuple[list[str], dict[int, Channel], list[str]]:
    names: list[str] = []
    channels: dict[int, Channel] = {}
    unknown: list[str] = []
    for chunk in chunks_in(segment.data, segment.at + _HEAD):
        if chunk.name == "Sdec":
            names += [name.strip() for name in chunk.data.decode("latin-1").rstrip("\0").split(",") if name.strip()]
        elif chunk.name in ("Ctab", "Ctb2"):
            channel = _channel(chunk)
            channels[channel.source] = channel
        elif chunk.name == "Cntt":
            _override(chunk, channels)
        else:
            unknown.append(chunk.name)
    return names, channels, unknown


def _channel(chunk: Chunk) -> Channel:
    parts = 3 if chunk.name == "Ctb2" else 1
    first = _COMMON_BYTES + (2 if parts == 3 else 0)
    if len(chunk.data) < first + parts * _RULE_BYTES:
        raise chunk.fault(f"must have {first + parts * _RULE_BYTES} bytes or more, but has {len(chunk.data)}")
    kind = chunk.byte(19, "the source chord's type", len(CHORD_TYPES))
    middle = (chunk.byte(20, "the lowest middle note"), chunk.byte(21, "the highest middle note"))
    return Channel(
        source=chunk.byte(0, "the source channel", 15),
        name=chunk.data[1:9].decode("latin-1").replace("\0", " ").strip(),
        destination=chunk.byte(9, "the destination channel", 15),
        chords=int.from_bytes(chunk.data[13:18], "big") & ((1 << len(CHORD_TYPES)) - 1),
        root=chunk.byte(18, "the source chord's root", 11),
        quality=CHORD_TYPES[kind] if kind < len(CHORD_TYPES) else "maj7",  # 34 is "cancel": no chord
        rules=tuple(_rule(chunk, first + part * _RULE_BYTES) for part in range(parts)),
        middle=middle if parts == 3 else (0, 127),
    )


def _rule(chunk: Chunk, place: int) -> Rule:
    is_second = chunk.name == "Ctb2"
    ntr = NTRS[chunk.byte(place, "the transposition rule (NTR)", 2 if is_second else 1)]
    written = chunk.byte(place + 1, "the transposition table (NTT)", 255)
    ntts = (_NTTS_GUITAR if ntr == "guitar" else _NTTS_SFF2) if is_second else _NTTS_SFF1
    ntt, bass_on = _table(chunk, written, ntts)
    return Rule(
        ntr=ntr,
        ntt=ntt,
        bass_on=bass_on,
        high_key=chunk.byte(place + 2, "the highest key"),
        low=chunk.byte(place + 3, "the note limit below"),
        high=chunk.byte(place + 4, "the note limit above"),
        rtr=RTRS[chunk.byte(place + 5, "the retrigger rule (RTR)", len(RTRS) - 1)],
    )


def _table(chunk: Chunk, written: int, ntts: tuple[str, ...]) -> tuple[str, bool]:
    """What a byte says of the transposition table: which, and whether the bass note goes with a chord's own bass."""
    number = written & ~_BASS_ON
    if number >= len(ntts):
        raise chunk.fault(f"the transposition table (NTT) must be 0 to {len(ntts) - 1}, but was {number}")
    ntt = ntts[number]
    return ("melody" if ntt == "bass" else ntt), bool(written & _BASS_ON) or ntt == "bass"


def _override(chunk: Chunk, channels: dict[int, Channel]) -> None:
    """What a Cntt says instead of the Ctab of its channel; one for a channel without a Ctab says nothing."""
    if len(chunk.data) < 2:
        raise chunk.fault(f"must have 2 bytes, but has {len(chunk.data)}")
    source = chunk.byte(0, "the source channel", 15)
    ntt, bass_on = _table(chunk, chunk.data[1], _NTTS_SFF2)
    if (channel := channels.get(source)) is not None:
        channels[source] = replace(channel, rules=(replace(channel.rule, ntt=ntt, bass_on=bass_on),))
