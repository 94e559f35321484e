"""A UDP socket under trio that never waits to send and reads many datagrams at a time."""

import contextlib
import errno
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Final

import trio

from realtime.core.osc_codec import OscMessage
from realtime.edges.osc_audience import Address
from realtime.edges.osc_packet import BadPacket, build
from realtime.edges.port_busy import PortBusy

DRAIN_AT_ONCE: Final = 1_024
"""Datagrams read before others get their turn: two milliseconds' work, where so many wait."""

RECEIVE_BUFFER_BYTES: Final = 16 * 1024 * 1024
"""Half a second of 20,000 messages a second, where the system gives so much; used only when needed."""

RECEIVE_BUFFER_BY_FORCE: Final = 33
"""Linux' SO_RCVBUFFORCE, which Python does not name: beyond what the system lets everybody have, for who may."""

MAX_DATAGRAM_BYTES: Final = 65_536

Admits = Callable[[str], bool]
"""Whether a host may send us anything. Never raises."""

log = logging.getLogger("sideman.osc")


def _everybody(_: str) -> bool:
    """Who can reach us, may."""
    return True


class OscWire:
    """The socket. `sent` and `unsent` count messages, one for each listener.

    Thread: trio.
    """

    def __init__(self) -> None:
        self.admits: Admits = _everybody
        """Asked of every datagram's host: what may not come in is not even looked at."""
        self._socket: socket.socket | None = None
        self.sent = 0
        self.unsent = 0

    def open(self, host: str, port: int) -> Address:
        """Binds to an address; port 0 takes any that is free. Where it listens now.

        Raises:
            PortBusy: another program has the port.
            OSError: the host is not one of this machine's addresses.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.settimeout(0)
            # Refused: the system's own size.
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            if sys.platform.startswith("linux"):
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, RECEIVE_BUFFER_BY_FORCE, RECEIVE_BUFFER_BYTES)
            sock.bind((host, port))
        except OSError as problem:
            sock.close()
            if problem.errno == errno.EADDRINUSE:
                raise PortBusy(host, port, protocol="udp", setting="osc.port") from problem
            raise
        self._socket = sock
        bound: Address = sock.getsockname()[:2]
        return bound

    async def receive(self) -> list[tuple[bytes, Address]]:
        """Waits for datagrams; up to 1024, each with who sent it.

        Raises:
            RuntimeError: it is not open.
        """
        if self._socket is None:
            raise RuntimeError("the OSC socket is not open")
        await trio.lowlevel.wait_readable(self._socket)
        found: list[tuple[bytes, Address]] = []
        for _ in range(DRAIN_AT_ONCE):
            try:
                datagram, peer = self._socket.recvfrom(MAX_DATAGRAM_BYTES)
            except BlockingIOError:
                break
            except OSError:
                continue  # an earlier datagram of ours was refused; some systems say so here
            if self.admits(peer[0]):
                found.append((datagram, peer[:2]))
        return found

    def put(self, message: OscMessage, listeners: Sequence[Address]) -> None:
        """One message to each listener, now. Never waits, never raises; what does not go is counted."""
        if self._socket is None or not listeners:
            return
        try:
            datagram = build(message)
        except BadPacket as problem:
            self.unsent += 1
            log.warning("%s", problem)
            return
        for listener in listeners:
            try:
                self._socket.sendto(datagram, listener)
                self.sent += 1
            except (OSError, OverflowError):
                self.unsent += 1

    def close(self) -> None:
        """Lets the port go. Twice does no harm."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
