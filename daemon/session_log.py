"""Writes a session log from a thread, so that the music never waits for a disk.

Rules. `write` never blocks and never raises: what does not fit into the queue, or onto a full disk, counts
as lost. Each batch is handed to the operating system at once (`kill -9` loses nothing written) and forced to
the disk every second or so (a power cut loses that much). After the first failed write the log stays as it
is: a log with a hole could not be replayed.
"""

import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.session_format import Header, Line, encode_header, encode_line

QUEUE_LINES: Final = 65_536
BATCH_LINES: Final = 1_024
SYNC_SECONDS: Final = 1.0

WriteAll = Callable[[int, bytes], None]


@dataclass(frozen=True, slots=True)
class LogStatistics:
    """What was written and what was not."""

    written: int
    lost: int
    trouble: str = ""
    """Why lines were lost; empty if none were."""


def write_all(descriptor: int, data: bytes) -> None:
    """All of `data` to a file; an operating system may take it in pieces."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class SessionLog:
    """A session log being written.

    Args:
        path: the file to create; it must not exist.
        header: what the first line says.
        patient: let the writer of lines wait when the queue is full: right offline, never live.
        write: how bytes reach the file; tests put a full disk here.

    Raises:
        OSError: the file cannot be created, or the header not written.
    """

    def __init__(self, path: Path, header: Header, *, patient: bool = False, write: WriteAll = write_all) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        self._write = write
        self._patient = patient
        self._queue: queue.Queue[Line | None] = queue.Queue(QUEUE_LINES)
        self._refused = 0  # touched only by the thread that calls `write`
        self._written = 0  # these three only by the writing thread, until it has ended
        self._lost = 0
        self._trouble = ""
        try:
            first, self._checksum = encode_header(header)
            write(self._descriptor, first)
        except BaseException:
            os.close(self._descriptor)
            raise
        self._thread = threading.Thread(target=self._run, name="session log", daemon=True)
        self._thread.start()

    def write(self, line: Line) -> None:
        """Puts a line into the log soon.

        Thread: any one. Realtime-safe: it takes a lock for a moment, but waits only if the log is patient.
        """
        if self._refused:
            self._refused += 1  # after a hole, nothing more: see the rules above
            return
        try:
            self._queue.put(line, block=self._patient)
        except queue.Full:
            self._refused += 1

    @property
    def statistics(self) -> LogStatistics:
        """What was written so far."""
        trouble = self._trouble
        if self._refused and not trouble:
            trouble = f"the disk was too slow: more than {QUEUE_LINES} lines were waiting"
        return LogStatistics(self._written, self._lost + self._refused, trouble)

    def close(self) -> LogStatistics:
        """Writes what is waiting, forces it to the disk, and closes the file."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
        return self.statistics

    def _run(self) -> None:
        """The writing thread: batches to the file, the file to the disk."""
        synced = time.monotonic()
        dirty = False
        running = True
        while running:
            batch = self._take()
            running = None not in batch
            lines = [line for line in batch if line is not None]
            if lines:
                self._put(lines)
                dirty = True
            if dirty and (not running or time.monotonic() - synced >= SYNC_SECONDS):
                self._sync()
                synced, dirty = time.monotonic(), False
        os.close(self._descriptor)

    def _take(self) -> list[Line | None]:
        """What waits in the queue, after waiting for something if nothing does."""
        batch: list[Line | None] = []
        try:
            batch.append(self._queue.get(timeout=SYNC_SECONDS))
            while len(batch) < BATCH_LINES:
                batch.append(self._queue.get_nowait())
        except queue.Empty:
            pass
        return batch

    def _put(self, lines: list[Line]) -> None:
        if self._trouble:
            self._lost += len(lines)
            return
        checksum = self._checksum
        try:
            encoded = []
            for line in lines:
                data, checksum = encode_line(line, checksum)
                encoded.append(data)
            self._write(self._descriptor, b"".join(encoded))
        except (OSError, ValueError, TypeError, OverflowError) as error:
            self._trouble = f"the log could not be written: {error}"
            self._lost += len(lines)
            return
        self._checksum = checksum
        self._written += len(lines)

    def _sync(self) -> None:
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            self._trouble = self._trouble or f"the disk did not take the log: {error}"
