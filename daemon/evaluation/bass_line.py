"""The bass line that was heard: which note sounds at a moment, and which one carries a stretch of time."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

from realtime.core.events import NoteOff, NoteOn, Output, Stamped
from realtime.core.units import Micros

_LOOK_BACK: Final = 64
"""Notes looked back over for one that still sounds; a bass holds few at a time."""


class BassLine:
    """The bass notes in some outputs, from key to key."""

    def __init__(self, outputs: Iterable[Stamped[Output]]) -> None:
        """`outputs` may be in any order; every note-on of the bass has its note-off among them."""
        down: dict[int, Micros] = {}
        notes: list[tuple[Micros, Micros, int]] = []
        for stamped in sorted(outputs, key=lambda stamped: stamped.at):
            match stamped.event:
                case NoteOn(part="bass", pitch=pitch):
                    down[pitch] = stamped.at
                case NoteOff(part="bass", pitch=pitch) if pitch in down:
                    notes.append((down.pop(pitch), stamped.at, pitch))
                case _:
                    pass
        self._notes = sorted(notes)
        self._starts = [start for start, _, _ in self._notes]

    def at(self, moment: Micros) -> int | None:
        """The pitch that sounds at `moment`; of two, the one struck last."""
        last = bisect_right(self._starts, moment)
        for start, end, pitch in reversed(self._notes[max(0, last - _LOOK_BACK) : last]):
            if start <= moment < end:
                return pitch
        return None

    def carrying(self, start: Micros, end: Micros) -> int | None:
        """The pitch that sounds longest from `start` until `end`; of two, the lower one."""
        lengths: dict[int, int] = {}
        last = bisect_right(self._starts, end)
        for began, ended, pitch in self._notes[max(0, last - _LOOK_BACK) : last]:
            shared = min(end, ended) - max(start, began)
            if shared > 0:
                lengths[pitch] = lengths.get(pitch, 0) + shared
        return min(lengths, key=lambda pitch: (-lengths[pitch], pitch)) if lengths else None
