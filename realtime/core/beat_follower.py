"""The player's own time: the band waits until their beat is sure, comes in at a bar line, and stays with them.

The band's place in the music never jumps: where it is ahead or behind it goes a little slower or faster until it is
there. When the beat is lost, or nothing is played, it goes on as it went; after a long silence it stops, and waits.
"""

from typing import Final

from realtime.core.accompanist import Accompanist
from realtime.core.beat_beam import Estimate
from realtime.core.beat_ear import BeatEar, BeatState
from realtime.core.conductor import Conductor
from realtime.core.events import ClockHeard, ParameterChanged, Stamped, Value
from realtime.core.midi_codec import MidiMessage
from realtime.core.timeline import Timeline
from realtime.core.units import TICKS_PER_QUARTER, Micros

SPREAD: Final = 0.1
"""How far out of its style's tempi a beat may easily be, as a logarithm; the same of a tempo from before."""

SPREAD_AROUND_SAID: Final = 0.06
AROUND_SAID: Final = 1.08
"""A tempo that the player has set is meant, within this factor."""

CATCH_UP_BEATS: Final = 1.5
"""What the band is ahead or behind is made up for in so many beats."""

MOST_HASTE: Final = 0.12
"""By so much of the tempo it hurries or holds back at most, to be where the player is."""

CLOSE_ENOUGH: Final = 0.004
"""Beats: nearer than this, nothing is made up for."""

OTHER_TEMPO: Final = 1.18
OTHER_TEMPO_BEATS: Final = 2.0
"""A tempo that differs by more than this factor is believed after so many beats."""

OTHER_BAR_BEATS: Final = 8.0
SURE_OF_BAR: Final = 0.75
"""A bar line elsewhere than the band's is believed after so many beats of being so sure."""

LEAST_SURE_OF_BAR: Final = 0.5
PATIENCE_BEATS: Final = 12.0
"""So sure of the bar line the band comes in; after so many beats on the likeliest one, however unsure."""

LEAD_BEATS: Final = 1.0
"""The band gets ready so long before it comes in."""

WAIT_BEATS: Final = 8.0
"""After so many beats more of silence the band stops, and waits."""

WORTH_TELLING_BPM: Final = 0.5
WORTH_TELLING: Final = 0.1
"""Changes of tempo and of confidence that are told."""


class BeatFollower:
    """Leads a conductor by the player's note-ons."""

    def __init__(self, conductor: Conductor, band: Accompanist, parameters: dict[str, Value]) -> None:
        """`parameters` is where the tempo found is written."""
        self._conductor = conductor
        self._band = band
        self._parameters = parameters
        self._ear = BeatEar()
        self._beats_per_bar = 0
        self._told: tuple[BeatState, float] = "none", 0.0
        self._joins: tuple[Micros, Micros] | None = None
        """When the band gets ready, and the bar line at which it comes in."""
        self._locked_at: Micros | None = None
        self._steers_at: Micros | None = None
        self._waits_at: Micros | None = None
        self._other_tempo = self._other_bar = 0.0
        """For how many beats the tempo, and the bar line, have been others than the band's."""
        self._at = Micros(0)
        self._was_playing = self._stands_by = False
        """Stands by: somebody stopped the music; it comes in again only after a silence."""

    @property
    def is_on(self) -> bool:
        """Whether the player's beat is to be followed."""
        return self._parameters["transport/source"] == "follow"

    @property
    def state(self) -> BeatState:
        """How sure the beat is."""
        return self._ear.state

    @property
    def confidence(self) -> float:
        """How much of the belief has been with the beat, lately: 0..1."""
        return round(self._ear.confidence, 2)

    def choose(self, at: Micros) -> None:
        """The source of time was chosen anew."""
        if self.is_on:
            self._conductor.transport.is_led = True
            self._listen_anew()
            self._expect_style()
        self._tell("none", at)

    def say_tempo(self, tempo_bpm: float) -> None:
        """The player has set, or tapped, how many quarters a minute there are."""
        if self.is_on:
            beats = tempo_bpm * TICKS_PER_QUARTER / self._band.meter.beat_ticks
            self._ear.expect(beats / AROUND_SAID, beats * AROUND_SAID, SPREAD_AROUND_SAID)

    def strike(self, message: MidiMessage, at: Micros) -> None:
        """A note-on of the player's."""
        if not self.is_on:
            return
        if self._band.meter.beats_per_bar != self._beats_per_bar:
            self._listen_anew()
            self._expect_style()
        self._waits_at = None
        self._ear.strike(message.a, message.b, message.channel, at)

    def next_time(self) -> Micros | None:
        """When `move` is to be called if nothing happens before; None while nothing is due."""
        if not self.is_on:
            return None
        times = (
            self._ear.due(),
            self._ear.silent_at(),
            self._joins and self._joins[0],
            self._steers_at,
            self._waits_at,
        )
        return min((time for time in times if time is not None), default=None)

    def move(self, at: Micros) -> None:
        """Does what is due."""
        due = self._ear.due()
        if due is not None and due <= at:
            self._hear(at)
        elif self._joins is not None and self._joins[0] <= at:
            self._join(at)
        elif self._steers_at is not None and self._steers_at <= at:
            self._steers_at = None
            self._steer(at)
        elif self._waits_at is not None and self._waits_at <= at:
            self._wait(at)
        else:
            self._be_silent(at)

    # ----------------------------------------------------------------------------------------- what is heard

    def _listen_anew(self) -> None:
        self._beats_per_bar = self._band.meter.beats_per_bar
        self._ear.begin(self._beats_per_bar)
        self._joins = self._locked_at = self._steers_at = self._waits_at = None
        self._other_tempo = self._other_bar = 0.0

    def _expect_style(self) -> None:
        low, high = (bpm * TICKS_PER_QUARTER / self._band.meter.beat_ticks for bpm in self._band.leader.style.tempo_bpm)
        self._ear.expect(low, high, SPREAD)

    def _hear(self, at: Micros) -> None:
        estimate = self._ear.hear()
        beats, self._at = (at - self._at) / estimate.length, at
        playing = self._conductor.transport.playing
        if self._was_playing and not playing:
            self._stands_by = True
        self._was_playing = playing
        if self._ear.state != "locked":
            self._joins = self._locked_at = self._steers_at = None
        elif playing:
            self._doubt(estimate, at, min(beats, self._beats_per_bar))
            self._steer(at)
        elif not self._stands_by:
            self._locked_at = at if self._locked_at is None else self._locked_at
            self._plan(estimate, at)
        self._tell(self._ear.state, at)

    def _be_silent(self, at: Micros) -> None:
        """Nothing was struck for some beats: the music goes on, and for how long."""
        length = self._ear.estimate.length if self._ear.estimate is not None else 0.0
        self._ear.lose()
        self._joins = self._locked_at = self._steers_at = None
        self._stands_by = False
        self._waits_at = Micros(at + round(WAIT_BEATS * length)) if self._conductor.transport.playing else None
        self._tell(self._ear.state, at)

    def _wait(self, at: Micros) -> None:
        """The player has left: the band stops, unless it is to play on alone."""
        self._waits_at = None
        plays_alone = self._parameters["hold/memory"] != "off" or self._parameters["mode"] in ("trade", "answer")
        if plays_alone or not self._conductor.transport.playing:
            return
        tempo = self._ear.tempo_bpm
        self._conductor.stop(at)
        self._was_playing = False
        self._listen_anew()
        self._ear.expect(tempo, tempo, SPREAD)
        self._tell("none", at)

    # --------------------------------------------------------------------------------------- what is done

    def _plan(self, estimate: Estimate, at: Micros) -> None:
        """The next bar line that there is time to get ready for."""
        assert self._locked_at is not None
        waited = (at - self._locked_at) / estimate.length
        if estimate.bar_share < LEAST_SURE_OF_BAR and waited < PATIENCE_BEATS:
            self._joins = None
            return
        ahead = self._beats_per_bar - (estimate.beats_at(at) + LEAD_BEATS) % self._beats_per_bar + LEAD_BEATS
        begins = at + round(ahead * estimate.length)
        self._joins = Micros(begins - round(LEAD_BEATS * estimate.length)), Micros(begins)

    def _join(self, at: Micros) -> None:
        """The band comes in at the bar line ahead."""
        assert self._joins is not None
        assert self._ear.estimate is not None
        begins, self._joins = self._joins[1], None
        if not self._conductor.transport.playing:
            self._conductor.come_in(begins, self._quarter(self._ear.estimate.length), at)
        self._was_playing = True

    def _doubt(self, estimate: Estimate, at: Micros, beats: float) -> None:
        """Whether the tempo and the bar line are still the band's; beats since that was last asked."""
        ratio = self._quarter(estimate.length) / self._conductor.transport.timeline.micros_per_quarter
        is_other = not 1 / OTHER_TEMPO < ratio < OTHER_TEMPO
        self._other_tempo = self._other_tempo + beats if is_other else 0.0
        away = round(estimate.beats_at(at) - self._band_beats(at)) % self._beats_per_bar
        sure = estimate.bar_share >= SURE_OF_BAR and not is_other
        self._other_bar = self._other_bar + beats if sure and away else 0.0
        if self._other_bar >= OTHER_BAR_BEATS:
            self._other_bar = 0.0
            following = self._conductor.transport.next_beat + 1
            self._conductor.begin_bar_on(following + (-following - away) % self._beats_per_bar)

    def _steer(self, at: Micros) -> None:
        """The band goes as fast as the player, and a little faster or slower where it is not with them."""
        estimate, transport = self._ear.estimate, self._conductor.transport
        if estimate is None or not transport.playing or 0.0 < self._other_tempo < OTHER_TEMPO_BEATS:
            return
        behind = estimate.beats_at(at) - self._band_beats(at)
        behind -= round(behind)
        haste = max(-MOST_HASTE, min(MOST_HASTE, behind / CATCH_UP_BEATS))
        timeline = transport.timeline
        tick = timeline.ticks_at(at)
        transport.steer(Timeline(timeline.micros_at(tick), tick, self._quarter(estimate.length / (1.0 + haste))))
        self._steers_at = Micros(at + round(estimate.length / 2)) if abs(behind) > CLOSE_ENOUGH else None
        self._other_tempo = 0.0

    def _band_beats(self, at: Micros) -> float:
        """Where the band stands, in beats."""
        timeline = self._conductor.transport.timeline
        past = (at - timeline.origin_micros) * TICKS_PER_QUARTER / timeline.micros_per_quarter
        return (timeline.origin_ticks + past) / self._band.meter.beat_ticks

    def _quarter(self, length: float) -> int:
        """How long a quarter lasts if a beat is so long, microseconds."""
        return round(length * TICKS_PER_QUARTER / self._band.meter.beat_ticks)

    # ---------------------------------------------------------------------------------------- what is told

    def _tell(self, state: BeatState, at: Micros) -> None:
        confidence = self.confidence
        if state != self._told[0] or abs(confidence - self._told[1]) >= WORTH_TELLING:
            self._told = state, confidence
            tempo = self._ear.tempo_bpm * self._band.meter.beat_ticks / TICKS_PER_QUARTER
            self._band.outbox.append(Stamped(at, ClockHeard(state, "player", round(tempo, 2), confidence)))
        tempo = round(60e6 / self._conductor.transport.timeline.micros_per_quarter, 1)
        if state == "locked" and abs(tempo - float(self._parameters["transport/tempo"])) >= WORTH_TELLING_BPM:
            self._parameters["transport/tempo"] = tempo
            self._band.outbox.append(Stamped(at, ParameterChanged("transport/tempo", tempo, "follow")))
