"""The notes the band is going to play, and the ledger of those that owe a note-off.

Rules. Notes wait in musical time, so a change of tempo moves them. They are released a little ahead of their time
(`RELEASE_AHEAD`), stamped with when they must sound; until then they can be taken back, after that they cannot.
Every note-on released is followed by exactly one note-off with the same part, channel and pitch, not before it.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final

from realtime.core.band.note import BandNote
from realtime.core.events import NoteOff, NoteOn, Output, Part, Stamped
from realtime.core.timeline import Timeline
from realtime.core.units import Micros, Ticks

RELEASE_AHEAD: Final = Micros(20_000)
"""How long before its time a note leaves: enough for an audio block and a late wake-up, too little to regret."""

SHORTEST_NOTE: Final = 5_000
"""A note-off comes at least this many microseconds after its note-on."""

MAX_WAITING: Final = 4096


@dataclass(slots=True)
class _Sounding:
    """A released note-on whose note-off is owed."""

    note: BandNote
    channel: int
    began: Micros
    end: Ticks


class Scheduler:
    """Holds the future and what sounds of the past."""

    def __init__(self) -> None:
        self._waiting: list[BandNote] = []
        self._sounding: list[_Sounding] = []
        self._ended: dict[tuple[int, int], int] = {}
        """When keys rise whose note-off has left already, stamped ahead: they cannot be struck before."""
        self._next: tuple[Timeline, Micros | None] | None = None
        """The next release and the timeline it was found on; None after any change."""
        self.dropped = 0
        """Notes refused because too many waited."""

    def add(self, note: BandNote) -> None:
        """Puts a note on the list."""
        if len(self._waiting) >= MAX_WAITING:
            self.dropped += 1
            return
        self._next = None
        self._waiting.append(note)

    def cut(self, parts: Collection[Part], at: Ticks) -> None:
        """Takes back what `parts` have not begun by `at`, and ends at `at` what would sound on."""
        self._next = None
        kept = []
        for note in self._waiting:
            if note.part not in parts:
                kept.append(note)
            elif note.start < at:
                kept.append(replace(note, end=min(note.end, at)))
        self._waiting = kept
        for sounding in self._sounding:
            if sounding.note.part in parts:
                sounding.end = min(sounding.end, at)

    def retract(self, parts: Collection[Part], at: Ticks) -> None:
        """Takes back what `parts` have not begun by `at`; what sounds goes on."""
        self._next = None
        self._waiting = [note for note in self._waiting if note.part not in parts or note.start < at]

    def lift(self, part: Part, pitch: int, at: Ticks) -> None:
        """Ends at `at` what `part` has on one key, whether it sounds already or is about to."""
        self._next = None
        self._waiting = [
            replace(note, end=Ticks(max(note.start, min(note.end, at))))
            if (note.part, note.pitch) == (part, pitch)
            else note
            for note in self._waiting
        ]
        for sounding in self._sounding:
            if (sounding.note.part, sounding.note.pitch) == (part, pitch):
                sounding.end = min(sounding.end, at)

    def hold_until(self, parts: Collection[Part], at: Ticks) -> None:
        """Ends at `at` what `parts` have sounding or waiting to begin before it: the harmony moves there."""
        self._next = None
        self._waiting = [
            replace(note, end=min(note.end, at)) if note.part in parts and note.start < at else note
            for note in self._waiting
        ]
        for sounding in self._sounding:
            if sounding.note.part in parts:
                sounding.end = min(sounding.end, at)

    def next_release(self, timeline: Timeline) -> Micros | None:
        """When the next note-on or note-off leaves."""
        if self._next is None or self._next[0] is not timeline:
            times = [_on_time(note, timeline) for note in self._waiting]
            times += [_off_time(sounding, timeline) for sounding in self._sounding]
            self._next = timeline, Micros(min(times) - RELEASE_AHEAD) if times else None
        return self._next[1]

    def release(
        self, now: Micros, timeline: Timeline, channel_of: Callable[[Part], int], muted: Collection[Part]
    ) -> Iterator[Stamped[Output]]:
        """What must leave by `now`, in order of time, note-offs first. Muted parts' note-ons are dropped."""
        self._next = None
        until = now + RELEASE_AHEAD
        self._ended = {key: at for key, at in self._ended.items() if at > now}
        due = sorted((n for n in self._waiting if _on_time(n, timeline) <= until), key=lambda n: _order(n, timeline))
        if due:
            self._waiting = [note for note in self._waiting if _on_time(note, timeline) > until]
        for note in due:
            if note.part not in muted:
                yield from self._release_offs(_on_time(note, timeline), timeline, now)
                yield from self._begin(note, channel_of(note.part), max(now, _on_time(note, timeline)))
        yield from self._release_offs(until, timeline, now)

    def _begin(self, note: BandNote, channel: int, at: int) -> Iterator[Stamped[Output]]:
        """Strikes a key; if it is still down from before it rises first, and never before that rise has left."""
        key = (channel, note.pitch)
        at = max(at, self._ended.get(key, 0))
        for sounding in self._sounding:
            if (sounding.channel, sounding.note.pitch) == key:
                self._sounding.remove(sounding)
                yield self._end(sounding, at)
                break
        at = max(at, self._ended.get(key, 0))
        self._sounding.append(_Sounding(note, channel, Micros(at), note.end))
        yield Stamped(Micros(at), NoteOn(note.part, channel, note.pitch, note.velocity))

    def _release_offs(self, until: int, timeline: Timeline, now: Micros) -> Iterator[Stamped[Output]]:
        ending = [sounding for sounding in self._sounding if _off_time(sounding, timeline) <= until]
        if not ending:
            return
        self._sounding = [sounding for sounding in self._sounding if _off_time(sounding, timeline) > until]
        for sounding in ending:
            yield self._end(sounding, max(now, _off_time(sounding, timeline)))

    def _end(self, sounding: _Sounding, at: int) -> Stamped[Output]:
        at = max(at, sounding.began)
        self._ended[sounding.channel, sounding.note.pitch] = at
        return Stamped(Micros(at), NoteOff(sounding.note.part, sounding.channel, sounding.note.pitch))

    def silence(self, now: Micros) -> Iterator[Stamped[Output]]:
        """Takes back everything that waits and ends everything that sounds. Offs come no earlier than their ons."""
        self._waiting = []
        self._next = None
        yield from self.silence_sounding(now, {sounding.note.part for sounding in self._sounding})

    def silence_sounding(self, now: Micros, parts: Collection[Part]) -> Iterator[Stamped[Output]]:
        """Ends what `parts` have sounding; what they have waiting stays."""
        self._next = None
        ended = [sounding for sounding in self._sounding if sounding.note.part in parts]
        self._sounding = [sounding for sounding in self._sounding if sounding.note.part not in parts]
        for sounding in ended:
            yield self._end(sounding, now)

    def sounding_counts(self) -> dict[str, int]:
        """Notes sounding, by part."""
        counts: dict[str, int] = {}
        for sounding in self._sounding:
            counts[sounding.note.part] = counts.get(sounding.note.part, 0) + 1
        return counts


def _on_time(note: BandNote, timeline: Timeline) -> int:
    return timeline.micros_at(note.start) + note.lag_micros


def _off_time(sounding: _Sounding, timeline: Timeline) -> int:
    lag = sounding.note.lag_micros
    return max(timeline.micros_at(sounding.end) + min(lag, 0), sounding.began + SHORTEST_NOTE)


def _order(note: BandNote, timeline: Timeline) -> tuple[int, str, int]:
    return _on_time(note, timeline), note.part, note.pitch
