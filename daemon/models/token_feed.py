"""Feeds the token worker with the bars of a session as they close, from a thread; the music never waits for it.

Rules. `take` never blocks live and never raises. If the worker dies or falls behind, bars are lost and counted,
and nothing else happens: tokens can be made again from the log.
"""

import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

import msgspec

from daemon.models.bars import BarBook, ClosedBar
from daemon.session_format import Line, OutputLine
from daemon.song_time import SongTime
from daemon.worker_environment import worker_environment
from realtime.core.events import Beat, NoteOff, NoteOn
from realtime.core.units import MAX_TEMPO_BPM, MIN_TEMPO_BPM, clamp

QUEUE_LINES: Final = 65_536
CLOSE_SECONDS: Final = 20.0
_ONLY_TOLD: Final = {
    "ChordForeseen", "ChordHeard", "KeyHeard", "SectionHeard", "SongHeard", "TurnTaken", "PhraseWanted", "Rejected",
}  # fmt: skip


class BarReader:
    """Outputs of a session in, closed bars out."""

    def __init__(self) -> None:
        self._book = BarBook()
        self._time = SongTime()
        self._tick = 0

    def read(self, line: OutputLine) -> list[ClosedBar]:
        """The bars that are finished with this line."""
        placed = self._time.follow(line)
        tick = self._tick = max(self._tick, placed)
        meter = self._time.meter
        self._book.set_meter(meter.numerator, meter.denominator)
        self._book.set_tempo(clamp(self._time.tempo_bpm, MIN_TEMPO_BPM, MAX_TEMPO_BPM))
        match line.event:
            case NoteOn(part, channel, pitch, velocity):
                self._book.note_on((part, channel, pitch), velocity, placed)
            case NoteOff(part, channel, pitch):
                self._book.note_off((part, channel, pitch), placed)
            case Beat():
                return self._book.closed(tick)
            case _:
                pass
        return []

    def finish(self) -> list[ClosedBar]:
        """The bars still open, closed."""
        return self._book.finish(self._tick)


class TokenFeed:
    """A worker process and the thread that feeds it."""

    def __init__(self, path: Path, *, patient: bool = False, command: list[str] | None = None) -> None:
        self._queue: queue.Queue[OutputLine | None] = queue.Queue(QUEUE_LINES)
        self._patient = patient
        self._is_ended = False
        self._reader = BarReader()
        self.bars = 0
        self.lost = 0
        self.trouble = ""
        self._worker: subprocess.Popen[bytes] | None = None
        try:
            self._worker = subprocess.Popen(
                command or [sys.executable, "-P", "-m", "daemon.models.token_worker", str(path)],
                env=worker_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # In a session of its own: Ctrl-C in the terminal is for us, and we end it when we are done.
                start_new_session=True,
            )
        except OSError as error:
            self.trouble = f"the token worker did not start: {error}"
        self._thread = threading.Thread(target=self._run, name="token feed", daemon=True)
        self._thread.start()

    def take(self, line: Line) -> None:
        """A line of the session. Thread: any one. Realtime-safe: waits only if the feed is patient."""
        if not isinstance(line, OutputLine) or not _matters(line):
            return
        try:
            self._queue.put(line, block=self._patient)
        except queue.Full:
            self.lost += 1

    def end(self) -> None:
        """There are no more lines: the worker finishes while others do. Never waits."""
        if not self._is_ended:
            self._is_ended = True
            self._queue.put(None)

    def close(self) -> None:
        """Sends what is left and waits until the worker has written it."""
        self.end()
        self._thread.join(CLOSE_SECONDS)
        if self._worker is None:
            return
        try:
            self._worker.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._worker.kill()
            self._worker.wait()
            self.trouble = self.trouble or "the token worker did not finish in time"

    def _run(self) -> None:
        while (line := self._queue.get()) is not None:
            self._send(self._reader.read(line))
        self._send(self._reader.finish())
        if self._worker is not None and self._worker.stdin is not None:
            try:
                self._worker.stdin.close()
            except OSError as error:
                self.trouble = self.trouble or f"the token worker is gone: {error}"

    def _send(self, bars: list[ClosedBar]) -> None:
        for bar in bars:
            if self.trouble or self._worker is None or self._worker.stdin is None:
                self.lost += 1
                continue
            try:
                self._worker.stdin.write(msgspec.json.encode(bar) + b"\n")
                self._worker.stdin.flush()
                self.bars += 1
            except OSError as error:
                self.trouble = f"the token worker is gone: {error}"
                self.lost += 1


def _matters(line: OutputLine) -> bool:
    """Whether a line can change a bar: plans and chords cannot, and they are many."""
    return type(line.event).__name__ not in _ONLY_TOLD
