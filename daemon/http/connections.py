"""Connections, each for itself: hypercorn speaks on every one of them, and what breaks on one ends that one alone.

Hypercorn's own loop runs all connections in one nursery: a WebSocket frame that breaks the rules at the wrong moment
raises there, and takes every other client with it.
"""

import logging
import socket
from functools import partial
from typing import Final, cast

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ASGIFramework, ConnectionState
from starlette.types import ASGIApp

log: Final = logging.getLogger("sideman.http")


async def serve_connections(app: ASGIApp, config: Config, listener: socket.socket, over: trio.Event) -> None:
    """Serves who connects to `listener` until it is `over`, and then as long as `config.graceful_timeout` says."""
    wrapped, context = ASGIWrapper(cast(ASGIFramework, app)), WorkerContext(None)

    async def converse(stream: trio.SocketStream) -> None:
        try:
            await TCPServer(wrapped, config, context, ConnectionState({}), stream)  # type: ignore[arg-type]
        except* Exception as faults:  # whatever it is, the others go on
            log.debug("a connection broke off: %r", faults.exceptions)
        finally:
            await trio.aclose_forcefully(stream)

    async with trio.open_nursery() as connections:
        async with trio.open_nursery() as accepting:
            listeners = [trio.SocketListener(trio.socket.from_stdlib_socket(listener))]
            accepting.start_soon(partial(trio.serve_listeners, converse, listeners, handler_nursery=connections))
            await over.wait()
            accepting.cancel_scope.cancel()
        await context.terminated.set()
        connections.cancel_scope.deadline = trio.current_time() + config.graceful_timeout
