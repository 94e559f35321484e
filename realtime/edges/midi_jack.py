"""JACK and PipeWire through the engine's own client: every message keeps its sample, and no Python runs in the
real-time thread.

What came in waits in a ring and wakes trio; what goes out is handed over `ahead_micros` early and lies on its frame.
"""

import contextlib
import socket
from collections.abc import Iterator
from typing import Final

import trio

from realtime import _dsp
from realtime.edges.jack_watch import server_identity
from realtime.edges.midi_backend import MOST_AHEAD_MICROS, Ear, Heard, MidiUnavailable, Mouth, short_name

HAS_JACK: Final[bool] = _dsp.HAS_JACK_MIDI
"""Whether the engine was built with it."""

HAND_OVER_MICROS: Final = 3_000
"""Added to a block: how late the task that hands messages over may wake."""


class JackBackend:
    """The JACK server's MIDI. Each port is a client of its own, named as the port.

    Raises:
        MidiUnavailable: no server answers.

    Thread: trio; `heard` is called there, from `run`.
    """

    name: Final = "jack"

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.settimeout(0)
        self._ears: set[_JackEar] = set()
        self._server = ""
        self._probe: _dsp.JackMidiProbe | None = None
        self._ask()

    @property
    def ahead_micros(self) -> int:
        """How long before its time a message is best handed over: a block and a little."""
        return min(self._block_micros + HAND_OVER_MICROS, MOST_AHEAD_MICROS)

    @property
    def is_slow(self) -> bool:
        """Whether opening a port takes longer than the music can wait."""
        return True

    @property
    def least_delay_micros(self) -> int:
        """A block."""
        return self._block_micros

    def sources(self) -> list[str]:
        """Ports that can be listened to."""
        return self._probe.sources() if self._probe else []

    def destinations(self) -> list[str]:
        """Ports that can be sent to."""
        return self._probe.destinations() if self._probe else []

    def listen(self, port: str, heard: Heard, *, virtual: bool) -> Ear:
        """Opens an input.

        Raises:
            MidiUnavailable: the port has gone, or the server refuses.
        """
        client, name, source = (port, port, None) if virtual else (f"sideman from {short_name(port)}", "midi", port)
        with _refusals(port):
            ear = _JackEar(_dsp.JackMidiIn(client, name, self._writer.fileno(), source), heard, self._ears)
        self._ears.add(ear)
        return ear

    def speak(self, port: str, *, virtual: bool) -> Mouth:
        """Opens an output.

        Raises:
            MidiUnavailable: the port has gone, or the server refuses.
        """
        client, name, destination = (port, port, None) if virtual else (f"sideman to {short_name(port)}", "midi", port)
        with _refusals(port):
            return _JackMouth(_dsp.JackMidiOut(client, name, destination))

    async def run(self) -> None:
        """Hands on what is heard, for ever.

        Thread: trio.
        """
        while True:
            await trio.lowlevel.wait_readable(self._reader)
            with contextlib.suppress(BlockingIOError):
                self._reader.recv(4_096)
            for ear in list(self._ears):
                ear.read()

    def is_alive(self) -> bool:
        """Whether the server that was opened still runs."""
        return all(ear.is_alive for ear in self._ears) and server_identity() == self._server

    def revive(self) -> None:
        """Starts anew on a server that runs again.

        Raises:
            MidiUnavailable: it does not run yet.
        """
        if self._probe is not None:
            self._probe.abandon()
        self._probe = None
        self._ears.clear()
        if self._server and not server_identity():
            raise MidiUnavailable("the JACK server does not run")
        self._ask()

    def close(self) -> None:
        """Lets the server go. Once is enough; twice does no harm."""
        if self._probe is not None:
            self._probe.close()
        self._probe = None
        with contextlib.suppress(RuntimeError):  # outside of trio nobody can be waiting
            trio.lowlevel.notify_closing(self._reader)
        self._reader.close()
        self._writer.close()

    def _ask(self) -> None:
        """One long-lived client for asking: making one for each poll disturbs others."""
        server = server_identity()
        with _refusals("sideman probe"):
            self._probe = _dsp.JackMidiProbe("sideman probe")
        self._block_micros = self._probe.block_micros()
        self._server = server


class _JackEar:
    def __init__(self, port: _dsp.JackMidiIn, heard: Heard, ears: "set[_JackEar]") -> None:
        self._port = port
        self._heard = heard
        self._ears = ears

    @property
    def is_alive(self) -> bool:
        return self._port.is_alive

    def read(self) -> None:
        for data, age_micros in self._port.read():
            self._heard(data, age_micros)

    def close(self) -> None:
        self._ears.discard(self)
        self._port.close()


class _JackMouth:
    def __init__(self, port: _dsp.JackMidiOut) -> None:
        self._port = port

    def send(self, data: bytes, delay_micros: int = 0) -> None:
        self._port.send(data, max(0, delay_micros))

    def close(self) -> None:
        self._port.close()


@contextlib.contextmanager
def _refusals(port: str) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise MidiUnavailable(f"jack port {port!r} cannot be opened: {problem}") from None
