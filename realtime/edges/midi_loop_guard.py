"""The loop guard: what we sent and what comes back, so that our own notes are not taken for the player's."""

from typing import Final

from realtime.core.units import Micros
from realtime.edges.clock import Clock

LOOP_MICROS: Final = 10_000
_REMEMBERED: Final = 512

_SELDOM_A_LOOP: Final = frozenset({0xF8, 0xFE})
"""Clock and active sensing are equal every time: coming back within 10 ms proves nothing."""


class LoopGuard:
    """Remembers what was sent.

    Args:
        ahead_micros: how long before its time a message may be on the wire.
        behind_micros: how long after it a message may still be on its way round, beyond the 10 ms of any cable: a block
            of each program that it goes through.

    Thread: `remember` one owner; `has_come_back` any one.
    """

    def __init__(self, clock: Clock, ahead_micros: int, behind_micros: int = 0) -> None:
        self._clock = clock
        self._ahead = ahead_micros
        self._behind = LOOP_MICROS + behind_micros
        self._sent_at: dict[bytes, Micros] = {}

    def remember(self, data: bytes, at: Micros) -> None:
        """Notes what is sent, and when, so that it is known if it comes back."""
        if data[0] in _SELDOM_A_LOOP:
            return
        now = self._clock.now()
        if len(self._sent_at) >= _REMEMBERED:
            # A new dict, not a smaller one: the callbacks may be reading it.
            self._sent_at = {key: sent for key, sent in self._sent_at.items() if now - sent <= self._behind}
        self._sent_at[data] = max(at, now)

    def has_come_back(self, data: bytes, now: Micros, age_micros: int) -> bool:
        """Whether a message that came in `age_micros` ago is ours: the same, and sent shortly before."""
        sent_at = self._sent_at.get(data)
        return sent_at is not None and -self._ahead <= now - sent_at <= self._behind + age_micros
