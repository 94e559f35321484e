"""Runs a performer to the end of a script, spending no real time: the offline twin of `realtime.edges.stage`."""

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
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


Respond = Callable[[Stamped[Output]], Stamped[Input] | None]
"""Somebody who answers what the heart asks, at a stamp after the question's."""


def play(
    heart: Heart, script: Iterable[Stamped[Input]], until: Micros, respond: Respond | None = None
) -> Iterator[Stamped[Output]]:
    """Everything `heart` does while `script` (in order of time) happens to it, up to `until`, then its silence.

    Inputs of the same microsecond are all received before the heart goes on; answers come after the script's.
    """
    coming = _Coming(script, respond, until)
    received: Micros | None = None
    while True:
        at = coming.next_at()
        if received is not None:
            if at != received:
                outputs = heart.advance(received)
                received = None
                yield from coming.heard(outputs)
                continue
        elif (wakeup := heart.next_wakeup()) is not None and wakeup < (until if at is None else at):
            yield from coming.heard(heart.advance(wakeup))
            continue
        if at is None:
            break
        heart.receive(coming.pop(), at)
        received = at
    yield from heart.silence(until)


class _Coming:
    """What is going to happen: the script, and the answers to what the heart asks."""

    def __init__(self, script: Iterable[Stamped[Input]], respond: Respond | None, until: Micros) -> None:
        self._script, self._respond, self._until = iter(script), respond, until
        self._next = next(self._script, None)
        self._answers: list[tuple[Micros, int, Input]] = []
        self._asked = 0

    def next_at(self) -> Micros | None:
        """When the next thing happens; None if nothing does before the end."""
        times = [answer[0] for answer in self._answers[:1]]
        if self._next is not None:
            times.append(self._next.at)
        at = min(times, default=None)
        return at if at is not None and at < self._until else None

    def pop(self) -> Input:
        """What happens next."""
        stamped = self._next
        if stamped is not None and not (self._answers and self._answers[0][0] < stamped.at):
            self._next = next(self._script, None)
            return stamped.event
        return heappop(self._answers)[2]

    def heard(self, outputs: list[Stamped[Output]]) -> list[Stamped[Output]]:
        """The outputs, once whoever answers has heard them."""
        for stamped in outputs if self._respond is not None else ():
            if self._respond is not None and (answer := self._respond(stamped)) is not None:
                self._asked += 1
                heappush(self._answers, (answer.at, self._asked, answer.event))
        return outputs
