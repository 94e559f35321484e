"""The page at `/`: a few files of the package, sent as they are."""

from importlib import resources
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from daemon.http.problem import Problem

INDEX: Final = "index.html"
_MEDIA: Final = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}
_HEADERS: Final = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; style-src 'self' 'unsafe-inline';"
        " frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
}


def wants_page(request: Request) -> bool:
    """Whether `/` is asked for by a browser, to be looked at; others (OSCQuery) want it as JSON."""
    return request.url.path == "/" and not request.url.query and "text/html" in request.headers.get("accept", "")


class PageFiles:
    """The files, read once."""

    def __init__(self) -> None:
        folder = resources.files("daemon.http").joinpath("page")
        self._files = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.is_file()}

    def route(self) -> Route:
        """For the application."""
        return Route("/page/{name}", self._file)

    def index(self) -> Response:
        """The page itself."""
        return self._sent(INDEX)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._files:
            raise Problem(404, f"/page/{name:.80}: there is nothing here")
        return self._sent(name)

    def _sent(self, name: str) -> Response:
        return Response(self._files[name], headers=_HEADERS, media_type=_MEDIA[name.rpartition(".")[2]])
