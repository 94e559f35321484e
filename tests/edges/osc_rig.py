"""An OSC port in virtual time, and surfaces with faders around it, for tests."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import trio

from realtime.core.events import (
    Input,
    Output,
    Stamped,
)
from realtime.core.snapshot import Snapshot
from realtime.core.units import Micros
from realtime.edges.clock import VirtualClock
from realtime.edges.inbox import Inbox
from realtime.edges.osc_audience import Address
from realtime.edges.osc_packet import build, read
from realtime.edges.osc_port import OscPort
from tests.fakes import a_snapshot, run_in_virtual_time

NOBODY = ("127.0.0.1", 9)


class Controller:
    """A surface with faders: a socket of its own."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0)
        self.address: Address = self.socket.getsockname()
        self.daemon: Address = NOBODY

    def say(self, address: str, *arguments: object) -> None:
        self.socket.sendto(build((address, arguments)), self.daemon)

    def heard(self) -> list[tuple[str, tuple[object, ...]]]:
        messages = []
        while True:
            try:
                messages += [(m.address, m.arguments) for m in read(self.socket.recv(65_536))]
            except BlockingIOError:
                return messages


class Rig:
    """An open port, with what stands around it."""

    def __init__(self, snapshot: Callable[[], Snapshot], commands: dict) -> None:
        self.clock = VirtualClock()
        self.inbox = Inbox()
        self.fixed = Controller()
        self.surface = Controller()
        self.port = OscPort(self.inbox, self.clock, snapshot, port=0, feedback=self.fixed.address, commands=commands)
        self.surface.daemon = self.port.open()

    def inputs(self) -> list[Input]:
        return [stamped.event for stamped in self.inbox.drain()]

    def tell(self, event: Output, at: int = 0) -> None:
        self.port.send([Stamped(Micros(at), event)])


@asynccontextmanager
async def rig(snapshot: Callable[[], Snapshot] = a_snapshot, **commands: object) -> AsyncIterator[Rig]:
    rig = Rig(snapshot, {name.replace("_", "/"): command for name, command in commands.items()})
    async with trio.open_nursery() as nursery:
        await nursery.start(rig.port.run)
        await settle()
        rig.fixed.heard()
        yield rig
        nursery.cancel_scope.cancel()
    rig.port.close()
    rig.inbox.close()
    rig.fixed.socket.close()
    rig.surface.socket.close()


async def settle() -> None:
    """Lets everything that is on its way arrive, in a millisecond of virtual time."""
    await trio.sleep(0.001)


def in_a_rig(test: Callable[[Rig], object], **options: object) -> None:
    async def main() -> None:
        async with rig(**options) as one:
            await test(one)

    run_in_virtual_time(main)
