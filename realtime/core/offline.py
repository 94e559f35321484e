"""Runs a performer to the end of a script, spending no real time: the offline twin of `realtime.edges.stage`."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from realtime.core.events import Input, Output, Stamped
from realtime.core.units import Micros


class Heart(Protocol):
    """What a driver needs of a performer."""

    def receive(self, event: Input, at: Micros) -> None:
        """Something happened at `at`, later than the last `advance`."""
        ...

    def advance(self, now: Micros) -> list[Stamped[Output]]:
        """What is due, up to a little after `now`."""
        ...

    def next_wakeup(self) -> Micros | None:
        """When to come back if nothing happens."""
        ...

    def silence(self, now: Micros) -> list[Stamped[Output]]:
        """Every note-off owed."""
        ...


def play(heart: Heart, script: Iterable[Stamped[Input]], until: Micros) -> Iterator[Stamped[Output]]:
    """Everything `heart` does while `script` (in order of time) happens to it, up to `until`, then its silence.

    Inputs of the same microsecond are all received before the heart goes on.
    """
    now: Micros | None = None
    for stamped in script:
        if stamped.at >= until:
            break
        if now is None or stamped.at > now:
            if now is not None:
                yield from heart.advance(now)
            yield from _wait(heart, stamped.at)
        now = stamped.at
        heart.receive(stamped.event, now)
    if now is not None:
        yield from heart.advance(now)
    yield from _wait(heart, until)
    yield from heart.silence(until)


def _wait(heart: Heart, until: Micros) -> Iterator[Stamped[Output]]:
    """Lets `heart` do what it does by itself before `until`."""
    while (wakeup := heart.next_wakeup()) is not None and wakeup < until:
        yield from heart.advance(wakeup)
