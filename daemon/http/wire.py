"""The line between the music and the web process: JSON objects, one a line, over a pair of sockets.

Rules. The music never waits: what the web process does not take in time is dropped and counted. A line is an object
with one of these keys.

| from the music | |
|---|---|
| `hello` | the facts that do not change: `Hello` |
| `out`, `t` | an output of the heart, and its stamp in µs |
| `snapshot`, `t`, `ask` | the heart's `Snapshot` as it stands at `t`; `ask` is the number of the question, 0 for none |
| `sound` | the engine's statistics |
| `guests` | who asks to send OSC from elsewhere, and who may; only where others reach the port |
| `done` | the source of an input that the heart has dealt with: what it told of it came before |

| from the web | |
|---|---|
| `in`, `args`, `source` | a parameter, an action, `note` or `midi`, by its OSC path without `/sideman/` |
| `ask` | a snapshot is wanted |
| `guest`, `allow` | this address may send OSC, or is a stranger again |
"""

import socket
from typing import Final

import msgspec

MOST_HELD_BYTES: Final = 1_000_000
"""What may wait for the web process: seconds of music."""

MOST_LINE_BYTES: Final = 1_000_000

SOURCE: Final = "http"
"""Inputs that come this way have the source "http:NUMBER"; notes, which nobody answers, plain "http"."""


class StyleCard(msgspec.Struct, frozen=True):
    """A style, as a list shows it."""

    name: str
    title: str
    genre: str
    meter: str


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that do not change while the music plays.

    `host` and `port` are where HTTP listens, `osc_host` and `osc_port` where OSC does (port 0: nowhere).
    """

    version: str
    host: str
    port: int
    token: str
    osc_host: str
    osc_port: int
    sessions: str
    session: str = ""
    """The name of the one that is being recorded."""
    styles: tuple[StyleCard, ...]
    osc_feedback_port: int = 9000


class Outgoing:
    """The music's end for writing. Never waits.

    Thread: trio.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._held = bytearray()
        self.lost = 0
        """Lines that were dropped."""

    def put(self, message: dict[str, object]) -> None:
        """One line; as much as goes, goes now, and the rest with the next."""
        line = msgspec.json.encode(message)
        if len(self._held) + len(line) >= MOST_HELD_BYTES:
            self.lost += 1
            return
        self._held += line
        self._held += b"\n"

    def flush(self) -> None:
        """Hands the system what it takes."""
        if not self._held:
            return
        try:
            del self._held[: self._socket.send(self._held)]
        except BlockingIOError:
            pass
        except OSError:  # it is gone; whoever reads will notice
            self._held.clear()


class Lines:
    """Bytes in, whole lines out. A line that does not end in time ends the talk.

    Raises (by `feed`):
        ValueError: a line is too long.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines completed by `data`, without their ends."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MOST_LINE_BYTES:
            raise ValueError(f"a line is longer than {MOST_LINE_BYTES} bytes")
        return whole
