"""Ableton Link as the music sees it: a port whose pulses can be followed, and a sink that tells the others.

Rules. There is a Link process only while `transport/source` is `link`. Nothing here waits for it; what it does not take
is dropped. If it dies the music goes on, the follower says "lost", and it is started again.
"""

import math
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import trio

from daemon.config_rules import parse_meter
from daemon.link.pulses import LinkPulses
from daemon.link.wire import Session, Trouble, Wish
from daemon.worker_environment import worker_environment
from realtime.core.clock_follower import LINK_PORT
from realtime.core.events import MidiReceived, Output, ParameterChanged, Stamped, TransportChanged
from realtime.core.snapshot import Snapshot
from realtime.core.units import TICKS_PER_QUARTER, Micros
from realtime.edges.clock import Clock
from realtime.edges.inbox import Inbox

MOST_WISHES: Final = 64
RESTART_SECONDS: Final = 1.0
MOST_DOUBLINGS: Final = 6


@dataclass(frozen=True, slots=True)
class LinkStatistics:
    """How the session does."""

    is_on: bool
    peers: int
    pulses: int
    restarts: int


class LinkPort:
    """A sink for the heart's outputs, and a source of clock messages.

    Args:
        snapshot: the heart as it stands.
        say: tells people, once, why there is no Link.
        command: what is run; tests run something else.

    Thread: trio.
    """

    name: Final = "Link"

    def __init__(
        self,
        inbox: Inbox,
        clock: Clock,
        snapshot: Callable[[], Snapshot],
        say: Callable[[str], None],
        *,
        command: Sequence[str] = (sys.executable, "-P", "-m", "daemon.link"),
    ) -> None:
        self._inbox = inbox
        self._clock = clock
        self._say = say
        self._command = tuple(command)
        # Once: what happens at the same time must have the same stamp, or the inbox would change its order.
        self._zero = _monotonic() - clock.now()
        standing = snapshot()
        self._is_wanted = standing.parameters.get("transport/source") == "link"
        self._tempo_bpm = standing.tempo_bpm
        self._pulses = LinkPulses(_quarters(standing.meter))
        self._pulses.band_plays = standing.playing
        self._chosen, self._moved = trio.Event(), trio.Event()
        self._wishes, self._outgoing = trio.open_memory_channel[Wish](MOST_WISHES)
        self._asked = 0
        self._said = ""
        self._session: Session | None = None
        self.process: trio.Process | None = None
        """The Link process, while there is one."""
        self._sent = self._restarts = 0

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """What the band did that concerns the others. Never waits."""
        for stamped in outputs:
            match stamped.event:
                case ParameterChanged(path="transport/source", value=value):
                    self._is_wanted, self._said = value == "link", ""
                    self._chosen.set()
                case ParameterChanged(path="transport/tempo", value=float(value), source=source):
                    self._tempo_bpm = value
                    if source != "clock":
                        self._wish(stamped.at, tempo_bpm=value)
                case TransportChanged():
                    self._follow(stamped.event, stamped.at)
                case _:
                    pass

    async def run(self) -> None:
        """Takes part in the session whenever that is wanted, for ever."""
        while True:
            while not self._is_wanted:
                await self._chosen.wait()
                self._chosen = trio.Event()
            began = trio.current_time()
            await self._take_part()
            if self._is_wanted:
                steady = trio.current_time() - began > RESTART_SECONDS * 2**MOST_DOUBLINGS
                self._restarts += 1
                with trio.move_on_after(RESTART_SECONDS * 2 ** (0 if steady else min(self._restarts, MOST_DOUBLINGS))):
                    await self._chosen.wait()

    def statistics(self) -> LinkStatistics:
        """How it does."""
        peers = self._session.peers if self._session is not None else 0
        return LinkStatistics(self._session is not None, peers, self._sent, self._restarts)

    def close(self) -> None:
        """Nothing is left open when `run` is over."""

    # ------------------------------------------------------------------------------------------ the session

    async def _take_part(self) -> None:
        """Until it is no longer wanted, or the process is gone."""
        words = [*self._command, f"{self._tempo_bpm:.6f}", f"{self._pulses.quantum:g}"]
        try:
            process = await trio.lowlevel.open_process(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=worker_environment(), start_new_session=True
            )
        except OSError as problem:
            self._complain(f"Ableton Link cannot be started: {problem}")
            return
        self.process = process
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._speak, process)
                nursery.start_soon(self._beat)
                nursery.start_soon(self._until_unwanted, nursery.cancel_scope)
                await self._hear(process)
                nursery.cancel_scope.cancel()
        finally:
            process.kill()
            with trio.CancelScope(shield=True):
                await process.wait()
                for stream in (process.stdin, process.stdout):
                    if stream is not None:
                        await stream.aclose()
            self._session = self.process = None

    async def _until_unwanted(self, scope: trio.CancelScope) -> None:
        while self._is_wanted:
            await self._chosen.wait()
            self._chosen = trio.Event()
        scope.cancel()

    async def _hear(self, process: trio.Process) -> None:
        """What Link tells, until it ends."""
        assert process.stdout is not None
        rest = b""
        async for data in process.stdout:
            *lines, rest = (rest + bytes(data)).split(b"\n")
            for line in lines:
                message = msgspec.json.decode(line)
                if "trouble" in message:
                    self._complain(msgspec.convert(message, Trouble).trouble)
                else:
                    self._take(msgspec.convert(message, Session))

    async def _speak(self, process: trio.Process) -> None:
        assert process.stdin is not None
        async for wish in self._outgoing:
            try:
                await process.stdin.send_all(msgspec.json.encode(wish) + b"\n")
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return

    def _take(self, session: Session) -> None:
        if session.done < self._asked:
            return  # it does not know yet what the band wishes
        self._session = session
        now = _monotonic()
        for message in self._pulses.take(session, now):
            self._put(message, now)
        self._moved.set()

    async def _beat(self) -> None:
        """Every pulse at its time, stamped with it."""
        while True:
            due = self._pulses.due()
            with trio.move_on_at(math.inf if due is None else self._clock.trio_time(self._here(due))):
                await self._moved.wait()
            if due is None or self._moved.is_set():
                self._moved = trio.Event()
                continue
            for message in self._pulses.pulse():
                self._put(message, due)
            self._sent += 1
            await trio.lowlevel.checkpoint()

    def _put(self, message: bytes, at: int) -> None:
        self._inbox.put(MidiReceived(LINK_PORT, message), self._here(at))

    # ------------------------------------------------------------------------------------------ the others

    def _follow(self, change: TransportChanged, at: Micros) -> None:
        """The band started, stopped, or plays in another meter."""
        quantum, was_playing = _quarters(change.meter), self._pulses.band_plays
        self._pulses.band_plays = change.playing
        if quantum != self._pulses.quantum:
            self._pulses.quantum = quantum
            self._wish(at, quantum=quantum)
        theirs = self._session.playing if self._session is not None else change.playing
        if change.playing not in (was_playing, theirs):
            self._wish(at, playing=change.playing)

    def _wish(self, at: Micros, **what: Any) -> None:  # noqa: ANN401 - the fields of Wish
        if self._session is None:
            return
        wish = Wish(number=self._asked + 1, at=at + self._zero, **what)
        try:
            self._wishes.send_nowait(wish)
        except trio.WouldBlock:
            return
        self._asked += 1

    def _here(self, at: int) -> Micros:
        """A time of the system's clock, on ours."""
        return Micros(at - self._zero)

    def _complain(self, trouble: str) -> None:
        """Once for each time that Link is chosen; it is not tried again before that."""
        if trouble != self._said:
            self._said = trouble
            self._say(f"{trouble}; the band keeps its own time")
        self._is_wanted = False


def _quarters(meter: str) -> float:
    return parse_meter(meter).bar_ticks / TICKS_PER_QUARTER


def _monotonic() -> int:
    """The system's clock as the Link process reads it, µs."""
    return time.perf_counter_ns() // 1_000
