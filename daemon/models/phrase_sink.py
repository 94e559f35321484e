"""The phrase model beside the music: a thread that listens along and answers, each answer back as an input.

Rules. What is wanted is left in a queue and the music goes on. The kernel computes without the interpreter's lock. Of
what waits only the newest is done; as many takes are made as there is time for.
"""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from realtime.core.events import Input, Output, Stamped
from realtime.core.phrase_events import PhraseWanted
from realtime.core.phrase_model.improviser import MOST_TAKES, Improviser
from realtime.core.units import Micros
from realtime.edges.latency import Latency, LatencySummary

QUEUE_LENGTH: Final = 64
CLOSE_SECONDS: Final = 5.0
MARGIN_MICROS: Final = 20_000
"""No take is begun that would not be done so long before the answer is due: a busy machine holds things up."""

log = logging.getLogger("sideman.phrase")


@dataclass(frozen=True, slots=True)
class PhraseStatistics:
    """How the phrase model did. `answer` is from the question to the answer on its way, µs."""

    answered: int
    takes: int
    words_heard: int
    lost: int
    answer: LatencySummary
    trouble: str


class PhraseSink:
    """A sink of the stage that answers through `put`.

    Args:
        now: the time, in µs, that stamps are of.
        put: takes an input, from any thread.
    """

    name: Final = "phrase model"

    def __init__(
        self, improviser: Improviser, now: Callable[[], Micros], put: Callable[[Input, Micros], object]
    ) -> None:
        self._improviser, self._now, self._put = improviser, now, put
        self._queue: queue.Queue[Stamped[PhraseWanted] | None] = queue.Queue(QUEUE_LENGTH)
        self._latency = Latency()
        self._answered = self._takes = self._heard = self._lost = 0
        self._trouble = ""
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="phrase model", daemon=True)
        self._thread.start()

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """Leaves what is wanted to the thread. Never waits."""
        for stamped in outputs:
            if isinstance(stamped.event, PhraseWanted):
                try:
                    self._queue.put_nowait(Stamped(stamped.at, stamped.event))
                except queue.Full:
                    self._lost += 1

    def statistics(self) -> PhraseStatistics:
        """How it does so far."""
        return PhraseStatistics(
            self._answered, self._takes, self._heard, self._lost, self._latency.summary(), self._trouble
        )

    def close(self) -> None:
        """Ends the thread once it has finished what it is at."""
        self._is_open = False
        with contextlib.suppress(queue.Full):  # then it wakes up soon enough, or never will
            self._queue.put_nowait(None)
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        try:
            while (stamped := self._newest()) is not None and self._is_open:
                self._do(stamped)
        except Exception as error:
            self._trouble = f"the phrase model has stopped: {error}"
            log.exception("the phrase model has stopped; the rules play solos")

    def _newest(self) -> Stamped[PhraseWanted] | None:
        """What came last: what somebody waits for goes before what is only to be heard."""
        newest = self._queue.get()
        while newest is not None:
            try:
                later = self._queue.get_nowait()
            except queue.Empty:
                break
            if later is None or later.event.number or not newest.event.number:
                newest = later
        return newest

    def _do(self, stamped: Stamped[PhraseWanted]) -> None:
        wanted = stamped.event
        if not wanted.number:
            self._heard += self._improviser.listen(wanted)
            return
        began, due = self._now(), wanted.due - MARGIN_MICROS

        def has_time(takes: int) -> bool:
            now = self._now()
            return takes < MOST_TAKES and now + (now - began) / takes < due

        given = self._improviser.answer(wanted, has_time)
        ended = self._now()
        self._put(replace(given, took_micros=int(ended - began)), ended)
        self._answered += 1
        self._takes += given.candidates
        self._latency.add(ended - stamped.at)
