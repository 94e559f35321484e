"""A live band's heart over one session after another: `session/stop` ends one, `session/start` begins the next.

Rules. A log must be played again from its first line, so a new session has a new performer: with the parameters,
styles, bindings and songs that the old one knows, and no music yet. It is made beside the music, which plays on until
all is ready; then the old session ends in silence, and the new one begins. What goes wrong is only said.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from daemon.recorder import LiveHeart
from daemon.session_format import BadLog
from daemon.take import NotTaken, Take
from realtime.core.events import ActionRequested, Input, Output, ParameterSet, Stamped, StyleGiven, Value
from realtime.core.performer import Performer
from realtime.core.snapshot import Snapshot
from realtime.core.timeline import Timeline
from realtime.core.units import Micros, Ticks

SWITCH: Final = "session"
"""The source of what the change of sessions asks for itself."""

Begin = Callable[[Mapping[str, Value], bytes], tuple[Performer, Take]]
"""Makes the band and the recording of a new session, from parameters and memory; takes a while.

Raises OSError or BadLog where there can be none."""


@dataclass(slots=True)
class _Ready:
    performer: Performer
    take: Take


class SessionHeart:
    """A heart for the stage, and what is told of its recording.

    Args:
        take: the recording of the first session, or why there is none.
        begin: makes the next.
        first: what a new band is told before anybody plays.
        finish: writes what belongs to a session that is over; takes a while.
        say: tells people what went wrong.
    """

    def __init__(
        self,
        performer: Performer,
        take: Take | NotTaken,
        *,
        begin: Begin,
        first: Callable[[], Iterable[Input]],
        finish: Callable[[Take], None],
        say: Callable[[str], None],
    ) -> None:
        self.take = take if isinstance(take, Take) else None
        self._refused = take.troubles if isinstance(take, NotTaken) else ()
        self._performer = performer
        self._heart: LiveHeart = self.take.heart if self.take is not None else performer
        self._begin = begin
        self._first = first
        self._finish = finish
        self._say = say
        self._styles: dict[str, StyleGiven] = {}
        self._due: list[Stamped[Output]] = []
        self._least = Micros(0)
        self._ready: _Ready | None = None
        self._asked = trio.Event()
        self._over: list[Take] = []
        self._has_ended = trio.Event()

    # ------------------------------------------------------------------------------------------- the heart

    def receive(self, event: Input, at: Micros) -> None:
        """Something happened at `at`."""
        at = max(at, self._least)
        self._heart.receive(event, at)
        match event:
            case ActionRequested(path="session/start", source=source) if source == SWITCH:
                self._change(at)
            case ActionRequested(path="session/start"):
                self._asked.set()
            case ActionRequested(path="session/stop"):
                self._end(at)
            case StyleGiven():
                self._styles[event.name] = event
            case _:
                pass

    def advance(self, now: Micros) -> list[Stamped[Output]]:
        """What is due."""
        due, self._due = self._due, []
        return due + self._heart.advance(max(now, self._least))

    def next_wakeup(self) -> Micros | None:
        """When to come back if nothing happens."""
        return self._least if self._due else self._heart.next_wakeup()

    def silence(self, now: Micros) -> list[Stamped[Output]]:
        """Every note-off owed."""
        due, self._due = self._due, []
        return due + self._heart.silence(max(now, self._least))

    def snapshot(self) -> Snapshot:
        """A picture of now."""
        return self._heart.snapshot()

    def position(self, at: Micros) -> Ticks:
        """Where the music stands at `at`."""
        return self._heart.position(at)

    @property
    def timeline(self) -> Timeline:
        """Musical time as it goes now."""
        return self._heart.timeline

    def memory(self) -> bytes:
        """The songs that were heard and remembered."""
        return self._performer.memory()

    # --------------------------------------------------------------------------------------- the recording

    @property
    def folder(self) -> Path:
        """Where the session is kept; nowhere in particular if it is not."""
        return self.take.folder if self.take is not None else Path()

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong with the recording, or why there is none although there should be."""
        return self.take.troubles if self.take is not None else self._refused

    def end(self) -> None:
        """The music is over."""
        if self.take is not None:
            self.take.end()

    async def run(self, put: Callable[[Input], None]) -> None:
        """Makes the next session whenever one is asked for, and finishes those that are over, for ever."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._finish_beside)
            while True:
                await self._asked.wait()
                parameters, memory = dict(self.snapshot().parameters), self.memory()
                try:
                    self._ready = _Ready(*await trio.to_thread.run_sync(self._begin, parameters, memory))
                except (OSError, BadLog) as problem:
                    self._say(f"no new session: {problem}; the present one goes on")
                else:
                    put(ActionRequested("session/start", (), SWITCH))
                self._asked = trio.Event()

    def finish_all(self) -> None:
        """Writes what belongs to sessions that are over. Takes a while."""
        while self._over:
            self._finish(self._over.pop())

    async def _finish_beside(self) -> None:
        while True:
            await self._has_ended.wait()
            self._has_ended = trio.Event()
            await trio.to_thread.run_sync(self.finish_all)

    def _end(self, at: Micros) -> None:
        """The music stops; the recording ends, if there is one. What is played from now on is not recorded."""
        self._heart.receive(ActionRequested("transport/stop", (), SWITCH), at)
        self._due += self._heart.advance(at)
        if self.take is None:
            return
        self._least = Micros(at + 1)
        self._due += self._heart.silence(self._least)
        self._least = Micros(self._least + 1)
        self._over.append(self.take)
        self._has_ended.set()
        self.take, self._heart, self._refused = None, self._performer, ()

    def _change(self, at: Micros) -> None:
        """Everything is ready for the next session."""
        ready, self._ready = self._ready, None
        if ready is None:
            return
        stood = self.snapshot().parameters
        self._end(at)
        self._performer, self.take, self._heart = ready.performer, ready.take, ready.take.heart
        begun = self.snapshot().parameters
        turned = [ParameterSet(path, value, SWITCH) for path, value in stood.items() if begun[path] != value]
        for event in (*self._styles.values(), *self._first(), *turned):
            self._heart.receive(event, max(at, self._least))
