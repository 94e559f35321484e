"""The outputs of MIDI: `sideman out`, one for each part where that is wanted, and hardware; each with its own latency.

Rules. What takes a while to sound is sent so much earlier, where it is known early enough; what is too quick is sent
later. An output that fails is let go, and the others never notice. A note that leaves too late is counted.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from realtime.core.events import Part
from realtime.core.units import Micros
from realtime.edges.clock import Clock
from realtime.edges.midi_backend import MOST_AHEAD_MICROS, Backend, Mouth
from realtime.edges.midi_closing import close_quietly
from realtime.edges.midi_names import PART_OUT, VIRTUAL_OUT, is_ours, matches
from realtime.edges.timed import LATE_MICROS, Timed

_PROGRAMS: Final = 2
"""A message that comes back has gone through so many others at most: a DAW and a patch bay."""

Lost = Callable[[str, Mouth], None]

log = logging.getLogger("sideman.midi")


@dataclass(slots=True)
class Lateness:
    """Notes that left, those later than 5 ms after their time, and the latest of them, in µs."""

    notes: int = 0
    late: int = 0
    worst: int = 0


@dataclass(slots=True, eq=False)
class _Outlet:
    """An open output. `part` is the only one it takes; None: everything. `early` is its latency in µs."""

    mouth: Mouth
    part: Part | None
    early: int


class MidiOutputs:
    """Every open output.

    Args:
        backend: the MIDI system.
        latency_ms: how long an output takes until it sounds, by pattern of its name; less than 0: it is sent later.
        has_part_ports: whether each part has a port of its own as well.
        lost: told of hardware that failed, to close it when there is time.

    Thread: trio.
    """

    def __init__(
        self,
        backend: Backend,
        clock: Clock,
        *,
        latency_ms: Mapping[str, float] | None = None,
        has_part_ports: bool = False,
        lost: Lost = lambda name, mouth: close_quietly(mouth),
    ) -> None:
        self._backend = backend
        self._clock = clock
        self._early = {pattern: round(ms * 1_000) for pattern, ms in (latency_ms or {}).items()}
        self._has_part_ports = has_part_ports
        self._lost = lost
        self._outlets: dict[str, _Outlet] = {}
        self._waiting: Timed[tuple[str, _Outlet, bytes]] = Timed(clock, self._put)
        self.lateness = Lateness()
        self.sent = 0
        self.failed = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The open outputs."""
        return tuple(self._outlets)

    @property
    def ahead_micros(self) -> int:
        """How long before its time a message is best handed over: what the system and the slowest output need."""
        return min(self._wanted_ahead, MOST_AHEAD_MICROS)

    @property
    def behind_micros(self) -> int:
        """How long after its time a message may still be on its way through another program and back to us."""
        return _PROGRAMS * self._backend.least_delay_micros + max([0, *(-early for early in self._early.values())])

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is asked and cannot be done, for people."""
        missing = (self._wanted_ahead - MOST_AHEAD_MICROS) / 1_000
        if missing <= 0 or not self._early:
            return ()
        return (f"midi.latency_ms: notes are known 20 ms ahead; the slowest output is sent {missing:.1f} ms too late",)

    @property
    def _wanted_ahead(self) -> int:
        return self._backend.ahead_micros + max([0, *self._early.values()])

    def open_virtual(self) -> None:
        """Opens our own.

        Raises:
            MidiUnavailable: the system refuses.

        Thread: any one.
        """
        for name in (VIRTUAL_OUT, *(PART_OUT.values() if self._has_part_ports else ())):
            if name not in self._outlets:
                self.open(name)

    def open(self, name: str) -> None:
        """Opens an output: ours by its name, or hardware.

        Raises:
            MidiUnavailable: it has gone, or the system refuses.

        Thread: any one.
        """
        part = next((part for part, ours in PART_OUT.items() if ours == name), None)
        mouth = self._backend.speak(name, virtual=is_ours(name))
        self._outlets[name] = _Outlet(mouth, part, self._early_of(name))

    def send(self, data: bytes, at: Micros, part: Part | None = None) -> None:
        """One whole message to every output that takes `part`, to be on the wire at `at`, give or take its latency.

        None is for everybody but the parts' own ports. Never raises.
        """
        now = self._clock.now()
        for name, outlet in list(self._outlets.items()):
            if outlet.part is None or outlet.part == part:
                self._leave(name, outlet, data, Micros(at - outlet.early), now)
                if data[0] & 0xF0 == 0x90 and part != "player":
                    self._count(now + self._backend.least_delay_micros - (at - outlet.early))
        self.sent += 1

    def send_to(self, name: str, data: bytes, part: Part) -> None:
        """One whole message to one output, now, if that takes `part`. Never raises."""
        outlet = self._outlets.get(name)
        if outlet is not None and outlet.part in (None, part):
            self._put((name, outlet, data))

    async def run(self) -> None:
        """Sends what has to wait for its output's time, for ever."""
        await self._waiting.run()

    def drop(self, name: str) -> Mouth:
        """Lets go of an output that is gone, for somebody to close it who has time."""
        return self._outlets.pop(name).mouth

    def take_all(self) -> list[Mouth]:
        """Lets go of every output likewise: the system died."""
        return [self.drop(name) for name in self.names]

    def end(self) -> list[Mouth]:
        """Sends what waits, and lets go of every output, for somebody to close them."""
        for one in self._waiting.take_all():
            self._put(one)
        return self.take_all()

    def _early_of(self, name: str) -> int:
        return next((early for pattern, early in self._early.items() if matches(name, [pattern])), 0)

    def _leave(self, name: str, outlet: _Outlet, data: bytes, at: Micros, now: Micros) -> None:
        """By the system, if it keeps a message till its time; by us, if it does not."""
        if self._backend.ahead_micros or at <= now or not self._early:
            self._put((name, outlet, data), at - now)
        else:
            self._waiting.push(at, (name, outlet, data))

    def _put(self, one: tuple[str, _Outlet, bytes], delay_micros: int = 0) -> None:
        name, outlet, data = one
        if self._outlets.get(name) is not outlet:
            return  # it was pulled meanwhile
        try:
            outlet.mouth.send(data, delay_micros)
        except Exception as problem:
            self.failed += 1
            if outlet.part is None and name != VIRTUAL_OUT:
                log.warning("MIDI output %s is lost: %s", name, problem)
                self._lost(name, self.drop(name))

    def _count(self, late: int) -> None:
        self.lateness.notes += 1
        self.lateness.late += late > LATE_MICROS
        self.lateness.worst = max(self.lateness.worst, late)
