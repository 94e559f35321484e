"""`/api/sessions`: the recorded sessions and their files. Nothing outside their folder is read or deleted."""

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
from daemon.http.session_mix import Mixer
from daemon.http.session_roll import roll_of
from daemon.session_folder import SESSION_FILES, session_entry
from daemon.session_format import BadLog
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
        present: the name of the session that is being recorded, if one is.
    """

    def __init__(self, folder: Path, present: str) -> None:
        self._folder = folder.resolve()
        self._present = present
        self._mixer = Mixer()

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/api/sessions", self.sessions),
            Route("/api/sessions/{name}", self.session, methods=["GET", "DELETE"]),
            Route("/api/sessions/{name}/roll", self.roll),
            Route("/api/sessions/{name}/mix", self.mix, methods=["POST"]),
            Route("/api/sessions/{name}/{file}", self.file),
        ]

    def paths(self) -> dict[str, Any]:
        """For OpenAPI."""
        name = place("name", "a session, as the list names it")
        return {
            "/api/sessions": {"get": operation("The hundred newest sessions, the newest first", "sessions")},
            "/api/sessions/{name}": {
                "get": operation("A session and its files", "sessions", name),
                "delete": operation("Deletes a session, but not the one that is being recorded", "sessions", name),
            },
            "/api/sessions/{name}/roll": {"get": operation("Its notes, chords and bars", "sessions", name)},
            "/api/sessions/{name}/mix": {"post": operation("Makes its mix, if there is none", "sessions", name)},
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
        """One session; DELETE deletes it."""
        folder = self._found(request.path_params["name"])
        if request.method == "DELETE":
            return await self._delete(folder)
        return as_json(await trio.to_thread.run_sync(self._row, folder))

    async def _delete(self, folder: Path) -> Response:
        """Deletes what sideman wrote; a folder in which somebody else left something stays, with that."""
        self._over(folder)
        left = await trio.to_thread.run_sync(_delete, folder)
        return as_json({"deleted": folder.name, "left": left})

    async def roll(self, request: Request) -> Response:
        """The session as a piano roll shows it."""
        folder = self._found(request.path_params["name"])
        try:
            return as_json(await trio.to_thread.run_sync(roll_of, folder))
        except (BadLog, OSError) as error:
            raise Problem(500, f"{folder.name}: its log cannot be read: {error}") from None

    async def mix(self, request: Request) -> Response:
        """Makes a mix of the session, unless there is one; answers when it is there."""
        folder = self._found(request.path_params["name"])
        self._over(folder)
        await self._mixer.mix(folder)
        return as_json(await trio.to_thread.run_sync(self._row, folder))

    def _over(self, folder: Path) -> None:
        if folder.resolve().name == self._present:
            raise Problem(409, f"{folder.name} is being recorded; wait until the music is over")

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
        return [self._row(log.parent) for log in logs if _is_inside(log, self._folder)][:MOST_LISTED]

    def _row(self, folder: Path) -> dict[str, Any]:
        """What the list says of a session; `is_present`: it is being recorded."""
        entry = asdict(session_entry(folder))
        del entry["path"]  # where things lie on this machine is nobody's business
        files = [
            {"name": name, "bytes": (folder / name).stat().st_size, "href": f"/api/sessions/{folder.name}/{name}"}
            for name in SESSION_FILES
            if _is_inside(folder / name, folder.resolve())
        ]
        return {**entry, "is_present": folder.name == self._present, "files": files}


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether `file` is a file that lies in `folder` when every link is followed."""
    return file.is_file() and file.resolve().is_relative_to(folder)


def _delete(folder: Path) -> list[str]:
    """Deletes a session's files, and the folder if nothing else is in it; what is left. Of a link only itself goes."""
    for name in SESSION_FILES:
        (folder / name).unlink(missing_ok=True)
    left = sorted(entry.name for entry in folder.iterdir())
    if not left:
        folder.rmdir()
    return left
