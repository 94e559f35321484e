"""`/api/music`: whole pieces by request; made in a process of their own, so that the live band keeps its time."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import trio
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from daemon.http.body import read_object
from daemon.http.music_openapi import music_paths
from daemon.http.problem import Problem, as_json
from daemon.http.studio_jobs import JOB_ID, Job, JobBoard
from daemon.http.wire import StyleCard

MOST_MIDI_BYTES: Final = 1_500_000
"""Of a request that brings a MIDI file, which base 64 makes a third larger."""

RESULT_NAME, ROLL_NAME = "result.json", "roll.json"
HEARTBEAT_SECONDS: Final = 10.0
_FILE: Final = re.compile(rf"({JOB_ID.pattern})\.(mid|wav|flac)")
_MEDIA: Final = {"mid": "audio/midi", "wav": "audio/wav", "flac": "audio/flac"}

Answer = Callable[[Request], Awaitable[Response]]


class MusicApi:
    """The routes.

    Args:
        folder: where pieces are kept.
        styles: what the band can play.
    """

    def __init__(self, folder: Path, styles: tuple[StyleCard, ...]) -> None:
        self.board = JobBoard(folder)
        self._styles = styles

    def routes(self) -> list[Route]:
        """For the application."""
        asked = {
            "generate": "generate", "chords/predict": "predict", "theory/explain": "explain",
            "melody/generate": "melody", "tokenize": "tokenize", "arrange": "arrange",
        }  # fmt: skip
        return [
            *(Route(f"/api/music/{path}", self._asking(task), methods=["POST"]) for path, task in asked.items()),
            Route("/api/music/models/info", self.models),
            Route("/api/music/jobs", self.jobs),
            Route("/api/music/jobs/{id}", self.job, methods=["GET", "DELETE"]),
            Route("/api/music/jobs/{id}/events", self.events),
            Route("/api/music/jobs/{id}/roll", self.roll),
            Route("/api/music/download/midi/{filename}", self.download_midi),
            Route("/api/music/download/audio/{filename}", self.download_audio),
        ]

    def paths(self) -> dict[str, Any]:
        """For OpenAPI."""
        return music_paths()

    def _asking(self, task: str) -> Answer:
        async def ask(request: Request) -> Response:
            """The answer when it is done; with `?wait=false`, or `Prefer: respond-async`, where to look for it."""
            content = await read_object(request, may_be_empty=True, most=MOST_MIDI_BYTES)
            job = self.board.submit(task, content)
            if request.query_params.get("wait") == "false" or "respond-async" in request.headers.get("prefer", ""):
                return _accepted(job)
            await self.board.finished(job)
            return await self._result(job)

        return ask

    async def jobs(self, _: Request) -> Response:
        """Every job that is kept, the newest first."""
        return as_json({"jobs": self.board.jobs})

    async def job(self, request: Request) -> Response:
        """How a job stands, and its result if it is done; DELETE stops it."""
        job = self.board.job(request.path_params["id"])
        if request.method == "DELETE":
            await self.board.cancel(job)
            return as_json({"job": job})
        return await self._result(job) if job.state == "done" else as_json({"job": job})

    async def events(self, request: Request) -> Response:
        """The job as it goes on, as server-sent events, until it is over."""
        job = self.board.job(request.path_params["id"])

        async def tell() -> AsyncIterator[bytes]:
            while True:
                yield b"event: job\ndata: " + msgspec.json.encode(job) + b"\n\n"
                if job.is_over:
                    return
                with trio.move_on_after(HEARTBEAT_SECONDS):
                    await self.board.changed(job)

        return StreamingResponse(tell(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def roll(self, request: Request) -> Response:
        """The notes of a piece, for a picture: part, pitch, start and length in beats, velocity."""
        job = self.board.job(request.path_params["id"])
        return Response(await self._read(job, ROLL_NAME), media_type="application/json")

    async def download_midi(self, request: Request) -> Response:
        """A piece as a MIDI file."""
        return self._sent(request.path_params["filename"], ("mid",))

    async def download_audio(self, request: Request) -> Response:
        """A piece as sound; a Range header asks for a part of it."""
        return self._sent(request.path_params["filename"], ("wav", "flac"))

    async def models(self, _: Request) -> Response:
        """Who composes, in what genres, forms and meters, and with which weights."""
        return as_json(await trio.to_thread.run_sync(self._described))

    # ------------------------------------------------------------------------------------------- inside

    async def _result(self, job: Job) -> Response:
        """What came of a job that is over.

        Raises:
            Problem: it failed, with what was wrong with the request (422) or with us (500), or was cancelled (409).
        """
        if job.faults:
            raise _refused(job)
        if job.state != "done":
            status = 409 if job.state == "cancelled" else 500
            raise Problem(status, f"job {job.id} was {job.state}" + (f": {job.trouble}" if job.trouble else ""))
        result = msgspec.json.decode(await self._read(job, RESULT_NAME))
        return as_json({**result, "job": job, "downloads": self._downloads(job)})

    def _downloads(self, job: Job) -> dict[str, str]:
        found = {}
        for suffix, kind in (("mid", "midi"), ("wav", "audio"), ("flac", "audio")):
            if self.board.file(job, f"song.{suffix}").is_file():
                found[kind] = f"/api/music/download/{kind}/{job.id}.{suffix}"
        return found

    async def _read(self, job: Job, name: str) -> bytes:
        try:
            return await trio.to_thread.run_sync(self.board.file(job, name).read_bytes)
        except OSError:
            raise Problem(404, f"job {job.id} has none: it is {job.state}") from None

    def _sent(self, filename: str, suffixes: tuple[str, ...]) -> Response:
        """A file of a job, by its public name: nothing else can be named."""
        match = _FILE.fullmatch(filename)
        if match is None or match.group(2) not in suffixes:
            raise Problem(404, f"{filename!r:.80}: there is no such file; a piece's `downloads` name its own")
        job = self.board.job(match.group(1))
        path = self.board.file(job, f"song.{match.group(2)}")
        if not path.is_file() or not path.resolve().is_relative_to(self.board.folder.resolve()):
            raise Problem(404, f"{filename!r:.80}: there is no such file")
        return FileResponse(path, media_type=_MEDIA[match.group(2)], filename=filename)

    def _described(self) -> dict[str, Any]:
        from daemon.song.backends import backends  # noqa: PLC0415 - only who asks needs them
        from daemon.song.form import FORMS  # noqa: PLC0415
        from daemon.song.genre import GENRES, MODES, genre_of  # noqa: PLC0415
        from daemon.song.request import METERS  # noqa: PLC0415
        from daemon.weights_folder import fingerprints  # noqa: PLC0415

        genres = [
            {"name": name, "title": genre_of(name).title, "styles": genre_of(name).styles, "form": genre_of(name).form}
            for name in GENRES
        ]
        return {
            "backends": backends(), "weights": fingerprints(), "genres": genres, "modes": MODES, "forms": list(FORMS),
            "meters": METERS, "styles": self._styles,
        }  # fmt: skip


def _accepted(job: Job) -> Response:
    place = f"/api/music/jobs/{job.id}"
    answer = as_json({"job": job, "events": f"{place}/events"}, 202)
    answer.headers["Location"] = place
    return answer


def _refused(job: Job) -> Problem:
    """A request that could not be met: its first fault as the problem's own, all of them under `errors`."""
    first = job.faults[0]
    detail = "; ".join(f"{fault['field']}: must be {fault['allowed']}" for fault in job.faults)
    problem = Problem(422, detail[:2000], field=first["field"], value=first["value"], allowed=first["allowed"])
    problem.body["errors"] = job.faults
    return problem
