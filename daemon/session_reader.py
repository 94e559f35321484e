"""Reads a session log back, line by line."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.session_format import (
    BadLog,
    Header,
    Line,
    OutputLine,
    decode_header,
    decode_line,
    is_intact,
    unseal,
)

LOG_NAME: Final = "session.jsonl"
MEMORY_NAME: Final = "memory.bin"
MAX_LINE_BYTES: Final = 64_000_000
"""A header carries every style, so it may be long; a line that is longer than this is no line of ours."""


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """A line of a log, where it stands, and whether its checksum is right."""

    number: int
    line: Line
    intact: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A session log that was opened: its header now, its lines when asked for."""

    path: Path
    header: Header
    header_intact: bool

    def memory(self) -> bytes:
        """What the band knew when the session began, if it lies beside the log; else nothing.

        Raises:
            OSError: it cannot be read.
        """
        file = self.path.with_name(MEMORY_NAME)
        return file.read_bytes() if self.header.memory and file.is_file() else b""

    def lines(self) -> Iterator[NumberedLine]:
        """Every line after the header, without a torn last one (it was being written when the power went).

        Raises:
            BadLog: a line cannot be read.
        """
        raws = _raw_lines(self.path)
        checksum = unseal(next(raws), 1)[1]
        for number, raw in enumerate(raws, start=2):
            json_object, stated = unseal(raw, number)
            line = decode_line(json_object, number)
            yield NumberedLine(number, line, is_intact(raw, checksum, stated))
            checksum = stated

    def outputs(self) -> Iterator[OutputLine]:
        """Every output, in order.

        Raises:
            BadLog: a line cannot be read.
        """
        for numbered in self.lines():
            if isinstance(numbered.line, OutputLine):
                yield numbered.line


def log_path(session: Path) -> Path:
    """The log of a session named by its folder or by the file itself."""
    return session / LOG_NAME if session.is_dir() else session


def open_session(session: Path) -> Session:
    """The session in a folder, or in a file.

    Raises:
        BadLog: it is no session log, or of another schema.
        OSError: it cannot be read.
    """
    path = log_path(session)
    raws = _raw_lines(path)
    first = next(raws, None)
    raws.close()
    if first is None:
        raise BadLog(1, "there is no whole line in the file")
    json_object, stated = unseal(first, 1)
    return Session(path, decode_header(json_object), is_intact(first, 0, stated))


def _raw_lines(path: Path) -> Generator[bytes, None, None]:
    """Whole lines, newline stripped."""
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(MAX_LINE_BYTES):
            number += 1
            if raw.endswith(b"\n"):
                yield raw[:-1]
            elif len(raw) == MAX_LINE_BYTES:
                raise BadLog(number, f"is longer than {MAX_LINE_BYTES} bytes")
