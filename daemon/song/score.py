"""The notes of a piece, whoever plays them, with its tempi."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from realtime.core.events import CHANNEL_OF_PART, NoteOff, NoteOn, Output, ParameterChanged, Part, Stamped, Value
from realtime.core.meter import Meter
from realtime.core.timeline import micros_per_quarter
from realtime.core.units import TICKS_PER_QUARTER, Micros

PART_ORDER: Final[tuple[Part, ...]] = ("solo", "player", "keys", "pad", "bass", "drums")
SHORTEST_TICKS: Final = 20


@dataclass(frozen=True, slots=True)
class SongNote:
    """A note: `start` to `end` in ticks on the grid, and how far off it the player is, in microseconds."""

    part: Part
    pitch: int
    velocity: int
    start: int
    end: int
    lag_micros: int = 0


@dataclass(frozen=True, slots=True)
class Tempi:
    """The tempo from each of some ticks on, quarters a minute; the first from 0."""

    changes: tuple[tuple[int, float], ...]

    def micros_at(self, tick: int) -> int:
        """When a tick is."""
        at, standing = 0.0, self.changes[0]
        for change in self.changes[1:]:
            if change[0] >= tick:
                break
            at += (change[0] - standing[0]) * micros_per_quarter(standing[1]) / TICKS_PER_QUARTER
            standing = change
        return round(at + (tick - standing[0]) * micros_per_quarter(standing[1]) / TICKS_PER_QUARTER)

    def ticks_in(self, micros: int, tick: int) -> int:
        """How many ticks a short time is, about `tick`."""
        bpm = next(bpm for at, bpm in reversed(self.changes) if at <= max(0, tick))
        return round(micros * TICKS_PER_QUARTER / micros_per_quarter(bpm))


@dataclass(frozen=True, slots=True)
class Score:
    """The whole: what is played, in what meter and at what tempi, for how many bars."""

    notes: tuple[SongNote, ...]
    meter: Meter
    tempi: Tempi
    bars: int

    @property
    def end_tick(self) -> int:
        """The first tick after the last bar."""
        return self.bars * self.meter.bar_ticks

    @property
    def parts(self) -> tuple[Part, ...]:
        """Who plays."""
        playing = {note.part for note in self.notes}
        return tuple(part for part in PART_ORDER if part in playing)

    def played(self) -> "Score":
        """The score as it sounds: with everybody's lag, no key struck while it is down, over with its last bar."""
        late = [
            replace(
                note,
                start=max(0, note.start + (shift := self.tempi.ticks_in(note.lag_micros, note.start))),
                end=min(self.end_tick, max(SHORTEST_TICKS, note.end + shift)),
                lag_micros=0,
            )
            for note in self.notes
        ]
        return replace(self, notes=tuple(without_overlaps(late)))

    def outputs(self, parameters: Iterable[tuple[str, Value]]) -> list[Stamped[Output]]:
        """What the engine is told: the parameters first, then every note."""
        begin: list[Stamped[Output]] = [Stamped(Micros(0), ParameterChanged(path, value)) for path, value in parameters]
        sounding: list[tuple[int, int, Output]] = []
        for note in self.notes:
            channel = CHANNEL_OF_PART[note.part]
            on, off = self.tempi.micros_at(note.start), self.tempi.micros_at(note.end)
            sounding.append((on, 1, NoteOn(note.part, channel, note.pitch, note.velocity)))
            sounding.append((max(off, on + 1), 0, NoteOff(note.part, channel, note.pitch)))
        sounding.sort(key=lambda entry: entry[:2])
        return begin + [Stamped(Micros(at), event) for at, _, event in sounding]


def without_overlaps(notes: Sequence[SongNote]) -> list[SongNote]:
    """Notes of the same key in order, each ended before the next begins; of two at once the louder one."""
    kept: list[SongNote] = []
    last: dict[tuple[Part, int], int] = {}
    for note in sorted(notes, key=lambda n: (n.start, n.part, n.pitch, -n.velocity)):
        key = (note.part, note.pitch)
        place = last.get(key)
        if place is not None and kept[place].end > note.start:
            if note.start - kept[place].start < SHORTEST_TICKS:
                continue
            kept[place] = replace(kept[place], end=note.start)
        last[key] = len(kept)
        kept.append(note if note.end - note.start >= SHORTEST_TICKS else replace(note, end=note.start + SHORTEST_TICKS))
    return kept
