"""The studio's worker processes as the web process sees them: a task to each at a time, stopped at once if need be."""

import contextlib
import logging
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
import trio

from daemon.http.wire import Lines
from daemon.worker_environment import worker_environment

MOST_SECONDS: Final = 300.0
"""A task that takes longer hangs."""

News = Callable[[Mapping[str, Any]], None]
log = logging.getLogger("sideman.http.studio")


class WorkerGone(RuntimeError):
    """The process ended before the task did; the text says how."""


class Worker:
    """One process. It is started with its first task, and again with the next one after it was stopped."""

    def __init__(self) -> None:
        self._process: trio.Process | None = None
        self._lines = Lines()
        self._waiting: list[bytes] = []

    async def do(self, task: Mapping[str, Any], tell: News) -> Mapping[str, Any]:
        """The last word on a task; `tell` hears of the stages before.

        Raises:
            WorkerGone: the process ended, was stopped, or took too long.
        """
        if self._process is None or self._process.returncode is not None:
            self._process = await self._started()
        assert self._process.stdin is not None
        with trio.move_on_after(MOST_SECONDS):
            try:
                await self._process.stdin.send_all(msgspec.json.encode(task) + b"\n")
                while True:
                    news = await self._next()
                    if news.get("id") != task["id"]:
                        continue
                    if "stage" not in news:
                        return news
                    tell(news)
            except (trio.BrokenResourceError, trio.ClosedResourceError, ValueError) as problem:
                await self.stop()
                raise WorkerGone(f"the studio's process ended: {problem}") from None
        await self.stop()
        raise WorkerGone(f"it took more than {MOST_SECONDS:g} s")

    async def stop(self) -> None:
        """Ends the process, whatever it does. Whoever waits for it hears of it."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            with trio.CancelScope(shield=True), contextlib.suppress(OSError):
                await process.wait()

    async def _started(self) -> trio.Process:
        self._lines, self._waiting = Lines(), []
        return await trio.lowlevel.open_process(
            [sys.executable, "-P", "-m", "daemon.song.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=worker_environment(),
        )

    async def _next(self) -> dict[str, Any]:
        while not self._waiting:
            if self._process is None or self._process.stdout is None:
                raise ValueError("it was stopped")
            data = await self._process.stdout.receive_some()
            if not data:
                raise ValueError("it is gone")
            self._waiting += self._lines.feed(bytes(data))
        news: dict[str, Any] = msgspec.json.decode(self._waiting.pop(0))
        return news
