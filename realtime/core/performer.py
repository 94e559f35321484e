"""The heart: everything the band knows while it plays. Owned by one task; touches nothing.

Rules. What comes out depends only on the inputs and their stamps, never on when `advance` is called: `receive` first
lets everything happen that was due before the input. Inputs come before what is due at the same microsecond. `now`
never goes back. Every note-on that leaves has exactly one note-off that leaves, whatever happens.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from realtime.core.accompanist import Accompanist
from realtime.core.conductor import MOVES, Conductor
from realtime.core.events import (
    ActionRequested,
    Input,
    MidiReceived,
    Output,
    ParameterChanged,
    ParameterSet,
    Part,
    PortChanged,
    Rejected,
    Stamped,
    Value,
)
from realtime.core.midi_codec import MidiParser
from realtime.core.midi_control import PREFIX as MIDI
from realtime.core.midi_control import Consequence, MidiControl
from realtime.core.parameters import DEFAULTS, muted_parts
from realtime.core.picture import picture_of
from realtime.core.requests import BadRequest, Requests
from realtime.core.snapshot import Snapshot
from realtime.core.style import Style
from realtime.core.thru import Thru
from realtime.core.units import Micros, Ticks
from realtime.core.weights import Weights

SETTLE_MICROS: Final = 45_000
"""A chord's notes are waited for this long after the first: hands are no guillotine."""


MOST_LOOKS: Final = 2
"""How often a chord that is not sure is heard again, each time a little longer."""


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
        self._band = Accompanist(self._styles[name], seed, self.parameters, weights, memory, forms)
        self._conductor = Conductor(self._band, self.parameters, self._channel_of)
        self._transport = self._conductor.transport
        self._requests = Requests(self._band)
        self._thru = Thru()
        self._control = MidiControl(self.parameters)
        self._parsers: dict[str, MidiParser] = {}
        self._outbox = self._band.outbox
        self._now = Micros(0)
        self._advanced = Micros(-1)
        self._settle_at: Micros | None = None
        self._looks = 0
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
        self._settle_at = None
        self._conductor.silence(self._now)
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
        seen = picture_of(self._band, self._transport, self.parameters, self._counters)
        return replace(seen, controls=self._control.bound, learning=self._control.learning)

    # ---------------------------------------------------------------------------------------- time passes

    def _agenda(self) -> tuple[Micros | None, ...]:
        """When the next of each kind of thing happens; on equal time the first kind comes first."""
        conductor, release = self._conductor, self._band.scheduler.next_release(self._transport.timeline)
        return (
            self._transport.start_at,
            conductor.hands_stop(),
            conductor.lead(),
            conductor.beat_time(),
            self._settle_at,
            conductor.fade_time(),
            release,
        )

    def _run(self, until: Micros) -> None:
        """Lets everything happen that is due by `until`, in order."""
        conductor = self._conductor
        happen = (
            conductor.start,
            conductor.stop_with_hands,
            conductor.prepare_beat,
            conductor.begin_beat,
            self._settle,
            conductor.move_levels,
            self._release,
        )
        while True:
            due = [(time, kind) for kind, time in enumerate(self._agenda()) if time is not None and time <= until]
            if not due:
                break
            time, kind = min(due)
            self._now = max(self._now, time)
            happen[kind](self._now)
        self._now = max(self._now, until)

    def _settle(self, at: Micros) -> None:
        self._settle_at = None
        if not self._transport.playing:
            self._band.hear_freely(at)
            return
        number, timeline = self._transport.prepared, self._transport.timeline
        if number >= 0 and self._band.settle(number, at, timeline) and self._looks < MOST_LOOKS:
            self._looks += 1
            self._settle_at = Micros(at + SETTLE_MICROS)

    def _release(self, at: Micros) -> None:
        before = len(self._outbox)
        self._outbox += self._band.scheduler.release(
            at, self._transport.timeline, self._channel_of, muted_parts(self.parameters)
        )
        self._counters["notes_out"] += len(self._outbox) - before

    def _channel_of(self, part: Part) -> int:
        return int(self.parameters[f"part/{part}/channel"]) - 1

    # ---------------------------------------------------------------------------------------------- inputs

    def _midi(self, event: MidiReceived, at: Micros) -> None:
        parser = self._parsers.setdefault(event.port, MidiParser())
        rejected = parser.rejected
        for message in parser.feed(event.data):
            if (asked := self._control.take(event.port, message)) is not None:
                self._obey(asked, at)
                continue
            self._band.listener.take(message, at)
            self._outbox += self._thru.take(message, at)
            if message.kind == "note_on":
                self._note_on(at)
            self._conductor.keys(at, down=self._band.listener.hands.are_down)
        if parser.rejected > rejected:
            self._reject(f"{parser.rejected - rejected} MIDI bytes belonged to no message", event.port)

    def _note_on(self, at: Micros) -> None:
        waiting = self._transport.start_at is not None or self.parameters["mode"] == "listen"
        sync = self.parameters["transport/sync"] or self._transport.awaits_note
        if sync and not waiting and not self._transport.playing and self._transport.starts_with_note(at):
            self._conductor.start_with_note(at)
        if self._settle_at is None or self._looks:
            self._looks = 0
            self._settle_at = Micros(at + SETTLE_MICROS)

    def _port_lost(self, port: str, at: Micros) -> None:
        self._parsers.pop(port, None)
        self._band.listener.hands.release_all(at)
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
            self._conductor.change_style(self._styles[str(event.value)], at)
        elif event.path == "variation":
            self._conductor.vary(str(event.value), at)
        elif event.path.endswith(("/mute", "/solo")):
            self._outbox += self._band.scheduler.silence_sounding(at, muted_parts(self.parameters))
        elif event.path == "mode" and event.value == "listen":
            self._outbox += self._band.scheduler.silence(at)
        self._conductor.touched(event.path)
        self._tell(ParameterChanged(event.path, event.value, event.source))

    def _act(self, event: ActionRequested, at: Micros) -> None:
        if event.path == "transport/panic":
            self._outbox += self._band.scheduler.silence(at)
            self._outbox += self._thru.silence(at)
            self._band.listener.hands.release_all(at)
        elif event.path == "transport/tap":
            if (tempo := self._transport.tap(at)) is not None:
                self._set(ParameterSet("transport/tempo", tempo, "tap"), at)
        elif event.path.startswith(MIDI):
            self._obey(self._control.act(event), at)
        else:
            self._ask(event, at)

    def _obey(self, asked: Iterable[Consequence | Rejected], at: Micros) -> None:
        """What MIDI control asks for, or tells."""
        for one in asked:
            match one:
                case ParameterSet():
                    self._set(one, at)
                case ActionRequested():
                    self._act(one, at)
                case Rejected():
                    self._reject(one.reason, one.source)
                case _:
                    self._tell(one)

    def _ask(self, event: ActionRequested, at: Micros) -> None:
        try:
            if event.path in MOVES:
                self._conductor.move(event, at)
                return
            if event.path == "intro" and not self._transport.playing:
                self._conductor.start(at, counted=True)
            self._requests.act(event, self._transport, at)
        except BadRequest as problem:
            self._reject(str(problem), event.source)

    # --------------------------------------------------------------------------------------------- telling

    def _tell(self, event: Output) -> None:
        self._outbox.append(Stamped(self._now, event))

    def _reject(self, reason: str, source: str) -> None:
        self._counters["rejected"] += 1
        self._tell(Rejected(reason, source))
