"""The accompanist: hears a beat, learns it, plans ahead and writes what the band plays; corrects when surprised.

It owns everything musical (listener, planner, bandleader, scheduler) and none of the transport: it is told which beat
it is and when, and appends what should happen to `outbox`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from realtime.core.arranger import Arranger
from realtime.core.bandleader import BandLeader, BeatPlan
from realtime.core.chord import Chord
from realtime.core.cued_chords import CuedChords
from realtime.core.events import SectionHeard, SongHeard, Value
from realtime.core.form import Form
from realtime.core.free_time import FreeTime
from realtime.core.herald import Herald
from realtime.core.hold import Hold
from realtime.core.listener import Listener
from realtime.core.meter import Meter
from realtime.core.oracle import Oracle, token_of
from realtime.core.planner import Planner
from realtime.core.prospect import Prospect
from realtime.core.scheduler import Scheduler
from realtime.core.style import Style
from realtime.core.timeline import Timeline
from realtime.core.units import Micros
from realtime.core.weights import Weights

EARLY_MICROS: Final = 80_000
EARLIEST: Final = 0.25
"""Notes this much before a beat already belong to it, but no more than this part of a beat."""

SURE_ENOUGH: Final = 0.6
"""How confident the ear must be to overrule the plan within the beat."""

SURPRISE_WINDOW: Final = 0.6
"""The share of a beat in which a chord can still be one for this beat; later ones are meant for the next."""

STOPPED_WINDOW_MICROS: Final = 1_000_000
"""How far back a chord is read while no beat runs."""


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
        self.arranger = Arranger(style, seed, parameters)
        self.free = FreeTime.trained(weights.oracle)
        self.meter: Meter = style.meter
        self.herald = Herald(self.listener)
        self.outbox = self.herald.outbox
        self.cued = CuedChords(self.planner, self.leader.cues)
        self.prospect = Prospect(self.listener, self.planner, self.cued, parameters)
        self.chord_override: Chord | None = None
        self.counters = dict.fromkeys(("commitments", "guesses", "agreed", "judged", "corrections"), 0)
        self.parameters = parameters
        self.planner.begin(self.meter.beats_per_bar)

    def begin(self, meter: Meter) -> None:
        """From the top: beats count from 0 again. What was learnt of the player stays."""
        self.meter = meter
        self.planner.begin(meter.beats_per_bar)
        self.hold.clear()
        self.cued.clear()
        self.arranger.begin()
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

    @property
    def leader(self) -> BandLeader:
        """Who turns the plan into notes."""
        return self.arranger.leader

    @property
    def scheduler(self) -> Scheduler:
        """Who keeps the notes until their time."""
        return self.arranger.scheduler

    @property
    def energy(self) -> float:
        """How hard the band plays, 0..1."""
        return self.prospect.energy

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
        self.free.leave(at)
        self._drop_addition(number, at, timeline)
        if number > 0:
            self._finish_beat(number - 1, at, timeline)
        commit, lookahead = int(self.parameters["commit"]), int(self.parameters["lookahead"])
        threshold = float(self.parameters["commit/threshold"])
        new = self.hold.keep(self.planner.start_beat(number, commit, lookahead, threshold))
        relaid = self.cued.lay(number, self.prospect.key)
        for made in new:
            self.counters["commitments" if made.sure else "guesses"] += 1
            self._foresaw(made.number, made.probability, at, timeline, sure=made.sure)
            self.arranger.write(self._plan_of(made.number), self.meter)
        if self.planner.reconsider(number, threshold):
            self._rewrite_harmony(number, at, timeline)
            likely = self.planner.probability_on(number)
            self._foresaw(number, likely, at, timeline, sure=self.planner.is_sure_of(number))
        written = {made.number for made in new}
        self.replan(sorted({*self.planner.led, *relaid} - written), at, timeline)

    def settle(self, number: int, at: Micros, timeline: Timeline) -> None:
        """A chord's notes have come in beat `number`: if the band is on another, it moves over now."""
        self._drop_addition(number, at, timeline)
        late = (timeline.ticks_at(at) - self.meter.start_of_beat(number)) / self.meter.beat_ticks
        if late > SURPRISE_WINDOW or self.chord_override is not None:
            return
        begin, place = self.lead(number, timeline), self._place(number)
        if self.planner.is_led and (note := self.listener.lone_note(begin)) is not None:
            self.replan(self.planner.strike(note, late), at, timeline)
        hearing = self.listener.hear_now(begin, at, self.planner.prior(number), place)
        if hearing.chord is not None and hearing.confidence >= SURE_ENOUGH:
            self.herald.heard(hearing.chord, hearing.confidence, at, number)
            self._follow(number, hearing.chord, hearing.confidence, at, timeline)

    def hear_freely(self, at: Micros) -> None:
        """A chord's notes have come while no beat runs: tells what it was, and what may come next."""
        hearing = self.listener.hear_now(Micros(at - STOPPED_WINDOW_MICROS), at)
        if hearing.chord is not None:
            self.herald.heard(hearing.chord, hearing.confidence, at)
            expected = self.free.hear(hearing.chord, at) if hearing.confidence >= SURE_ENOUGH else None
            if expected is not None:
                self.herald.foresaw(expected.chord, expected.probability, at, 0.0, -1, sure=False)

    def override_chord(self, chord: Chord | None, number: int, at: Micros, timeline: Timeline) -> None:
        """The player says what beat `number` is (None: takes that back)."""
        self.chord_override = chord
        if chord is not None:
            self.herald.heard(chord, 1.0, at, number)
        if chord is not None and number >= 0:
            self._follow(number, chord, 1.0, at, timeline)

    def replan(self, beats: Sequence[int], at: Micros, timeline: Timeline) -> None:
        """The player had `beats` (in order) changed: the band plays, and tells, what they are now."""
        if beats:
            self._rewrite_harmony(beats[0], at, timeline)
        for beat in beats:
            self._foresaw(beat, self.planner.probability_on(beat), at, timeline)

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
        chord = self.chord_override or hearing.chord
        self.chord_override = None
        if chord is None:
            self._learn(number, self._chord_in_silence(number), at)
            return
        self.prospect.presence.heard_in(number)
        self.cued.hear(number, chord, self.prospect.key)
        promised = self.planner.committed.get(number)
        if promised is not None and promised.chord is not None and not self.planner.is_led:
            self.counters["judged"] += 1
            self.counters["agreed"] += promised.chord.root == chord.root
        self._learn(number, chord, at)
        self.herald.heard(chord, hearing.confidence, at, number)
        self.herald.key(at)

    def _place(self, number: int) -> tuple[int, int]:
        """Which beat of its bar a beat is, and of how many."""
        return number % self.meter.beats_per_bar, self.meter.beats_per_bar

    def _learn(self, number: int, chord: Chord | None, at: Micros) -> None:
        """Beat `number` was `chord`: the planner learns it, and the form at the end of a bar."""
        self.planner.learn(number, chord)
        song = self.planner.repertoire.news()
        if song is not None:
            self.herald.tell(at, SongHeard(song[0], song[1] // self.meter.beats_per_bar + 1, round(song[2], 4)))
        is_music = self.prospect.presence.first_beat is not None
        begun = self.form.hear_beat(number, token_of(chord), self.meter.beats_per_bar) if is_music else None
        if begun is not None:
            section, bar = begun
            self.herald.tell(at, SectionHeard(section.letter, bar + 1, section.returns, round(section.confidence, 4)))

    def _chord_in_silence(self, number: int) -> Chord | None:
        """What the oracle learns while the player rests: first that the chord goes on, then what the band plays."""
        beats = self.meter.beats_per_bar
        if self.prospect.presence.has_left(number, beats):
            return None
        just_now = number - self.prospect.presence.last_beat <= beats
        return self.listener.chord if just_now else self.planner.chord_on(number)

    def _follow(self, number: int, chord: Chord, confidence: float, at: Micros, timeline: Timeline) -> None:
        """The player is on `chord` in beat `number`: what was planned otherwise is played otherwise."""
        hedged = self.prospect.hedge_on(number) is not None
        self.cued.hear(number, chord, self.prospect.key)
        changed = self.planner.revise(number, chord)
        if hedged and number not in changed:
            self._rewrite_harmony(number, at, timeline)
        if not changed:
            return
        if changed[0] == number:
            self.counters["corrections"] += 1
        self._rewrite_harmony(changed[0], at, timeline)
        for beat in changed:
            if beat > number:
                self._foresaw(beat, confidence, at, timeline)

    # --------------------------------------------------------------------------------------- the band plays

    def _plan_of(self, number: int) -> BeatPlan:
        fill_now = number // self.meter.beats_per_bar == self.arranger.fill_bar
        return self.prospect.plan_of(number, self.meter, fill_now=fill_now)

    def begin_cue(self, bar: int) -> None:
        """A cue begins at `bar`: the plan is on its chords."""
        self.prospect.begin_cue(self.leader.cues.on(bar), self.meter.beats_per_bar)

    def _drop_addition(self, number: int, at: Micros, timeline: Timeline) -> None:
        """A chord of the band's own goes where what the player holds now rubs against it."""
        if self.leader.must_drop(number, self.listener.held):
            self._rewrite_harmony(number, at, timeline)

    def recast(self, number: int, at: Micros, timeline: Timeline) -> None:
        """The player asked the whole band for something else: it plays that from beat `number` and from now on."""
        self.arranger.rewrite(self._plans_from(number), self.meter, timeline.ticks_at(at))

    def _rewrite_harmony(self, number: int, at: Micros, timeline: Timeline) -> None:
        """Bass, keys and pad play the plan as it is now, from beat `number` and from now on."""
        self.arranger.rewrite_harmony(self._plans_from(number), self.meter, timeline.ticks_at(at))

    def _plans_from(self, number: int) -> list[BeatPlan]:
        return [self._plan_of(beat) for beat in sorted(self.planner.committed) if beat >= number]

    # --------------------------------------------------------------------------------------------- telling

    def _foresaw(self, number: int, probability: float, at: Micros, timeline: Timeline, *, sure: bool = True) -> None:
        ticks = self.meter.start_of_beat(number) - timeline.ticks_at(at)
        away = round(max(0, ticks) / self.meter.beat_ticks, 2)
        self.herald.foresaw(self.planner.chord_on(number), probability, at, away, number, sure=sure)
