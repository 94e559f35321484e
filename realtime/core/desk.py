"""The desk: what is asked of the band by knob and by button, wherever that comes from, and who sees to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from realtime.core.accompanist import Accompanist
from realtime.core.beat_follower import BeatFollower
from realtime.core.clock_follower import ClockFollower
from realtime.core.conductor import MOVES, Conductor
from realtime.core.events import (
    ActionRequested,
    Output,
    ParameterChanged,
    ParameterSet,
    Rejected,
    Stamped,
    StyleGiven,
    Value,
)
from realtime.core.midi_control import PREFIX as MIDI
from realtime.core.midi_control import Consequence, MidiControl
from realtime.core.parameters import muted_parts
from realtime.core.requests import BadRequest, Requests
from realtime.core.style_book import KIT, BadStyle, StyleBook
from realtime.core.thru import Thru
from realtime.core.units import Micros

Asked = ParameterSet | ActionRequested | StyleGiven


@dataclass(slots=True)
class Desk:
    """Changes parameters, hands actions on, and refuses what cannot be done; a refusal costs nothing."""

    band: Accompanist
    book: StyleBook
    conductor: Conductor
    clock: ClockFollower
    follower: BeatFollower
    control: MidiControl
    thru: Thru
    parameters: dict[str, Value]
    rejected: int = 0
    """What was refused so far."""
    _requests: Requests = field(init=False)

    def __post_init__(self) -> None:
        """An intro that is asked for may start the music, with a count-in where that is set."""
        self._requests = Requests(self.band, partial(self.conductor.start, counted=True))

    def take(self, event: Asked, at: Micros) -> None:
        """Does what is asked."""
        try:
            match event:
                case ParameterSet():
                    self._set(event, at)
                case ActionRequested():
                    self._act(event, at)
                case StyleGiven():
                    self.book.give(event, self.conductor.transport, at)
        except (BadRequest, BadStyle) as problem:
            self.reject(str(problem), "style" if isinstance(event, StyleGiven) else event.source, at)

    def obey(self, asked: Iterable[Consequence | Rejected], at: Micros) -> None:
        """What MIDI control asks for, or tells."""
        for one in asked:
            match one:
                case ParameterSet() | ActionRequested():
                    self.take(one, at)
                case Rejected():
                    self.reject(one.reason, one.source, at)
                case _:
                    self._tell(one, at)

    def reject(self, reason: str, source: str, at: Micros) -> None:
        """Says why something is not done."""
        self.rejected += 1
        self._tell(Rejected(reason, source), at)

    def _set(self, event: ParameterSet, at: Micros) -> None:
        band, transport, path = self.band, self.conductor.transport, event.path
        if path == "style":
            self.book.choose(str(event.value), transport, at)
        elif path == "transport/tempo" and self.clock.is_on and not self.clock.is_shared:
            raise BadRequest("transport/tempo: follows the clock; transport/source internal gives it back")
        self.parameters[path] = event.value
        if path == "transport/tempo" and not self.clock.is_on:
            transport.set_tempo(float(event.value), at)
            self.follower.say_tempo(float(event.value))
        elif path == "transport/source":
            self.clock.choose(at)
            self.follower.choose(at)
        elif path == KIT:
            self.book.choose_kit()
        elif path == "variation":
            self._requests.change_variation(transport, at)
        elif path.endswith(("/mute", "/solo")):
            band.outbox += band.scheduler.silence_sounding(at, muted_parts(self.parameters))
        elif path == "mode":
            band.outbox += band.roles.change(at, transport.timeline)
        self.conductor.touched(path)
        self._tell(ParameterChanged(path, event.value, event.source), at)

    def _act(self, event: ActionRequested, at: Micros) -> None:
        if event.path == "transport/panic":
            self.band.outbox += self.band.scheduler.silence(at)
            self.band.outbox += self.thru.silence(at)
            self.band.roles.release_all(at, self.conductor.transport.timeline)
        elif event.path == "transport/tap":
            if (tempo := self.conductor.transport.tap(at)) is not None:
                self._set(ParameterSet("transport/tempo", tempo, "tap"), at)
        elif event.path.startswith(MIDI):
            self.obey(self.control.act(event), at)
        elif event.path in MOVES:
            if not self.clock.defers(event.path, at):
                self.conductor.move(event, at)
        else:
            self._requests.act(event, self.conductor.transport, at)

    def _tell(self, event: Output, at: Micros) -> None:
        self.band.outbox.append(Stamped(at, event))
