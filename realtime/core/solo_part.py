"""The solo part: phrases are begun, played a beat at a time, and moved as the plan moves, whoever composed them.

The rules write each phrase at once. The phrase model is asked for a better one, which takes its place if it comes
before the first note leaves.
"""

from collections.abc import Callable, Mapping, Sequence

from realtime.core.bandleader import BandLeader
from realtime.core.events import Output, Value
from realtime.core.listener import Listener
from realtime.core.meter import Meter
from realtime.core.phrase_events import PhraseGiven
from realtime.core.planner import Planner
from realtime.core.prompter import Prompter
from realtime.core.scheduler import Scheduler
from realtime.core.shadow import SOLO
from realtime.core.solo.call_ear import HeardNote
from realtime.core.solo.motif import Motif
from realtime.core.solo.soloist import Scene, Soloist
from realtime.core.timeline import Timeline
from realtime.core.units import Micros, Ticks


class SoloPart:
    """Owns the soloist and who prompts it; its notes are the scheduler's."""

    def __init__(
        self,
        planner: Planner,
        listener: Listener,
        leader: BandLeader,
        scheduler: Scheduler,
        parameters: Mapping[str, Value],
        tell: Callable[[Micros, Output], None],
    ) -> None:
        """`parameters` is read live, never written; `tell` says to everybody what is worth telling."""
        self.soloist = Soloist()
        self.prompter = Prompter(parameters, tell)
        self._meter = leader.style.meter
        self._planner, self._listener, self._leader, self._scheduler = planner, listener, leader, scheduler
        self._parameters = parameters

    @property
    def scene(self) -> Scene:
        """What the band around it is doing."""
        style, parameters = self._leader.style, self._parameters
        follow = bool(parameters["energy/follow"])
        return Scene(
            style=style,
            meter=self._meter,
            key=self._listener.key,
            energy=self._listener.energy if follow else float(parameters["energy"]),
            density=float(parameters["part/solo/density"]),
            swing=max(style.swing, float(parameters["swing"])),
            crowd=self._listener.register.crowd,
            chance=self._leader.chance,
        )

    def begin_song(self, meter: Meter) -> None:
        """From the top: beats count from 0 again."""
        self._meter = meter
        self.soloist.forget()
        self.prompter.begin()

    def begin(self, number: int, beats: int, motif: Motif | None, reach: range | None = None) -> None:
        """A phrase of so many beats from beat `number` on."""
        chords = [self._planner.chord_on(beat) for beat in range(number, number + beats)]
        self.soloist.begin(number, chords, self.scene, motif, reach)

    def listen(self, melody: Sequence[HeardNote], at: Micros) -> None:
        """The player has let a key go: who prompts hears along."""
        self.prompter.listen(melody, self.scene, at)

    def prepare(self, number: int, melody: Sequence[HeardNote], at: Micros, timeline: Timeline) -> None:
        """Beat `number` is about to begin: its notes are written, over the plan as it is now."""
        self._update(number, self._meter.start_of_beat(number))
        if self.soloist.phrase is not None and self.soloist.first_beat == number:
            self.prompter.ask(self.soloist.phrase, melody, self.scene, at, timeline)
        self._play(number)

    def give(self, given: PhraseGiven, at: Micros, timeline: Timeline) -> None:
        """The phrase model has an answer: if it is in time, that is played."""
        phrase, asked = self.prompter.accept(given, at), self.soloist.phrase
        if phrase is None or asked is None or self.soloist.first_beat != phrase.request.first_beat:
            return
        number = self.soloist.first_beat
        start = self._meter.start_of_beat(number)
        self.soloist.take_over(phrase)
        self.soloist.replan(asked.request.chords, timeline.ticks_at(at), self.scene)
        self._take_back(start)
        self._play(number)

    def replan(self, number: int, at: Micros, timeline: Timeline) -> None:
        """The plan has changed from beat `number` on: the soloist moves with it, at once."""
        if self.soloist.phrase is None or number >= self.soloist.end_beat:
            return
        now, present = timeline.ticks_at(at), self._planner.first_ahead
        if self._update(present, now):
            self._take_back(now)
            self._play(present, now)
        if self.soloist.clashes(self._planner.chord_on(self._meter.beat_of(now)), now, self.scene):
            self._scheduler.cut(SOLO, Ticks(now + self._meter.beat_ticks // 8))

    def cut(self, at: Ticks) -> None:
        """Plays no more, and ends at `at` what sounds."""
        self._scheduler.cut(SOLO, at)
        self.prompter.take_back(at)
        self.soloist.stop()

    def give_way(self, now: Ticks) -> None:
        """Ends within half a beat."""
        half = self._meter.beat_ticks // 2
        self._take_back(now)
        self.cut(Ticks((now // half + 1) * half))

    def _update(self, number: int, now: Ticks) -> bool:
        """Tells the soloist the plan from beat `number` on, as it is now."""
        phrase, first = self.soloist.phrase, self.soloist.first_beat
        if phrase is None:
            return False
        chords = list(phrase.request.chords)
        for beat in range(max(number, first), self.soloist.end_beat):
            planned = self._planner.chord_on(beat)
            chords[beat - first] = planned if planned is not None else chords[beat - first]
        return self.soloist.replan(chords, now, self.scene)

    def _play(self, number: int, since: Ticks | None = None) -> None:
        for note in self.soloist.play(number, self.scene, since):
            self._scheduler.add(note)
            self.prompter.keep_note(note)

    def _take_back(self, since: Ticks) -> None:
        self._scheduler.retract(SOLO, since)
        self.prompter.take_back(since)
