"""Everyone on a WebSocket. A frame is made once and offered to all; who reads too slowly misses some and is then told
how everything stands; who does not read at all is let go.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Protocol

import trio
from h11 import LocalProtocolError
from starlette.websockets import WebSocket, WebSocketDisconnect

from daemon.http.problem import Problem

Frame = str | bytes

MOST_WAITING: Final = 256
"""Frames that wait for one client: some seconds of music."""

MOST_CLIENTS: Final = 256
"""Of each kind. With `MOST_WAITING` this bounds what a crowd can cost in memory."""

PATIENCE_SECONDS: Final = 10.0
"""How long one frame may take to leave. (Hypercorn shields its own part of the way: see `port.UNREAD_MILLIS`.)"""

GOING_AWAY: Final = 1001


class Client:
    """One WebSocket.

    Args:
        afresh: the frames that tell how everything stands, for a client that missed some.
    """

    def __init__(self, websocket: WebSocket, afresh: Callable[[], Iterable[Frame]] = tuple) -> None:
        self._websocket = websocket
        self.afresh = afresh
        self._waiting: deque[Frame] = deque()
        self._changed = trio.Event()
        self._is_behind = False
        self._close_code = 0

    def offer(self, frame: Frame) -> None:
        """Sends `frame` when its turn comes. Never waits."""
        if self._is_behind:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
            self._is_behind = True
        else:
            self._waiting.append(frame)
        self._changed.set()

    def forget(self) -> None:
        """What was offered so far is not sent: the client is going to be told how everything stands."""
        self._waiting.clear()
        self._is_behind = False

    def leave(self, code: int) -> None:
        """Ends the conversation."""
        self._close_code = code
        self._changed.set()

    async def write(self) -> None:
        """Sends what is offered until the end."""
        while not self._close_code:
            await self._changed.wait()
            self._changed = trio.Event()
            while self._waiting and not self._close_code:
                await self._send(self._waiting.popleft())
            if self._is_behind:
                self._is_behind = False
                for frame in self.afresh():
                    await self._send(frame)
        await self._websocket.close(self._close_code)

    async def _send(self, frame: Frame) -> None:
        with trio.fail_after(PATIENCE_SECONDS):
            if isinstance(frame, str):
                await self._websocket.send({"type": "websocket.send", "text": frame})
            else:
                await self._websocket.send({"type": "websocket.send", "bytes": frame})


class Crowd:
    """All clients of one kind."""

    def __init__(self) -> None:
        self._clients: set[Client] = set()
        self._left = trio.Event()
        self._is_closing = False

    def __len__(self) -> int:
        return len(self._clients)

    def offer(self, frame: Frame) -> None:
        """One frame to everyone."""
        for client in self._clients:
            client.offer(frame)

    def close(self) -> None:
        """Says goodbye to everyone."""
        self._is_closing = True
        for client in self._clients:
            client.leave(GOING_AWAY)

    async def empty(self) -> None:
        """Returns when nobody is left."""
        while self._clients:
            await self._left.wait()

    async def converse(self, websocket: WebSocket, listen: Callable[[Client], "Listening"]) -> None:
        """A client's whole visit: who listens takes what it says, until it goes."""
        if self._is_closing or len(self._clients) >= MOST_CLIENTS:
            full = f"{MOST_CLIENTS} WebSockets are open, which is the most"
            refusal = Problem(503, "the music is over" if self._is_closing else full, headers={"Retry-After": "5"})
            await websocket.send_denial_response(refusal.response())
            return
        client = Client(websocket)
        self._clients.add(client)  # it counts from now on; what is offered meanwhile is told in the first words, too
        try:
            with contextlib.suppress(LocalProtocolError):  # it broke the rules before it was let in, and has hung up
                await websocket.accept()
                await self._visit(client, websocket, listen)
        finally:
            self._clients.discard(client)
            self._left.set()
            self._left = trio.Event()

    async def _visit(self, client: Client, websocket: WebSocket, listen: Callable[[Client], "Listening"]) -> None:
        client.forget()
        listening = listen(client)
        client.afresh = listening.afresh
        for frame in listening.afresh():
            client.offer(frame)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_write, client, nursery.cancel_scope)
                await _read(websocket, listening)
                nursery.cancel_scope.cancel()
        finally:
            with trio.CancelScope(shield=True):
                await listening.leave()


class Listening(Protocol):
    """What becomes of a client's words."""

    def afresh(self) -> Iterable[Frame]:
        """How everything stands: what the client is told first, and after a gap."""
        ...

    async def take(self, words: Frame) -> None:
        """One message; must not raise."""
        ...

    async def leave(self) -> None:
        """The client is gone."""
        ...


async def _write(client: Client, visit: trio.CancelScope) -> None:
    # It does not read, or is gone.
    with contextlib.suppress(trio.TooSlowError, WebSocketDisconnect, RuntimeError, OSError):
        await client.write()
    visit.cancel()


async def _read(websocket: WebSocket, listening: Listening) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] != "websocket.receive":
            return
        words = message.get("text")
        await listening.take(words if words is not None else message.get("bytes") or b"")
