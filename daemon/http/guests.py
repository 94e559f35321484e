"""`/api/guests`: who asks to send OSC from elsewhere on the network, and who may."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from daemon.http.describing import operation, place
from daemon.http.mirror import Mirror
from daemon.http.problem import Problem, as_json
from realtime.edges.guest_list import BadAddress, address

Decide = Callable[[str, bool], Awaitable[None]]
"""Allows an address, or forgets it."""

_ADDRESS: Final = "an IP address, as 192.168.1.20"


class GuestsApi:
    """The routes.

    Args:
        mirror: who asks and who may.
        decide: how that is changed.
    """

    def __init__(self, mirror: Mirror, decide: Decide) -> None:
        self._mirror = mirror
        self._decide = decide

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/api/guests", self.guests),
            Route("/api/guests/{address}", self.guest, methods=["PUT", "DELETE"]),
        ]

    def paths(self) -> dict[str, Any]:
        """For OpenAPI."""
        where = place("address", _ADDRESS)
        return {
            "/api/guests": {"get": operation("Who asks to send OSC, and who may", "guests")},
            "/api/guests/{address}": {
                "put": operation("Lets an address send OSC, from now on", "guests", where),
                "delete": operation("An address is a stranger again", "guests", where),
            },
        }

    async def guests(self, _: Request) -> Response:
        """Who asks, and who may; `is_open` is false where nobody but this machine reaches the port anyway."""
        guests = self._mirror.state.get("guests")
        return as_json({"is_open": guests is not None, **(guests or {"asking": (), "allowed": ()})})

    async def guest(self, request: Request) -> Response:
        """PUT allows an address, DELETE forgets it. Listed ones are the configuration's."""
        given = request.path_params["address"]
        try:
            guest = address(given)
        except BadAddress as error:
            raise Problem(422, str(error), field="address", value=given, allowed=_ADDRESS) from None
        if "guests" not in self._mirror.state:
            raise Problem(409, "OSC listens to this machine alone: sideman run --lan opens it to others")
        allowed = request.method == "PUT"
        await self._decide(guest, allowed)
        return as_json({"address": guest, "allowed": allowed})
