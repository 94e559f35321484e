"""What MIDI learn has bound, kept in the user's state folder for the next time; bindings of the configuration are not.

Rules. The music never waits for the disk. A file that cannot be read is said once, left alone, and not written over.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import trio

from daemon.config import Config
from daemon.kept_file import write_whole
from realtime.core.events import ActionRequested, ControlBound, ControlForgotten, Output, Stamped

FILE_NAME: Final = "controls.json"
MOST_BYTES: Final = 1_000_000
CONFIGURED: Final = "config"
"""The source of bindings that the configuration makes."""

KEPT: Final = "kept"
"""The source of bindings that were learnt another time."""

BIND: Final = "midi/bind"
_WORDS: Final = ("target", "message", "port", "mode", "value")


class Learnt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A binding in the file: the arguments of `midi/bind`."""

    target: str
    message: str
    port: str = ""
    mode: str = ""
    value: float | int | bool | str = ""

    def action(self) -> ActionRequested:
        """The input that makes it."""
        return ActionRequested(BIND, (self.target, self.message, self.port, self.mode, self.value), KEPT)


def configured_controls(config: Config) -> list[ActionRequested]:
    """The bindings of the configuration, as inputs."""
    tables = config.midi.control
    return [ActionRequested(BIND, tuple(table.get(word, "") for word in _WORDS), CONFIGURED) for table in tables]


class LearntControls:
    """A sink for the heart's outputs, and the file.

    Args:
        path: the file; need not exist yet.
    """

    name: Final = "learnt controls"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[tuple[str, str], Learnt] = {}
        self._written = b""
        self._changed = trio.Event()
        self.trouble = ""
        """What is wrong with the file, for people; empty if nothing is."""
        self._read()

    def actions(self) -> list[ActionRequested]:
        """What is known, as inputs."""
        return [learnt.action() for learnt in self._known.values()]

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """Notes what was bound and forgotten. Never waits."""
        for stamped in outputs:
            match stamped.event:
                case ControlBound(target, message, port, mode, value, source) if source != CONFIGURED:
                    self._known[message, port] = Learnt(target, message, port, mode, value)
                    self._changed.set()
                case ControlForgotten(_, message, port, source) if source != CONFIGURED:
                    self._known.pop((message, port), None)
                    self._changed.set()

    async def keep(self) -> None:
        """Writes what changed, whenever it does, for ever."""
        while True:
            await self._changed.wait()
            self._changed = trio.Event()
            await trio.to_thread.run_sync(self.save)

    def save(self) -> None:
        """Writes the file, if there is news. Waits for the disk."""
        content = msgspec.json.format(msgspec.json.encode(list(self._known.values())), indent=2)
        if self.trouble or content == self._written or (not self._known and not self._written):
            return
        try:
            write_whole(self._path, content)
            self._written = content
        except OSError as error:
            self.trouble = f"{self._path}: what was learnt cannot be kept: {error.strerror or error}"

    def _read(self) -> None:
        try:
            if self._path.stat().st_size > MOST_BYTES:
                raise ValueError(f"it is larger than {MOST_BYTES} bytes")
            self._written = self._path.read_bytes()
            found = msgspec.json.decode(self._written, type=list[Learnt])
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            self.trouble = f"{self._path}: the MIDI controls learnt cannot be read: {error}"
            return
        self._known = {(learnt.message, learnt.port): learnt for learnt in found}
