"""The notes the band is going to play, and the ledger of those that owe a note-off.

Rules. Notes wait in musical time, so a change of tempo moves them. They are released a little ahead of their time
(`RELEASE_AHEAD`), stamped with when they must sound; until then they can be taken back, after that they cannot.
Where the harmony moves, nothing of the old one sounds on (`hold_until`); where it no longer moves, it does after all.
Every note-on released is followed by exactly one note-off with the same part, channel and pitch, not before it.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Final

from realtime.core.band.note import BandNote
from realtime.core.events import NoteOff, NoteOn, Output, Part, Stamped
from realtime.core.snapshot import ComingNote
from realtime.core.timeline import Timeline
from realtime.core.units import Micros, Ticks

RELEASE_AHEAD: Final = Micros(20_000)
"""How long before its time a note leaves: enough for an audio block and a late wake-up, too little to regret."""

SHORTEST_NOTE: Final = 5_000
"""A note-off comes at least this many microseconds after its note-on."""

LEAST_CUT: Final = 60_000
"""A note that is cut short lasts at least so long, or its own length: shorter ones are heard as clicks."""

MAX_WAITING: Final = 4096
MOST_SHOWN: Final = 128
MAX_MOVES: Final = 64
"""Places where a part's harmony moves that are remembered: those of the beats that may still sound or wait."""


@dataclass(slots=True)
class _Sounding:
    """A released note-on whose note-off is owed."""

    note: BandNote
    channel: int
    began: Micros
    end: Ticks
    off: int = 0
    """When its note-off is due, µs, on the present timeline."""


_Waiting = tuple[int, Part, int, int, BandNote]
"""When a note is due, µs, on the present timeline; part, pitch and a running number break ties; the note."""


class Scheduler:
    """Holds the future and what sounds of the past."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        """A heap."""
        self._added = 0
        self._new: list[BandNote] = []
        """Notes not on the heap yet: when they are due is not known before a timeline is."""
        self._timeline: Timeline | None = None
        """What all times are known on."""
        self._sounding: dict[tuple[int, int], _Sounding] = {}
        """By channel and pitch: nothing sounds twice on one key."""
        self._moves: dict[Part, list[Ticks]] = {}
        """Where nothing of a part sounds across, in order."""
        self._ended: dict[tuple[int, int], int] = {}
        """When keys rise whose note-off has left already, stamped ahead: they cannot be struck before."""
        self._next: tuple[Timeline, Micros | None] | None = None
        """The next release and the timeline it was found on; None after any change."""
        self.dropped = 0
        """Notes refused because too many waited."""

    def add(self, note: BandNote) -> None:
        """Puts a note on the list."""
        if len(self._waiting) + len(self._new) >= MAX_WAITING:
            self.dropped += 1
            return
        self._next = None
        self._new.append(note)

    def _keep(self, keep: Callable[[BandNote], bool]) -> None:
        """Of what waits only some stays."""
        self._next = None
        self._new = [note for note in self._new if keep(note)]
        self._waiting = [waiting for waiting in self._waiting if keep(waiting[-1])]
        heapify(self._waiting)

    def _on(self, timeline: Timeline) -> None:
        """All times are those on `timeline`."""
        if timeline is not self._timeline:
            self._timeline = timeline
            waiting = [note for *_, note in sorted(self._waiting)]
            self._waiting, self._new = [], waiting + self._new
            for sounding in self._sounding.values():
                sounding.off = _off_time(sounding, timeline)
        for note in self._new:
            self._added += 1
            heappush(self._waiting, (_on_time(note, timeline), note.part, note.pitch, self._added, note))
        self._new = []

    def cut(self, parts: Collection[Part], at: Ticks) -> None:
        """Takes back whatever `parts` have not begun, and ends at `at` (now) what sounds."""
        self._keep(lambda note: note.part not in parts)
        self._forget_moves(parts, at)
        self.hold_until(parts, at)
        self._end_early(parts, at)

    def take_back(self, parts: Collection[Part], at: Ticks) -> None:
        """Takes back what `parts` would begin from `at` on, and where they would move; what sounds may sound on."""
        self.retract(parts, at)
        self._forget_moves(parts, at)
        self._end_anew(parts)
        self._end_early(parts, at)

    def retract(self, parts: Collection[Part], at: Ticks) -> None:
        """Takes back what `parts` have not begun by `at`; what sounds goes on."""
        self._keep(lambda note: note.part not in parts or note.start < at)

    def _forget_moves(self, parts: Collection[Part], at: Ticks) -> None:
        for part in parts:
            self._moves[part] = [move for move in self._moves.get(part, ()) if move < at]

    def lift(self, part: Part, pitch: int, at: Ticks) -> None:
        """Ends at `at` what `part` has on one key, whether it sounds already or is about to."""
        self._next = None

        def lifted(note: BandNote) -> BandNote:
            ends_here = (note.part, note.pitch) == (part, pitch)
            return note._replace(end=Ticks(max(note.start, min(note.end, at)))) if ends_here else note

        self._new = [lifted(note) for note in self._new]
        self._waiting = [(*waiting[:4], lifted(waiting[4])) for waiting in self._waiting]
        for sounding in self._sounding.values():
            self._end_at(sounding, lifted(sounding.note))

    def hold_until(self, parts: Collection[Part], at: Ticks) -> None:
        """Ends at `at` what `parts` have sounding or waiting to begin before it: the harmony moves there."""
        self._next = None
        for part in parts:
            moves = self._moves.get(part, [])
            if at not in moves:
                self._moves[part] = sorted([*moves, at])[-MAX_MOVES:]
        self._end_anew(parts)

    def _end_early(self, parts: Collection[Part], at: Ticks) -> None:
        """What was released ahead and is taken back all the same cannot be: it is cut, or tied to what replaces it."""
        for sounding in self._sounding.values():
            if sounding.note.part in parts and sounding.note.start >= at:
                sounding.end = at
                if self._timeline is not None:
                    sounding.off = _off_time(sounding, self._timeline)

    def _end_anew(self, parts: Collection[Part]) -> None:
        for sounding in self._sounding.values():
            if sounding.note.part in parts:
                self._end_at(sounding, sounding.note)

    def _end_at(self, sounding: _Sounding, note: BandNote) -> None:
        """What sounds is `note`, and ends as that does."""
        sounding.note, sounding.end = note, self._end_of(note)
        if self._timeline is not None:
            sounding.off = _off_time(sounding, self._timeline)

    def _end_of(self, note: BandNote) -> Ticks:
        """Where a note ends: where its part moves next after its beginning, or by itself."""
        moves = self._moves.get(note.part, ())
        after = bisect_right(moves, note.start)
        return min(note.end, moves[after]) if after < len(moves) else note.end

    def count_anew(self, at: Ticks) -> None:
        """Everybody's notes end at `at`, and ticks count from 0 there."""
        self._next = self._timeline = None

        def moved(note: BandNote) -> BandNote:
            return note._replace(start=Ticks(note.start - at), end=Ticks(min(self._end_of(note), at) - at))

        waiting = [note for *_, note in sorted(self._waiting)] + self._new
        self._waiting, self._new = [], [moved(note) for note in waiting if note.start < at]
        for sounding in self._sounding.values():
            sounding.note = moved(sounding.note)
            sounding.end = sounding.note.end
        self._moves.clear()

    def next_release(self, timeline: Timeline) -> Micros | None:
        """When the next note-on or note-off leaves."""
        if self._next is None or self._next[0] is not timeline:
            self._on(timeline)
            times = [sounding.off for sounding in self._sounding.values()]
            times += [waiting[0] for waiting in self._waiting[:1]]
            self._next = timeline, Micros(min(times) - RELEASE_AHEAD) if times else None
        return self._next[1]

    def release(
        self, now: Micros, timeline: Timeline, channel_of: Callable[[Part], int], muted: Collection[Part]
    ) -> list[Stamped[Output]]:
        """What must leave by `now`, in order of time, note-offs first. Muted parts' note-ons are dropped."""
        self._next = None
        self._on(timeline)
        left: list[Stamped[Output]] = []
        until = now + RELEASE_AHEAD
        while self._waiting and self._waiting[0][0] <= until:
            on, *_, note = heappop(self._waiting)
            if note.part not in muted:
                left += self._release_offs(on, now)
                left += self._begin(note, channel_of(note.part), max(now, on))
        return left + self._release_offs(until, now)

    def _begin(self, note: BandNote, channel: int, at: int) -> Iterator[Stamped[Output]]:
        """Strikes a key; if it is still down from before it rises first, and never before that rise has left."""
        key = (channel, note.pitch)
        at = max(at, self._ended.get(key, 0))
        sounding = self._sounding.get(key)
        if sounding is not None:
            is_ours = sounding.note.part == note.part
            is_cut = sounding.end < sounding.note.end and at < sounding.began + LEAST_CUT
            if is_ours and (is_cut or sounding.note.start == note.start):
                self._end_at(sounding, note)  # it has only just been struck, or is written again: it is tied
                return
            del self._sounding[key]
            yield self._end(sounding, at)
        at = max(at, self._ended.get(key, 0))
        begun = _Sounding(note, channel, Micros(at), note.end)
        self._end_at(begun, note)
        self._sounding[key] = begun
        yield Stamped(Micros(at), NoteOn(note.part, channel, note.pitch, note.velocity))

    def _release_offs(self, until: int, now: Micros) -> list[Stamped[Output]]:
        ending = [key for key, sounding in self._sounding.items() if sounding.off <= until]
        released = [self._sounding.pop(key) for key in ending]
        return [self._end(sounding, max(now, sounding.off)) for sounding in released]

    def _end(self, sounding: _Sounding, at: int) -> Stamped[Output]:
        at = max(at, sounding.began)
        self._ended[sounding.channel, sounding.note.pitch] = at
        return Stamped(Micros(at), NoteOff(sounding.note.part, sounding.channel, sounding.note.pitch))

    def silence(self, now: Micros) -> Iterator[Stamped[Output]]:
        """Takes back everything that waits and ends everything that sounds. Offs come no earlier than their ons."""
        self._waiting, self._new = [], []
        self._moves.clear()
        self._next = None
        yield from self.silence_sounding(now, {sounding.note.part for sounding in self._sounding.values()})

    def silence_sounding(self, now: Micros, parts: Collection[Part]) -> Iterator[Stamped[Output]]:
        """Ends what `parts` have sounding; what they have waiting stays."""
        self._next = None
        ended = [key for key, sounding in self._sounding.items() if sounding.note.part in parts]
        for key in ended:
            yield self._end(self._sounding.pop(key), now)

    def coming(self, timeline: Timeline) -> tuple[ComingNote, ...]:
        """The notes that wait, in order of time, the first 128."""
        waiting = [*(waiting[-1] for waiting in self._waiting), *self._new]
        notes = (
            ComingNote(n.part, n.pitch, n.velocity, _on_time(n, timeline), timeline.micros_at(self._end_of(n)))
            for n in waiting
        )
        return tuple(sorted(notes, key=lambda note: note.at)[:MOST_SHOWN])

    def sounding_counts(self) -> dict[str, int]:
        """Notes sounding, by part."""
        counts: dict[str, int] = {}
        for sounding in self._sounding.values():
            counts[sounding.note.part] = counts.get(sounding.note.part, 0) + 1
        return counts


def _on_time(note: BandNote, timeline: Timeline) -> int:
    return timeline.micros_at(note.start) + note.lag_micros


def _off_time(sounding: _Sounding, timeline: Timeline) -> int:
    """Where it ends, but not before it has sounded for `LEAST_CUT`, or for as long as it was meant to."""
    note, natural = sounding.note, timeline.micros_at(sounding.note.end)
    end = natural if sounding.end == note.end else timeline.micros_at(sounding.end)
    least = min(LEAST_CUT, natural - timeline.micros_at(note.start))
    return max(end + min(note.lag_micros, 0), sounding.began + max(least, SHORTEST_NOTE))
