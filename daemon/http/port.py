"""The HTTP port as the music sees it: a sink for outputs, a source of inputs, and the web process behind it.

Rules. The listening socket is ours, so that the port stays ours if the web process dies; it is started again. What it
sends is decoded as OSC is and goes to the same inbox. Nothing here waits for it.
"""

import contextlib
import errno
import logging
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec
import trio

from daemon.http.inputs import understood
from daemon.http.wire import SOURCE, Hello, Lines, Outgoing
from daemon.session_format import event_to_mapping
from daemon.worker_environment import worker_environment
from realtime.core.events import Output, Rejected, Stamped
from realtime.core.snapshot import Snapshot
from realtime.core.units import Ticks
from realtime.edges.clock import Clock
from realtime.edges.engine_statistics import EngineStatistics
from realtime.edges.guest_list import GuestList
from realtime.edges.inbox import Inbox
from realtime.edges.port_busy import PortBusy

STATE_SECONDS: Final = 0.25
RESTART_SECONDS: Final = 1.0
MOST_DOUBLINGS: Final = 6
"""Each restart waits twice as long as the one before, up to a minute: what cannot start need not be tried for ever."""

CLOSE_SECONDS: Final = 1.5
"""How long the web process may take to say goodbye to its clients."""

UNREAD_MILLIS: Final = 15_000
"""A client that takes nothing for so long is cut off by the system (on Linux; elsewhere it keeps its place)."""

BACKLOG: Final = 128
SEND_BUFFER_BYTES: Final = 1_000_000

log = logging.getLogger("sideman.http")


@dataclass(frozen=True, slots=True)
class HttpStatistics:
    """What went through the port. Counts."""

    received: int
    rejected: int
    lost: int
    """Lines that the web process did not take in time."""
    restarts: int


class HttpPort:
    """A sink for the heart's outputs, and a source of inputs.

    Args:
        snapshot: the heart as it stands.
        hello: what the web process must know; `open` puts in the port.
        guests: who may send OSC from elsewhere; None where nobody can.

    Thread: trio.
    """

    name: Final = "HTTP"

    def __init__(
        self,
        inbox: Inbox,
        clock: Clock,
        snapshot: Callable[[], Snapshot],
        hello: Hello,
        guests: GuestList | None = None,
    ) -> None:
        self._inbox = inbox
        self._clock = clock
        self._snapshot = snapshot
        self._hello = hello
        self._guests = guests
        self._listener: socket.socket | None = None
        self._channel: socket.socket | None = None
        self._outgoing: Outgoing | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._sound: Callable[[], EngineStatistics] | None = None
        self._done: list[str] = []
        self._is_done = trio.Event()
        self._received = self._rejected = self._lost = self._restarts = 0

    def open(self) -> tuple[str, int]:
        """Binds the port and starts the web process; where it listens now. Clients may connect from now on.

        Raises:
            PortBusy: another program has the port.
            OSError: the host is not one of this machine's addresses, or no process can be started.
        """
        if sys.platform == "win32":
            raise OSError("HTTP needs a system that hands sockets to processes; Windows does not")
        host, port = self._hello.host, self._hello.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # what is accepted inherits it
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MILLIS)
            sock.bind((host, port))
            sock.listen(BACKLOG)
        except OSError as problem:
            sock.close()
            if problem.errno == errno.EADDRINUSE:
                raise PortBusy(host, port, protocol="tcp", setting="http.port") from problem
            raise
        self._listener = sock
        self._hello = msgspec.structs.replace(self._hello, port=sock.getsockname()[1])
        try:
            self._start()
        except OSError:
            self.close()
            raise
        return host, self._hello.port

    def watch_sound(self, sound: Callable[[], EngineStatistics]) -> None:
        """Tells how the engine does, too; `sound` is asked four times a second."""
        self._sound = sound

    async def run(self) -> None:
        """Serves for ever; starts the web process again if it dies."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._tell_state)
                nursery.start_soon(self._tell_done)
                nursery.start_soon(self._supervise)
        finally:
            self.hang_up()  # it says goodbye to its clients while the others close

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """Takes `outputs` and passes them on with their stamps. Never waits."""
        if self._outgoing is None:
            return
        for stamped in outputs:
            self._outgoing.put({"out": event_to_mapping(stamped.event), "t": stamped.at})
        self._outgoing.flush()

    def heard(self, kind: Literal["input", "output"], stamped: Stamped[Any], _: Ticks) -> None:
        """The stage's record: the heart is dealing with an input. Once it has told what came of it, we answer."""
        if kind == "input" and getattr(stamped.event, "source", "").startswith(SOURCE + ":"):
            self._done.append(stamped.event.source)
            self._is_done.set()

    def close(self) -> None:
        """Lets the port go. Waits up to 1.5 s for the goodbyes. Twice does no harm."""
        self.hang_up()
        if self._process is not None:
            try:
                self._process.wait(CLOSE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def statistics(self) -> HttpStatistics:
        """What went through so far."""
        lost = self._lost + (self._outgoing.lost if self._outgoing else 0)
        return HttpStatistics(self._received, self._rejected, lost, self._restarts)

    # ---------------------------------------------------------------------------------- the web process

    def _start(self) -> None:
        """Starts the web process, and says hello."""
        assert self._listener is not None
        ours, theirs = socket.socketpair()
        with theirs:
            ours.settimeout(0)
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
            descriptors = (self._listener.fileno(), theirs.fileno())
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "daemon.http", *map(str, descriptors)],
                    env=worker_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=descriptors,
                    # In a session of its own: Ctrl-C in the terminal is for us, and we end it when we are done.
                    start_new_session=True,
                )
            except OSError:
                ours.close()
                raise
        self._channel, self._outgoing = ours, Outgoing(ours)
        self._outgoing.put({"hello": self._hello})
        self._tell_snapshot()
        self._outgoing.flush()

    async def _supervise(self) -> None:
        while True:
            await self._listen()
            self.hang_up()
            log.warning("the web process is gone; the music goes on, and it is started again")
            await trio.sleep(RESTART_SECONDS * 2 ** min(self._restarts, MOST_DOUBLINGS))
            if self._process is not None and self._process.poll() is None:
                self._process.kill()
            if self._process is not None:
                self._process.wait()
            self._restarts += 1
            with contextlib.suppress(OSError):
                self._start()

    async def _listen(self) -> None:
        """What comes from the web process, until it is gone."""
        channel, lines = self._channel, Lines()
        while channel is not None:
            await trio.lowlevel.wait_readable(channel)
            try:
                data = channel.recv(65_536)
                for line in lines.feed(data):
                    self._take(msgspec.json.decode(line))
            except BlockingIOError:
                continue
            except (OSError, ValueError, KeyError, TypeError) as problem:
                log.warning("the web process says what nobody understands: %s", problem)
                return
            if not data:
                return
            await trio.lowlevel.checkpoint()

    def hang_up(self) -> None:
        """The web process notices, and ends."""
        if self._channel is not None and self._outgoing is not None:
            self._outgoing.flush()
            self._lost += self._outgoing.lost
            with contextlib.suppress(RuntimeError):  # outside of trio nobody can be waiting
                trio.lowlevel.notify_closing(self._channel)
            self._channel.close()
            self._channel = self._outgoing = None

    def _take(self, message: dict[str, Any]) -> None:
        """One line from the web process."""
        if "ask" in message:
            self._tell_snapshot(int(message["ask"]))
            return
        if "guest" in message:
            self._decide(str(message["guest"]), allow=message["allow"] is True)
            return
        self._received += 1
        source = str(message["source"])
        event = understood(str(message["in"]), message["args"], source)
        if not isinstance(event, Rejected) and not self._inbox.put(event, self._clock.now()):
            event = Rejected(f"{message['in']}: too much is asked at once", source)
        if isinstance(event, Rejected):
            self._rejected += 1
            self.send([Stamped(self._clock.now(), event)])
            self._done.append(source)
            self._is_done.set()

    def _decide(self, guest: str, *, allow: bool) -> None:
        if self._guests is not None:
            (self._guests.allow if allow else self._guests.forget)(guest)
            self._tell_guests()

    # ------------------------------------------------------------------------------------------ telling

    def _tell_snapshot(self, ask: int = 0) -> None:
        if self._outgoing is not None:
            self._outgoing.put({"snapshot": self._snapshot(), "t": self._clock.now(), "ask": ask})
            self._outgoing.flush()

    def _tell_guests(self) -> None:
        if self._outgoing is not None and self._guests is not None:
            guests = self._guests
            self._outgoing.put({"guests": {"asking": guests.asking, "allowed": guests.allowed}})
            self._outgoing.flush()

    async def _tell_state(self) -> None:
        """How things stand, four times a second."""
        while True:
            if self._outgoing is not None and self._sound is not None:
                self._outgoing.put({"sound": self._sound()})
            self._tell_guests()
            self._tell_snapshot()
            await trio.sleep(STATE_SECONDS)

    async def _tell_done(self) -> None:
        """Which inputs the heart has dealt with. Runs after the stage's step, so what they caused was told before."""
        while True:
            await self._is_done.wait()
            self._is_done = trio.Event()
            done, self._done = self._done, []
            if self._outgoing is not None:
                for source in done:
                    self._outgoing.put({"done": source})
                self._outgoing.flush()
