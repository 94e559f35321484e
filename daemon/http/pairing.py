"""`/pair?token=…`: the address in the QR code. The right token leaves a cookie behind, and the device is a guest.

The token stands in an address here and nowhere else; the cookie holds something made from it, cannot be read by any
script, and is sent along by no page of another site.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from daemon.http.problem import Problem

PATH: Final = "/pair"
MOST_AGE_SECONDS: Final = 365 * 24 * 3600
_PAIRED: Final = b"""<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/">
<title>sideman</title><p>Paired. <a href="/">To the band</a></p></html>
"""
"""No redirection: after one, a browser that came here by a link would not send its new cookie."""


class Key:
    """What opens the gate: the token, or the cookie made from it.

    Args:
        token: empty where everybody may come in.
        port: where we listen; cookies know no ports, so that their names must.
    """

    def __init__(self, token: str, port: int) -> None:
        self._token = token.encode()
        self.cookie_name = f"sideman_{port}"
        self.cookie_value = hmac.new(self._token, b"sideman's page", hashlib.sha256).hexdigest()

    @property
    def is_needed(self) -> bool:
        """Whether there is a token at all."""
        return bool(self._token)

    def is_token(self, given: str) -> bool:
        """Whether this is the token."""
        return hmac.compare_digest(given.strip().encode(), self._token)

    def opens(self, headers: Mapping[str, str]) -> bool:
        """Whether a request with these headers brings the token or the cookie."""
        if not self.is_needed:
            return True
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.is_token(given):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self.cookie_name)
        except CookieError:
            return False
        return cookie is not None and hmac.compare_digest(cookie.value.encode(), self.cookie_value.encode())


class PairingApi:
    """The route.

    Args:
        welcome: told the address of a device that has just come in.
    """

    def __init__(self, key: Key, welcome: Callable[[str], Awaitable[None]]) -> None:
        self._key = key
        self._welcome = welcome

    def route(self) -> Route:
        """For the application."""
        return Route(PATH, self.pair)

    async def pair(self, request: Request) -> Response:
        """Lets a device in that has the token."""
        if not self._key.is_needed:
            return RedirectResponse("/", 303)
        if not self._key.is_token(request.query_params.get("token", "")):
            detail = "this is not the token that sideman shows; the page asks for it, too"
            raise Problem(401, detail, field="token", allowed="the token in the terminal")
        if request.client is not None:
            await self._welcome(request.client.host)
        answer = Response(_PAIRED, media_type="text/html; charset=utf-8")
        answer.set_cookie(
            self._key.cookie_name,
            self._key.cookie_value,
            max_age=MOST_AGE_SECONDS,
            httponly=True,
            samesite="strict",
        )
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer
