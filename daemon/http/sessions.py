"""`/api/sessions`: the recorded sessions and their files. Nothing outside the sessions' folder can be read."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import trio
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from daemon.http.describing import operation, place
from daemon.http.problem import Problem, as_json
from daemon.session_folder import SESSION_FILES, session_entry
from daemon.session_reader import LOG_NAME

MOST_LISTED: Final = 100
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
"""What `new_session_folder` makes, and what people rename it to; never `..`, never a slash."""

_MEDIA: Final = {
    ".jsonl": "application/jsonl",
    ".json": "application/json",
    ".mid": "audio/midi",
    ".wav": "audio/wav",
    ".bin": "application/octet-stream",
}


class SessionsApi:
    """The routes.

    Args:
        folder: the one that holds all sessions.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/api/sessions", self.sessions),
            Route("/api/sessions/{name}", self.session),
            Route("/api/sessions/{name}/{file}", self.file),
        ]

    def paths(self) -> dict[str, Any]:
        """For OpenAPI."""
        name = place("name", "a session, as the list names it")
        return {
            "/api/sessions": {"get": operation("The hundred newest sessions, the newest first", "sessions")},
            "/api/sessions/{name}": {"get": operation("A session and its files", "sessions", name)},
            "/api/sessions/{name}/{file}": {
                "get": operation(
                    "A file of a session", "sessions", name, place("file"), media="application/octet-stream"
                )
            },
        }

    async def sessions(self, _: Request) -> Response:
        """The hundred newest sessions, the newest first."""
        return as_json({"sessions": await trio.to_thread.run_sync(self._listed)})

    async def session(self, request: Request) -> Response:
        """One session."""
        folder = self._found(request.path_params["name"])
        return as_json(await trio.to_thread.run_sync(_row, folder))

    async def file(self, request: Request) -> Response:
        """A file of a session, whole or, with a Range header, in part."""
        folder, name = self._found(request.path_params["name"]), request.path_params["file"]
        if name not in SESSION_FILES or not _is_inside(folder / name, folder):
            raise Problem(404, f"{folder.name}: has no file {name!r:.80}")
        media = _MEDIA[Path(name).suffix]
        return FileResponse(folder / name, media_type=media, filename=f"{folder.name}_{name}")

    def _found(self, name: str) -> Path:
        folder = self._folder / name
        if not _NAME.fullmatch(name) or not _is_inside(folder / LOG_NAME, self._folder):
            raise Problem(404, f"{name!r:.80}: there is no such session; GET /api/sessions lists them")
        return folder

    def _listed(self) -> list[dict[str, Any]]:
        if not self._folder.is_dir():
            return []
        names = sorted((entry.name for entry in self._folder.iterdir() if _NAME.fullmatch(entry.name)), reverse=True)
        logs = (self._folder / name / LOG_NAME for name in names)
        return [_row(log.parent) for log in logs if _is_inside(log, self._folder)][:MOST_LISTED]


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether `file` is a file that lies in `folder` when every link is followed."""
    return file.is_file() and file.resolve().is_relative_to(folder)


def _row(folder: Path) -> dict[str, Any]:
    entry = asdict(session_entry(folder))
    del entry["path"]  # where things lie on this machine is nobody's business
    files = [
        {"name": name, "bytes": (folder / name).stat().st_size, "href": f"/api/sessions/{folder.name}/{name}"}
        for name in SESSION_FILES
        if _is_inside(folder / name, folder.resolve())
    ]
    return {**entry, "files": files}
