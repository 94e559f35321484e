"""A session being recorded: a heart whose every line goes to the log and, as bars, to the token worker."""

from dataclasses import dataclass
from pathlib import Path

from daemon.midi_score import song_of, write_band, write_performance
from daemon.models.token_feed import TokenFeed
from daemon.recorder import LiveHeart, Recorder
from daemon.session_folder import BAND_NAME, PERFORMANCE_NAME, TOKENS_NAME
from daemon.session_format import Header, Line
from daemon.session_log import SessionLog
from daemon.session_reader import LOG_NAME, MEMORY_NAME, open_session


@dataclass(frozen=True, slots=True)
class TakeReport:
    """What was kept of a session, and what was not. `troubles` are for people."""

    lines: int
    lost_lines: int
    bars: int
    lost_bars: int
    troubles: tuple[str, ...]


class Take:
    """A session on its way to a folder. Give `heart` to whatever drives it, then `close`.

    Args:
        memory: what the band knows when it begins; kept beside the log.
        patient: wait for the disk and the worker rather than lose a line: right offline, never live.

    Raises:
        OSError: the log cannot be begun.
    """

    def __init__(
        self, heart: LiveHeart, folder: Path, header: Header, *, memory: bytes = b"", patient: bool = False
    ) -> None:
        self.folder = folder
        if memory:
            (folder / MEMORY_NAME).write_bytes(memory)
        self._log = SessionLog(folder / LOG_NAME, header, patient=patient)
        self._tokens = TokenFeed(folder / TOKENS_NAME, patient=patient)
        self.heart = Recorder(heart, self._write)

    def _write(self, line: Line) -> None:
        self._log.write(line)
        self._tokens.take(line)

    @property
    def troubles(self) -> tuple[str, ...]:
        """What went wrong so far."""
        found = (self._log.statistics.trouble, self._tokens.trouble)
        return tuple(trouble for trouble in found if trouble)

    def end(self) -> None:
        """The session is over: what takes a while to finish begins to. Never waits."""
        self._tokens.end()

    def close(self) -> TakeReport:
        """Writes what is left. May take a second: not while music plays."""
        kept = self._log.close()
        self._tokens.close()
        return TakeReport(kept.written, kept.lost, self._tokens.bars, self._tokens.lost, self.troubles)

    def discard(self) -> None:
        """Closes the take and removes what it made: the session never began."""
        self.close()
        for name in (LOG_NAME, MEMORY_NAME, TOKENS_NAME):
            (self.folder / name).unlink(missing_ok=True)
        self.folder.rmdir()


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A session that is not recorded although it should be, and why."""

    troubles: tuple[str, ...]

    def end(self) -> None:
        """There is nothing to finish."""


def write_midi_files(folder: Path) -> None:
    """`performance.mid` and `band.mid` from the log in `folder`.

    Raises:
        BadLog: the log cannot be read.
        OSError: the files cannot be written.
    """
    song = song_of(open_session(folder).outputs())
    write_performance(song, folder / PERFORMANCE_NAME)
    write_band(song, folder / BAND_NAME)
