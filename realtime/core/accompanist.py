"""The accompanist: hears a beat, learns it, plans ahead and writes what the band plays; corrects when surprised.

It owns everything musical (listener, planner, bandleader, scheduler) and none of the transport: it is told which beat
it is and when, and appends what should happen to `outbox`.
"""

from collections.abc import Mapping
from typing import Final

from realtime.core.arranger import Arranger
from realtime.core.bandleader import BandLeader
from realtime.core.chord import Chord
from realtime.core.chord_memory import ChordMemory
from realtime.core.copyist import Copyist
from realtime.core.cued_chords import CuedChords
from realtime.core.events import Value
from realtime.core.form import Form
from realtime.core.free_time import FreeTime
from realtime.core.herald import Herald
from realtime.core.hold import Hold
from realtime.core.learning import Learning
from realtime.core.listener import LEAST_CHORD, Listener
from realtime.core.meter import Meter
from realtime.core.oracle import Oracle, token_of
from realtime.core.planner import Planner
from realtime.core.prospect import Prospect
from realtime.core.recogniser import Hearing
from realtime.core.roles import Roles
from realtime.core.scheduler import Scheduler
from realtime.core.stillness import SURE_ENOUGH, Stillness
from realtime.core.style import Style
from realtime.core.surprise import Surprises
from realtime.core.timeline import Timeline
from realtime.core.units import Micros
from realtime.core.weights import Weights

EARLY_MICROS: Final = 80_000
EARLIEST: Final = 0.25
"""Notes this much before a beat already belong to it, but no more than this part of a beat."""

SURPRISE_WINDOW: Final = 0.6
"""The share of a beat in which a chord can still be one for this beat; later ones are meant for the next."""

ANTICIPATES: Final = 0.35
"""A chord struck this late in a beat is meant for the next one, too."""

JUST_NOW_MICROS: Final = 60_000
"""How far back a chord is read that was struck for the next beat."""


class Accompanist:
    """Turns what is heard into what is played, a beat at a time."""

    def __init__(
        self,
        style: Style,
        seed: int,
        parameters: Mapping[str, Value],
        weights: Weights | None = None,
        memory: bytes = b"",
        forms: Mapping[str, str] | None = None,
    ) -> None:
        """`parameters` is read live, never written. Without weights it goes by rules and counts.

        Raises:
            ValueError: `memory` is none that an oracle saved.
        """
        weights = weights or Weights()
        self.listener = Listener(weights.recogniser, weights.harmoniser, parameters)
        self.planner = Planner(Oracle(weights=weights.oracle), forms=forms or {}, guide=self.listener.harmoniser)
        if memory:
            self.planner.oracle.load(memory)
            self.planner.oracle.begin_song()
        self.hold = Hold(self.planner)
        self.memory = ChordMemory(self.planner, parameters)
        self.surprises = Surprises(self.planner)
        self.arranger = Arranger(style, seed, parameters)
        self.meter: Meter = style.meter
        self.herald = Herald(self.listener)
        self.outbox = self.herald.outbox
        self.cued = CuedChords(self.planner, self.leader.cues)
        self.prospect = Prospect(self.listener, self.planner, self.cued, parameters)
        self.chord_override: Chord | None = None
        self.counters = dict.fromkeys(("commitments", "guesses", "agreed", "judged", "corrections"), 0)
        self.parameters = parameters
        self.roles = Roles(self.planner, self.listener, self.leader, self.scheduler, parameters, self.herald.tell)
        self.stillness = Stillness(self.listener, FreeTime.trained(weights.oracle), self.herald, self.roles)
        self.learning = Learning(self.prospect, self.memory, self.herald)
        self.copyist = Copyist(self.prospect, self.memory, self.arranger, self.herald, self.roles, self.meter)
        self.planner.begin(self.meter.beats_per_bar)

    def begin(self, meter: Meter, first_beat: int = 0) -> None:
        """From the top, or within the first bar: beats count from 0 again. What was learnt of the player stays."""
        self.meter = self.copyist.meter = meter
        self.planner.begin(meter.beats_per_bar)
        for beat in range(first_beat - 1):
            self.planner.learn(beat, None)
        self.hold.clear()
        self.memory.begin()
        self.surprises.clear()
        self.cued.clear()
        self.arranger.begin()
        self.roles.begin(meter)
        self.prospect.clear()

    def count_anew(self, meter: Meter, number: int, at: Micros, timeline: Timeline) -> str:
        """Another meter begins on beat `number`, which is beat 0 from then on: the band goes on with what it knows.

        `timeline` counts as before. Returns what is wrong with the chart in that meter; it is then taken away.
        """
        if number > 0:
            self._finish_beat(number - 1, at, timeline)
        self.scheduler.count_anew(self.meter.start_of_beat(number))
        presence = self.prospect.presence
        presence.count_anew(number)
        chart, problem = self.planner.chart, ""
        if chart is not None:
            self.planner.chart, problem = chart.in_meter(meter, number)
        self.begin(meter)
        self.prospect.presence = presence
        return problem

    def come_in(self) -> None:
        """The whole band plays from the first beat on: what the player does is known."""
        self.prospect.presence.come_in(self.meter.beats_per_bar)

    @property
    def leader(self) -> BandLeader:
        """Who turns the plan into notes."""
        return self.arranger.leader

    @property
    def scheduler(self) -> Scheduler:
        """Who keeps the notes until their time."""
        return self.arranger.scheduler

    @property
    def form(self) -> Form:
        """The form of the song so far."""
        return self.prospect.form

    # -------------------------------------------------------------------------------------------- beats

    def lead(self, number: int, timeline: Timeline) -> Micros:
        """When beat `number` is prepared: notes from here on belong to it, those before to the beat before."""
        start = timeline.micros_at(self.meter.start_of_beat(number))
        length = timeline.micros_at(self.meter.start_of_beat(number + 1)) - start
        return Micros(start - min(EARLY_MICROS, int(EARLIEST * length)))

    def prepare_beat(self, number: int, at: Micros, timeline: Timeline) -> None:
        """Beat `number` is about to begin: the last one is judged and learnt, the plan moves on, a beat is written."""
        self.stillness.free.leave(at)
        self.copyist.drop_addition(number, at, timeline)
        if number > 0:
            self._finish_beat(number - 1, at, timeline)
        commit, lookahead = int(self.parameters["commit"]), int(self.parameters["lookahead"])
        threshold = float(self.parameters["commit/threshold"])
        commitments = self.hold.keep(self.planner.start_beat(number, commit, lookahead, threshold))
        self.memory.keep(commitments)
        self.surprises.keep(commitments)
        relaid = self.cued.lay(number, self.prospect.key)
        for made in commitments:
            self.counters["commitments" if made.sure else "guesses"] += 1
            self.copyist.foresaw(made.number, made.probability, at, timeline, sure=made.sure)
            self.copyist.write(made.number)
        if self.planner.reconsider(number, threshold):
            self.copyist.rewrite_harmony(number, at, timeline)
            likely = self.planner.probability_on(number)
            self.copyist.foresaw(number, likely, at, timeline, sure=self.planner.is_sure_of(number))
        written = {made.number for made in commitments}
        self.copyist.replan(sorted({*self.planner.led, *relaid} - written), at, timeline)
        if (early := self.surprises.arrive(number)) is not None:
            self._follow(number, early, 1.0, at, timeline, until=number)
        if self.roles.prepare(number, at, timeline, self.prospect.presence):
            self.prospect.presence.solo_beat = number

    def settle(self, number: int, at: Micros, timeline: Timeline) -> bool:
        """A chord's notes have come in beat `number`: if the band is on another, it moves over now.

        Returns whether a whole chord was struck, but which is not sure yet: hear it again a little later.
        """
        self.copyist.drop_addition(number, at, timeline)
        late = (timeline.ticks_at(at) - self.meter.start_of_beat(number)) / self.meter.beat_ticks
        if self.roles.settle(number, at, timeline) or self.chord_override is not None:
            return False
        struck = self._struck_anew(number, at) if late > ANTICIPATES else None
        if struck is not None:
            self._anticipate(number, struck, late, at, timeline)
        if late > SURPRISE_WINDOW or struck is not None:
            return False
        begin, place = self.lead(number, timeline), self._place(number)
        if self.planner.is_led and (note := self.listener.lone_note(begin)) is not None:
            self.copyist.replan(self.planner.strike(note, late), at, timeline)
        hearing = self.listener.hear_now(begin, at, self.planner.prior(number), place)
        is_whole = len(self.listener.hands.chords.strikes(begin)) >= LEAST_CHORD
        if hearing.confidence < SURE_ENOUGH and is_whole:
            hearing = self.listener.hear_now(begin, at, None, place)  # a whole chord speaks for itself
        if hearing.chord is not None and hearing.confidence >= SURE_ENOUGH:
            self._turn_to(number, hearing.chord, hearing.confidence, at, timeline)
            return False
        return is_whole

    def _turn_to(
        self, number: int, chord: Chord, confidence: float, at: Micros, timeline: Timeline, *, ahead: bool = False
    ) -> None:
        """The player has struck `chord` in beat `number`; `ahead`: it is meant for the next beat, too."""
        self.herald.heard(chord, confidence, at, number)
        self.prospect.presence.heard_in(number)
        self.memory.wake(number)
        self.surprises.hear(number, chord)
        self._follow(number, chord, confidence, at, timeline, until=number + ahead)

    def _struck_anew(self, number: int, at: Micros) -> Hearing | None:
        """The whole chord that was struck just now in beat `number`, if it is not the one that is on; else None."""
        since = Micros(at - JUST_NOW_MICROS)
        if self.planner.is_led or len(self.listener.hands.chords.strikes(since)) < LEAST_CHORD:
            return None
        hearing = self.listener.hear_now(since, at, self.planner.prior(number + 1), self._place(number + 1))
        is_news = token_of(hearing.chord) != token_of(self.planner.chord_on(number))
        return hearing if is_news and hearing.chord is not None and hearing.confidence >= SURE_ENOUGH else None

    def _anticipate(self, number: int, struck: Hearing, late: float, at: Micros, timeline: Timeline) -> None:
        """A chord struck late in beat `number` is meant for the next; the band goes there now if there is time."""
        assert struck.chord is not None
        if late <= SURPRISE_WINDOW:
            self._turn_to(number, struck.chord, struck.confidence, at, timeline, ahead=True)
        elif self.hold.chord is None:
            self.memory.wake(number + 1)
            self.surprises.hear(number + 1, struck.chord)
            if self.surprises.expect(number + 1, struck.chord):
                self.copyist.replan([number + 1], at, timeline)

    def override_chord(self, chord: Chord | None, number: int, at: Micros, timeline: Timeline) -> None:
        """The player says what beat `number` is (None: takes that back)."""
        self.chord_override = chord
        if chord is not None:
            self.herald.heard(chord, 1.0, at, number)
        if chord is not None and number >= 0:
            self._follow(number, chord, 1.0, at, timeline, until=number)

    def begin_song(self) -> None:
        """Another song begins: its form and its chart are new, and the band listens before it comes in."""
        self.planner.oracle.begin_song()
        self.planner.chart = None
        self.hold.clear()
        self.prospect.form = Form()
        self.prospect.presence.first_beat = None

    def _finish_beat(self, number: int, at: Micros, timeline: Timeline) -> None:
        begin = self.lead(number, timeline)
        hearing = self.listener.end_beat(begin, at, self.planner.prior(number), self._place(number))
        unsure = self.memory.is_playing and (self.listener.melody.is_alone or hearing.confidence < SURE_ENOUGH)
        is_line = self.listener.melody.is_line and self.prospect.presence.first_beat is not None
        plays_on = is_line or (self.memory.is_on and (unsure or self.listener.hands.rested(begin, at)))
        chord = self.chord_override or (None if plays_on else self.roles.heard(hearing.chord, number))
        self.chord_override = None
        if number >= self.surprises.since:
            self.surprises.hear(number + 1, chord)
        if chord is None:
            if self.hold.chord is None and not is_line:
                self.copyist.replan(self.memory.rest(number, self.listener.chord), at, timeline)
            silent = self.learning.chord_in_silence(number, keeps_form=self.roles.keeps_form or is_line)
            self.learning.learn(number, silent, at)
            return
        self.prospect.presence.heard_in(number)
        self.cued.hear(number, chord, self.prospect.key)
        self.memory.wake(number + 1)
        promised = self.planner.committed.get(number)
        if promised is not None and promised.chord is not None and not self.planner.is_led:
            self.counters["judged"] += 1
            self.counters["agreed"] += promised.chord.root == chord.root
        self.learning.learn(number, chord, at)
        self.herald.heard(chord, hearing.confidence, at, number)
        self.herald.key(at)

    def _place(self, number: int) -> tuple[int, int]:
        """Which beat of its bar a beat is, and of how many."""
        return number % self.meter.beats_per_bar, self.meter.beats_per_bar

    def _follow(
        self, number: int, chord: Chord, confidence: float, at: Micros, timeline: Timeline, *, until: int
    ) -> None:
        """The player is on `chord` in beat `number`: what was planned otherwise is played.

        If that is news, the band stays on it to the end of the bar of beat `until`.
        """
        hedged, is_shock = self.prospect.hedge_on(number) is not None, self.surprises.is_shock(number, chord)
        self.cued.hear(number, chord, self.prospect.key)
        changed = self.planner.revise(number, chord)
        self.counters["corrections"] += number in changed
        if is_shock:
            changed = sorted({*changed, *self.surprises.stay(number, until, chord, self.meter.beats_per_bar)})
        if hedged and number not in changed:
            self.copyist.rewrite_harmony(number, at, timeline)
        if not changed:
            return
        self.copyist.rewrite_harmony(changed[0], at, timeline)
        for beat in changed:
            if beat > number:
                self.copyist.foresaw(beat, confidence, at, timeline)
