"""The conductor: starts and stops the music, and has the band ready for each beat before it comes.

It owns the transport. What it decides goes to the band's outbox.
"""

from typing import Final

from realtime.core.accompanist import Accompanist
from realtime.core.events import ActionRequested, Beat, Output, Stamped, TransportChanged
from realtime.core.meter import Meter
from realtime.core.requests import BadRequest
from realtime.core.transport import Transport
from realtime.core.units import Micros, Ticks

MOVES: Final = ("transport/start", "transport/stop", "transport/continue", "transport/meter")
"""The actions that are the conductor's."""


class Conductor:
    """Moves one band through time."""

    def __init__(self, band: Accompanist, tempo_bpm: float) -> None:
        self.transport = Transport()
        self.transport.set_tempo(tempo_bpm, Micros(0))
        self._band = band

    def lead(self) -> Micros | None:
        """When the next beat is to be prepared; None while none is."""
        transport = self.transport
        return self._band.lead(transport.next_beat, transport.timeline) if transport.is_unprepared else None

    def beat_time(self) -> Micros | None:
        """When the next beat begins; None while stopped."""
        return self.transport.beat_time(self._band.meter)

    def prepare_beat(self, at: Micros) -> None:
        """The band gets ready for the next beat."""
        self.transport.prepared = self.transport.next_beat
        self._band.prepare_beat(self.transport.prepared, at, self.transport.timeline)

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

    def move(self, event: ActionRequested, at: Micros) -> None:
        """Does one of `MOVES`.

        Raises:
            BadRequest: it cannot be done; nothing has changed.
        """
        match event.path.removeprefix("transport/"):
            case "start" | "continue" as how:
                self.start(at, resume=how == "continue")
            case "stop":
                self.stop(at)
            case _:
                self._set_meter(event, at)

    def stop(self, at: Micros) -> None:
        """The music stops, and every note is let go."""
        self.transport.stop(at)
        self._band.outbox += self._band.scheduler.silence(at)
        self._tell_transport(at)

    def start(self, at: Micros, *, resume: bool = False) -> None:
        """The music starts, from the top or from where it stopped."""
        self._band.outbox += self._band.scheduler.silence(at)
        self.transport.start(at, self._band.meter, resume=resume)
        if self.transport.next_beat == 0:
            self._band.begin(self._band.meter)
        self._tell_transport(at)

    def start_from(self, position: Ticks, at: Micros) -> None:
        """The music starts at a place of somebody else's song; the bars before it are counted, nothing more."""
        transport, meter = self.transport, self._band.meter
        if transport.playing:
            self.stop(at)
        bars, within = divmod(position, meter.bar_ticks)
        transport.locate(Ticks(within), bars, meter)
        self._band.outbox += self._band.scheduler.silence(at)
        transport.start(at, meter, resume=True)
        self._band.begin(meter, transport.next_beat)
        self._tell_transport(at)

    def song_position(self, at: Micros) -> Ticks:
        """Where in that song the music stands."""
        return Ticks(self.transport.first_bar * self._band.meter.bar_ticks + self.transport.position(at))

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

    def _tell_transport(self, at: Micros) -> None:
        transport = self.transport
        position = self.song_position(at) if transport.playing else 0
        tempo = transport.timeline.tempo_bpm
        self._tell(TransportChanged(transport.playing, tempo, str(self._band.meter), position), at)
