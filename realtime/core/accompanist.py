"""The accompanist: hears a beat, learns it, plans ahead and writes what the band plays; corrects when surprised.

It owns everything musical (listener, planner, bandleader, scheduler) and none of the transport: it is told which beat
it is and when, and appends what should happen to `outbox`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from realtime.core.arranger import Arranger
from realtime.core.band.hedge import Hedge
from realtime.core.bandleader import BandLeader, BeatPlan
from realtime.core.chord import Chord, name_of
from realtime.core.events import ChordForeseen, ChordHeard, KeyHeard, Output, SectionHeard, SongHeard, Stamped, Value
from realtime.core.form import Form
from realtime.core.free_time import FreeTime
from realtime.core.hedging import hedge_on
from realtime.core.hold import Hold
from realtime.core.listener import Listener
from realtime.core.meter import Meter
from realtime.core.oracle import Oracle, token_of
from realtime.core.planner import Planner
from realtime.core.presence import Presence
from realtime.core.roles import Roles
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
        self.roles = Roles(self.planner, self.listener, self.leader, self.scheduler, parameters, self._tell)
        self.form = Form()
        self.free = FreeTime.trained(weights.oracle)
        self.meter: Meter = style.meter
        self.outbox: list[Stamped[Output]] = []
        self.chord_override: Chord | None = None
        self.chord_name = "N"
        self.chord_confidence = 0.0
        self.counters = dict.fromkeys(("commitments", "guesses", "agreed", "judged", "corrections"), 0)
        self._parameters = parameters
        self._told_key = ""
        self._presence = Presence()
        self.planner.begin(self.meter.beats_per_bar)

    def begin(self, meter: Meter) -> None:
        """From the top: beats count from 0 again. What was learnt of the player stays."""
        self.meter = meter
        self.planner.begin(meter.beats_per_bar)
        self.hold.clear()
        self.leader.forget_hands()
        self.roles.begin(meter)
        self.form = Form()
        self._presence = Presence()

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
        """How hard the band plays, 0..1: as the player does, or as asked."""
        follow = bool(self._parameters["energy/follow"])
        return self.listener.energy if follow else float(self._parameters["energy"])

    # -------------------------------------------------------------------------------------------- beats

    def lead(self, number: int, timeline: Timeline) -> Micros:
        """When beat `number` is prepared: notes from here on belong to it, those before to the beat before."""
        start = timeline.micros_at(self.meter.start_of_beat(number))
        length = timeline.micros_at(self.meter.start_of_beat(number + 1)) - start
        return Micros(start - min(EARLY_MICROS, int(EARLIEST * length)))

    def prepare_beat(self, number: int, at: Micros, timeline: Timeline) -> None:
        """Beat `number` is about to begin: the last one is judged and learnt, the plan moves on, a beat is written."""
        self.free.leave(at)
        if number > 0:
            self._finish_beat(number - 1, at, timeline)
        commit, lookahead = int(self._parameters["commit"]), int(self._parameters["lookahead"])
        threshold = float(self._parameters["commit/threshold"])
        for made in self.hold.keep(self.planner.start_beat(number, commit, lookahead, threshold)):
            self.counters["commitments" if made.sure else "guesses"] += 1
            self._foresaw(made.number, made.probability, at, timeline, sure=made.sure)
            self.arranger.write(self._plan_of(made.number), self.meter)
        if self.planner.reconsider(number, threshold):
            self._rewrite_harmony(number, at, timeline)
            likely = self.planner.probability_on(number)
            self._foresaw(number, likely, at, timeline, sure=self.planner.is_sure_of(number))
        self.replan(self.planner.led, at, timeline)
        if self.roles.prepare(number, at, timeline, self._presence):
            self._presence.solo_beat = number

    def settle(self, number: int, at: Micros, timeline: Timeline) -> None:
        """A chord's notes have come in beat `number`: if the band is on another, it moves over now."""
        late = (timeline.ticks_at(at) - self.meter.start_of_beat(number)) / self.meter.beat_ticks
        if self.roles.settle(number, at, timeline) or late > SURPRISE_WINDOW or self.chord_override is not None:
            return
        begin, place = self.lead(number, timeline), self._place(number)
        if self.planner.is_led and (note := self.listener.lone_note(begin)) is not None:
            self.replan(self.planner.strike(note, late), at, timeline)
        hearing = self.listener.hear_now(begin, at, self.planner.prior(number), place)
        if hearing.chord is not None and hearing.confidence >= SURE_ENOUGH:
            self._heard(hearing.chord, hearing.confidence, at, number)
            self._follow(number, hearing.chord, hearing.confidence, at, timeline)

    def hear_freely(self, at: Micros) -> None:
        """A chord's notes have come while no beat runs: tells what it was, and what may come next."""
        hearing = self.listener.hear_now(Micros(at - STOPPED_WINDOW_MICROS), at)
        if hearing.chord is not None:
            self.roles.free_chord = hearing.chord
            self._heard(hearing.chord, hearing.confidence, at)
            expected = self.free.hear(hearing.chord, at) if hearing.confidence >= SURE_ENOUGH else None
            if expected is not None:
                name, probability = self.name(expected.chord), round(expected.probability, 4)
                self._tell(at, ChordForeseen(name, probability, 0.0, -1, committed=False))

    def override_chord(self, chord: Chord | None, number: int, at: Micros, timeline: Timeline) -> None:
        """The player says what beat `number` is (None: takes that back)."""
        self.chord_override = chord
        if chord is not None:
            self._heard(chord, 1.0, at, number)
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
        self.form = Form()
        self._presence.first_beat = None

    def _finish_beat(self, number: int, at: Micros, timeline: Timeline) -> None:
        begin = self.lead(number, timeline)
        hearing = self.listener.end_beat(begin, at, self.planner.prior(number), self._place(number))
        chord = self.chord_override or self.roles.heard(hearing.chord, number)
        self.chord_override = None
        if chord is None:
            self._learn(number, self._chord_in_silence(number), at)
            return
        self._presence.heard_in(number)
        promised = self.planner.committed.get(number)
        if promised is not None and promised.chord is not None and not self.planner.is_led:
            self.counters["judged"] += 1
            self.counters["agreed"] += promised.chord.root == chord.root
        self._learn(number, chord, at)
        self._heard(chord, hearing.confidence, at, number)
        key = self.listener.key
        if key is not None and key.name != self._told_key:
            self._told_key = key.name
            self._tell(at, KeyHeard(key.name, round(self.listener.key_confidence, 4)))

    def _place(self, number: int) -> tuple[int, int]:
        """Which beat of its bar a beat is, and of how many."""
        return number % self.meter.beats_per_bar, self.meter.beats_per_bar

    def _learn(self, number: int, chord: Chord | None, at: Micros) -> None:
        """Beat `number` was `chord`: the planner learns it, and the form at the end of a bar."""
        self.planner.learn(number, chord)
        song = self.planner.repertoire.news()
        if song is not None:
            self._tell(at, SongHeard(song[0], song[1] // self.meter.beats_per_bar + 1, round(song[2], 4)))
        is_music = self._presence.first_beat is not None
        begun = self.form.hear_beat(number, token_of(chord), self.meter.beats_per_bar) if is_music else None
        if begun is not None:
            section, bar = begun
            self._tell(at, SectionHeard(section.letter, bar + 1, section.returns, round(section.confidence, 4)))

    def _chord_in_silence(self, number: int) -> Chord | None:
        """What the oracle learns while the player rests: first that the chord goes on, then what the band plays."""
        beats = self.meter.beats_per_bar
        if self._presence.has_left(number, beats):
            return None
        just_now = number - self._presence.last_beat <= beats and not self.roles.keeps_form
        return self.listener.chord if just_now else self.planner.chord_on(number)

    def _follow(self, number: int, chord: Chord, confidence: float, at: Micros, timeline: Timeline) -> None:
        """The player is on `chord` in beat `number`: what was planned otherwise is played otherwise."""
        hedged = self._hedge_on(number) is not None
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
        planner = self.planner
        return BeatPlan(
            number=number,
            chord=planner.chord_on(number),
            chord_before=planner.chord_on(number - 1) if number else None,
            coming=planner.coming(number),
            key=self.listener.key,
            energy=self.energy,
            crowd=self.listener.register.crowd,
            harmony=self._presence.lets_harmony_play(number, self.meter.beats_per_bar),
            sure=planner.is_sure_of(number),
            fill_now=self.arranger.fill_asked or self.roles.hands_over(number // self.meter.beats_per_bar),
            hedge=self._hedge_on(number),
        )

    def _hedge_on(self, number: int) -> Hedge | None:
        return hedge_on(self.planner, number) if self._parameters["commit/hedge"] else None

    def recast(self, number: int, at: Micros, timeline: Timeline) -> None:
        """The player asked the whole band for something else: it plays that from beat `number` and from now on."""
        self.arranger.rewrite(self._plans_from(number), self.meter, timeline.ticks_at(at))

    def _rewrite_harmony(self, number: int, at: Micros, timeline: Timeline) -> None:
        """Bass, keys and pad play the plan as it is now, from beat `number` and from now on."""
        self.arranger.rewrite_harmony(self._plans_from(number), self.meter, timeline.ticks_at(at))
        self.roles.replan(number, at, timeline)

    def _plans_from(self, number: int) -> list[BeatPlan]:
        return [self._plan_of(beat) for beat in sorted(self.planner.committed) if beat >= number]

    # --------------------------------------------------------------------------------------------- telling

    def _tell(self, at: Micros, event: Output) -> None:
        self.outbox.append(Stamped(at, event))

    def _heard(self, chord: Chord, confidence: float, at: Micros, number: int = -1) -> None:
        name = self.name(chord)
        self.chord_confidence = confidence
        if name != self.chord_name:
            self.chord_name = name
            self._tell(at, ChordHeard(name, round(confidence, 4), number))

    def _foresaw(self, number: int, probability: float, at: Micros, timeline: Timeline, *, sure: bool = True) -> None:
        name, ticks = self.name(self.planner.chord_on(number)), self.meter.start_of_beat(number) - timeline.ticks_at(at)
        away = round(max(0, ticks) / self.meter.beat_ticks, 2)
        self._tell(at, ChordForeseen(name, round(probability, 4), away, number, committed=sure))

    def name(self, chord: Chord | None) -> str:
        """A chord's symbol, spelt in the present key."""
        key = self.listener.key
        return name_of(chord, flats=key is None or key.uses_flats)
