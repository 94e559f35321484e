"""`/layouts`: the controllers' layouts, as files to take along."""

from functools import partial
from typing import Any

import trio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from daemon.http.describing import operation, place
from daemon.http.problem import Problem, as_json
from daemon.http.wire import Hello
from daemon.layouts.files import KINDS, Ports, layout


class LayoutsApi:
    """The routes.

    Args:
        hello: the ports, and the styles there are buttons for.
    """

    def __init__(self, hello: Hello) -> None:
        self._styles = tuple(style.name for style in hello.styles)
        self._ports = Ports(hello.osc_port, hello.osc_feedback_port)
        self._written: dict[str, bytes] = {}

    def routes(self) -> list[Route]:
        """For the application."""
        return [Route("/layouts", self.list), Route("/layouts/{file}", self.file)]

    def paths(self) -> dict[str, Any]:
        """For OpenAPI."""
        return {
            "/layouts": {"get": operation("Layouts of controllers, for TouchOSC, Max and Pure Data", "layouts")},
            "/layouts/{file}": {
                "get": operation("A layout", "layouts", place("file"), media="application/octet-stream")
            },
        }

    async def list(self, _: Request) -> Response:
        """Which there are."""
        rows = [{"kind": name, "file": kind.file, "href": f"/layouts/{kind.file}"} for name, kind in KINDS.items()]
        return as_json({"layouts": rows})

    async def file(self, request: Request) -> Response:
        """One of them, written when it is first asked for."""
        wanted = request.path_params["file"]
        name = next((name for name, kind in KINDS.items() if kind.file == wanted), "")
        if not name:
            raise Problem(404, f"{wanted!r:.80}: there is no such layout; GET /layouts lists them")
        if name not in self._written:
            write = partial(layout, name, self._styles, self._ports)
            self._written[name] = await trio.to_thread.run_sync(write)
        headers = {"Content-Disposition": f'attachment; filename="{wanted}"'}
        return Response(self._written[name], media_type=KINDS[name].media_type, headers=headers)
