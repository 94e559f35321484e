"""The MIDI ports: one virtual in, one virtual out, and the hardware that matches the patterns.

Rules. What arrives is stamped, put into the inbox, and nothing else, on whatever thread it arrived. What
leaves goes to every open output; an output that fails is closed and found again by name when it comes back.
Hardware is known by name, never by number. Our own ports are never connected to each other; what comes back
within 10 ms of being sent is a loop: dropped, counted.
"""

import fnmatch
import logging
import re
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import trio

from realtime.core.events import MidiReceived, PortChanged
from realtime.core.units import Micros
from realtime.edges.clock import Clock
from realtime.edges.inbox import Inbox
from realtime.edges.midi_backend import Backend, Ear, Heard, MidiUnavailable, Mouth

VIRTUAL_IN: Final = "sideman in"
VIRTUAL_OUT: Final = "sideman out"
OWN_PREFIX: Final = "sideman "
POLL_SECONDS: Final = 1.0
LOOP_MICROS: Final = 10_000
_REMEMBERED: Final = 512

_SELDOM_A_LOOP: Final = frozenset({0xF8, 0xFE})
"""Clock and active sensing are equal every time: coming back within 10 ms proves nothing."""

log = logging.getLogger("sideman.midi")


@dataclass(frozen=True, slots=True)
class MidiPortStatistics:
    """What the ports saw since they were opened. Counts (`failed`: refused by an output), and the names open now."""

    received: int
    sent: int
    looped: int
    failed: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def matches(port: str, patterns: Sequence[str]) -> bool:
    """Whether a port's name matches one of `patterns`, by part of the name or by glob; capitals do not
    matter.

    "Midi Through", which only sends back what it is sent, is taken only where a pattern names it.

    Thread: any one.
    """
    name = stable_name(port).lower()
    for pattern in map(str.lower, patterns):
        if "midi through" in name and "through" not in pattern:
            continue
        if any(sign in pattern for sign in "*?["):
            if fnmatch.fnmatchcase(name, pattern):
                return True
        elif pattern and pattern in name:
            return True
    return False


def stable_name(port: str) -> str:
    """A port's name without the numbers that ALSA appends, which change when it is plugged in again."""
    return re.sub(r"\s+\d+:\d+$", "", port)


class MidiPort:
    """All MIDI ports of the daemon.

    Args:
        backend: the MIDI system; closed with the ports.
        inputs: name patterns of hardware to listen to.
        outputs: name patterns of hardware to play on.

    Thread: trio, except the callbacks.
    """

    def __init__(
        self,
        backend: Backend,
        inbox: Inbox,
        clock: Clock,
        *,
        inputs: Sequence[str] = (),
        outputs: Sequence[str] = (),
    ) -> None:
        self._backend = backend
        self._inbox = inbox
        self._clock = clock
        self._input_patterns = tuple(inputs)
        self._output_patterns = tuple(outputs)
        self._ears: dict[str, Ear] = {}
        self._mouths: dict[str, Mouth] = {}
        self._refused: set[str] = set()
        self._sent_at: dict[bytes, Micros] = {}
        self._received = 0
        self._sent = 0
        self._looped = 0
        self._failed = 0

    def open(self) -> None:
        """Opens the virtual ports, and the hardware that is there.

        Raises:
            MidiUnavailable: the system refuses the virtual ports. (Hardware that refuses is tried again.)

        Thread: trio.
        """
        self._open_virtual()
        self.look()

    async def run(self) -> None:
        """Hands on what is heard, and looks once a second for hardware that came or went, for ever.

        Thread: trio.
        """
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._backend.run)
            while True:
                await trio.sleep(POLL_SECONDS)
                self.look()

    def look(self) -> None:
        """Opens what appeared and matches, closes what is gone; each change is an input to the heart.

        Thread: trio; takes 1 to 2 ms.
        """
        is_whole = self._backend.is_alive() and VIRTUAL_OUT in self._mouths
        if not is_whole and not self._has_come_back():
            return
        try:
            sources, destinations = self._backend.sources(), self._backend.destinations()
        except Exception:
            log.exception("the list of MIDI ports cannot be read; trying again")
            return
        self._refused &= {*sources, *destinations}
        self._follow_inputs(sources)
        self._follow_outputs(destinations)

    @property
    def ahead_micros(self) -> int:
        """How long before its time a message is best handed to `send`."""
        return self._backend.ahead_micros

    def send(self, data: bytes, at: Micros) -> None:
        """One whole message to every open output, to be on the wire at `at`, as near as the system can. Never raises.

        Thread: trio; 1 to 40 µs an output.
        """
        now = self._clock.now()
        self._remember(data, max(at, now))
        for name, mouth in list(self._mouths.items()):
            try:
                mouth.send(data, at - now)
            except Exception as problem:
                self._failed += 1
                if name != VIRTUAL_OUT:
                    log.warning("MIDI output %s is lost: %s", name, problem)
                    self._lose_output(name)
        self._sent += 1

    def close(self) -> None:
        """Closes every port, then the MIDI system. Once is enough; twice does no harm.

        Thread: trio.
        """
        for ends in (self._ears, self._mouths):
            for end in ends.values():
                _close_quietly(end)
            ends.clear()
        self._backend.close()

    def statistics(self) -> MidiPortStatistics:
        """What the ports saw so far.

        Thread: any one.
        """
        return MidiPortStatistics(
            self._received, self._sent, self._looped, self._failed, tuple(self._ears), tuple(self._mouths)
        )

    def _listener(self, port: str) -> Heard:
        """What a port's callback does: stamp, append, wake.

        Thread: the MIDI system's own, perhaps real-time.
        """

        def heard(data: bytes, age_micros: int = 0) -> None:
            now = self._clock.now()
            at = Micros(now - age_micros)
            sent_at = self._sent_at.get(data)
            if sent_at is not None and -self._backend.ahead_micros <= now - sent_at <= LOOP_MICROS + age_micros:
                self._looped += 1
                return
            self._received += 1
            self._inbox.put(MidiReceived(port, data), at)

        return heard

    def _remember(self, data: bytes, at: Micros) -> None:
        """Notes what is sent, and when, so that it is known if it comes back."""
        if data[0] in _SELDOM_A_LOOP:
            return
        now = self._clock.now()
        if len(self._sent_at) >= _REMEMBERED:
            # A new dict, not a smaller one: the callbacks may be reading it.
            self._sent_at = {key: sent for key, sent in self._sent_at.items() if now - sent <= LOOP_MICROS}
        self._sent_at[data] = at

    def _open_virtual(self) -> None:
        self._ears[VIRTUAL_IN] = self._backend.listen(VIRTUAL_IN, self._listener(VIRTUAL_IN), virtual=True)
        self._mouths[VIRTUAL_OUT] = self._backend.speak(VIRTUAL_OUT, virtual=True)

    def _has_come_back(self) -> bool:
        """The MIDI system died: lets everything go, once, and opens it again when it runs again."""
        if self._ears or self._mouths:
            log.warning("the MIDI system (%s) is gone; the music goes on without it", self._backend.name)
            for name in self._ears:
                self._tell(stable_name(name), present=False)
            lost = [*self._ears.values(), *self._mouths.values()]
            self._ears, self._mouths = {}, {}
            # On a thread: rtmidi waits a second for a dead server to take its last message.
            threading.Thread(target=_close_all, args=(lost,), name="lost MIDI ports", daemon=True).start()
        try:
            self._backend.revive()
            self._open_virtual()
        except MidiUnavailable:
            return False
        self._tell(VIRTUAL_IN, present=True)
        return True

    def _follow_inputs(self, there: list[str]) -> None:
        gone = [name for name in self._ears if name != VIRTUAL_IN and name not in there]
        for name in gone:
            _close_quietly(self._ears.pop(name))
            self._tell(stable_name(name), present=False)
        for name in self._wanted(there, self._input_patterns, self._ears):
            listener = self._listener(stable_name(name))
            try:
                self._ears[name] = self._backend.listen(name, listener, virtual=False)
            except MidiUnavailable as problem:
                self._refuse(name, problem)
            else:
                self._tell(stable_name(name), present=True)

    def _follow_outputs(self, there: list[str]) -> None:
        for name in [name for name in self._mouths if name != VIRTUAL_OUT and name not in there]:
            self._lose_output(name)
        for name in self._wanted(there, self._output_patterns, self._mouths):
            try:
                self._mouths[name] = self._backend.speak(name, virtual=False)
            except MidiUnavailable as problem:
                self._refuse(name, problem)
            else:
                self._tell(f"{stable_name(name)} (out)", present=True)

    def _wanted(self, there: list[str], patterns: tuple[str, ...], opened: Collection[str]) -> list[str]:
        """Ports to open: they match, are not open, are not ours, and did not refuse since they came."""
        return [
            name
            for name in there
            if name not in opened
            and name not in self._refused
            and not name.lower().startswith(OWN_PREFIX)
            and matches(name, patterns)
        ]

    def _refuse(self, name: str, problem: MidiUnavailable) -> None:
        self._refused.add(name)
        log.warning("%s; it is tried again when it is plugged in again", problem)

    def _lose_output(self, name: str) -> None:
        _close_quietly(self._mouths.pop(name))
        self._tell(f"{stable_name(name)} (out)", present=False)

    def _tell(self, port: str, *, present: bool) -> None:
        """A port came or went: the heart lets go what was held on it, the log says when."""
        log.info("MIDI port %s %s", port, "is open" if present else "is gone")
        self._inbox.put(PortChanged(port, present), self._clock.now())


def _close_all(ends: Sequence[Ear | Mouth]) -> None:
    for end in ends:
        _close_quietly(end)


def _close_quietly(end: Ear | Mouth) -> None:
    """What is gone already may fail to close, and then it does not matter."""
    try:
        end.close()
    except Exception:
        log.exception("a MIDI port could not be closed")
