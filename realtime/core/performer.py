"""The heart: everything the band knows while it plays. Owned by one task; touches nothing.

Rules. What comes out depends only on the inputs and their stamps, never on when `advance` is called: `receive` first
lets everything happen that was due before the input. Inputs come before what is due at the same microsecond. `now`
never goes back. Every note-on that leaves has exactly one note-off that leaves, whatever happens.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from realtime.core.accompanist import Accompanist
from realtime.core.beat_follower import BeatFollower
from realtime.core.clock_follower import ClockFollower
from realtime.core.conductor import Conductor
from realtime.core.desk import Desk
from realtime.core.events import (
    ActionRequested,
    Input,
    MidiReceived,
    Output,
    ParameterSet,
    Part,
    PortChanged,
    Stamped,
    StyleGiven,
    Value,
)
from realtime.core.midi_codec import MidiMessage
from realtime.core.midi_control import MidiControl
from realtime.core.midi_input import MidiInput
from realtime.core.parameters import DEFAULTS, muted_parts
from realtime.core.phrase_events import PhraseGiven
from realtime.core.picture import picture_of
from realtime.core.snapshot import Snapshot
from realtime.core.style import Style
from realtime.core.style_book import StyleBook, style_named
from realtime.core.thru import Thru
from realtime.core.timeline import Timeline
from realtime.core.units import Micros, Ticks
from realtime.core.weights import Weights

SETTLE_MICROS: Final = 45_000
"""A chord's notes are waited for this long after the first: hands are no guillotine."""


MOST_LOOKS: Final = 2
"""How often a chord that is not sure is heard again, each time a little longer."""

_Due = tuple[Micros, int]
"""When something happens, and which of `Performer._kinds` it is."""

_RELEASE: Final = 6


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
        style = style_named(styles, str(self.parameters["style"]))
        self._band = Accompanist(style, seed, self.parameters, weights, memory, forms)
        self._book = StyleBook(styles, self._band, self.parameters)
        self._conductor = Conductor(self._band, self._book, self.parameters, self._channel_of)
        self._clock = ClockFollower(self._conductor, self._band, self.parameters)
        self._clock.choose(Micros(0))
        self._follower = BeatFollower(self._conductor, self._band, self.parameters)
        self._follower.choose(Micros(0))
        self._transport = self._conductor.transport
        self._thru = Thru()
        self._control = MidiControl(self.parameters)
        led_by = self._clock, self._follower
        self._desk = Desk(self._band, self._book, self._conductor, *led_by, self._control, self._thru, self.parameters)
        self._keyboards: dict[str, MidiInput] = {}
        self._outbox = self._band.outbox
        self._due: _Due | None = None
        self._is_known = False
        """Whether `_due` is what happens next, but for the release of notes."""
        self._now = Micros(0)
        self._advanced = Micros(-1)
        self._settle_at: Micros | None = None
        self._looks = 0
        self._counters = dict.fromkeys(("inputs", "notes_out"), 0)
        self._happen = self._kinds()

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
        self._is_known = False
        match event:
            case MidiReceived():
                self._midi(event, at)
            case ParameterSet() | ActionRequested() | StyleGiven():
                self._desk.take(event, at)
            case PhraseGiven():
                self._band.roles.part.give(event, at, self._transport.timeline)
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
        due = self._upcoming()
        return None if due is None else max(self._now, due[0])

    def silence(self, now: Micros) -> list[Stamped[Output]]:
        """Every note-off owed, by the band and by the player's notes passed through; the music stops."""
        self._run(now)
        self._settle_at, self._is_known = None, False
        self._conductor.silence(self._now)
        self._outbox += self._thru.silence(self._now)
        return self.advance(now)

    def position(self, at: Micros) -> Ticks:
        """Where the music stands at `at`: ticks since the start; where it stopped, while it is stopped."""
        return self._transport.position(at)

    @property
    def timeline(self) -> Timeline:
        """Musical time as it goes now; while the music stands still, as it would go."""
        return self._transport.timeline

    def memory(self) -> bytes:
        """The songs that were heard and remembered, for another performer to know."""
        return self._band.planner.oracle.save()

    def snapshot(self) -> Snapshot:
        """A picture of now."""
        seen = picture_of(
            self._band, self._transport, self.parameters, {**self._counters, "rejected": self._desk.rejected}
        )
        return replace(seen, controls=self._control.bound, learning=self._control.learning)

    # ---------------------------------------------------------------------------------------- time passes

    def _agenda(self) -> tuple[Micros | None, ...]:
        """When the next of each kind of thing happens, in the order of `_kinds`; on equal time the first comes first.

        The release of notes is left out: it moves nothing else, and is looked up each time.
        """
        conductor = self._conductor
        return (
            self._transport.start_at,
            conductor.hands_stop(),
            conductor.lead(),
            conductor.beat_time(),
            self._settle_at,
            conductor.fade_time(),
            None,
            self._clock.lost_at(),
            self._follower.next_time(),
        )

    def _kinds(self) -> tuple[Callable[[Micros], None], ...]:
        """What can happen, in the order of the agenda."""
        conductor = self._conductor
        return (
            conductor.start,
            conductor.stop_with_hands,
            conductor.prepare_beat,
            conductor.begin_beat,
            self._settle,
            conductor.move_levels,
            self._release,
            self._clock.lose,
            self._follower.move,
        )

    def _upcoming(self) -> _Due | None:
        """What happens next."""
        if not self._is_known:
            times = [(time, kind) for kind, time in enumerate(self._agenda()) if time is not None]
            self._due, self._is_known = min(times, default=None), True
        release = self._band.scheduler.next_release(self._transport.timeline)
        if release is None or (self._due is not None and self._due < (release, _RELEASE)):
            return self._due
        return release, _RELEASE

    def _run(self, until: Micros) -> None:
        """Lets everything happen that is due by `until`, in order."""
        while (due := self._upcoming()) is not None and due[0] <= until:
            time, kind = due
            self._now = max(self._now, time)
            self._is_known = self._is_known and kind == _RELEASE
            self._happen[kind](self._now)
        self._now = max(self._now, until)

    def _settle(self, at: Micros) -> None:
        self._settle_at = None
        if not self._transport.playing:
            self._band.stillness.hear(at)
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
        keyboard = self._keyboards.setdefault(event.port, MidiInput())
        rejected = keyboard.rejected
        for message in keyboard.feed(event.data):
            self._message(message, event.port, at)
        if keyboard.rejected > rejected:
            self._desk.reject(f"{keyboard.rejected - rejected} MIDI bytes belonged to no message", event.port, at)

    def _message(self, message: MidiMessage, port: str, at: Micros) -> None:
        if (asked := self._control.take(port, message)) is not None:
            self._desk.obey(asked, at)
            return
        self._clock.take(message, port, at)
        self._outbox += self._thru.take(message, at)
        if message.kind == "note_on":
            self._note_on(at)
            self._follower.strike(message, at)
        self._band.roles.hear(message, at, self._transport.timeline)
        self._conductor.keys(at, down=self._band.listener.hands.are_down)

    def _note_on(self, at: Micros) -> None:
        is_led = self._clock.is_on or self._follower.is_on
        waiting = self._transport.start_at is not None or self.parameters["mode"] == "listen" or is_led
        sync = self.parameters["transport/sync"] or self._transport.awaits_note
        if sync and not waiting and not self._transport.playing and self._transport.starts_with_note(at):
            self._conductor.start_with_note(at)
        if self._settle_at is None or self._looks:
            self._looks = 0
            self._settle_at = Micros(at + SETTLE_MICROS)

    def _port_lost(self, port: str, at: Micros) -> None:
        """What was held there is let go, as if by hand; what is held elsewhere goes on."""
        keyboard = self._keyboards.pop(port, None)
        for message in keyboard.release() if keyboard else ():
            self._message(message, port, at)
