"""Who may come in: the right Host, no other site's Origin, and the token where one is set.

Host and Origin are checked always. A page of another site can make a browser send requests to this machine, and with a
name of its own that leads here (DNS rebinding) even read the answers; but it cannot make it lie about either header.
"""

import hmac
import socket
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from daemon.http.problem import Problem

OPEN_PATHS: Final = ("/page/", "/favicon.ico")
"""What anybody may read: it is the same on every machine."""

_REFUSED: Final = 1008
"""WebSocket: policy violation."""


class Gate:
    """Stands before the application.

    Args:
        host: where we listen, as configured.
        token: what every client must bring; empty for nothing.
    """

    def __init__(self, app: ASGIApp, *, host: str, token: str) -> None:
        self._app = app
        self._token = token.encode()
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
            await send({"type": "websocket.close", "code": _REFUSED, "reason": str(problem)[:120]})

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
        if self._token and not self._is_paired(scope, headers):
            detail = "a token is needed: Authorization: Bearer TOKEN, the configuration's http.token"
            return Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})
        return None

    def _knows(self, host: str) -> bool:
        """Whether a Host header means this machine. An address cannot be rebound, so off loopback any will do."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        return name in self._names or _is_loopback(name) or (not self._is_local and _is_address(name))

    def _is_paired(self, scope: Scope, headers: Headers) -> bool:
        if scope["type"] == "http" and (scope["path"] == "/" and "text/html" in headers.get("accept", "")):
            return True  # the page itself; it brings the token with everything it asks
        if scope["path"].startswith(OPEN_PATHS):
            return True
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            given = parse_qs(scope["query_string"].decode("latin-1")).get("access_token", [""])[0]
        return hmac.compare_digest(given.strip().encode(), self._token)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return name == "localhost" or (_is_address(name) and ip_address(name).is_loopback)
