"""Who may come in: the right Host, no other site's Origin, and the token (or its cookie) where one is set.

Host and Origin are checked always. A page of another site can make a browser send requests to this machine, and with a
name of its own that leads here (DNS rebinding) even read the answers; but it cannot make it lie about either header.
"""

import socket
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from daemon.http.pairing import PATH as PAIRING
from daemon.http.pairing import Key
from daemon.http.problem import Problem

OPEN_PATHS: Final = ("/page/", "/favicon.ico")
"""What anybody may read: it is the same on every machine."""

_REFUSED: Final = 1008
"""WebSocket: policy violation."""


class Gate:
    """Stands before the application.

    Args:
        host: where we listen, as configured.
        key: what opens.
    """

    def __init__(self, app: ASGIApp, *, host: str, key: Key) -> None:
        self._app = app
        self._key = key
        self._is_local = _is_loopback(host)
        self._names = {host.lower(), "localhost"}
        if not self._is_local:
            own = socket.gethostname().lower()
            self._names |= {own, own.removesuffix(".local") + ".local"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or answers it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        problem = self._judge(scope)
        if problem is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await problem.response()(scope, receive, send)
        else:
            await receive()  # the connect
            await _refuse_socket(problem, scope, receive, send)

    def _judge(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._knows(host):
            return Problem(421, f"Host {host!r:.80} is not this machine", field="Host", value=host, allowed="localhost")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            allowed = f"none, or http://{host}"
            return Problem(
                403, f"the page {origin:.80} may not ask here", field="Origin", value=origin, allowed=allowed
            )
        if not _is_open(scope, headers) and not self._key.opens(headers):
            detail = "a token is needed: scan sideman's QR code, or send Authorization: Bearer TOKEN"
            return Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})
        return None

    def _knows(self, host: str) -> bool:
        """Whether a Host header means this machine. An address cannot be rebound, so off loopback any will do."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        return name in self._names or _is_loopback(name) or (not self._is_local and _is_address(name))


def _is_open(scope: Scope, headers: Headers) -> bool:
    """Whether anybody may see this: the page, which is the same everywhere, and where the token is handed in."""
    path = scope["path"]
    if scope["type"] == "http" and path == "/" and "text/html" in headers.get("accept", ""):
        return not scope["query_string"]
    return bool(path == PAIRING or path.startswith(OPEN_PATHS))


async def _refuse_socket(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answers the request for a WebSocket as any other, where the server can."""
    if "websocket.http.response" in scope.get("extensions", {}):
        await problem.response()(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": _REFUSED, "reason": str(problem)[:120]})


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return name == "localhost" or (_is_address(name) and ip_address(name).is_loopback)
