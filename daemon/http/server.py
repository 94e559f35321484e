"""The web process at work: hypercorn on trio, fed with news from the music, until the music hangs up."""

import logging
import signal
import socket
from collections.abc import AsyncIterator
from typing import Final

import msgspec
import trio
from hypercorn.config import Config

from daemon.http.announcer import Announcer
from daemon.http.app import Web
from daemon.http.body import MOST_BYTES
from daemon.http.connections import serve_connections
from daemon.http.wire import Hello, Lines

GOODBYE_SECONDS: Final = 1.0
"""How long goodbyes may take; as a rule they take a few milliseconds."""

GRACE_SECONDS: Final = 0.15
END_SECONDS: Final = 1.8
"""Whatever hangs, the process ends so long after the music hung up."""

PING_SECONDS: Final = 20.0
READ_SECONDS: Final = 60
"""A client that says nothing for so long, not even to a ping, is gone."""


async def serve(listener: int, channel: socket.socket) -> None:
    """Serves on the listening socket with descriptor `listener` until `channel` closes."""
    stream = trio.SocketStream(trio.socket.from_stdlib_socket(channel))
    news = _news(stream)
    first = await anext(news)
    hello = msgspec.json.decode(first[0], type=_Greeting).hello
    web = Web(hello, stream)
    web.take(first[1:])
    hung_up, over = trio.Event(), trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve_connections, web.app, _config(), socket.socket(fileno=listener), over)
        nursery.start_soon(web.tell_changes)
        nursery.start_soon(Announcer(hello).run, hung_up)
        nursery.start_soon(web.music.board.run)
        async for lines in news:
            web.take(lines)
        # A disk that hangs, or a client that does not read, must not keep us here, and the port with us.
        signal.setitimer(signal.ITIMER_REAL, END_SECONDS)
        hung_up.set()
        with trio.move_on_after(GOODBYE_SECONDS):
            await web.say_goodbye()
        over.set()
        await trio.sleep(GRACE_SECONDS)
        nursery.cancel_scope.cancel()


class _Greeting(msgspec.Struct):
    hello: Hello


async def _news(stream: trio.SocketStream) -> AsyncIterator[list[bytes]]:
    """Lines from the music, as many at a time as came; ends when it hangs up."""
    lines = Lines()
    while True:
        try:
            data = await stream.receive_some()
        except (trio.BrokenResourceError, ConnectionError):
            return
        if not data:
            return
        if whole := lines.feed(bytes(data)):
            yield whole


def _config() -> Config:
    """Hypercorn's: no logs of its own, short waits, bounded frames."""
    config = Config()
    config.accesslog = None
    config.errorlog = logging.getLogger("sideman.http.server")
    config.include_server_header = False
    config.graceful_timeout = GRACE_SECONDS
    config.keep_alive_max_requests = 1_000_000
    config.read_timeout = READ_SECONDS
    config.websocket_ping_interval = PING_SECONDS
    config.websocket_max_message_size = MOST_BYTES
    return config
