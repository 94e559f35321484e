"""What the studio was asked to do: a folder a job, kept over restarts; one after the other, told as it goes on."""

import re
import secrets
import shutil
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import trio

from daemon.http.problem import Problem
from daemon.http.studio_crew import Worker, WorkerGone

MOST_WAITING: Final = 64
MOST_KEPT: Final = 100
"""Finished jobs; with another one the oldest goes, and its files."""

RETRY_SECONDS: Final = 5
JOB_NAME: Final = "job.json"
JOB_ID: Final = re.compile(r"[0-9]{14}-[0-9a-f]{8}")
OVER: Final = ("done", "failed", "cancelled", "interrupted")

State = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"]


class Job(msgspec.Struct, omit_defaults=False):
    """A job as it is told and kept."""

    id: str
    task: str
    state: State = "waiting"
    stage: str = ""
    share: float = 0.0
    created: str = ""
    trouble: str = ""
    faults: list[dict[str, Any]] = msgspec.field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in OVER


class JobBoard:
    """All jobs, and who does them.

    Args:
        folder: where each job has a folder of its own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._jobs: dict[str, Job] = {}
        self._contents: dict[str, dict[str, Any]] = {}
        self._queue: deque[Job] = deque()
        self._changed: dict[str, trio.Event] = {}
        self._wake = trio.Event()
        self._worker = Worker()
        self._running: Job | None = None
        self._read()

    @property
    def jobs(self) -> list[Job]:
        """All of them, the newest first."""
        return sorted(self._jobs.values(), key=lambda job: job.id, reverse=True)

    def job(self, name: str) -> Job:
        """The job of that name.

        Raises:
            Problem: there is none (404).
        """
        if name not in self._jobs:
            raise Problem(404, f"{name!r:.80}: there is no such job; GET /api/music/jobs lists them")
        return self._jobs[name]

    def submit(self, task: str, content: dict[str, Any]) -> Job:
        """A new job, at the end of the queue.

        Raises:
            Problem: too many are waiting (503).
        """
        if len(self._queue) >= MOST_WAITING:
            detail = f"{MOST_WAITING} jobs are waiting already; try again in a while"
            raise Problem(503, detail, headers={"Retry-After": str(RETRY_SECONDS)})
        now = datetime.now().astimezone()
        name = f"{now:%Y%m%d%H%M%S}-{secrets.token_hex(4)}"
        job = Job(name, task, created=now.isoformat(timespec="seconds"))
        self._jobs[name], self._contents[name] = job, content
        self._changed[name] = trio.Event()
        self._queue.append(job)
        self._keep(job)
        self._wake.set()
        return job

    async def cancel(self, job: Job) -> None:
        """Stops a job, waiting or running, now. One that is over stays as it is."""
        if job.is_over:
            return
        self._change(job, state="cancelled")
        if job is self._running:
            await self._worker.stop()
        else:
            self._queue.remove(job)
            self._contents.pop(job.id, None)

    async def changed(self, job: Job) -> None:
        """Waits until there is news of a job that is not over."""
        if not job.is_over:
            await self._changed[job.id].wait()

    async def finished(self, job: Job) -> None:
        """Waits until a job is over."""
        while not job.is_over:
            await self.changed(job)

    async def run(self) -> None:
        """Does what is asked, for ever."""
        try:
            while True:
                while self._queue:
                    await self._do(self._queue.popleft())
                self._wake = trio.Event()
                await self._wake.wait()
        finally:
            await self._worker.stop()

    def file(self, job: Job, name: str) -> Path:
        """Where a file of a job lies, or would."""
        return self.folder / job.id / name

    # ------------------------------------------------------------------------------------------- inside

    async def _do(self, job: Job) -> None:
        self._running = job
        self._change(job, state="running")
        task = {
            "id": job.id, "task": job.task, "content": self._contents.pop(job.id),
            "folder": str(self.folder / job.id),
        }  # fmt: skip

        def tell(news: Mapping[str, Any]) -> None:
            self._change(job, stage=news["stage"], share=news["share"])

        try:
            last = await self._worker.do(task, tell)
        except WorkerGone as problem:
            last = {"trouble": str(problem)}
        self._running = None
        if job.state == "cancelled":
            await trio.to_thread.run_sync(self._remove_files, job)
        elif "done" in last:
            self._change(job, state="done", share=1.0)
        else:
            self._change(job, state="failed", trouble=last.get("trouble", ""), faults=last.get("faults", []))
        await self._forget_old()

    def _change(self, job: Job, **values: Any) -> None:  # noqa: ANN401 - the job's fields
        for name, value in values.items():
            setattr(job, name, value)
        if "state" in values:
            self._keep(job)
        self._changed[job.id].set()
        self._changed[job.id] = trio.Event()

    def _keep(self, job: Job) -> None:
        """So that it is known after a restart. A full disk costs only that."""
        try:
            (self.folder / job.id).mkdir(parents=True, exist_ok=True)
            (self.folder / job.id / JOB_NAME).write_bytes(msgspec.json.encode(job))
        except OSError as problem:
            job.trouble = f"the disk: {problem.strerror or problem}"

    def _remove_files(self, job: Job) -> None:
        for file in (self.folder / job.id).glob("*"):
            if file.name != JOB_NAME:
                file.unlink(missing_ok=True)

    async def _forget_old(self) -> None:
        over = [job for job in self.jobs if job.is_over]
        for job in over[MOST_KEPT:]:
            del self._jobs[job.id], self._changed[job.id]
            await trio.to_thread.run_sync(partial(shutil.rmtree, self.folder / job.id, ignore_errors=True))

    def _read(self) -> None:
        """The jobs that were kept; what was not over then is told as interrupted."""
        if not self.folder.is_dir():
            return
        for folder in self.folder.iterdir():
            if not JOB_ID.fullmatch(folder.name):
                continue
            try:
                job = msgspec.json.decode((folder / JOB_NAME).read_bytes(), type=Job)
            except (OSError, msgspec.MsgspecError):
                continue
            if job.id != folder.name:
                continue
            if not job.is_over:
                job.state, job.trouble = "interrupted", "sideman ended before it was done; ask again"
                self._jobs[job.id] = job
                self._keep(job)
            self._jobs[job.id] = job
            self._changed[job.id] = trio.Event()
