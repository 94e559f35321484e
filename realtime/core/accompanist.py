"""The accompanist: hears a beat, learns it, plans ahead and writes what the band plays; corrects when surprised.

It owns everything musical (listener, planner, bandleader, scheduler) and none of the transport: it is told which beat
it is and when, and appends what should happen to `outbox`.
"""

from collections.abc import Mapping
from typing import Final

from realtime.core.bandleader import HARMONY_PARTS, BandLeader, BeatPlan
from realtime.core.chance import Chance
from realtime.core.chart import parse_chart
from realtime.core.chart_follower import ChartFollower
from realtime.core.chord import Chord, is_same_harmony, name_of
from realtime.core.events import ChordForeseen, ChordHeard, KeyHeard, Output, SectionHeard, Stamped, Value
from realtime.core.form import Form
from realtime.core.listener import Listener
from realtime.core.meter import Meter
from realtime.core.oracle import Oracle, token_of
from realtime.core.planner import Planner
from realtime.core.scheduler import Scheduler
from realtime.core.snapshot import PlannedBeat, Snapshot
from realtime.core.style import Style
from realtime.core.timeline import Timeline
from realtime.core.transport import Transport
from realtime.core.units import Micros, Ticks
from realtime.core.weights import Weights

EARLY_MICROS: Final = 80_000
"""Notes this much before a beat already belong to it."""

SURE_ENOUGH: Final = 0.6
"""How confident the ear must be to overrule the plan within the beat."""

SURPRISE_WINDOW: Final = 0.6
"""The share of a beat in which a chord can still be one for this beat; later ones are meant for the next."""

LISTEN_BARS: Final = 1
"""Whole bars the band listens before bass, keys and pad come in."""

SILENT_BARS_TO_REST: Final = 8
"""After this long without the player, the harmony rests too."""

STOPPED_WINDOW_MICROS: Final = 1_000_000
"""How far back a chord is read while no beat runs."""


class Accompanist:
    """Turns what is heard into what is played, a beat at a time."""

    def __init__(
        self, style: Style, seed: int, parameters: Mapping[str, Value], weights: Weights | None = None
    ) -> None:
        """`parameters` is read live, never written. Without weights it goes by rules and counts."""
        weights = weights or Weights()
        self.listener = Listener(weights.recogniser)
        self.planner = Planner(Oracle(weights=weights.oracle))
        self.scheduler = Scheduler()
        self.leader = BandLeader(style, Chance(seed))
        self.form = Form()
        self.meter: Meter = style.meter
        self.outbox: list[Stamped[Output]] = []
        self.chord_override: Chord | None = None
        self.fill_asked = False
        self.chord_name = "N"
        self.chord_confidence = 0.0
        self.counters = dict.fromkeys(("commitments", "guesses", "agreed", "judged", "corrections"), 0)
        self._parameters = parameters
        self._told_key = ""
        self._first_heard: int | None = None
        self._last_heard = 0
        self.planner.begin(self.meter.beats_per_bar)

    def begin(self, meter: Meter) -> None:
        """From the top: beats count from 0 again. What was learnt of the player stays."""
        self.meter = meter
        self.planner.begin(meter.beats_per_bar)
        self.leader.forget_hands()
        self.form = Form()
        self._first_heard = None
        self._last_heard = 0

    @property
    def energy(self) -> float:
        """How hard the band plays, 0..1: as the player does, or as asked."""
        follow = bool(self._parameters["energy/follow"])
        return self.listener.energy if follow else float(self._parameters["energy"])

    def snapshot(self, transport: Transport, counters: Mapping[str, int]) -> Snapshot:
        """A picture of now; `counters` are the caller's, to stand beside ours."""
        number = max(0, transport.next_beat - 1)
        bar, beat = divmod(number, self.meter.beats_per_bar)
        key, planner = self.listener.key, self.planner
        return Snapshot(
            playing=transport.playing,
            tempo_bpm=transport.timeline.tempo_bpm,
            meter=str(self.meter),
            bar=bar + 1,
            beat=beat + 1,
            beat_number=number,
            chord=self.chord_name,
            chord_confidence=self.chord_confidence,
            key=key.name if key else "",
            key_confidence=self.listener.key_confidence,
            energy=self.energy,
            style=self.leader.style.name,
            variation=self.leader.variation,
            section=self.form.section.letter if self.form.section else "",
            loop_beats=planner.oracle.loop_beats,
            plan=tuple(
                PlannedBeat(n, self.name(planner.chord_on(n)), expected.probability, n in planner.committed)
                for n, expected in enumerate(planner.ahead, start=planner.first_ahead)
            ),
            sounding=self.scheduler.sounding_counts(),
            parameters=dict(self._parameters),
            counters={**counters, **self.counters, "dropped": self.scheduler.dropped},
        )

    # -------------------------------------------------------------------------------------------- beats

    def begin_beat(self, number: int, at: Micros, timeline: Timeline) -> None:
        """Beat `number` begins: the last one is judged and learnt, the plan moves on, a beat ahead is written."""
        if number > 0:
            self._finish_beat(number - 1, at, timeline)
        commit, lookahead = int(self._parameters["commit"]), int(self._parameters["lookahead"])
        threshold = float(self._parameters["commit/threshold"])
        for made in self.planner.start_beat(number, commit, lookahead, threshold):
            self.counters["commitments" if made.sure else "guesses"] += 1
            self._foresaw(made.number, number, made.probability, at, sure=made.sure)
            self._write_beat(made.number)

    def settle(self, number: int, at: Micros, timeline: Timeline) -> None:
        """A chord's notes have come in beat `number`: if the band is on another, it moves over now."""
        start = timeline.micros_at(self.meter.start_of_beat(number))
        length = timeline.micros_at(self.meter.start_of_beat(number + 1)) - start
        if at - start > SURPRISE_WINDOW * length or self.chord_override is not None:
            return
        begin, place = Micros(start - EARLY_MICROS), self._place(number)
        hearing = self.listener.hear_now(begin, at, self.planner.prior(number), place)
        if hearing.chord is not None and hearing.confidence >= SURE_ENOUGH:
            self._heard(hearing.chord, hearing.confidence, at)
            self._follow(number, hearing.chord, hearing.confidence, at, timeline)

    def hear_freely(self, at: Micros) -> None:
        """A chord's notes have come while no beat runs: only tells what it was."""
        hearing = self.listener.hear_now(Micros(at - STOPPED_WINDOW_MICROS), at)
        if hearing.chord is not None:
            self._heard(hearing.chord, hearing.confidence, at)

    def override_chord(self, chord: Chord | None, number: int, at: Micros, timeline: Timeline) -> None:
        """The player says what beat `number` is (None: takes that back)."""
        self.chord_override = chord
        if chord is not None:
            self._heard(chord, 1.0, at)
        if chord is not None and number >= 0:
            self._follow(number, chord, 1.0, at, timeline)

    def veto(self, number: int, at: Micros, timeline: Timeline) -> None:
        """The player does not want what is planned on beat `number`: the next best takes its place."""
        self.planner.veto(number)
        self._rewrite_harmony(number, at, timeline)
        self._foresaw(number, number - 1, 1.0, at)

    def set_chart(self, text: str) -> None:
        """The player gives a chart to go by; an empty text takes it away.

        Raises:
            BadChart: it cannot be read.
        """
        self.planner.chart = ChartFollower(parse_chart(text, self.meter.beats_per_bar)) if text.strip() else None

    def accept(self, number: int) -> None:
        """The player wants what is planned on beat `number`: it stays."""
        self.planner.pinned.add(number)

    def _finish_beat(self, number: int, at: Micros, timeline: Timeline) -> None:
        start = timeline.micros_at(self.meter.start_of_beat(number))
        begin, end = Micros(start - EARLY_MICROS), Micros(at - EARLY_MICROS)
        hearing = self.listener.end_beat(begin, end, self.planner.prior(number), self._place(number))
        chord = self.chord_override or hearing.chord
        self.chord_override = None
        if chord is None:
            self._learn(number, self._chord_in_silence(number), at)
            return
        if self._first_heard is None:
            self._first_heard = number
        self._last_heard = number
        promised = self.planner.committed.get(number)
        if promised is not None and promised.chord is not None:
            self.counters["judged"] += 1
            self.counters["agreed"] += promised.chord.root == chord.root
        self._learn(number, chord, at)
        self._heard(chord, hearing.confidence, at)
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
        is_music = self._first_heard is not None
        begun = self.form.hear_beat(number, token_of(chord), self.meter.beats_per_bar) if is_music else None
        if begun is not None:
            section, bar = begun
            self._tell(at, SectionHeard(section.letter, bar + 1, section.returns, round(section.confidence, 4)))

    def _chord_in_silence(self, number: int) -> Chord | None:
        """What the oracle learns while the player rests: first that the chord goes on, then what the band plays."""
        rest = number - self._last_heard
        if self._first_heard is None or rest > SILENT_BARS_TO_REST * self.meter.beats_per_bar:
            return None
        return self.listener.chord if rest <= self.meter.beats_per_bar else self.planner.chord_on(number)

    def _follow(self, number: int, chord: Chord, confidence: float, at: Micros, timeline: Timeline) -> None:
        """The player is on `chord` in beat `number`: what was planned otherwise is played otherwise."""
        changed = self.planner.revise(number, chord)
        if not changed:
            return
        if changed[0] == number:
            self.counters["corrections"] += 1
        self._rewrite_harmony(changed[0], at, timeline)
        for beat in changed:
            if beat > number:
                self._foresaw(beat, number, confidence, at)

    # --------------------------------------------------------------------------------------- the band plays

    def _plan_of(self, number: int) -> BeatPlan:
        planner = self.planner
        return BeatPlan(
            number=number,
            chord=planner.chord_on(number),
            chord_before=planner.chord_on(number - 1) if number else None,
            chord_after=planner.chord_on(number + 1),
            key=self.listener.key,
            energy=self.energy,
            player_pitch=self.listener.hand_pitch,
            harmony=self._harmony_plays(number),
            sure=planner.is_sure_of(number),
            fill_now=self.fill_asked,
        )

    def _harmony_plays(self, number: int) -> bool:
        """Bass, keys and pad come in at the bar line after a whole bar heard, and rest when the player is gone."""
        if self._first_heard is None:
            return False
        beats = self.meter.beats_per_bar
        entry = (-(-self._first_heard // beats) + LISTEN_BARS) * beats
        return number >= entry and number - self._last_heard <= SILENT_BARS_TO_REST * beats

    def _write_beat(self, number: int) -> None:
        """Puts a beat's notes on the list; a new chord ends the old one's."""
        if self._parameters["mode"] == "listen":
            return
        plan = self._plan_of(number)
        notes = self.leader.play(plan, self.meter, self._parameters)
        if not plan.harmony or not is_same_harmony(plan.chord, plan.chord_before):
            self.scheduler.hold_until(HARMONY_PARTS, self.meter.start_of_beat(number))
        for note in notes:
            self.scheduler.add(note)
        if (number + 1) % self.meter.beats_per_bar == 0:
            self.fill_asked = False

    def _rewrite_harmony(self, number: int, at: Micros, timeline: Timeline) -> None:
        """Bass, keys and pad drop what they had written from beat `number` on, and play the new plan from now."""
        if self._parameters["mode"] == "listen" or not self._harmony_plays(number):
            return
        from_tick = Ticks(max(self.meter.start_of_beat(number), timeline.ticks_at(at)))
        self.scheduler.cut(HARMONY_PARTS, from_tick)
        for beat in range(number, max(self.planner.committed, default=number) + 1):
            for note in self.leader.replay_harmony(self._plan_of(beat), self.meter, self._parameters):
                begun = note.shifted_to(Ticks(max(note.start, from_tick)))
                if begun.end > begun.start:
                    self.scheduler.add(begun)

    # --------------------------------------------------------------------------------------------- telling

    def _tell(self, at: Micros, event: Output) -> None:
        self.outbox.append(Stamped(at, event))

    def _heard(self, chord: Chord, confidence: float, at: Micros) -> None:
        name = self.name(chord)
        self.chord_confidence = confidence
        if name != self.chord_name:
            self.chord_name = name
            self._tell(at, ChordHeard(name, round(confidence, 4)))

    def _foresaw(self, number: int, from_beat: int, probability: float, at: Micros, *, sure: bool = True) -> None:
        name = self.name(self.planner.chord_on(number))
        self._tell(at, ChordForeseen(name, round(probability, 4), number - from_beat, number, committed=sure))

    def name(self, chord: Chord | None) -> str:
        """A chord's symbol, spelt in the present key."""
        key = self.listener.key
        return name_of(chord, flats=key is None or key.uses_flats)
