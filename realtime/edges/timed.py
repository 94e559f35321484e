"""A dispatcher: holds things until their time, then hands them on in order.

Rules. Earlier before later; at the same time, lower rank first; then as they came. Nothing waits for
something late, and nothing is dropped for being late: it goes at once and is counted.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import trio

from realtime.core.units import Micros
from realtime.edges.clock import Clock

LATE_MICROS: Final = 5_000
"""What the ear forgives in one note; a thing handed on later than this is counted as late."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TimedStatistics:
    """What went through a dispatcher. `worst_late` in microseconds."""

    sent: int
    late: int
    worst_late: int
    waiting: int


class Timed(Generic[T]):
    """Things on their way to `hand_on`.

    Args:
        hand_on: takes a thing when its time has come. It must neither wait nor raise.

    A thing may go half the clock's grain before its time, so that the average error is zero; `ahead_micros` where that
    is said, to somebody who keeps it until its time.

    Thread: trio.
    """

    def __init__(self, clock: Clock, hand_on: Callable[[T], None], *, ahead_micros: int = 0) -> None:
        self._clock = clock
        self._hand_on = hand_on
        self._early = ahead_micros or clock.grain_micros // 2
        self._heap: list[tuple[Micros, int, int, T]] = []
        self._number = 0
        self._sent = 0
        self._late = 0
        self._worst = 0
        self._changed = trio.Event()

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, at: Micros, thing: T, *, rank: int = 0) -> None:
        """Hands `thing` on at `at`: by the task in `run`, or by the next `send_due`.

        Thread: trio.
        """
        is_first = not self._heap or at < self._heap[0][0]
        self._number += 1
        heapq.heappush(self._heap, (at, rank, self._number, thing))
        if is_first:
            self._changed.set()

    def send_due(self) -> int:
        """Hands on everything whose time has come; how many that were.

        Thread: trio.
        """
        now = self._clock.now()
        before = self._sent
        while self._heap and self._heap[0][0] <= now + self._early:
            at, _, _, thing = heapq.heappop(self._heap)
            self._sent += 1
            self._late += now - at > LATE_MICROS
            self._worst = max(self._worst, now - at)
            self._hand_on(thing)
        return self._sent - before

    async def run(self) -> None:
        """Hands things on at their times, for ever. Cancelled, it leaves what waits where it is: see
        `take_all`.

        Thread: trio.
        """
        while True:
            self._changed = trio.Event()
            self.send_due()
            if self._heap:
                with trio.move_on_at(self._clock.trio_time(Micros(self._heap[0][0] - self._early))):
                    await self._changed.wait()
            else:
                await self._changed.wait()
            await trio.lowlevel.checkpoint()

    def take_all(self) -> Iterator[T]:
        """Takes out everything that still waits, in order.

        Thread: trio.
        """
        while self._heap:
            yield heapq.heappop(self._heap)[3]

    def statistics(self) -> TimedStatistics:
        """What went through so far.

        Thread: any one.
        """
        return TimedStatistics(self._sent, self._late, self._worst, len(self._heap))
