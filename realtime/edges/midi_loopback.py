"""A MIDI system inside the process: for tests, and for machines that have none."""

from collections import deque
from collections.abc import Callable
from typing import Final

import trio

from realtime.edges.midi_backend import Heard, MidiUnavailable

HELD_MESSAGES: Final = 65_536


class Loopback:
    """Bytes pushed in are heard; bytes sent can be read.

    Thread: any one; `push` calls `heard` on the caller's.
    """

    name: Final = "loopback"

    def __init__(self) -> None:
        self._heard: dict[str, Heard] = {}
        self._plugged_sources: list[str] = []
        self._plugged_destinations: list[str] = []
        self._open_mouths: set[str] = set()
        self._is_alive = True
        self._is_dead = False
        self._sent: deque[tuple[str, bytes]] = deque(maxlen=HELD_MESSAGES)

    def push(self, data: bytes, port: str = "sideman in") -> None:
        """`data` arrives on the input `port`, if that is open; otherwise nobody hears it."""
        heard = self._heard.get(port)
        if heard is not None:
            heard(data)

    def read(self, port: str = "sideman out") -> list[bytes]:
        """Everything sent to `port` since the last time, oldest first (of all ports, the last 65536)."""
        mine = [data for name, data in self._sent if name == port]
        others = [(name, data) for name, data in self._sent if name != port]
        self._sent.clear()
        self._sent.extend(others)
        return mine

    def plug(self, port: str) -> None:
        """A piece of hardware with an input and an output appears."""
        self._plugged_sources.append(port)
        self._plugged_destinations.append(port)

    def unplug(self, port: str) -> None:
        """It goes away again; sending to it fails from now on."""
        self._plugged_sources.remove(port)
        self._plugged_destinations.remove(port)

    @property
    def ahead_micros(self) -> int:
        """A message leaves at once."""
        return 0

    @property
    def is_slow(self) -> bool:
        """Whether opening a port takes longer than the music can wait."""
        return False

    @property
    def least_delay_micros(self) -> int:
        """A message leaves at once."""
        return 0

    async def run(self) -> None:
        """Nothing to do: what is heard is handed on by the thread that brings it."""
        await trio.sleep_forever()

    def sources(self) -> list[str]:
        """What can be listened to: what is plugged in, and our own output."""
        return [*self._plugged_sources, *sorted(self._open_mouths)]

    def destinations(self) -> list[str]:
        """What can be sent to: what is plugged in, and our own input."""
        return [*self._plugged_destinations, *sorted(self._heard)]

    def listen(self, port: str, heard: Heard, *, virtual: bool) -> "_LoopEar":
        """Opens an input.

        Raises:
            MidiUnavailable: it is not virtual and not plugged in.
        """
        if not virtual and port not in self._plugged_sources:
            raise MidiUnavailable(f"loopback port {port!r} is not plugged in")
        self._heard[port] = heard
        return _LoopEar(lambda: self._heard.pop(port, None))

    def speak(self, port: str, *, virtual: bool) -> "_LoopMouth":
        """Opens an output.

        Raises:
            MidiUnavailable: it is not virtual and not plugged in.
        """
        if not virtual and port not in self._plugged_destinations:
            raise MidiUnavailable(f"loopback port {port!r} is not plugged in")
        if virtual:
            self._open_mouths.add(port)

        def send(data: bytes) -> None:
            if not virtual and port not in self._plugged_destinations:
                raise MidiUnavailable(f"loopback port {port!r} was unplugged")
            if self._is_alive:
                self._sent.append((port, data))

        return _LoopMouth(send, lambda: self._open_mouths.discard(port))

    def is_alive(self) -> bool:
        """Whether it runs: a test may let it die and come back, by `dies` and `runs_again`."""
        return self._is_alive

    def revive(self) -> None:
        """Starts anew.

        Raises:
            MidiUnavailable: it does not run yet.
        """
        if self._is_dead:
            raise MidiUnavailable("the loopback is dead")
        self._is_alive = True

    def dies(self) -> None:
        """Does what a crashing MIDI server does: nothing is heard, and sending succeeds without effect."""
        self._is_alive = False
        self._is_dead = True
        self._heard.clear()

    def runs_again(self) -> None:
        """The server has been started again."""
        self._is_dead = False

    def close(self) -> None:
        """Nobody hears anything any more."""
        self._heard.clear()


class _LoopEar:
    def __init__(self, close: Callable[[], object]) -> None:
        self._close = close

    def close(self) -> None:
        self._close()


class _LoopMouth:
    def __init__(self, send: Callable[[bytes], None], close: Callable[[], object]) -> None:
        self._send = send
        self._close = close

    def send(self, data: bytes, delay_micros: int = 0) -> None:
        self._send(data)

    def close(self) -> None:
        self._close()
