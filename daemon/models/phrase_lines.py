"""Melody lines as the phrase model reads them: notes on the grid, the chords over them, their bars; and as words."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from realtime.core.chord_tokens import NO_CHORD_TOKEN
from realtime.core.phrase_words import STEPS, Bar, LineNote, PhraseWriter

FEWEST_NOTES: Final = 8
"""A line with less teaches nothing and is not judged."""


@dataclass(frozen=True, slots=True)
class Line:
    """A melody as the phrase model reads it; all times in steps, the first bar at 0 or before."""

    name: str
    style: str
    notes: tuple[LineNote, ...]
    chords: tuple[tuple[int, int], ...]
    """Where each chord begins, and its token."""
    bars: tuple[Bar, ...]
    triple: bool
    shift: int | None
    """To C, if somebody has said which key it is in."""

    def chord_at(self, step: int) -> int:
        """The chord that has begun at `step`."""
        place = bisect_right(self.chords, step, key=lambda chord: chord[0])
        return self.chords[place - 1][1] if place else NO_CHORD_TOKEN


@dataclass(frozen=True, slots=True)
class Written:
    """A line as numbers of words; `starts` are the places of its bars, `shift` brings it to C.

    `breaths` says of each bar whether a rest of a quarter or more leads into it: where a phrase may begin.
    """

    name: str
    style: str
    triple: bool
    quarters: int
    shift: int | None
    ids: tuple[int, ...]
    starts: tuple[int, ...]
    breaths: tuple[bool, ...]


def top_line(notes: Iterable[LineNote]) -> tuple[LineNote, ...]:
    """Of notes that begin together the highest, in order."""
    top: dict[int, LineNote] = {}
    for note in notes:
        if note.onset not in top or top[note.onset].pitch < note.pitch:
            top[note.onset] = note
    return tuple(top[onset] for onset in sorted(top))


def written(line: Line) -> Written:
    """The line as words, at its own pitch."""
    writer = PhraseWriter(line.bars[0].quarters)
    ids: list[int] = []
    starts: list[int] = []
    breaths: list[bool] = []
    place, over = 0, -STEPS
    for bar, after in pairwise([*line.bars, Bar(line.notes[-1].onset + 1, 4)]):
        starts.append(len(ids))
        ids += writer.bar(bar.quarters)
        breaths.append(place < len(line.notes) and line.notes[place].onset - over >= STEPS)
        while place < len(line.notes) and line.notes[place].onset < after.start:
            note = line.notes[place]
            ids += writer.onset(note.onset - bar.start, line.chord_at(note.onset))
            ids += writer.note(note.pitch, note.duration)
            over = note.onset + note.duration
            place += 1
    return Written(
        line.name,
        line.style,
        line.triple,
        line.bars[0].quarters,
        line.shift,
        tuple(ids),
        tuple(starts),
        tuple(breaths),
    )
