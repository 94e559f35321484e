"""The arranger: puts the plan's beats on the scheduler's list as notes, and takes them back when the plan changes."""

from collections.abc import Mapping, Sequence

from realtime.core.bandleader import DRUM_PARTS, HARMONY_PARTS, BandLeader, BeatPlan
from realtime.core.chance import Chance
from realtime.core.events import Value
from realtime.core.meter import Meter
from realtime.core.scheduler import Scheduler
from realtime.core.style import Style
from realtime.core.units import Ticks


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
        if self.leader.is_new_harmony(plan):
            self.scheduler.hold_until(HARMONY_PARTS, meter.start_of_beat(plan.number))
        for note in notes:
            self.scheduler.add(note)

    def is_over(self, number: int, meter: Meter) -> bool:
        """Whether beat `number` comes after the ending that the player asked for."""
        end_bar = self.leader.cues.end_bar
        return end_bar is not None and number >= end_bar * meter.beats_per_bar

    def rewrite(self, plans: Sequence[BeatPlan], meter: Meter, now: Ticks) -> None:
        """The whole band drops what it had written from `now` on, and plays these: a fill, a cue."""
        if self._parameters["mode"] == "listen" or not plans:
            return
        from_tick = Ticks(max(meter.start_of_beat(plans[0].number), now))
        self.scheduler.cut(DRUM_PARTS, from_tick)
        plans = [plan for plan in plans if not self.is_over(plan.number, meter)]
        for plan in plans:
            for note in self.leader.replay_drums(plan, meter, self._parameters):
                if note.start >= from_tick:
                    self.scheduler.add(note)
        self.rewrite_harmony(plans, meter, now)

    def rewrite_harmony(self, plans: Sequence[BeatPlan], meter: Meter, now: Ticks) -> None:
        """Bass, keys and pad drop what they had written from the first of `plans` on, and play these from `now` on."""
        if self._parameters["mode"] == "listen" or not plans or not plans[0].harmony:
            return
        from_tick = Ticks(max(meter.start_of_beat(plans[0].number), now))
        self.scheduler.cut(HARMONY_PARTS, from_tick)
        for plan in plans:
            for note in self.leader.replay_harmony(plan, meter, self._parameters):
                begun = note.shifted_to(Ticks(max(note.start, from_tick)))
                if begun.end > begun.start:
                    self.scheduler.add(begun)
