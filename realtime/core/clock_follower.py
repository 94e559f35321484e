"""Somebody else's clock: follows MIDI clock (24 pulses a quarter, start, stop, continue, song position).

MIDI 1.0 Detailed Specification, "System Real Time Messages" and "Song Position Pointer". A start or a continue counts
from the pulse after it. Programs differ: some send the clock while stopped, some start with a song position and a
continue; both are understood. When the clock is lost the music goes on at the last tempo, and when it comes back the
music takes its beat again from where it is.

An Ableton Link session comes in the same way, from a port of its own (`LINK_PORT`), with a song position before the
pulse of every bar line. It belongs to all: whoever starts does so at the next bar line, and anyone sets the tempo.
"""

from typing import Final, Literal

from realtime.core.accompanist import Accompanist
from realtime.core.conductor import Conductor
from realtime.core.events import ClockHeard, ParameterChanged, Stamped, Value
from realtime.core.midi_codec import ClockMessage, MidiMessage
from realtime.core.pulse_train import PulseTrain
from realtime.core.timeline import Timeline, micros_per_quarter
from realtime.core.units import (
    PULSES_PER_QUARTER,
    TICKS_PER_PULSE,
    TICKS_PER_QUARTER,
    TICKS_PER_SIXTEENTH,
    Micros,
    Ticks,
)

LINK_PORT: Final = "Ableton Link"
"""Where a Link session's pulses come from; no MIDI port is called so."""

LOST_AFTER_MICROS: Final = 500_000
"""A clock silent for so long is lost: at the slowest tempo, pulses are 125 ms apart."""

WORTH_TELLING_BPM: Final = 0.1

_CLOCK_MESSAGES: Final = frozenset(ClockMessage)

ClockState = Literal["none", "locking", "locked", "lost"]


class ClockFollower:
    """Leads a conductor by the pulses of one port: the first that sends any, until that is lost."""

    def __init__(self, conductor: Conductor, band: Accompanist, parameters: dict[str, Value]) -> None:
        """`parameters` is where the tempo found is written."""
        self.state: ClockState = "none"
        self._conductor = conductor
        self._band = band
        self._parameters = parameters
        self._train = PulseTrain()
        self._port = ""
        self._begins_at: Ticks | None = None
        """Where the music starts at the next pulse; None where it goes on as it does."""
        self._song_position = Ticks(0)
        self._anchor: tuple[int, Ticks] | None = None
        """Which pulse stood at which tick; None: the next one is taken to stand where the music is."""
        self._at_bar: Ticks | None = None
        """Where the music starts at the session's next bar line; None where it does not."""
        self._is_bar = False
        """Whether the next pulse is on the session's bar line."""

    @property
    def is_on(self) -> bool:
        """Whether another clock is to be followed; of a session, once there is one."""
        return self._source == "clock" or (self.is_shared and self.state != "none")

    @property
    def is_shared(self) -> bool:
        """Whether it is one that anyone may start, stop and set the tempo of."""
        return self._source == "link"

    @property
    def _source(self) -> Value:
        return self._parameters["transport/source"]

    def choose(self, at: Micros) -> None:
        """The source of time was chosen anew."""
        self._train.forget()
        self._port, self._begins_at, self._anchor, self._at_bar = "", None, None, None
        self._be("none", at)
        self._conductor.transport.is_led = self.is_on

    def defers(self, path: str, at: Micros) -> bool:
        """Whether `transport/start` or `continue` waits for the next bar line of a session; a stop ends the waiting."""
        if path == "transport/stop":
            self._at_bar = None
        if path not in ("transport/start", "transport/continue") or not self.is_shared:
            return False
        if self.state not in ("locking", "locked"):
            return False
        stands_at = self._conductor.song_position(at)
        self._at_bar = Ticks(0) if path == "transport/start" else self._band.meter.next_bar(stands_at)
        return True

    def take(self, message: MidiMessage, port: str, at: Micros) -> None:
        """A message came in on `port`; any that is no clock's, or another clock's, is passed over."""
        if message.kind != "system" or message.a not in _CLOCK_MESSAGES:
            return
        if self._source != ("link" if port == LINK_PORT else "clock"):
            return
        if self._port not in ("", port) and self.state != "lost":
            return
        self._port = port
        match message.a:
            case ClockMessage.PULSE:
                self._pulse(at)
            case ClockMessage.START:
                self._begins_at, self._at_bar = Ticks(0), None
            case ClockMessage.CONTINUE:
                self._begins_at, self._at_bar = self._song_position, None
            case ClockMessage.STOP:
                self._stop(at)
            case _:
                self._song_position = Ticks(message.b * TICKS_PER_SIXTEENTH)
                self._is_bar = self.is_shared

    def lost_at(self) -> Micros | None:
        """When the clock is lost if no pulse comes before; None while there is none."""
        heard_at = self._train.heard_at
        return None if heard_at is None else Micros(heard_at + LOST_AFTER_MICROS)

    def lose(self, at: Micros) -> None:
        """No pulse came for long: the music goes on as it is."""
        self._train.forget()
        self._anchor = self._at_bar = None
        self._be("lost" if self._conductor.transport.playing else "none", at)

    def _pulse(self, at: Micros) -> None:
        train, transport = self._train, self._conductor.transport
        train.pulse(at)
        if self._is_bar:
            self._pass_bar(at)
        if self._begins_at is not None:
            self._conductor.start_from(self._begins_at, at)
            self._anchor = train.count, transport.position(at)
            self._begins_at = None
        if train.period or transport.playing:
            self._steer(at)
        self._be("locked" if train.is_locked else "locking", at)
        if train.is_locked:
            self._tell_tempo(at)

    def _pass_bar(self, at: Micros) -> None:
        """This pulse is on the session's bar line: who waits begins, and who plays is on one, too, if it is near."""
        transport, bar = self._conductor.transport, self._band.meter.bar_ticks
        self._begins_at, self._at_bar = self._at_bar if self._begins_at is None else self._begins_at, None
        self._is_bar = False
        if transport.playing and self._begins_at is None:
            place = round(transport.position(at) / bar) * bar
            if abs(place - transport.position(at)) < TICKS_PER_QUARTER:
                self._anchor = self._train.count, Ticks(place)

    def _steer(self, at: Micros) -> None:
        """The music is where the pulses say, and as fast."""
        train, transport = self._train, self._conductor.transport
        length = micros_per_quarter(train.tempo_bpm) if train.period else transport.timeline.micros_per_quarter
        present = self._place(transport.position(at)) if transport.playing else Ticks(0)
        transport.steer(Timeline(Micros(round(train.time)), present, length))

    def _place(self, stands_at: Ticks) -> Ticks:
        """Where the last pulse stands, if the music stands there: on a pulse of ours, and the same one throughout."""
        if self._anchor is not None:
            count, ticks = self._anchor
            present = Ticks(ticks + (self._train.count - count) * TICKS_PER_PULSE)
            if abs(present - stands_at) < TICKS_PER_QUARTER:
                return present
        nearest = Ticks(round(stands_at / TICKS_PER_PULSE) * TICKS_PER_PULSE)  # the player began anew, or none stood
        self._anchor = self._train.count, nearest
        return nearest

    def _stop(self, at: Micros) -> None:
        self._begins_at = None
        self._anchor = None
        if self._conductor.transport.playing:
            self._song_position = self._conductor.song_position(at)
            self._conductor.stop(at)

    def _be(self, state: ClockState, at: Micros) -> None:
        if state != self.state:
            self.state = state
            self._conductor.transport.is_led = self.is_on
            told = ClockHeard(state, self._port, round(self._train.tempo_bpm, 2), float(state == "locked"))
            self._band.outbox.append(Stamped(at, told))

    def _tell_tempo(self, at: Micros) -> None:
        """Once a quarter at most."""
        tempo = round(self._train.tempo_bpm, 2)
        told = float(self._parameters["transport/tempo"])
        if self._train.count % PULSES_PER_QUARTER == 0 and abs(tempo - told) >= WORTH_TELLING_BPM:
            self._parameters["transport/tempo"] = tempo
            self._band.outbox.append(Stamped(at, ParameterChanged("transport/tempo", tempo, "clock")))
