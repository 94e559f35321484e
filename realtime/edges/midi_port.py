"""The MIDI ports: one virtual in, virtual outs, and the hardware that matches the patterns.

Rules. What arrives is stamped, put into the inbox, and nothing else, on whatever thread it arrived. Hardware is known
by name, never by number, and found again by name when it comes back. Our own ports are never connected to each other;
what comes back at once is a loop: dropped, counted. What is wanted and not there is told.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import trio

from realtime.core.events import MidiReceived, Part, PortChanged
from realtime.core.midi_input import WHOLE_ZONE
from realtime.core.units import Micros
from realtime.edges.clock import Clock
from realtime.edges.inbox import Inbox
from realtime.edges.midi_backend import Backend, Ear, Heard, MidiUnavailable, Mouth
from realtime.edges.midi_closing import close_aside, close_quietly, close_together
from realtime.edges.midi_loop_guard import LoopGuard
from realtime.edges.midi_names import VIRTUAL_IN, VIRTUAL_OUT, PortPlan, is_ours, matches, stable_name
from realtime.edges.midi_outputs import MidiOutputs

POLL_SECONDS: Final = 1.0

Greeting = Callable[[], Iterable[tuple[Part, bytes]]]
"""What an output is told when it is opened: messages, and the part that each is about."""

T = TypeVar("T")

log = logging.getLogger("sideman.midi")


@dataclass(frozen=True, slots=True)
class MidiPortStatistics:
    """What the ports saw since they were opened. Counts (`failed`: refused by an output; `late`: notes that left more
    than 5 ms after their time, the latest by `worst_late` µs), and the names open now."""

    received: int
    sent: int
    looped: int
    failed: int
    notes: int
    late: int
    worst_late: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class MidiPort:
    """All MIDI ports of the daemon.

    Args:
        backend: the MIDI system; closed with the ports.
        plan: what is to be opened; without one the two virtual ports are.

    Thread: trio, except the callbacks.
    """

    def __init__(self, backend: Backend, inbox: Inbox, clock: Clock, plan: PortPlan | None = None) -> None:
        plan = plan or PortPlan()
        self._backend = backend
        self._inbox = inbox
        self._clock = clock
        self._input_patterns = tuple(plan.inputs)
        self._output_patterns = tuple(plan.outputs)
        self._mpe_patterns = tuple(plan.mpe)
        self._ears: dict[str, Ear] = {}
        self._outputs = MidiOutputs(
            backend, clock, latency_ms=plan.latency_ms, has_part_ports=plan.part_ports, lost=self._lose
        )
        self._closing: list[Ear | Mouth] = []
        """What is gone, and is still to be closed."""
        self._leavers: list[threading.Thread] = []
        self._guard = LoopGuard(clock, self._outputs.ahead_micros, self._outputs.behind_micros)
        self._refused: dict[str, str] = {}
        """Ports that would not be opened, and why."""
        self._there: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._received = 0
        self._looped = 0
        self.greeting: Greeting = tuple

    def open(self) -> None:
        """Opens the virtual ports. (Hardware is opened by `run`.)

        Raises:
            MidiUnavailable: the system refuses.

        Thread: trio.
        """
        self._open_virtual()
        self._introduce(VIRTUAL_IN)

    async def run(self) -> None:
        """Hands on what is heard, and looks once a second for hardware that came or went, for ever."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._backend.run)
            nursery.start_soon(self._outputs.run)
            while True:
                await self.look()
                await trio.sleep(POLL_SECONDS)

    async def look(self) -> None:
        """Opens what appeared and matches, closes what is gone; each change is an input to the heart.

        The music goes on meanwhile: what takes long is done on a thread.

        Thread: trio.
        """
        if not (self._backend.is_alive() and self._is_open) and not await self._has_come_back():
            return
        while self._closing:
            await self._aside(close_quietly, self._closing.pop())
        try:
            sources, destinations = self._backend.sources(), self._backend.destinations()  # 1 ms
        except Exception:
            log.exception("the list of MIDI ports cannot be read; trying again")
            return
        self._there = tuple(sources), tuple(destinations)
        self._refused = {name: why for name, why in self._refused.items() if name in (*sources, *destinations)}
        await self._follow_inputs(sources)
        await self._follow_outputs(destinations)

    @property
    def ahead_micros(self) -> int:
        """How long before its time a message is best handed to `send`."""
        return self._outputs.ahead_micros

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is wrong now, for people: the system is gone, what is wanted is not plugged in, or refuses.

        Thread: trio.
        """
        if not self._is_open:
            return (f"the MIDI system ({self._backend.name}) is gone",)
        missing = [
            f"no MIDI {kind} {pattern!r} is plugged in"
            for kind, patterns, there in zip(
                ("input", "output"), (self._input_patterns, self._output_patterns), self._there, strict=True
            )
            for pattern in patterns
            if not any(matches(name, [pattern]) and not is_ours(name) for name in there)
        ]
        return (*missing, *self._refused.values(), *self._outputs.troubles)

    def send(self, data: bytes, at: Micros, part: Part | None = None) -> None:
        """One whole message to every output that takes `part`, to be on the wire at `at`, as near as the system can.

        None is for everybody but the parts' own ports. Never raises.

        Thread: trio; 1 to 40 µs an output.
        """
        self._guard.remember(data, at)
        self._outputs.send(data, at, part)

    def end(self) -> None:
        """Sends what waits, and begins to close every port, which takes a while over JACK. Never waits.

        Thread: trio.
        """
        ends = [*self._ears.values(), *self._closing, *self._outputs.end()]
        self._ears.clear()
        self._closing.clear()
        self._leavers += close_together(ends)

    def close(self) -> None:
        """Closes every port, then the MIDI system. Once is enough; twice does no harm.

        Thread: trio.
        """
        self.end()
        for thread in self._leavers:
            thread.join()
        self._leavers.clear()
        self._backend.close()

    def statistics(self) -> MidiPortStatistics:
        """What the ports saw so far.

        Thread: any one.
        """
        out, late = self._outputs, self._outputs.lateness
        counts = (self._received, out.sent, self._looped, out.failed, late.notes, late.late, late.worst)
        return MidiPortStatistics(*counts, tuple(self._ears), out.names)

    @property
    def _is_open(self) -> bool:
        return VIRTUAL_OUT in self._outputs.names

    def _listener(self, port: str) -> Heard:
        """What a port's callback does: stamp, append, wake.

        Thread: the MIDI system's own, perhaps real-time.
        """

        def heard(data: bytes, age_micros: int = 0) -> None:
            now = self._clock.now()
            if self._guard.has_come_back(data, now, age_micros):
                self._looped += 1
                return
            self._received += 1
            self._inbox.put(MidiReceived(port, data), Micros(now - age_micros))

        return heard

    def _open_virtual(self) -> None:
        if VIRTUAL_IN not in self._ears:
            self._ears[VIRTUAL_IN] = self._backend.listen(VIRTUAL_IN, self._listener(VIRTUAL_IN), virtual=True)
        self._outputs.open_virtual()

    def _introduce(self, port: str) -> None:
        """An MPE keyboard that may not say that it is one: we say it for it."""
        if matches(port, self._mpe_patterns):
            self._inbox.put(MidiReceived(port, WHOLE_ZONE), self._clock.now())

    async def _has_come_back(self) -> bool:
        """The MIDI system died: lets everything go, once, and opens it again when it runs again."""
        if self._ears or self._outputs.names:
            log.warning("the MIDI system (%s) is gone; the music goes on without it", self._backend.name)
            for name in self._ears:
                self._tell(stable_name(name), present=False)
            lost = [*self._ears.values(), *self._outputs.take_all()]
            self._ears = {}
            close_aside(lost)
        try:
            await self._aside(self._backend.revive)
            await self._aside(self._open_virtual)
        except MidiUnavailable:
            return False
        self._tell(VIRTUAL_IN, present=True)
        self._introduce(VIRTUAL_IN)
        self._greet(self._outputs.names)
        return True

    async def _aside(self, act: Callable[..., T], *arguments: object) -> T:
        """Does what may take long without holding the music up."""
        if not self._backend.is_slow:
            return act(*arguments)
        with trio.CancelScope(shield=True):  # what was opened must not be lost
            done = await trio.to_thread.run_sync(act, *arguments)
        return done  # noqa: RET504 - mypy knows that a cancel scope may swallow

    async def _follow_inputs(self, there: list[str]) -> None:
        for name in [name for name in self._ears if name != VIRTUAL_IN and name not in there]:
            self._tell(stable_name(name), present=False)
            await self._aside(close_quietly, self._ears.pop(name))
        for name in self._wanted(there, self._input_patterns, self._ears):
            listener = self._listener(stable_name(name))
            try:
                self._ears[name] = await self._aside(partial(self._backend.listen, name, listener, virtual=False))
            except MidiUnavailable as problem:
                self._refuse(name, problem)
            else:
                self._tell(stable_name(name), present=True)
                self._introduce(stable_name(name))

    def _lose(self, name: str, mouth: Mouth) -> None:
        self._closing.append(mouth)
        self._tell(f"{stable_name(name)} (out)", present=False)

    async def _follow_outputs(self, there: list[str]) -> None:
        for name in [name for name in self._outputs.names if not is_ours(name) and name not in there]:
            self._lose(name, self._outputs.drop(name))
        for name in self._wanted(there, self._output_patterns, self._outputs.names):
            try:
                await self._aside(self._outputs.open, name)
            except MidiUnavailable as problem:
                self._refuse(name, problem)
            else:
                self._tell(f"{stable_name(name)} (out)", present=True)
                self._greet([name])

    def _greet(self, outputs: Iterable[str]) -> None:
        for name in outputs:
            for part, data in self.greeting():
                self._outputs.send_to(name, data, part)

    def _wanted(self, there: list[str], patterns: tuple[str, ...], opened: Collection[str]) -> list[str]:
        """Ports to open: they match, are not open, are not ours, and did not refuse since they came."""
        return [
            name
            for name in there
            if name not in opened and name not in self._refused and not is_ours(name) and matches(name, patterns)
        ]

    def _refuse(self, name: str, problem: MidiUnavailable) -> None:
        self._refused[name] = str(problem)
        log.warning("%s; it is tried again when it is plugged in again", problem)

    def _tell(self, port: str, *, present: bool) -> None:
        """A port came or went: the heart lets go what was held on it, the log says when."""
        log.info("MIDI port %s %s", port, "is open" if present else "is gone")
        self._inbox.put(PortChanged(port, present), self._clock.now())
