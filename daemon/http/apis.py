"""Every interface below `/api`, in one list: a new one is a class with `routes` and `paths`, entered here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from starlette.routing import Route

from daemon.http.calls import Calls
from daemon.http.guests import GuestsApi
from daemon.http.layouts import LayoutsApi
from daemon.http.live import LiveApi
from daemon.http.mirror import Mirror
from daemon.http.sessions import SessionsApi
from daemon.http.wire import Hello


class Api(Protocol):
    """Some routes that belong together."""

    def routes(self) -> Sequence[Route]:
        """For the application."""
        ...

    def paths(self) -> dict[str, Any]:
        """The same for OpenAPI: path items by path."""
        ...


def every_api(hello: Hello, mirror: Mirror, calls: Calls) -> list[Api]:
    """What there is. The first whose route fits a path answers."""
    return [
        LiveApi(mirror, calls, hello.styles),
        SessionsApi(Path(hello.sessions), hello.session),
        LayoutsApi(hello),
        GuestsApi(mirror, calls.decide_guest),
    ]
