"""A large model in a process of its own: JSON lines to it and from it, deadlines, and a restart that takes its time.

Whatever becomes of the child (it dies, hangs, talks nonsense, wants too much memory), the caller gets an answer or one
of the three errors here in time, and nothing of ours waits or grows.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, Final

LONGEST_LINE: Final = 1 << 20
"""Bytes; a child that says more in one line is talking nonsense."""
REMEMBERED_LINES: Final = 20
"""Of what the child said on stderr; the last of them are told when it dies."""
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0
GRACE_SECONDS: Final = 1.0
MEMORY_VARIABLE: Final = "SIDEMAN_MODEL_BYTES"
"""Tells the child how much memory it may have; see `daemon.models.limits`."""


class ModelError(RuntimeError):
    """A model gave no answer; the text says why, and what can be done."""


class ModelLate(ModelError):
    """No answer in time. The child was ended: nobody knows what it would say next."""


class ModelGone(ModelError):
    """The child could not be started, died, or talked nonsense."""


class ModelRefused(ModelError):
    """The child is well and says that it cannot do this."""


class ModelChild:
    """Starts `command` when it is first asked, and again, after a pause that doubles, when it has died."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        name: str,
        environment: Mapping[str, str] | None = None,
        memory_bytes: int | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.starts = 0
        """How often the child was started."""
        self._command, self._now = list(command), now
        self._environment = dict(os.environ if environment is None else environment)
        if memory_bytes is not None:
            self._environment[MEMORY_VARIABLE] = str(memory_bytes)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        self._last_words: deque[str] = deque(maxlen=REMEMBERED_LINES)
        self._pause, self._not_before = FIRST_PAUSE_SECONDS, -1e9
        self._serial = 0

    @property
    def is_running(self) -> bool:
        """Whether there is a child now."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int | None:
        """The child's, while there is one."""
        return self._process.pid if self._process is not None else None

    def ask(self, request: Mapping[str, Any], timeout_seconds: float) -> dict[str, Any]:
        """The child's answer to one request; requests of several threads queue up, and waiting counts as time.

        Raises:
            ModelLate: there was none after `timeout_seconds`.
            ModelGone: the child is not there, died, or said what is no answer.
            ModelRefused: the child answered that it cannot.
        """
        due = self._now() + timeout_seconds
        if not self._lock.acquire(timeout=max(0.0, timeout_seconds)):
            raise ModelLate(f"{self.name}: still busy with another request after {timeout_seconds:g} s")
        try:
            return self._ask(request, due, timeout_seconds)
        finally:
            self._lock.release()

    def close(self) -> None:
        """Ends the child, if there is one: kindly, then not."""
        with self._lock:
            self._end()

    def _ask(self, request: Mapping[str, Any], due: float, timeout_seconds: float) -> dict[str, Any]:
        process = self._running()
        self._serial += 1
        line = json.dumps({**request, "id": self._serial}).encode() + b"\n"
        try:
            assert process.stdin is not None  # it was opened with pipes
            process.stdin.write(line)
            process.stdin.flush()
        except OSError:
            raise self._gone("died") from None
        while True:
            try:
                answer = self._answers.get(timeout=max(0.0, due - self._now()))
            except queue.Empty:
                self._fail()
                raise ModelLate(f"{self.name}: no answer in {timeout_seconds:g} s; it was ended") from None
            if answer is None:
                raise self._gone("died")
            read = self._read(answer)
            if read.get("id") == self._serial:
                break
        self._pause = FIRST_PAUSE_SECONDS
        if "error" in read:
            raise ModelRefused(f"{self.name}: {read['error']}"[:500])
        return read

    def _read(self, answer: bytes) -> dict[str, Any]:
        try:
            read = json.loads(answer)
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise self._gone(f"said {answer[:40]!r}, which is no JSON object")
        return read

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        wait = self._not_before - self._now()
        if wait > 0:
            raise ModelGone(f"{self.name}: it died, and is started again in {wait:.0f} s")
        self._answers, self._last_words = queue.Queue(maxsize=64), deque(maxlen=REMEMBERED_LINES)
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment,
                start_new_session=True,
            )
        except OSError as error:
            self._fail()
            raise ModelGone(f"{self.name}: {self._command[0]} cannot be started: {error.strerror}") from error
        self.starts += 1
        for target, pipe in ((_listen, self._process.stdout), (_remember, self._process.stderr)):
            sink: Any = self._answers if target is _listen else self._last_words
            threading.Thread(target=target, args=(pipe, sink), daemon=True).start()
        return self._process

    def _gone(self, what: str) -> ModelGone:
        """The error for a child that `what`; it is ended, and the pause before the next doubles."""
        self._fail()
        words = " | ".join(list(self._last_words)[-3:])
        return ModelGone(f"{self.name}: it {what}" + (f"; it said: {words}"[:400] if words else ""))

    def _fail(self) -> None:
        self._end()
        self._not_before = self._now() + self._pause
        self._pause = min(LONGEST_PAUSE_SECONDS, 2 * self._pause)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)  # its own session: its children end with it
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)
                break


def _listen(pipe: IO[bytes], answers: "queue.Queue[bytes | None]") -> None:
    """Passes lines on until the child is gone; an overlong line is cut, and so no JSON."""
    with pipe, contextlib.suppress(ValueError, OSError):
        while line := pipe.readline(LONGEST_LINE):
            with contextlib.suppress(queue.Full):
                answers.put_nowait(line)
    with contextlib.suppress(queue.Full):
        answers.put_nowait(None)


def _remember(pipe: IO[bytes], words: deque[str]) -> None:
    with pipe, contextlib.suppress(ValueError, OSError):
        while line := pipe.readline(4096):
            words.append(line.decode("utf-8", "replace").strip())
