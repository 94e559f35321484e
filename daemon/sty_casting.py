"""Who plays what: which of a style file's chord parts is our keys, and which our pad."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from daemon.row_grid import Grid
from daemon.sty_casm import Channel
from daemon.sty_parts import Struck, is_chordal, mean_beats
from daemon.sty_tables import CHORDS, PAD, PART_NAMES

_HELD_BEATS: Final = 1.5
"""Chords that are longer than this on average are a pad's."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part in a section: its table and what it strikes."""

    table: Channel
    groups: Struck


Parts = Mapping[int, Part]
"""A section's parts by their number in the file."""


@dataclass(frozen=True, slots=True)
class Casting:
    """The file's chord parts in the order in which they are asked to be keys, and to be the pad."""

    keys: tuple[int, ...]
    pad: tuple[int, ...]

    def part(self, role: str, parts: Parts) -> Part | None:
        """Who is `role` ("keys" or "pad") in a section."""
        order = self.keys if role == "keys" else self.pad
        return next((parts[number] for number in order if number in parts and parts[number].groups), None)


def cast(sections: Mapping[str, Parts], grid: Grid, leave_out: Callable[[str], None]) -> Casting:
    """The casting of a style whose grooves have these parts; `leave_out` is told who has no role."""
    heard = {
        number: [parts[number].groups for parts in sections.values() if number in parts and parts[number].groups]
        for number in CHORDS
    }
    chordal = [number for number in CHORDS if is_chordal(heard[number])]
    length = {number: mean_beats(heard[number], grid) for number in chordal}
    pads = sorted((n for n in chordal if length[n] >= _HELD_BEATS), key=lambda n: (n != PAD, -length[n]))
    busy = sorted(chordal, key=lambda n: (-sum(map(len, heard[n])), n))
    keys = [n for n in busy if n not in pads] or busy[:1]
    pads = [n for n in pads if n not in keys]
    casting = Casting(tuple(keys), tuple(pads))
    used = {id(part) for parts in sections.values() for role in ("keys", "pad") if (part := casting.part(role, parts))}
    for number, groups in heard.items():
        if groups and number not in chordal:
            leave_out(f"{PART_NAMES[number]}: a line of single notes, which keys and pad do not play")
        elif groups and not any(id(parts[number]) in used for parts in sections.values() if number in parts):
            leave_out(f"{PART_NAMES[number]}: there is one part for struck chords and one for held ones")
    return casting
