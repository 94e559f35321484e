"""The heart: everything the band knows while it plays. Owned by one task; touches nothing.

Rules. What comes out depends only on the inputs and their stamps, never on when `advance` is called: `receive` first
lets everything happen that was due before the input. Inputs come before what is due at the same microsecond. `now`
never goes back. Every note-on that leaves has exactly one note-off that leaves, whatever happens.
"""

from collections.abc import Mapping
from typing import Final

from realtime.core.accompanist import Accompanist
from realtime.core.events import (
    ActionRequested,
    Beat,
    Input,
    MidiReceived,
    Output,
    ParameterChanged,
    ParameterSet,
    Part,
    PortChanged,
    Rejected,
    Stamped,
    TransportChanged,
    Value,
)
from realtime.core.meter import Meter
from realtime.core.midi_codec import MidiParser
from realtime.core.parameters import DEFAULTS, muted_parts
from realtime.core.picture import picture_of
from realtime.core.requests import BadRequest, Requests
from realtime.core.snapshot import Snapshot
from realtime.core.style import Style
from realtime.core.thru import Thru
from realtime.core.transport import Transport
from realtime.core.units import Micros, Ticks
from realtime.core.weights import Weights

SETTLE_MICROS: Final = 45_000
"""A chord's notes are waited for this long after the first: hands are no guillotine."""


class Performer:
    """Receives what happens, returns what should happen."""

    def __init__(
        self,
        styles: Mapping[str, Style],
        *,
        seed: int = 0,
        parameters: Mapping[str, Value] | None = None,
        weights: Weights | None = None,
        memory: bytes = b"",
        forms: Mapping[str, str] | None = None,
    ) -> None:
        """`styles` by name (one must be the one that `parameters` names); `parameters` override the defaults.

        `memory` is what an earlier performer knew of songs (`memory`); `forms` are charts, by name, that are known by
        heart.

        Raises:
            ValueError: the style named does not exist, or `memory` is none.
        """
        self.parameters: dict[str, Value] = {**DEFAULTS, **(parameters or {})}
        self._styles = dict(styles)
        name = str(self.parameters["style"])
        if name not in self._styles:
            raise ValueError(f"style must be one of {', '.join(sorted(self._styles))}, but was {name!r}")
        self._transport = Transport()
        self._transport.set_tempo(float(self.parameters["transport/tempo"]), Micros(0))
        self._band = Accompanist(self._styles[name], seed, self.parameters, weights, memory, forms)
        self._requests = Requests(self._band)
        self._thru = Thru()
        self._parsers: dict[str, MidiParser] = {}
        self._outbox = self._band.outbox
        self._now = Micros(0)
        self._advanced = Micros(-1)
        self._settle_at: Micros | None = None
        self._counters = dict.fromkeys(("inputs", "rejected", "notes_out"), 0)

    # -------------------------------------------------------------------------------------- the contract

    def receive(self, event: Input, at: Micros) -> None:
        """Something happened at `at`.

        Raises:
            ValueError: `at` is not later than the last `advance`, or earlier than the last input: the driver's fault.
        """
        if at <= self._advanced or at < self._now:
            raise ValueError(f"inputs come after the present, {max(self._advanced, self._now)} µs, but was at {at}")
        self._run(Micros(at - 1))
        self._now = max(self._now, at)
        self._counters["inputs"] += 1
        match event:
            case MidiReceived():
                self._midi(event, at)
            case ParameterSet():
                self._set(event, at)
            case ActionRequested():
                self._act(event, at)
            case PortChanged():
                if not event.present:
                    self._port_lost(event.port, at)

    def advance(self, now: Micros) -> list[Stamped[Output]]:
        """What is due, in order of time; some of it is stamped up to `scheduler.RELEASE_AHEAD` after `now`."""
        self._run(now)
        self._advanced = self._now
        due = sorted(self._outbox, key=lambda stamped: stamped.at)  # stable: what was decided first stays first
        self._outbox.clear()
        return due

    def next_wakeup(self) -> Micros | None:
        """When something is due if nothing happens before; None if nothing is."""
        if self._outbox:
            return self._now
        times = [time for time in self._agenda() if time is not None]
        return max(self._now, min(times)) if times else None

    def silence(self, now: Micros) -> list[Stamped[Output]]:
        """Every note-off owed, by the band and by the player's notes passed through; the music stops."""
        self._run(now)
        self._transport.stop(self._now)
        self._settle_at = None
        self._outbox += self._band.scheduler.silence(self._now)
        self._outbox += self._thru.silence(self._now)
        return self.advance(now)

    def position(self, at: Micros) -> Ticks:
        """Where the music stands at `at`: ticks since the start; where it stopped, while it is stopped."""
        return self._transport.position(at)

    def memory(self) -> bytes:
        """The songs that were heard and remembered, for another performer to know."""
        return self._band.planner.oracle.save()

    def snapshot(self) -> Snapshot:
        """A picture of now."""
        return picture_of(self._band, self._transport, self.parameters, self._counters)

    # ---------------------------------------------------------------------------------------- time passes

    def _agenda(self) -> tuple[Micros | None, ...]:
        """When the next of each kind of thing happens; on equal time the first kind comes first."""
        transport, band = self._transport, self._band
        lead = band.lead(transport.next_beat, transport.timeline) if transport.is_unprepared else None
        release = band.scheduler.next_release(transport.timeline)
        return transport.start_at, lead, transport.beat_time(band.meter), self._settle_at, release

    def _run(self, until: Micros) -> None:
        """Lets everything happen that is due by `until`, in order."""
        happen = (self._start, self._prepare_beat, self._begin_beat, self._settle, self._release)
        while True:
            due = [(time, kind) for kind, time in enumerate(self._agenda()) if time is not None and time <= until]
            if not due:
                break
            time, kind = min(due)
            self._now = max(self._now, time)
            happen[kind]()
        self._now = max(self._now, until)

    def _prepare_beat(self) -> None:
        transport = self._transport
        transport.prepared = transport.next_beat
        self._band.prepare_beat(transport.prepared, self._now, transport.timeline)

    def _begin_beat(self) -> None:
        number, meter = self._transport.next_beat, self._band.meter
        self._transport.next_beat += 1
        bar, beat = divmod(number, meter.beats_per_bar)
        if self._band.arranger.is_over(number, meter):
            self._stop(self._now)
            return
        self._transport.slow_to(self._band.leader.cues.tempo_share(bar, beat, meter.beats_per_bar), self._now)
        self._tell(Beat(number, bar + 1, beat + 1, self._transport.timeline.tempo_bpm))

    def _settle(self) -> None:
        self._settle_at = None
        if not self._transport.playing:
            self._band.hear_freely(self._now)
        elif self._transport.prepared >= 0:
            self._band.settle(self._transport.prepared, self._now, self._transport.timeline)

    def _release(self) -> None:
        before = len(self._outbox)
        self._outbox += self._band.scheduler.release(
            self._now, self._transport.timeline, self._channel_of, muted_parts(self.parameters)
        )
        self._counters["notes_out"] += len(self._outbox) - before

    def _channel_of(self, part: Part) -> int:
        return int(self.parameters[f"part/{part}/channel"]) - 1

    # ---------------------------------------------------------------------------------------------- inputs

    def _midi(self, event: MidiReceived, at: Micros) -> None:
        parser = self._parsers.setdefault(event.port, MidiParser())
        rejected = parser.rejected
        for message in parser.feed(event.data):
            self._outbox += self._thru.take(message, at)
            if message.kind == "note_on":
                self._note_on(at)
            self._band.roles.hear(message, at, self._transport.timeline)
        if parser.rejected > rejected:
            self._reject(f"{parser.rejected - rejected} MIDI bytes belonged to no message", event.port)

    def _note_on(self, at: Micros) -> None:
        waiting = self._transport.start_at is not None or self.parameters["mode"] == "listen"
        may_start = not waiting and self.parameters["transport/sync"] and not self._transport.playing
        if may_start and self._transport.starts_with_note(at):
            self._start()
        if self._settle_at is None:
            self._settle_at = Micros(at + SETTLE_MICROS)

    def _port_lost(self, port: str, at: Micros) -> None:
        self._parsers.pop(port, None)
        self._band.roles.release_all(at, self._transport.timeline)
        self._outbox += self._thru.silence(at)

    def _set(self, event: ParameterSet, at: Micros) -> None:
        if event.path == "style" and event.value not in self._styles:
            known = ", ".join(sorted(self._styles))
            self._reject(f"style: one of {known}, but was {event.value!r}", event.source)
            return
        self.parameters[event.path] = event.value
        if event.path == "transport/tempo":
            self._transport.set_tempo(float(event.value), at)
        elif event.path == "style":
            self._band.leader.style = self._styles[str(event.value)]
        elif event.path.endswith(("/mute", "/solo")):
            self._outbox += self._band.scheduler.silence_sounding(at, muted_parts(self.parameters))
        elif event.path == "mode":
            self._outbox += self._band.roles.change(at, self._transport.timeline)
        self._tell(ParameterChanged(event.path, event.value, event.source))

    def _act(self, event: ActionRequested, at: Micros) -> None:
        if event.path.startswith("transport/"):
            self._move(event, at)
        else:
            if event.path == "intro" and not self._transport.playing:
                self._start()
            try:
                self._requests.act(event, self._transport, at)
            except BadRequest as problem:
                self._reject(str(problem), event.source)

    # ------------------------------------------------------------------------------------------- transport

    def _move(self, event: ActionRequested, at: Micros) -> None:
        match event.path.removeprefix("transport/"):
            case "start" | "continue" as how:
                self._start(resume=how == "continue")
            case "stop":
                self._stop(at)
            case "panic":
                self._outbox += self._band.scheduler.silence(at)
                self._outbox += self._thru.silence(at)
                self._band.roles.release_all(at, self._transport.timeline)
            case "tap":
                if (tempo := self._transport.tap(at)) is not None:
                    self._set(ParameterSet("transport/tempo", tempo, "tap"), at)
            case _:
                self._set_meter(event)

    def _stop(self, at: Micros) -> None:
        self._transport.stop(at)
        self._outbox += self._band.scheduler.silence(at)
        self._tell_transport()

    def _start(self, *, resume: bool = False) -> None:
        self._outbox += self._band.scheduler.silence(self._now)
        self._transport.start(self._now, self._band.meter, resume=resume)
        if self._transport.next_beat == 0:
            self._band.begin(self._band.meter)
        self._tell_transport()

    def _set_meter(self, event: ActionRequested) -> None:
        try:
            meter = Meter(int(event.arguments[0]), int(event.arguments[1]))
        except (ValueError, OverflowError) as problem:
            self._reject(str(problem), event.source)
            return
        if self._transport.playing and meter != self._band.meter:
            self._reject(f"transport/meter: stays {self._band.meter} while the music plays", event.source)
            return
        if not self._transport.playing:
            self._band.begin(meter)
        self._tell_transport()

    # --------------------------------------------------------------------------------------------- telling

    def _tell(self, event: Output) -> None:
        self._outbox.append(Stamped(self._now, event))

    def _tell_transport(self) -> None:
        self._tell(TransportChanged(self._transport.playing, self._transport.timeline.tempo_bpm, str(self._band.meter)))

    def _reject(self, reason: str, source: str) -> None:
        self._counters["rejected"] += 1
        self._tell(Rejected(reason, source))
