"""The band's memory of songs, in a file: read and merged when the band begins, written while it plays and at the end.

Rules. What cannot be read is refused before anything is written. The file is replaced as a whole or not at all. If
another sideman has written it meanwhile, it is left alone until the end, and then its songs are kept beside ours.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from daemon.config import Config, ConfigError
from daemon.kept_file import write_whole

MAX_MEMORY_BYTES: Final = 1_000_000
"""No memory is larger: the oracle keeps a fixed number of beats, in about a hundredth of this."""


def fingerprint(memory: bytes) -> str:
    """What identifies a memory in a log's header: its SHA-256; empty for none."""
    return hashlib.sha256(memory).hexdigest() if memory else ""


def merged(memories: Iterable[bytes]) -> bytes:
    """One memory of all these; the songs of the first count as the newest. Empty if there are none.

    Raises:
        ValueError: one is no memory.
    """
    from realtime.core.oracle import Oracle  # noqa: PLC0415 - read only where something is remembered

    oracle: Oracle | None = None
    for memory in memories:
        if oracle is None:
            oracle = Oracle()
            oracle.load(memory)
        else:
            oracle.merge(memory)
    return b"" if oracle is None else oracle.save()


def read_memory(path: Path) -> bytes:
    """A memory from a file.

    Raises:
        ConfigError: it cannot be read, is too large, or is none.
    """
    if path.exists() and not path.is_file():
        raise ConfigError([f"--memory {path}: is no file"])
    try:
        with path.open("rb") as file:
            data = file.read(MAX_MEMORY_BYTES + 1)
    except OSError as error:
        raise ConfigError([f"--memory {path}: cannot be read: {error.strerror or error}"]) from None
    if len(data) > MAX_MEMORY_BYTES:
        raise ConfigError([f"--memory {path}: is larger than {MAX_MEMORY_BYTES} bytes; it is no memory of sideman's"])
    try:
        merged([data])
    except ValueError as error:
        raise ConfigError([f"--memory {path}: {error}"]) from None
    return data


class MemoryFile:
    """A memory being kept: `loaded` is what the band knows when it begins.

    Args:
        path: where it is kept; need not exist yet.
        others: more memories to know, which are only read.

    Raises:
        ConfigError: one cannot be read or is none, or `path` cannot be written.
    """

    def __init__(self, path: Path, others: Sequence[Path] = ()) -> None:
        self.path = path
        self._target = path.expanduser().resolve()  # a link stays a link; what it leads to is replaced
        exists = self._target.exists()
        if not os.access(self._target if exists else self._target.parent, os.W_OK):
            raise ConfigError([f"--memory {path}: {'the file' if exists else 'its folder'} cannot be written"])
        self._known = read_memory(self._target) if exists else b""
        self._unheard = b""
        self.loaded = merged([memory for memory in (self._known, *map(read_memory, others)) if memory])

    def begin(self, memory: bytes) -> None:
        """The band begins with `memory`: as long as it has heard no more, nothing is written."""
        self._unheard = memory

    def save(self, memory: bytes, *, finally_: bool = False) -> str:
        """Writes what is known now; returns what went wrong, for people, or nothing.

        Thread: any one, one at a time. Waits for the disk.
        """
        if memory == self._unheard:
            return ""
        try:
            present = self._target.read_bytes()[: MAX_MEMORY_BYTES + 1] if self._target.exists() else b""
            if present not in (self._known, b""):
                if not finally_:
                    return f"{self.path}: another sideman keeps it, too; what is heard here is added at the end"
                memory = merged([memory, present])
            if memory != present:
                write_whole(self._target, memory)
                self._known = memory
        except (OSError, ValueError) as error:
            return f"{self.path}: the memory could not be written: {error}"
        return ""


def memory_file(config: Config, files: Sequence[Path]) -> MemoryFile | None:
    """The memory that flags or configuration ask for; flags win, and the first is the one that is kept.

    Raises:
        ConfigError: as `MemoryFile`.
    """
    paths = list(files) or ([Path(config.oracle.memory).expanduser()] if config.oracle.memory else [])
    return MemoryFile(paths[0], paths[1:]) if paths else None
