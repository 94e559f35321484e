"""The conductor: starts and stops the music, counts it in, fades it out, and has the band ready for each beat.

It owns the transport. What it decides goes to the band's outbox.
"""

from collections.abc import Callable, Mapping
from typing import Final

from realtime.core.accompanist import Accompanist
from realtime.core.band.count_in import count_in
from realtime.core.events import (
    BAND_PARTS,
    ActionRequested,
    Beat,
    ControlChange,
    Output,
    Part,
    Stamped,
    TransportChanged,
    Value,
)
from realtime.core.fade import EXPRESSION, FULL, TAIL, Fade
from realtime.core.meter import Meter
from realtime.core.requests import BadRequest
from realtime.core.style_book import StyleBook
from realtime.core.timeline import Timeline
from realtime.core.transport import Transport
from realtime.core.units import Micros, Ticks

MOVES: Final = ("transport/start", "transport/stop", "transport/continue", "transport/meter", "fade")
"""The actions that are the conductor's."""

TOUCHES: Final = ("energy", "energy/follow", "swing")
"""Knobs that change how the next beat is played; the densities do so, too."""

KEYS_UP_MICROS: Final = 300_000
"""How long all keys are up before the music stops with them: longer than hands take from chord to chord."""

USUAL_FADE_BARS: Final = 4
MOST_FADE_BARS: Final = 64


class Conductor:
    """Moves one band through time."""

    def __init__(
        self,
        band: Accompanist,
        book: StyleBook,
        parameters: Mapping[str, Value],
        channel_of: Callable[[Part], int],
    ) -> None:
        """`parameters` is read live, never written; `channel_of` gives a part's MIDI channel, 0..15."""
        self.transport = Transport()
        self.transport.set_tempo(float(parameters["transport/tempo"]), Micros(0))
        self._band = band
        self._book = book
        self._parameters = parameters
        self._channel_of = channel_of
        self._touched = False
        """Whether a knob was turned that the beats already written do not know of."""
        self._keys_up_since: Micros | None = None
        self._keys_were_down = False
        self._found: tuple[int, Timeline, Meter, Micros, Micros] | None = None
        self._fade: Fade | None = None
        self._levels_back_at: Micros | None = None
        self._bar_begins_on: int | None = None
        """A beat that is to be the first of a bar, whatever the count says."""

    # -------------------------------------------------------------------------------- what is due, and when

    def lead(self) -> Micros | None:
        """When the next beat is to be prepared; None while none is."""
        return self._next_beat()[0] if self.transport.is_unprepared else None

    def beat_time(self) -> Micros | None:
        """When the next beat begins; None while stopped."""
        return self._next_beat()[1] if self.transport.playing else None

    def hands_stop(self) -> Micros | None:
        """When the music stops because all keys are up; None while it does not."""
        up = self._keys_up_since
        if up is None or not self.transport.playing or not self._parameters["transport/sync_stop"]:
            return None
        return Micros(up + KEYS_UP_MICROS)

    def fade_time(self) -> Micros | None:
        """When the levels move next: down, or back after the end; None if they stand."""
        return self._levels_back_at if self._fade is None else self._fade.next_step(self.transport.timeline)

    def prepare_beat(self, at: Micros) -> None:
        """The band gets ready for the next beat."""
        transport, tick = self.transport, self.transport.timeline.ticks_at(at)
        if transport.next_beat == self._bar_begins_on:
            self._bar_begins_on = None
            self._book.count_anew(self._band.meter, transport, at)
        begins = self._book.take_up(transport, at)
        if self._fade is not None:  # ticks may count anew
            self._fade.start = Ticks(self._fade.start + transport.timeline.ticks_at(at) - tick)
        transport.prepared = transport.next_beat
        if self._touched:
            self._touched = False
            self._band.copyist.recast(transport.prepared, at, transport.timeline)
        self._band.prepare_beat(transport.prepared, at, transport.timeline)
        if begins:
            self._band.copyist.recast(transport.prepared, at, transport.timeline)

    def begin_beat(self, at: Micros) -> None:
        """The next beat begins, or the music is over."""
        transport, meter = self.transport, self._band.meter
        number = transport.next_beat
        transport.next_beat += 1
        bar, beat = divmod(number, meter.beats_per_bar)
        if self._band.arranger.is_over(number, meter):
            self.stop(at)
            return
        transport.slow_to(self._band.leader.cues.tempo_share(bar, beat, meter.beats_per_bar), at)
        self._tell(Beat(number, transport.first_bar + bar + 1, beat + 1, transport.timeline.tempo_bpm), at)

    def stop_with_hands(self, at: Micros) -> None:
        """All keys are up: the music stops, and starts again with the next key."""
        self.stop(at)
        self.transport.await_note()

    def move_levels(self, at: Micros) -> None:
        """The next step of a fade, or the levels' return."""
        fade = self._fade
        if fade is None:
            self._restore_levels(at)
            return
        before = fade.value
        fade.done_steps += 1
        if fade.is_over:
            self.stop(at)
        elif fade.value != before:
            self._express(fade.value, at)

    # ------------------------------------------------------------------------------------ what is asked for

    def move(self, event: ActionRequested, at: Micros) -> None:
        """Does one of `MOVES`.

        Raises:
            BadRequest: it cannot be done; nothing has changed.
        """
        match event.path.removeprefix("transport/"):
            case "start":
                self.start(at, counted=True)
            case "continue":
                self.start(at, resume=True)
            case "stop":
                self.stop(at)
            case "fade":
                self._begin_fade(event.arguments, at)
            case _:
                self._set_meter(event, at)

    def stop(self, at: Micros) -> None:
        """The music stops, and every note is let go."""
        self.transport.stop(at)
        self._keys_up_since = None
        self._band.outbox += self._band.scheduler.silence(at)
        if self._fade is not None:
            self._fade, self._levels_back_at = None, Micros(at + TAIL)
        self._tell_transport(at)

    def start(self, at: Micros, *, resume: bool = False, counted: bool = False) -> None:
        """The music starts, from the top or from where it stopped; from the top with a count-in where that is set."""
        if not resume:
            self._book.begin(self.transport, at)
        band, meter = self._band, self._band.meter
        bars = int(self._parameters["transport/count_in"]) if counted and not resume else 0
        self._clear(at)
        self.transport.start(at, meter, resume=resume, count_in_bars=bars)
        if self.transport.next_beat == 0:
            band.begin(meter)
        for note in count_in(meter, bars):
            band.scheduler.add(note)
        self._tell_transport(at, self.song_position(at))

    def start_from(self, position: Ticks, at: Micros) -> None:
        """The music starts at a place of somebody else's song; the bars before it are counted, nothing more."""
        transport, meter = self.transport, self._band.meter
        if transport.playing:
            self.stop(at)
        bars, within = divmod(position, meter.bar_ticks)
        transport.locate(Ticks(within), bars, meter)
        self._clear(at)
        transport.start(at, meter, resume=True)
        self._band.begin(meter, transport.next_beat)
        self._tell_transport(at, position)

    def song_position(self, at: Micros) -> Ticks:
        """Where in that song the music stands."""
        return Ticks(self.transport.first_ticks + self.transport.position(at))

    def come_in(self, begins: Micros, micros_per_quarter: int, at: Micros) -> None:
        """The music starts at `begins`, later than `at`, as fast; the whole band is there at once."""
        self.start(at)
        self.transport.steer(Timeline(begins, Ticks(0), micros_per_quarter))
        self._band.come_in()

    def begin_bar_on(self, number: int) -> None:
        """Beat `number`, which is not prepared yet, turns out to be the first of a bar."""
        self._bar_begins_on = number

    def start_with_note(self, at: Micros) -> None:
        """The player's first note starts the music; after a stop with the hands the whole band is there at once."""
        again = self.transport.awaits_note
        self.start(at, counted=bool(self._parameters["transport/count_in/sync"]))
        if again:
            self._band.come_in()

    def keys(self, at: Micros, *, down: bool) -> None:
        """Whether any key sounds, after each message of the player's."""
        if down:
            self._keys_up_since = None
        elif self._keys_were_down:
            self._keys_up_since = at
        self._keys_were_down = down

    def touched(self, path: str) -> None:
        """A knob was turned: what is written already is played anew from the next beat on, if it has to do with it."""
        self._touched |= path in TOUCHES or path.endswith("/density")

    def silence(self, at: Micros) -> None:
        """The music stops for good, and the levels are back."""
        self.transport.stop(at)
        self._clear(at)

    # --------------------------------------------------------------------------------------------- privately

    def _next_beat(self) -> tuple[Micros, Micros]:
        """When the next beat is prepared, and when it begins; asked often, so found once."""
        number, timeline, meter = self.transport.next_beat, self.transport.timeline, self._band.meter
        if self._found is None or self._found[:3] != (number, timeline, meter):
            begins = timeline.micros_at(meter.start_of_beat(number))
            self._found = number, timeline, meter, self._band.lead(number, timeline), begins
        return self._found[3:]

    def _clear(self, at: Micros) -> None:
        """Nothing sounds or fades, and nothing is waited for."""
        self._keys_up_since = self._bar_begins_on = None
        self._band.outbox += self._band.scheduler.silence(at)
        self._restore_levels(at)

    def _begin_fade(self, arguments: tuple[Value, ...], at: Micros) -> None:
        """Down from where the levels are, over so many bars; 0: back to full, and the music goes on."""
        bars = arguments[0] if arguments else USUAL_FADE_BARS
        if isinstance(bars, str):
            raise BadRequest(f"fade: takes a number of bars, 0 to take it back, but was {bars!r:.40}")
        if not self.transport.playing:
            raise BadRequest("fade: nothing is playing")
        if bars <= 0:
            self._restore_levels(at)
            return
        length = round(min(bars, MOST_FADE_BARS) * self._band.meter.bar_ticks)
        first = self._fade.value if self._fade is not None else FULL
        self._fade = Fade(self.transport.position(at), Ticks(length), first)

    def _restore_levels(self, at: Micros) -> None:
        if self._fade is not None or self._levels_back_at is not None:
            self._express(FULL, at)
        self._fade = self._levels_back_at = None

    def _express(self, value: int, at: Micros) -> None:
        for part in BAND_PARTS:
            self._tell(ControlChange(part, self._channel_of(part), EXPRESSION, value), at)

    def _set_meter(self, event: ActionRequested, at: Micros) -> None:
        try:
            meter = Meter(int(event.arguments[0]), int(event.arguments[1]))
        except (ValueError, OverflowError) as problem:
            raise BadRequest(str(problem)) from None
        if self.transport.playing and meter != self._band.meter:
            raise BadRequest(f"transport/meter: stays {self._band.meter} while the music plays")
        if not self.transport.playing:
            self._band.begin(meter)
        self._tell_transport(at)

    def _tell(self, event: Output, at: Micros) -> None:
        self._band.outbox.append(Stamped(at, event))

    def _tell_transport(self, at: Micros, position: int | None = None) -> None:
        """That the music starts at `position`; None: it stops, or goes on."""
        playing, tempo = self.transport.playing, self.transport.timeline.tempo_bpm
        self._tell(TransportChanged(playing, tempo, str(self._band.meter), position), at)
