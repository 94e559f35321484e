"""Everything that is open while music is live: clock, inbox, MIDI, OSC, sound, and the stage that joins them.

Rules. What must be there (a free OSC port, when it was asked for) fails early, with a text for people. What may be
missing (an audio device, a MIDI system chosen by "auto") is said once, and the music goes on without it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, cast

import trio

from daemon.config import Config, ConfigError, HttpConfig, MidiConfig
from daemon.config_rules import parse_latencies
from daemon.health import Health
from daemon.http.port import HttpPort
from daemon.http.wire import Hello
from daemon.link.port import LinkPort
from daemon.models.phrase_player import PhrasePlayer
from daemon.models.phrase_sink import PhraseSink
from daemon.recorder import LiveHeart
from daemon.session_heart import SessionHeart
from daemon.sound import SoundSink, open_engine
from daemon.take import Take
from realtime.core.events import Input
from realtime.core.units import Micros
from realtime.edges.clock import SystemClock
from realtime.edges.clock_out import ClockOut
from realtime.edges.guest_list import GuestList
from realtime.edges.inbox import Inbox
from realtime.edges.midi_backend import BackendName, MidiUnavailable
from realtime.edges.midi_loopback import Loopback
from realtime.edges.midi_names import VIRTUAL_IN, VIRTUAL_OUT, PortPlan
from realtime.edges.midi_out import MidiOut
from realtime.edges.midi_port import MidiPort
from realtime.edges.midi_program import MidiProgram
from realtime.edges.midi_system import choose_backend, open_backend
from realtime.edges.osc_port import OscPort
from realtime.edges.port_busy import PortBusy
from realtime.edges.stage import Sink, Stage

NOT_OPEN: Final = "off"
CLOCK_AHEAD: Final = 3
"""Pulses may be handed over so many times earlier than notes, which may yet be taken back."""

Say = Callable[[str], None]


def port_plan(midi: MidiConfig) -> PortPlan:
    """The MIDI ports that the configuration wants."""
    latency_ms = parse_latencies(midi.latency_ms)
    return PortPlan(midi.inputs, midi.outputs, midi.mpe, midi.part_ports, latency_ms)


class Rig:
    """The edges of a live session. Make it in trio, `open`, `run` until cancelled, `close`.

    Args:
        say: tells people, on stderr, what is missing.
        extra_sinks: others who want the outputs, such as a terminal.
        hello: what HTTP tells beside the music; None for no HTTP.
        guests: who may send OSC from elsewhere; None where OSC listens to this machine alone.
        take: the recording, if one is wanted: what is wrong with it is told, it is told when the music is over, and a
            WAV file goes into its folder.
    """

    def __init__(
        self,
        config: Config,
        heart: LiveHeart,
        say: Say,
        *,
        extra_sinks: Sequence[Sink] = (),
        hello: Hello | None = None,
        guests: GuestList | None = None,
        take: SessionHeart | Take | None = None,
    ) -> None:
        self.clock = SystemClock()
        self.inbox = Inbox()
        self._config = config
        self._heart = heart
        self._say = say
        self._extra_sinks = tuple(extra_sinks)
        self._midi: MidiPort | None = None
        self._midi_out: MidiOut | None = None
        self._clock_out: ClockOut | None = None
        self._link: LinkPort | None = None
        self._osc: OscPort | None = None
        self._hello = hello
        self._guests = guests
        self._http: HttpPort | None = None
        self._engine: SoundSink | None = None
        self._player: PhrasePlayer | None = None
        self._phrases: PhraseSink | None = None
        self._stage: Stage | None = None
        self._take = take
        self._health = Health(heart.snapshot, [lambda: take.troubles] if take else [])
        self.ports: dict[str, str] = {}

    def with_phrases(self, player: PhrasePlayer | None) -> "Rig":
        """The phrase model plays solos, if there is one; to be said before `open`."""
        self._player = player
        return self

    def open(self, *, must_have_osc: bool) -> None:
        """Opens everything.

        Raises:
            ConfigError: something that was asked for by name is not to be had.
        """
        sinks: list[Sink] = []
        self._open_sound(sinks)
        self._open_midi(sinks)
        self._open_osc(sinks, must=must_have_osc)
        self._link = LinkPort(self.inbox, self.clock, self._heart.snapshot, self._say)
        sinks.append(self._link)
        if self._hello is not None and self._config.http.enabled:
            self._open_http(sinks, self._hello)
        if self._player is not None:
            self._phrases = PhraseSink(self._player.improviser, self.clock.now, self.inbox.put)
            sinks.append(self._phrases)
        record = self._http.heard if self._http else None
        sinks += [self._health, *self._extra_sinks]
        self._stage = Stage(self._heart, self.clock, self.inbox, sinks, record=record)
        self._health.stage = self._stage.statistics

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Plays until cancelled."""
        async with trio.open_nursery() as nursery:
            for edge in (self._midi, self._midi_out, self._clock_out, self._link, self._osc, self._engine, self._http):
                if edge is not None:
                    nursery.start_soon(edge.run)
            if self._stage is not None:
                await nursery.start(self._stage.run)
            task_status.started()

    def put(self, event: Input, at: Micros) -> None:
        """An input from the process itself."""
        self.inbox.put(event, at)

    def silence(self) -> None:
        """Silences and closes everything, but waits neither for MIDI ports nor for the web process to have gone."""
        if self._take is not None:
            self._take.end()
        if self._http is not None:
            self._http.hang_up()
        for edge in (self._phrases, self._midi_out, self._clock_out, self._engine, self._osc):
            if edge is not None:
                edge.close()
        if self._midi is not None:
            self._midi.end()
        self._phrases = None
        self._midi_out = self._clock_out = self._osc = self._engine = None

    def close(self) -> None:
        """Silences and closes everything. Twice does no harm."""
        self.silence()
        for edge in (self._midi, self._http):
            if edge is not None:
                edge.close()
        self._midi = self._http = None
        self.inbox.close()

    def statistics(self) -> dict[str, Any]:
        """How everything did."""
        edges = {
            "stage": self._stage,
            "midi": self._midi,
            "midi_out": self._midi_out,
            "clock_out": self._clock_out,
            "link": self._link,
            "osc": self._osc,
            "http": self._http,
            "sound": self._engine,
            "phrases": self._phrases,
        }
        return {name: asdict(edge.statistics()) for name, edge in edges.items() if edge is not None}

    def _open_midi(self, sinks: list[Sink]) -> None:
        midi = self._config.midi
        chosen, why = choose_backend(cast(BackendName, midi.backend))
        try:
            backend = open_backend(chosen)
            self._midi = MidiPort(backend, self.inbox, self.clock, port_plan(midi))
            self._midi.open()
        except MidiUnavailable as problem:
            if midi.backend != "auto":
                raise ConfigError([f"midi.backend: {problem}"]) from None
            self._say(f"{problem}; the band plays without MIDI ports")
            self._midi = MidiPort(Loopback(), self.inbox, self.clock)
            self._midi.open()
            chosen = "loopback"
        if chosen == "loopback" and midi.backend == "auto":
            self._say(why)
        self._health.midi = self._midi.statistics
        self._health.watch(lambda: self._midi.troubles if self._midi else ())
        ahead = self._midi.ahead_micros
        programs = MidiProgram(self._midi.send, self.clock, self._heart.snapshot().parameters)
        self._midi.greeting = programs.messages
        sinks.append(programs)
        self._midi_out = MidiOut(self._midi.send, self.clock, ahead_micros=ahead, thru=midi.thru)
        sinks.append(self._midi_out)
        if midi.clock:
            timeline = lambda: self._heart.timeline  # noqa: E731 - read each time
            self._clock_out = ClockOut(self._midi.send, self.clock, timeline, ahead_micros=CLOCK_AHEAD * ahead)
            sinks.append(self._clock_out)
        self.ports["midi"] = f'{chosen}:"{VIRTUAL_IN}"/"{VIRTUAL_OUT}"'

    def _open_osc(self, sinks: list[Sink], *, must: bool) -> None:
        osc = self._config.osc
        port = OscPort(
            self.inbox,
            self.clock,
            self._health.snapshot,
            host=osc.host,
            port=osc.port,
            feedback=("127.0.0.1", osc.feedback_port),
        )
        try:
            host, bound = port.open()
        except OSError as problem:
            key = "osc.port" if isinstance(problem, PortBusy) else "osc.host"
            if must:
                raise ConfigError([f"{key}: {problem}"]) from None
            self._say(f"{problem}; this performance goes without OSC")
            self.ports["osc"] = NOT_OPEN
            return
        if self._guests is not None:
            port.guard(self._guests.admits)
        if self._engine is not None:
            port.watch_sound(self._engine.report)
        self._osc = port
        sinks.append(port)
        self.ports["osc"] = f"{host}:{bound}→{osc.feedback_port}"

    def _open_http(self, sinks: list[Sink], hello: Hello) -> None:
        """HTTP is a comfort: it must be there only where the user chose the port."""
        port = HttpPort(self.inbox, self.clock, self._health.snapshot, hello, self._guests)
        try:
            host, bound = port.open()
        except OSError as problem:
            key = "http.port" if isinstance(problem, PortBusy) else "http.host"
            if hello.port != HttpConfig().port or hello.host != HttpConfig().host:
                raise ConfigError([f"{key}: {problem}"]) from None
            self._say(f"{problem}; the band plays without HTTP")
            self.ports["http"] = NOT_OPEN
            return
        if self._engine is not None:
            port.watch_sound(self._engine.report)
        self._http = port
        sinks.append(port)
        self.ports["http"] = f"http://{f'[{host}]' if ':' in host else host}:{bound}"

    def _open_sound(self, sinks: list[Sink]) -> None:
        opened = open_engine(self._config, self.clock, self._take.folder if self._take else Path())
        for trouble in opened.troubles:
            self._say(trouble)
        self.ports["audio"] = opened.name
        if opened.sink is not None:
            self._engine = opened.sink
            sinks.insert(0, opened.sink)  # the most urgent: it is what is heard
