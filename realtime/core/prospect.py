"""The prospect: all that the band knows of a beat as it decides what to play on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from realtime.core.band.cue import Cue
from realtime.core.band.hedge import Hedge
from realtime.core.bandleader import BeatPlan
from realtime.core.cued_chords import CuedChords, key_of_chart
from realtime.core.events import Value
from realtime.core.form import Form
from realtime.core.hedging import hedge_on
from realtime.core.key_finder import Key
from realtime.core.listener import Listener
from realtime.core.meter import Meter
from realtime.core.planner import Planner
from realtime.core.presence import Presence
from realtime.core.returns import Landmarks

CERTAIN: Final = 0.7
"""A beat as likely as this may be played towards."""

MOST_CERTAIN: Final = 8


@dataclass(slots=True)
class Prospect:
    """Puts together what listener, planner, form and the player's presence say."""

    listener: Listener
    planner: Planner
    cued: CuedChords
    parameters: Mapping[str, Value]
    """Read live, never written."""
    form: Form = field(default_factory=Form)
    presence: Presence = field(default_factory=Presence)

    def clear(self) -> None:
        """From the top: the form is new, and nobody is there yet."""
        self.form, self.presence = Form(), Presence()

    def begin_cue(self, cue: Cue | None, beats_per_bar: int) -> None:
        """A cue begins: the plan is on its chords; a chart begins after an intro, and so does the harmony."""
        if cue is None:
            return
        first = cue.first_bar * beats_per_bar
        self.cued.lay(first, self.key)
        if cue.name != "intro":
            return
        if self.planner.chart is not None and self.presence.first_beat is None:
            self.planner.chart.start_at(cue.end_bar * beats_per_bar)
        if cue.passage is not None and cue.passage.chords and self.key is not None:
            self.presence.led_in = first

    @property
    def key(self) -> Key | None:
        """The key that is heard or said; before any is, the chart's."""
        chart = self.planner.chart
        return self.listener.key or (key_of_chart(chart.chart) if chart is not None else None)

    @property
    def energy(self) -> float:
        """How hard the band plays, 0..1: as the player does, or as asked."""
        follow = bool(self.parameters["energy/follow"])
        return self.listener.energy if follow else float(self.parameters["energy"])

    def plan_of(self, number: int, meter: Meter, *, fill_now: bool) -> BeatPlan:
        """What is known of beat `number`."""
        planner, beats = self.planner, meter.beats_per_bar
        return BeatPlan(
            number=number,
            chord=planner.chord_on(number),
            chord_before=planner.chord_on(number - 1) if number else None,
            coming=planner.coming(number),
            key=self.key,
            energy=self.energy,
            crowd=self.listener.register.crowd,
            harmony=self.cued.is_laid(number) or self.presence.lets_harmony_play(number, beats),
            sure=planner.is_sure_of(number),
            fill_now=fill_now,
            hedge=self.hedge_on(number),
            landmarks=self.landmarks(number // beats),
            held=self.listener.held,
            certain=self._certain(number),
        )

    def _certain(self, number: int) -> int:
        """How many beats after `number` are as good as certain."""
        beats = range(number + 1, number + 1 + MOST_CERTAIN)
        return next((beat - number - 1 for beat in beats if self._likely(beat) < CERTAIN), MOST_CERTAIN)

    def _likely(self, number: int) -> float:
        place = number - self.planner.first_ahead
        return self.planner.probability_on(number) if place < len(self.planner.ahead) else 0.0

    def hedge_on(self, number: int) -> Hedge | None:
        """What is played instead of the chord, while it may be another and hedging is wished."""
        return hedge_on(self.planner, number) if self.parameters["commit/hedge"] else None

    def landmarks(self, bar: int) -> Landmarks:
        """What is sure of the form around a bar: what a chart says that is believed, else what was heard."""
        chart = self.planner.chart
        return (chart.landmarks(bar) if chart is not None else None) or self.form.landmarks(bar)
