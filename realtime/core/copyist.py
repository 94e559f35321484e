"""The copyist: writes out what the plan says of each beat for the arranger, and tells what is foreseen."""

from collections.abc import Sequence
from dataclasses import dataclass

from realtime.core.arranger import Arranger
from realtime.core.bandleader import BeatPlan
from realtime.core.chord_memory import ChordMemory
from realtime.core.herald import Herald
from realtime.core.meter import Meter
from realtime.core.prospect import Prospect
from realtime.core.roles import Roles
from realtime.core.timeline import Timeline
from realtime.core.units import Micros


@dataclass(slots=True)
class Copyist:
    """Between the plan and those who play it. Beats are numbered as the planner numbers them."""

    prospect: Prospect
    memory: ChordMemory
    arranger: Arranger
    herald: Herald
    roles: Roles
    meter: Meter

    def write(self, number: int) -> None:
        """Beat `number` is written, as it is planned."""
        self.arranger.write(self._plan_of(number), self.meter)

    def replan(self, beats: Sequence[int], at: Micros, timeline: Timeline) -> None:
        """`beats` (in order) are now others: the band plays, and tells, what they are."""
        if beats:
            self.rewrite_harmony(beats[0], at, timeline)
        for beat in beats:
            self.foresaw(beat, self.prospect.planner.probability_on(beat), at, timeline)

    def recast(self, number: int, at: Micros, timeline: Timeline) -> None:
        """The player asked the whole band for something else: it plays that from beat `number` and from now on."""
        self.arranger.rewrite(self._plans_from(number), self.meter, timeline.ticks_at(at))

    def rewrite_harmony(self, number: int, at: Micros, timeline: Timeline) -> None:
        """Bass, keys and pad play the plan as it is now, from beat `number` and from now on."""
        self.arranger.rewrite_harmony(self._plans_from(number), self.meter, timeline.ticks_at(at))
        self.roles.part.replan(number, at, timeline)

    def drop_addition(self, number: int, at: Micros, timeline: Timeline) -> None:
        """A chord of the band's own goes where what the player holds now rubs against it."""
        if self.arranger.leader.must_drop(number, self.prospect.listener.held):
            self.rewrite_harmony(number, at, timeline)

    def foresaw(self, number: int, probability: float, at: Micros, timeline: Timeline, *, sure: bool = True) -> None:
        """Tells what is planned for beat `number`, and how likely it seems."""
        ticks = self.meter.start_of_beat(number) - timeline.ticks_at(at)
        away = round(max(0, ticks) / self.meter.beat_ticks, 2)
        self.herald.foresaw(self.prospect.planner.chord_on(number), probability, at, away, number, sure=sure)

    def _plans_from(self, number: int) -> list[BeatPlan]:
        return [self._plan_of(beat) for beat in sorted(self.prospect.planner.committed) if beat >= number]

    def _plan_of(self, number: int) -> BeatPlan:
        bar = number // self.meter.beats_per_bar
        fill_now = bar == self.arranger.fill_bar or self.roles.hands_over(bar)
        return self.prospect.plan_of(number, self.meter, fill_now=fill_now, stays=self.memory.is_playing)
