"""The OSC port: one UDP socket, messages in, feedback out.

Rules. Nothing that arrives can raise, wait, or make anything grow. What makes sense goes to the inbox, at
once or at its bundle's time; what does not is counted and answered on `/sideman/error`, a few times a second
at most. Sending never waits: what the network does not take at once is dropped and counted.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import trio

from realtime.core.events import Input, Output, ParameterSet, Rejected, Stamped
from realtime.core.osc_codec import PREFIX, decode, encode
from realtime.core.snapshot import Snapshot
from realtime.core.units import MICROS_PER_SECOND, Micros
from realtime.edges.clock import Clock
from realtime.edges.engine_statistics import EngineStatistics
from realtime.edges.inbox import Inbox
from realtime.edges.osc_audience import Address, Audience, TooMany, source_of
from realtime.edges.osc_complaints import Complaints
from realtime.edges.osc_conflator import Conflator
from realtime.edges.osc_packet import IMMEDIATELY, Arrived, BadPacket, read
from realtime.edges.osc_pattern import expand
from realtime.edges.osc_state import standing
from realtime.edges.osc_wire import DRAIN_AT_ONCE, Admits, OscWire
from realtime.edges.timed import Timed

MAX_AHEAD_SECONDS: Final = 60
MAX_HELD: Final = 1_024
"""Messages of bundles waiting for their time."""

STATE_SECONDS: Final = 0.25
CROWD: Final = 8
PAUSE_SECONDS: Final = 0.002
"""So many datagrams at once are a crowd: the next are let gather for so long, and cost less together."""

Command = Callable[[tuple[object, ...]], None]

log = logging.getLogger("sideman.osc")


@dataclass(frozen=True, slots=True)
class OscStatistics:
    """What went over the socket since it was opened. Counts."""

    received: int
    """Messages that were looked at, not datagrams."""
    replaced: int
    """Values of faders that were not looked at, because a later one had come."""
    malformed: int
    """Datagrams that were no OSC."""
    rejected: int
    """Messages that made no sense."""
    held: int
    """Messages waiting for their bundle's time, now."""
    sent: int
    unsent: int
    """Messages that the network did not take."""
    subscribers: int


class OscPort:
    """A sink for the heart's outputs, and a source of inputs.

    Args:
        host: the address to listen at; "0.0.0.0" for all.
        port: 0..65535; 0 takes any that is free.
        feedback: where everything is told without being asked, or None.
        snapshot: the heart as it stands, for `/sideman/state` and `/sideman/refresh`.
        commands: further addresses (without `/sideman/`) and what they do, as `session/start`.

    Thread: trio.
    """

    name: Final = "OSC"

    def __init__(
        self,
        inbox: Inbox,
        clock: Clock,
        snapshot: Callable[[], Snapshot],
        *,
        host: str = "127.0.0.1",
        port: int = 8000,
        feedback: Address | None = ("127.0.0.1", 9000),
        commands: Mapping[str, Command] | None = None,
    ) -> None:
        self._inbox = inbox
        self._clock = clock
        self._snapshot = snapshot
        self._wanted: Address = (host, port)
        self._audience = Audience(feedback)
        self._commands = dict(commands or {})
        self._sound: Callable[[], EngineStatistics] | None = None
        self._incoming: Timed[Stamped[Input]] = Timed(clock, self._deliver)
        self._outgoing: Timed[Output] = Timed(clock, self._tell)
        self._wire = OscWire()
        self._last_told: dict[str, tuple[object, ...]] = {}
        self._conflator = Conflator(clock, self.receive)
        self._complaints = Complaints()
        self._received = 0
        self._malformed = 0
        self._rejected = 0

    def open(self) -> Address:
        """Binds the socket; where it listens now.

        Raises:
            PortBusy: another program has the port; the text says which, and how to choose another.
            OSError: the host is not one of this machine's addresses.

        Thread: trio.
        """
        return self._wire.open(*self._wanted)

    def guard(self, admits: Admits) -> None:
        """From now on looks at nothing but what comes from hosts that `admits` lets in. Thread: trio."""
        self._wire.admits = admits

    def watch_sound(self, sound: Callable[[], EngineStatistics]) -> None:
        """Tells how the engine does, too; `sound` is asked four times a second.

        Thread: trio.
        """
        self._sound = sound

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Receives, and sends what is due, for ever.

        Raises:
            RuntimeError: it was not opened.

        Thread: trio.
        """
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._incoming.run)
            nursery.start_soon(self._outgoing.run)
            nursery.start_soon(self._tell_state)
            nursery.start_soon(self._conflator.run)
            nursery.start_soon(self._receive)
            task_status.started()

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """Takes `outputs`; each is told at its time to those who want to know.

        Thread: trio; never waits.
        """
        for stamped in outputs:
            if encode(stamped.event) is not None:
                self._outgoing.push(stamped.at, stamped.event)
        self._outgoing.send_due()

    def close(self) -> None:
        """Lets the port go. Twice does no harm.

        Thread: trio; after `run` has ended.
        """
        self._wire.close()

    def statistics(self) -> OscStatistics:
        """What went over the socket so far.

        Thread: any one.
        """
        return OscStatistics(
            received=self._received,
            replaced=self._conflator.replaced,
            malformed=self._malformed,
            rejected=self._rejected,
            held=len(self._incoming),
            sent=self._wire.sent,
            unsent=self._wire.unsent,
            subscribers=len(self._audience),
        )

    def receive(self, datagram: bytes, peer: Address, at: Micros | None = None) -> None:
        """What a datagram from `peer` brings, which came at `at` (now): any bytes at all. Never raises.

        Thread: trio; never waits.
        """
        try:
            messages = read(datagram)
        except BadPacket as problem:
            self._malformed += 1
            self._answer_error(str(problem), peer)
            return
        for message in messages:
            self._received += 1
            for address in expand(message.address):
                self._take(replace(message, address=address), peer, self._clock.now() if at is None else at)

    async def _receive(self) -> None:
        while True:
            datagrams = await self._wire.receive()
            self._conflator.take(datagrams)
            if CROWD <= len(datagrams) < DRAIN_AT_ONCE:
                await trio.sleep(PAUSE_SECONDS)

    def _take(self, message: Arrived, peer: Address, now: Micros) -> None:
        """One message: ours to answer, or the heart's."""
        path = message.address.removeprefix(PREFIX).rstrip("/")
        if message.address.startswith(PREFIX) and self._administer(path, message.arguments, peer):
            return
        event = decode(message.address, message.arguments, source_of(peer))
        if isinstance(event, Rejected):
            self._reject(event.reason, peer)
            return
        at = now
        if message.ntp_seconds != IMMEDIATELY:
            at = max(now, self._clock.at_timetag(message.ntp_seconds))
        if at > now + MAX_AHEAD_SECONDS * MICROS_PER_SECOND:
            self._reject(f"{message.address}: its bundle is for more than {MAX_AHEAD_SECONDS} s ahead", peer)
        elif at > now and len(self._incoming) >= MAX_HELD:
            self._reject(f"{message.address}: {MAX_HELD} messages wait for their time, which is the most", peer)
        else:
            if isinstance(event, ParameterSet):
                self._audience.remember_sent(event, message.arguments[0])
            if at > now:
                self._incoming.push(at, Stamped(at, event))
            else:
                self._deliver(Stamped(at, event))

    def _administer(self, path: str, arguments: tuple[object, ...], peer: Address) -> bool:
        """Does what is for the port itself; False if it is for the heart."""
        if path not in ("subscribe", "unsubscribe", "refresh", "ping") and path not in self._commands:
            return False
        port = _port_in(arguments)
        try:
            match path:
                case "subscribe":
                    listener = self._audience.subscribe(peer, port, self._clock.now())
                    self._wire.put(("/sideman/subscribed", (listener[1],)), [listener])
                case "unsubscribe":
                    self._audience.unsubscribe(peer, port)
                case "refresh":
                    self._refresh((peer[0], port) if port else self._audience.reply_address(peer))
                case "ping":
                    self._wire.put(("/sideman/pong", arguments), [self._audience.reply_address(peer)])
                case _:
                    self._commands[path](arguments)
        except TooMany as problem:
            self._reject(str(problem), peer)
        except Exception as problem:
            log.exception("/sideman/%s failed", path)
            self._reject(f"{path}: {problem}", peer)
        return True

    def _refresh(self, listener: Address) -> None:
        """Everything, to one listener: every parameter, then the state."""
        snapshot = self._snapshot()
        for path, value in snapshot.parameters.items():
            self._wire.put((PREFIX + path, (int(value) if isinstance(value, bool) else value,)), [listener])
        for message in standing(snapshot, self._sound() if self._sound else None, histogram=True):
            self._wire.put(message, [listener])

    async def _tell_state(self) -> None:
        """How things stand, four times a second, where it is another than before."""
        while True:
            for address, values in standing(self._snapshot(), self._sound() if self._sound else None):
                if values != self._last_told.get(address):
                    self._last_told[address] = values
                    self._wire.put((address, values), self._audience.everyone(self._clock.now()))
            await trio.sleep(STATE_SECONDS)

    def _deliver(self, stamped: Stamped[Input]) -> None:
        """The time of an input has come: the time it was meant for, whenever we got round to it."""
        self._inbox.put(stamped.event, stamped.at)

    def _tell(self, event: Output) -> None:
        message = encode(event)
        if message is None or (isinstance(event, Rejected) and not self._complaints.may(self._clock.now())):
            return
        self._wire.put(message, self._audience.listeners_of(event, self._clock.now()))

    def _reject(self, reason: str, peer: Address) -> None:
        if reason:  # a button let go has none
            self._rejected += 1
            self._answer_error(reason, peer)

    def _answer_error(self, reason: str, peer: Address) -> None:
        if self._complaints.may(self._clock.now()):
            self._wire.put((PREFIX + "error", (reason,)), [self._audience.reply_address(peer)])


def _port_in(arguments: tuple[object, ...]) -> int | None:
    """A port number as the first argument, whole or as a float (controllers send those for everything)."""
    if arguments and isinstance(arguments[0], int | float) and 1 <= arguments[0] <= 65_535:
        return int(arguments[0])
    return None
