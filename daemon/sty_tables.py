"""Which channel of a style file plays which part in which section, and what of it cannot be one of our parts."""

from collections.abc import Callable
from typing import Final

from daemon.sty_casm import Channel, Rule
from daemon.sty_file import Section, Sty

DRUMS: Final = (8, 9)
BASS: Final = 10
CHORDS: Final = (11, 12, 13, 14, 15)
PAD: Final = 13
PART_NAMES: Final = {
    8: "Rhythm Sub", 9: "Rhythm Main", 10: "Bass", 11: "Chord 1", 12: "Chord 2", 13: "Pad", 14: "Phrase 1",
    15: "Phrase 2",
}  # fmt: skip
"""The parts by their number in the file (a destination channel, from 0)."""

_BY_THEMSELVES: Final = ("Intro", "Ending")
"""Sections with harmony of their own: there notes that follow no chord are the rule."""

_ALL_CHORDS: Final = (1 << 34) - 1

Tables = dict[int, list[Channel]]
"""The channels of a section by the part they play; of several for one part the most general first."""


def tables_of(sty: Sty, name: str, leave_out: Callable[[str], None]) -> Tables:
    """The channels that play in the section `name`; `leave_out` is told of those that cannot be used."""
    section = sty.sections[name]
    known = sty.casm.sections.get(name) if sty.casm is not None else None
    tables = known if known is not None else {source: default_table(source) for source in PART_NAMES}
    found: Tables = {}
    for source in sorted(section.channels):
        table = tables.get(source)
        if table is None:
            leave_out(f"channel {source + 1}, which CASM says nothing of")
        elif source in sty.kits:
            found.setdefault(DRUMS[-1], []).append(table)
        elif table.destination not in PART_NAMES:
            leave_out(f"channel {source + 1}: it plays for a part {table.destination + 1} that there is not")
        elif table.destination not in DRUMS and _is_fixed(table) and not name.startswith(_BY_THEMSELVES):
            leave_out(f"{PART_NAMES[table.destination]}: it plays the same notes over every chord")
        else:
            found.setdefault(table.destination, []).append(table)
    for part, tables_of_part in found.items():
        tables_of_part.sort(key=lambda table: (-table.chords.bit_count(), table.source))
        if part not in DRUMS:
            if tables_of_part[0].middle != (0, 127):
                leave_out(f"{PART_NAMES[part]}: rules of their own for its lowest and highest notes")
            for other in tables_of_part[1:]:
                leave_out(f"{PART_NAMES[part]}: channel {other.source + 1}, which is for other chords only")
            del tables_of_part[1:]
    return found


def sources_of(section: Section, tables: Tables) -> list[int]:
    """The channels of a section that are read."""
    return [table.source for part in tables.values() for table in part if table.source in section.channels]


def _is_fixed(table: Channel) -> bool:
    return table.rule.ntr == "root fixed" and table.rule.ntt == "bypass"


def default_table(source: int) -> Channel:
    """What holds where a CASM says nothing: channels 9 to 16 are the parts, written over Cmaj7."""
    is_drums, is_bass = source in DRUMS, source == BASS
    rule = Rule(
        ntr="root fixed" if is_drums else "root trans",
        ntt="bypass" if is_drums else "melody" if is_bass else "chord",
        bass_on=is_bass,
        high_key=11,
        low=0,
        high=127,
        rtr="stop" if is_drums else "retrigger",
    )
    return Channel(source, PART_NAMES[source], source, _ALL_CHORDS, 0, "maj7", (rule,))
