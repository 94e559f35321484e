"""The arranger: puts the plan's beats on the scheduler's list as notes, and takes them back when the plan changes."""

from collections.abc import Mapping, Sequence
from typing import Final

from realtime.core.band.note import BandNote
from realtime.core.bandleader import DRUM_PARTS, HARMONY_PARTS, BandLeader, BeatPlan
from realtime.core.chance import Chance
from realtime.core.events import Part, Value
from realtime.core.meter import Meter
from realtime.core.scheduler import Scheduler
from realtime.core.style import Style
from realtime.core.units import TICKS_PER_QUARTER, Ticks

BASS_PART: Final[tuple[Part, ...]] = ("bass",)
MOST_LATE_LAG: Final = 30_000
"""What comes late waits no longer than fingers need to fall."""

SOON: Final = TICKS_PER_QUARTER // 6
LATE_LENGTH: Final = TICKS_PER_QUARTER // 3
"""How long a stroke that comes late sounds at least: a triplet."""


class Arranger:
    """Owns the players and the notes they are going to play."""

    def __init__(self, style: Style, seed: int, parameters: Mapping[str, Value]) -> None:
        """`parameters` is read live, never written."""
        self.leader = BandLeader(style, Chance(seed))
        self.scheduler = Scheduler()
        self.fill_bar: int | None = None
        """The bar in which a fill was asked for."""
        self._parameters = parameters

    def begin(self) -> None:
        """From the top: nothing is asked for, and hands start from home."""
        self.fill_bar = None
        self.leader.forget_hands()

    def write(self, plan: BeatPlan, meter: Meter) -> None:
        """Puts a beat's notes on the list; a new chord ends the old one's."""
        if self._parameters["mode"] == "listen" or self.is_over(plan.number, meter):
            return
        notes = self.leader.play(plan, meter, self._parameters)
        self._move(plan, meter, meter.start_of_beat(plan.number))
        for note in notes:
            self._add(note)

    def is_over(self, number: int, meter: Meter) -> bool:
        """Whether beat `number` comes after the ending that the player asked for."""
        end_bar = self.leader.cues.end_bar
        return end_bar is not None and number >= end_bar * meter.beats_per_bar

    def rewrite(self, plans: Sequence[BeatPlan], meter: Meter, now: Ticks) -> None:
        """The whole band drops what it had written from `now` on, and plays these; what sounds may sound on."""
        if self._parameters["mode"] == "listen" or not plans:
            return
        from_tick = Ticks(max(meter.start_of_beat(plans[0].number), now))
        parts = DRUM_PARTS + HARMONY_PARTS if plans[0].harmony else DRUM_PARTS
        self.scheduler.take_back(parts, from_tick)
        for plan in plans:
            if self.is_over(plan.number, meter):
                continue
            notes = self.leader.replay_drums(plan, meter, self._parameters)
            self._move(plan, meter, from_tick)
            if plan.harmony:
                notes += self.leader.replay_harmony(plan, meter, self._parameters)
            for note in notes:
                if note.start >= from_tick:
                    self._add(note)

    def rewrite_harmony(self, plans: Sequence[BeatPlan], meter: Meter, now: Ticks) -> None:
        """Bass, keys and pad drop what they had written from the first of `plans` on, and play these from `now` on."""
        if self._parameters["mode"] == "listen" or not plans or not plans[0].harmony:
            return
        from_tick = meter.start_of_beat(plans[0].number)
        if now > from_tick:
            from_tick = now
            self.scheduler.cut(HARMONY_PARTS, now)
        else:
            self.scheduler.take_back(HARMONY_PARTS, from_tick)
        for plan in plans:
            self._move(plan, meter, from_tick)
            for note in begun_by(self.leader.replay_harmony(plan, meter, self._parameters), from_tick):
                self._add(note)

    def _add(self, note: BandNote) -> None:
        """A note to come; a bass plays one at a time."""
        if note.part == "bass":
            self.scheduler.hold_until(BASS_PART, note.start)
        self.scheduler.add(note)

    def _move(self, plan: BeatPlan, meter: Meter, from_tick: Ticks) -> None:
        """A new chord ends the old one's notes, if its beat is yet to come."""
        start = meter.start_of_beat(plan.number)
        if start >= from_tick and self.leader.is_new_harmony(plan):
            self.scheduler.hold_until(HARMONY_PARTS, start)


def begun_by(notes: Sequence[BandNote], now: Ticks) -> list[BandNote]:
    """`notes` as they are played if the beat is `now` so far: of what each part missed, the last, struck now.

    It keeps its end, but sounds for `LATE_LENGTH` at least.
    """
    begun = [note for note in notes if note.start >= now]
    for part in HARMONY_PARTS:
        if any(note.part == part and now <= note.start < now + SOON for note in notes):
            continue  # the next stroke is there before one struck now would be heard as one
        missed = [note for note in notes if note.part == part and note.start < now]
        last = max((note.start for note in missed), default=now)
        for note in missed:
            if note.start == last:
                end = max(note.end, now + LATE_LENGTH)
                begun.append(
                    note._replace(start=now, end=Ticks(end), lag_micros=max(0, min(note.lag_micros, MOST_LATE_LAG)))
                )
    return begun
