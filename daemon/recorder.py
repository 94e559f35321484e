"""A heart that keeps a log of itself, and so can be played again exactly.

Rules. A live driver asks a performer a little late, never twice the same. The recorder asks it at the times it
wished for and at no others, which follow from the inputs alone. So the order of the lines in the log does, too,
whatever drives it, and a replay needs the inputs only.
"""

from collections.abc import Callable
from typing import Protocol

from daemon.session_format import EndLine, InputLine, Line, OutputLine
from realtime.core.events import Input, Output, Stamped
from realtime.core.offline import Heart
from realtime.core.snapshot import Snapshot
from realtime.core.timeline import Timeline
from realtime.core.units import Micros, Ticks


class LiveHeart(Heart, Protocol):
    """What the process needs of a performer: to drive it, to show it, and to say where the music stands."""

    def snapshot(self) -> Snapshot:
        """A picture of it now."""
        ...

    def position(self, at: Micros) -> Ticks:
        """Where the music stands at `at`."""
        ...

    @property
    def timeline(self) -> Timeline:
        """Musical time as it goes now."""
        ...


class Recorder:
    """A performer whose inputs and outputs go to `write` as lines of a session log. A heart itself."""

    def __init__(self, heart: LiveHeart, write: Callable[[Line], None]) -> None:
        self._heart = heart
        self._write = write
        self._asked_at = Micros(-1)
        self._latest = Micros(0)  # the last input's stamp
        self._due: list[Stamped[Output]] = []
        self._ended = False

    def receive(self, event: Input, at: Micros) -> None:
        """Something happened at `at`; if the performer has gone past that already, then just after."""
        at = max(at, Micros(self._asked_at + 1), self._latest)
        self._catch_up(at)
        self._latest = at
        self._write(InputLine(at, self._heart.position(at), event))
        self._heart.receive(event, at)

    def advance(self, now: Micros) -> list[Stamped[Output]]:
        """What is due, up to a little after `now`."""
        self._catch_up(Micros(now + 1))
        due, self._due = self._due, []
        return due

    def next_wakeup(self) -> Micros | None:
        """When to come back if nothing happens."""
        if self._due:
            return self._asked_at
        return self._heart.next_wakeup()

    def snapshot(self) -> Snapshot:
        """A picture of the performer."""
        return self._heart.snapshot()

    def position(self, at: Micros) -> Ticks:
        """Where the music stands at `at`."""
        return self._heart.position(at)

    @property
    def timeline(self) -> Timeline:
        """Musical time as it goes now."""
        return self._heart.timeline

    def silence(self, now: Micros) -> list[Stamped[Output]]:
        """Every note-off owed. They are the last of the log; asked again, there is nothing more to let go."""
        if self._ended:
            return []
        self._ended = True
        now = max(now, Micros(self._asked_at + 1), self._latest)
        self._catch_up(now)
        self._write(EndLine(now))
        self._keep(self._heart.silence(now))
        due, self._due = self._due, []
        return due

    def _catch_up(self, until: Micros) -> None:
        """Asks the performer at every wakeup before `until`."""
        while (wakeup := self._heart.next_wakeup()) is not None:
            wakeup = max(wakeup, Micros(self._asked_at + 1))  # time goes on, whatever the performer wishes
            if wakeup >= until:
                break
            self._ask(wakeup)

    def _ask(self, at: Micros) -> None:
        self._asked_at = at
        self._keep(self._heart.advance(at))

    def _keep(self, outputs: list[Stamped[Output]]) -> None:
        for stamped in outputs:
            self._write(OutputLine(stamped.at, self._heart.position(stamped.at), stamped.event))
        self._due += outputs
