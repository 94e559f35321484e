"""The live driver: sleeps until the heart's next wakeup or the next input, and nothing more.

Rules. The heart is asked only at times that can be written down: at its own wakeups and at the stamps of its
inputs, in the order `realtime.core.offline.play` would ask. An input that comes in after the heart has gone
past its stamp is stamped anew, just after. So the inputs alone give the same outputs again. A sink that
fails or is slow is counted and reported once; the others never notice. However this ends, every sink gets
the silence.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import trio

from realtime.core.events import Input, Output, Stamped
from realtime.core.offline import Heart
from realtime.core.units import Micros, Ticks
from realtime.edges.clock import Clock
from realtime.edges.inbox import Inbox
from realtime.edges.latency import Latency, LatencySummary

SLOW_SINK_MICROS: Final = 5_000
"""Longer than this in one sink, and the next key pressed is felt to be late."""

STUCK_MICROS: Final = 1_000
"""How long a heart that wishes to be woken in the past has to wait."""

log = logging.getLogger("sideman.stage")


class LiveHeart(Heart, Protocol):
    """What the stage needs of a performer."""

    def position(self, at: Micros) -> Ticks:
        """Where the music stands at `at`."""
        ...


class Sink(Protocol):
    """Somewhere outputs go."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """Takes outputs, in order; each is to happen at its stamp. Must not wait. What it raises is
        counted."""
        ...


Record = Callable[[Literal["input", "output"], Stamped[Input] | Stamped[Output], Ticks], None]
"""Hears everything that crosses, with where the music stood. Must neither wait nor raise."""


@dataclass(frozen=True, slots=True)
class SinkStatistics:
    """How one sink does. Latencies in µs: from asking the heart to the sink's having taken its outputs."""

    name: str
    latency: LatencySummary
    failures: int
    slow: int


@dataclass(frozen=True, slots=True)
class StageStatistics:
    """How the stage does. Latencies in µs; counts since the start."""

    inputs: int
    outputs: int
    restamped: int
    """Inputs that came after the heart had gone past their stamps."""
    stuck: int
    """Times the heart wished to be woken in the past."""
    input_latency: LatencySummary
    """From an input's stamp, in its callback, to the heart's receiving it."""
    wakeup_latency: LatencySummary
    """From the wakeup wished for to being asked."""
    sinks: tuple[SinkStatistics, ...]


class Stage:
    """Joins a heart to the world.

    Args:
        heart: the performer; nobody else may touch it while `run` runs.
        sinks: where outputs go, the most urgent first.
        record: hears every input (as the heart received it) and every output.

    Thread: trio.
    """

    def __init__(
        self,
        heart: LiveHeart,
        clock: Clock,
        inbox: Inbox,
        sinks: Sequence[Sink],
        *,
        record: Record | None = None,
    ) -> None:
        self._heart = heart
        self._clock = clock
        self._inbox = inbox
        self._sinks = [_WatchedSink(sink, clock) for sink in sinks]
        self._record = record
        self._floor = Micros(0)
        self._ended_at: Micros | None = None
        self._inputs = 0
        self._outputs = 0
        self._restamped = 0
        self._stuck = 0
        self._input_latency = Latency()
        self._wakeup_latency = Latency()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Plays until cancelled, then silences everything.

        Raises:
            Exception: what the heart raised; after the silence.

        Thread: trio.
        """
        try:
            task_status.started()
            while True:
                await self._wait()
                self._step()
        finally:
            self._finish()

    def statistics(self) -> StageStatistics:
        """How it does so far.

        Thread: any one.
        """
        return StageStatistics(
            inputs=self._inputs,
            outputs=self._outputs,
            restamped=self._restamped,
            stuck=self._stuck,
            input_latency=self._input_latency.summary(),
            wakeup_latency=self._wakeup_latency.summary(),
            sinks=tuple(sink.statistics() for sink in self._sinks),
        )

    @property
    def ended_at(self) -> Micros | None:
        """The time of the silence; None while it plays. `offline.play` up to then gives the same outputs.

        Thread: any one.
        """
        return self._ended_at

    async def _wait(self) -> None:
        """Until something comes in, or the heart wants to be woken."""
        wakeup = self._heart.next_wakeup()
        if wakeup is None:
            await self._inbox.wait()
            return
        if wakeup < self._floor:
            self._stuck += 1
            wakeup = Micros(self._clock.now() + STUCK_MICROS)
        with trio.move_on_at(self._clock.trio_time(wakeup)):
            await self._inbox.wait()

    def _step(self) -> None:
        """Everything that has come in, and everything the heart does by itself up to now."""
        now = self._clock.now()
        received_at: Micros | None = None
        for stamped in self._inbox.drain():
            self._input_latency.add(now - stamped.at)
            at = max(stamped.at, self._floor)
            if received_at is not None and at > received_at:
                self._advance(received_at)
                at = max(at, self._floor)
            self._wake_until(at)
            received_at = max(at, self._floor)  # waking moves the floor past `at` only if the heart is stuck
            self._receive(stamped, received_at)
        if received_at is not None:
            self._advance(received_at)
        self._wake_until(Micros(now + 1))

    def _receive(self, stamped: Stamped[Input], at: Micros) -> None:
        """One input, as of `at`. Inputs of the same microsecond are all received before the heart goes on."""
        self._restamped += at != stamped.at
        self._inputs += 1
        if self._record is not None:
            self._record("input", Stamped(at, stamped.event), self._heart.position(at))
        self._heart.receive(stamped.event, at)

    def _wake_until(self, until: Micros) -> None:
        """Asks the heart at each of its wakeups before `until`, at the time it wished for."""
        while (wakeup := self._heart.next_wakeup()) is not None and self._floor <= wakeup < until:
            self._wakeup_latency.add(self._clock.now() - wakeup)
            self._advance(wakeup)

    def _advance(self, now: Micros) -> None:
        # Whatever comes in from now on comes after this, as it would in a replay.
        self._floor = Micros(now + 1)
        began_at = self._clock.now()
        self._send(self._heart.advance(now), began_at)

    def _send(self, outputs: list[Stamped[Output]], asked_at: Micros) -> None:
        """To every sink, then to the record."""
        if not outputs:
            return
        self._outputs += len(outputs)
        for sink in self._sinks:
            sink.send(outputs, asked_at)
        if self._record is not None:
            for stamped in outputs:
                self._record("output", stamped, self._heart.position(stamped.at))

    def _finish(self) -> None:
        """The last of the music: what is due now, then every note-off owed. No await: nothing can cut it
        short."""
        # After everything the heart was asked, as a replay up to that time would end.
        now = max(self._clock.now(), self._floor)
        self._ended_at = now
        try:
            self._wake_until(now)
        finally:
            self._send(self._heart.silence(now), self._clock.now())


class _WatchedSink:
    """A sink, timed, and kept from hurting the others."""

    def __init__(self, sink: Sink, clock: Clock) -> None:
        self._sink = sink
        self._clock = clock
        self._latency = Latency()
        self._failures = 0
        self._slow = 0

    def send(self, outputs: list[Stamped[Output]], asked_at: Micros) -> None:
        began_at = self._clock.now()
        try:
            self._sink.send(outputs)
        except Exception:
            self._failures += 1
            if self._failures == 1:
                log.exception("%s failed; the music goes on without it (reported once)", self._sink.name)
        ended_at = self._clock.now()
        self._latency.add(ended_at - asked_at)
        if ended_at - began_at > SLOW_SINK_MICROS:
            self._slow += 1
            if self._slow == 1:
                took = (ended_at - began_at) / 1_000
                log.warning("%s took %.1f ms and held the music up (reported once)", self._sink.name, took)

    def statistics(self) -> SinkStatistics:
        return SinkStatistics(self._sink.name, self._latency.summary(), self._failures, self._slow)
