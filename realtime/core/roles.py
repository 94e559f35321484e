"""The band's roles besides comping: it trades bars with the player, answers, plays along in duet, or harmonises.

`harmonise` and the second voice of `duet` sound with the player's key, on the very microsecond. Solos are played a beat
at a time; they end when the player has the word again. Whatever is changed meanwhile, every note is the scheduler's,
and owes its note-off there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from realtime.core.bandleader import BandLeader
from realtime.core.chord import Chord
from realtime.core.events import Output, Part, Stamped, TurnTaken, Value
from realtime.core.listener import Listener
from realtime.core.meter import Meter
from realtime.core.midi_codec import MidiMessage
from realtime.core.planner import Planner
from realtime.core.presence import Presence
from realtime.core.scheduler import Scheduler
from realtime.core.shadow import Shadow
from realtime.core.solo.call_ear import CallEar, HeardNote
from realtime.core.solo.duet import reach_beside
from realtime.core.solo.motif import Motif, motif_of
from realtime.core.solo.turns import MOST_PHRASE_BEATS, Turns, phrase_beats
from realtime.core.solo_part import SoloPart
from realtime.core.timeline import Timeline
from realtime.core.units import Micros, Ticks

LEAST_ANSWER_BEATS: Final = 2
MOST_ANSWER_BEATS: Final = 16
FILL_BEATS: Final = 4
"""How long a soloist in duet fills a gap, if the player leaves it."""

SOLO_ROLES: Final = ("trade", "answer", "duet")
KNOWN_BARS: Final = 4
"""So many bars of chords, and a line that the player plays alone is taken for a solo over them."""

_CALL_BARS: Final = 8
TOO_SOON_BEATS: Final = 2
"""A player who goes on so soon after an answer has begun had not ended the phrase."""


class Roles:
    """Owns soloist and choir; knows which of them has the word."""

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
        self.part = SoloPart(planner, listener, leader, scheduler, parameters, tell)
        self.soloist = self.part.soloist
        self.turns = Turns()
        self._planner, self._listener, self._leader, self._scheduler = planner, listener, leader, scheduler
        self._parameters, self._tell = parameters, tell
        self._has_word: Part = "player"
        self._meter = leader.style.meter
        self._ear = CallEar()
        self._shadow = Shadow(self._ear, leader, scheduler, parameters)
        self._chord_beats = 0
        """Beats in which the player gave chords, since the song began."""
        self._answered = self._answered_before = Ticks(-1)
        """Calls that began up to here have had their answer."""
        self.free_chord: Chord | None = None
        """What the player struck last while no beat ran."""
        self._answer_end: int = 0
        self._since = Ticks(0)
        """When the soloist last began to play: a melody struck later takes the word back."""

    @property
    def mode(self) -> str:
        """The role that is asked for."""
        return str(self._parameters["mode"])

    def begin(self, meter: Meter) -> None:
        """From the top: beats count from 0 again."""
        self._meter, self._chord_beats, self.free_chord = meter, 0, None
        self._ear.clear()
        self.part.begin_song(meter)
        self._shadow.forget()
        self.turns.first_bar = None
        self._answered, self._answer_end = Ticks(-1), 0

    def change(self, at: Micros, timeline: Timeline) -> Iterable[Stamped[Output]]:
        """Another role is asked for: what the last one has sounding ends; to listen, the whole band falls silent."""
        self.part.cut(timeline.ticks_at(at))
        self._shadow.forget()
        self.turns.first_bar = None
        self._answer_end = 0
        self._answered = timeline.ticks_at(at)
        return self._scheduler.silence(at) if self.mode == "listen" else ()

    # ------------------------------------------------------------------------------------- the player's keys

    def hear(self, message: MidiMessage, at: Micros, timeline: Timeline) -> None:
        """The player's message: listened to, and answered at once where the role is to."""
        self._listener.take(message, at)
        tick = timeline.ticks_at(at)
        sings = self._shadow.take(message, at, tick, self._lowest)
        if message.kind == "note_off" and self.mode in SOLO_ROLES:
            self.part.listen(self._melody, at)
        if not sings:
            return
        key, chord = self._listener.key, self._chord_at(tick)
        if self.mode == "harmonise":
            self._shadow.harmonise(message.a, message.b, tick, chord, key)
        elif self.mode == "duet" and self.soloist.phrase is None:
            self._shadow.accompany(message.a, message.b, tick, chord, key, self._meter)

    def release_all(self, at: Micros, timeline: Timeline) -> None:
        """The keyboard has gone, or lets everything go."""
        self._listener.hands.release_all(at)
        self._shadow.release_all(timeline.ticks_at(at))

    def heard(self, chord: Chord | None, number: int) -> Chord | None:
        """What beat `number` was heard to be; None where a line is a solo over the form, which then goes on."""
        start = self._meter.start_of_beat(number)
        if not self._is_solo(start, Ticks(start + self._meter.beat_ticks)):
            self._chord_beats += chord is not None
            return chord
        if self._listener.harmoniser is not None:
            self._listener.harmoniser.leads = False
        return None

    @property
    def keeps_form(self) -> bool:
        """Whether the song goes on as it is known while the player rests, or plays a line: he has given it over."""
        return self.mode in SOLO_ROLES and self._chord_beats >= KNOWN_BARS * self._meter.beats_per_bar

    def _is_solo(self, since: Ticks, until: Ticks) -> bool:
        """Whether the player has played nothing but a line, over chords that are known."""
        return self.keeps_form and self._ear.is_line(self._lowest, since, until)

    @property
    def _melody(self) -> list[HeardNote]:
        """What the player played of late."""
        return self._ear.melody(self._lowest, Ticks(0))

    @property
    def _lowest(self) -> int:
        """The lowest key that can be melody: what is below the split accompanies, however chords are heard."""
        return int(self._parameters["listen/split"])

    def _chord_at(self, tick: Ticks) -> Chord | None:
        """What is planned where `tick` is; a note a little before a beat is meant for it."""
        early = self._meter.beat_ticks // 8
        planned = self._planner.chord_on(self._meter.beat_of(Ticks(tick + early)))
        return planned or self.free_chord or self._listener.chord

    # ----------------------------------------------------------------------------------------------- beats

    def prepare(self, number: int, at: Micros, timeline: Timeline, presence: Presence) -> bool:
        """Beat `number` is about to begin: the soloist's notes are written; returns whether the band may go on."""
        beats = self._meter.beats_per_bar
        self.part.prompter.keep_chord(number, self._planner.chord_on(number), self._meter)
        if presence.first_beat is None:  # another song
            self._chord_beats, self.turns.first_bar = 0, None
        if self._ends(number // beats):
            self.part.cut(self._meter.start_of_beat(number))
        elif self.mode in SOLO_ROLES and presence.lets_harmony_play(number, beats):
            if self.mode == "trade":
                self._trade(number, presence.first_bar(beats))
            else:
                self._respond(number, timeline.ticks_at(at))
            self.part.prepare(number, self._melody, at, timeline)
        self._tell_turn(number, at)
        return self.keeps_form and (self.mode == "trade" or self.soloist.phrase is not None)

    def _ends(self, bar: int) -> bool:
        """Whether the band is playing an ending, or has."""
        cues = self._leader.cues
        cue = cues.on(bar)
        return (cue is not None and cue.name == "ending") or (cues.end_bar is not None and bar >= cues.end_bar)

    def _tell_turn(self, number: int, at: Micros) -> None:
        """Says who has the word, if that has changed, and for how long where that is known."""
        part: Part = "player" if self.soloist.phrase is None else "solo"
        if part == self._has_word:
            return
        self._has_word = part
        beats = max(0, self._answer_end - number)
        if self.mode == "trade" and self.turns.first_bar is not None:
            beats = int(self._parameters["trade/bars"]) * self._meter.beats_per_bar
        self._tell(at, TurnTaken(part, beats))

    def _trade(self, number: int, origin: int) -> None:
        bars, (bar, beat) = int(self._parameters["trade/bars"]), divmod(number, self._meter.beats_per_bar)
        if beat == 0:
            self.turns.begin_with(bar, origin, bars)
        if not self.turns.is_solo(bar, bars):
            if self.soloist.phrase is not None:
                self.part.cut(self._meter.start_of_beat(number))
            return
        if number < self.soloist.end_beat:
            return
        left = self.turns.bars_left(bar, bars) * self._meter.beats_per_bar - beat
        said = self._ear.phrase(self._lowest, Ticks(0), self._meter.beat_ticks)
        motif = self._motif_of(said) if left == bars * self._meter.beats_per_bar else None
        beats = phrase_beats(left, self._meter.beats_per_bar, self._leader.chance.uniform(number, "breath"))
        self.part.begin(number, beats, motif)

    def _respond(self, number: int, now: Ticks) -> None:
        """Where the player's phrase is over, the soloist has the word: an answer as long as it, in duet a fill."""
        if number < self._answer_end:
            if number >= self.soloist.end_beat:
                self.part.begin(number, min(self._answer_end - number, MOST_PHRASE_BEATS), None)
            return
        if self.soloist.phrase is not None:
            self.soloist.stop()
        start, beat_ticks = self._meter.start_of_beat(number), self._meter.beat_ticks
        since = Ticks(max(self._answered + 1, start - _CALL_BARS * self._meter.bar_ticks))
        call = self._ear.call(self._lowest, since, now, beat_ticks, self._meter.bar_ticks)
        if call is None:
            return
        length = round((call.end - call.start) / beat_ticks)
        most = FILL_BEATS if self.mode == "duet" else MOST_ANSWER_BEATS
        beats = max(LEAST_ANSWER_BEATS, min(most, length))
        self._answered_before = self._answered
        self._answered, self._answer_end, self._since = call.notes[-1].start, number + beats, now
        self._shadow.rest()
        reach = reach_beside([note.pitch for note in call.notes]) if self.mode == "duet" else None
        self.part.begin(number, min(beats, MOST_PHRASE_BEATS), self._motif_of(call.notes), reach)

    def _motif_of(self, notes: Sequence[HeardNote]) -> Motif | None:
        """What the player's notes are about."""
        return motif_of(notes, self._meter.beat_ticks, self._leader.style.steps_per_beat)

    # ------------------------------------------------------------------------------------------- corrections

    def settle(self, number: int, at: Micros, timeline: Timeline) -> bool:
        """Notes have come in beat `number`, and are known for chord or melody: a melody takes the word back.

        Returns whether they are a solo, and say nothing of the chords.
        """
        now = timeline.ticks_at(at)
        self._give_way(now)
        early = self._meter.beat_ticks // 8
        return self._is_solo(Ticks(self._meter.start_of_beat(number) - early), Ticks(now + 1))

    def _give_way(self, now: Ticks) -> None:
        """Where the player is back with a melody, an answer ends within half a beat."""
        if self.mode not in ("answer", "duet") or self.soloist.phrase is None:
            return
        if not self._ear.melody(self._lowest, Ticks(self._since + 1)):
            return
        if now - self._since < TOO_SOON_BEATS * self._meter.beat_ticks:
            self._answered = self._answered_before  # the call was not over
        self.part.give_way(now)
        self._answer_end = 0

    def hands_over(self, bar: int) -> bool:
        """Whether the drums mark the end of `bar`: somebody's turn is over."""
        return self.mode == "trade" and self.turns.hands_over_after(bar, int(self._parameters["trade/bars"]))
