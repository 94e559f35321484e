"""The copyist: writes out what the plan says of each beat for the arranger, and tells what is foreseen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from realtime.core.arranger import Arranger
from realtime.core.band.hedge import Hedge
from realtime.core.bandleader import BeatPlan
from realtime.core.chord_memory import ChordMemory
from realtime.core.events import ChordForeseen, Value
from realtime.core.hedging import hedge_on
from realtime.core.listener import Listener
from realtime.core.meter import Meter
from realtime.core.planner import Planner
from realtime.core.presence import Presence
from realtime.core.telling import Telling
from realtime.core.timeline import Timeline
from realtime.core.units import Micros


@dataclass(slots=True)
class Copyist:
    """Between the plan and those who play it. Beats are numbered as the planner numbers them."""

    planner: Planner
    listener: Listener
    memory: ChordMemory
    arranger: Arranger
    telling: Telling
    parameters: Mapping[str, Value]
    """Read live, never written."""
    meter: Meter
    presence: Presence = field(default_factory=Presence)

    @property
    def energy(self) -> float:
        """How hard the band plays, 0..1: as the player does, or as asked."""
        follow = bool(self.parameters["energy/follow"])
        return self.listener.energy if follow else float(self.parameters["energy"])

    def write(self, number: int) -> None:
        """Beat `number` is written, as it is planned."""
        self.arranger.write(self._plan_of(number), self.meter)

    def replan(self, beats: Sequence[int], at: Micros, timeline: Timeline) -> None:
        """`beats` (in order) are now others: the band plays, and tells, what they are."""
        if beats:
            self.rewrite_harmony(beats[0], at, timeline)
        for beat in beats:
            self.foresaw(beat, self.planner.probability_on(beat), at, timeline)

    def recast(self, number: int, at: Micros, timeline: Timeline) -> None:
        """The player asked the whole band for something else: it plays that from beat `number` and from now on."""
        self.arranger.rewrite(self._plans_from(number), self.meter, timeline.ticks_at(at))

    def rewrite_harmony(self, number: int, at: Micros, timeline: Timeline) -> None:
        """Bass, keys and pad play the plan as it is now, from beat `number` and from now on."""
        self.arranger.rewrite_harmony(self._plans_from(number), self.meter, timeline.ticks_at(at))

    def hedge_on(self, number: int) -> Hedge | None:
        """What is played instead of the chord planned, while it may be another."""
        return hedge_on(self.planner, number) if self.parameters["commit/hedge"] else None

    def foresaw(self, number: int, probability: float, at: Micros, timeline: Timeline, *, sure: bool = True) -> None:
        """Tells what is planned for beat `number`, and how likely it seems."""
        chord = self.telling.name(self.planner.chord_on(number))
        ticks = self.meter.start_of_beat(number) - timeline.ticks_at(at)
        away = round(max(0, ticks) / self.meter.beat_ticks, 2)
        self.telling.tell(at, ChordForeseen(chord, round(probability, 4), away, number, committed=sure))

    def _plans_from(self, number: int) -> list[BeatPlan]:
        return [self._plan_of(beat) for beat in sorted(self.planner.committed) if beat >= number]

    def _plan_of(self, number: int) -> BeatPlan:
        planner, stays = self.planner, self.memory.is_playing
        return BeatPlan(
            number=number,
            chord=planner.chord_on(number),
            chord_before=planner.chord_on(number - 1) if number else None,
            coming=planner.coming(number),
            key=self.listener.key,
            energy=self.energy,
            crowd=self.listener.register.crowd,
            harmony=self.presence.lets_harmony_play(number, self.meter.beats_per_bar, stays=stays),
            sure=planner.is_sure_of(number),
            fill_now=self.arranger.fill_asked,
            hedge=self.hedge_on(number),
        )
