"""A crowd of OSC messages thinned out before it costs anything: of a fader's values, the last one counts.

Rules. Only what replaces itself is thinned out: numbers of one parameter, by address, whoever sent them. Switches,
choices, buttons and notes all pass, in order. A value passes at once while there is room and nobody waits; otherwise it
waits its turn, each new one in place of the one before, and the last one always arrives. So the heart is asked to do a
bounded number of things a second, however fast somebody sends, and what is held is bounded by the table of parameters.
"""

from collections.abc import Callable, Sequence
from typing import Final

import trio

from realtime.core.osc_codec import PREFIX
from realtime.core.parameters import PARAMETERS
from realtime.core.units import MICROS_PER_SECOND, Micros
from realtime.edges.clock import Clock
from realtime.edges.osc_audience import Address

MOST_PER_SECOND: Final = 1_000
"""Numbers handed on: ten fingers on a tablet make some six hundred."""

BURST: Final = 128
TICK_SECONDS: Final = 0.01
"""How often those that wait are seen to; together they cost the heart little more than one."""

Datagram = tuple[bytes, Address]
"""What came, and from whom."""

_REPLACED: Final = frozenset((PREFIX + p.path).encode() for p in PARAMETERS.values() if p.kind in ("float", "int"))


class Conflator:
    """Datagrams in; those that count out, to `hand_on`, with when they came or were let through.

    Those that are handed on together have the same time, for so they cost the heart one look and not many.

    Thread: trio.
    """

    def __init__(self, clock: Clock, hand_on: Callable[[bytes, Address, Micros], None]) -> None:
        self._clock = clock
        self._hand_on = hand_on
        self._waiting: dict[bytes, Datagram] = {}
        self._room = float(BURST)
        self._counted_at = clock.now()
        self._is_crowded = trio.Event()
        self.replaced = 0
        """Values that a later one took the place of."""

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, datagrams: Sequence[Datagram]) -> None:
        """Datagrams that came together: hands on what may pass, keeps the rest."""
        now = self._count()
        last: dict[bytes, int] = {}
        addresses = [datagram[: datagram.find(b"\0")] for datagram, _ in datagrams]
        for number, address in enumerate(addresses):
            if address in _REPLACED:
                self.replaced += address in last
                last[address] = number
        for number, (address, datagram) in enumerate(zip(addresses, datagrams, strict=True)):
            if address not in last:
                self._hand_on(*datagram, now)
            elif last[address] == number:
                self._pass(address, datagram, now)

    async def run(self) -> None:
        """Hands on what waits as there is room, for ever."""
        while True:
            if not self._waiting:
                self._is_crowded = trio.Event()
                await self._is_crowded.wait()
            await trio.sleep(TICK_SECONDS)
            now = self._count()
            while self._waiting and self._room >= 1:
                address = next(iter(self._waiting))  # who waits longest
                datagram = self._waiting.pop(address)
                self._room -= 1
                self._hand_on(*datagram, now)

    def _pass(self, address: bytes, datagram: Datagram, now: Micros) -> None:
        if not self._waiting and self._room >= 1:
            self._room -= 1
            self._hand_on(*datagram, now)
            return
        self.replaced += address in self._waiting
        self._waiting[address] = datagram
        self._is_crowded.set()

    def _count(self) -> Micros:
        """As time goes by there is room again; what time it is."""
        now = self._clock.now()
        self._room = min(BURST, self._room + (now - self._counted_at) * MOST_PER_SECOND / MICROS_PER_SECOND)
        self._counted_at = now
        return now
