"""What keys, pad and bass are heard to play against the chart: all of a chord's notes, not the bass alone.

`comping_struck`: the notes of keys and pad that sound when the beat is struck are all in the chart's chord;
`comping_right`: so are those that sound for most of the beat's first half. Both are shares of the beats on which any
do. What the band adds to the chart's chord counts as wrong there; `comping_coloured` is `comping_right` with the ninth
let pass, which a comping player adds by themselves. `notes_right` is the share of all notes
that bass, keys and pad begin in the first half of a beat, and `notes_unsure` of those on beats the band was unsure of.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from daemon.evaluation.chart import ChartChord
from daemon.evaluation.scores import SHARE, Kind, Tally
from realtime.core.events import NoteOff, NoteOn, Output, Part, Stamped
from realtime.core.units import Micros

COMPING: Final[tuple[Part, ...]] = ("keys", "pad")
HARMONY: Final[tuple[Part, ...]] = ("bass", *COMPING)

_MOST: Final = 0.5
"""The share of the first half beat in which a note must sound to be one of its notes."""

_NINTH: Final = 2

_LONGEST: Final = 20_000_000
"""µs; no note of the band sounds longer."""


@dataclass(frozen=True, slots=True)
class HeardBeat:
    """The pitches heard on one beat: when it is struck, for most of its first half, and begun in that."""

    struck: frozenset[int] = frozenset()
    carrying: frozenset[int] = frozenset()
    begun: tuple[int, ...] = ()


@dataclass(slots=True)
class HeardNotes:
    """The notes that the harmony parts played, by when they began."""

    notes: list[tuple[int, int, int, Part]] = field(default_factory=list)
    """(start, end, pitch, part), in order."""
    _starts: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, outputs: Iterable[Stamped[Output]]) -> "HeardNotes":
        """Those in `outputs`, in any order, where every note-on has its note-off."""
        down: dict[tuple[Part, int], int] = {}
        notes = []
        for stamped in sorted(outputs, key=lambda stamped: stamped.at):
            match stamped.event:
                case NoteOn(part=part, pitch=pitch) if part in HARMONY:
                    down[part, pitch] = stamped.at
                case NoteOff(part=part, pitch=pitch) if (part, pitch) in down:
                    notes.append((down.pop((part, pitch)), int(stamped.at), pitch, part))
                case _:
                    pass
        notes.sort()
        return cls(notes, [note[0] for note in notes])

    def on_beat(self, start: Micros, struck: Micros, middle: Micros) -> HeardBeat:
        """What is heard from `start` until `middle`, `struck` being when it is looked at first."""
        near = self.notes[bisect_left(self._starts, start - _LONGEST) : bisect_right(self._starts, middle)]
        comping = [note for note in near if note[3] in COMPING]
        least = _MOST * (middle - start)
        return HeardBeat(
            frozenset(pitch for on, off, pitch, _ in comping if on <= struck < off),
            frozenset(pitch for on, off, pitch, _ in comping if min(off, middle) - max(on, start) >= least),
            tuple(pitch for on, _, pitch, _ in near if start - (struck - start) <= on < middle),
        )


def comping_figures(places: Sequence[str]) -> dict[str, Kind]:
    """The figures that `mark_comping` gives for these places."""
    names = ("comping_struck", "comping_right", "comping_coloured")
    return {f"{place}.{name}": SHARE for place in places for name in names} | dict.fromkeys(
        ("notes_right", "notes_unsure"), SHARE
    )


def mark_comping(tally: Tally, places: Sequence[str], chart: ChartChord, heard: HeardBeat, *, sure: bool) -> None:
    """Marks one beat."""
    right = {*chart.chord.pitch_classes, chart.chord.bass}
    coloured = right | {(chart.chord.root + _NINTH) % 12}
    judged = (("struck", heard.struck, right), ("right", heard.carrying, right), ("coloured", heard.carrying, coloured))
    for name, pitches, allowed in judged:
        if pitches:
            for place in places:
                tally.add(f"{place}.comping_{name}", all(pitch % 12 in allowed for pitch in pitches))
    if heard.begun:
        count = sum(pitch % 12 in right for pitch in heard.begun)
        tally.add("notes_right", count, len(heard.begun))
        if not sure:
            tally.add("notes_unsure", count, len(heard.begun))
