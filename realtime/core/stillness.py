"""Stillness: what is heard, and foreseen, while no beat runs."""

from dataclasses import dataclass
from typing import Final

from realtime.core.free_time import FreeTime
from realtime.core.herald import Herald
from realtime.core.listener import Listener
from realtime.core.roles import Roles
from realtime.core.units import Micros

SURE_ENOUGH: Final = 0.6
"""How confident the ear must be to overrule the plan within the beat."""

STOPPED_WINDOW_MICROS: Final = 1_000_000
"""How far back a chord is read."""


@dataclass(slots=True)
class Stillness:
    """Chord after chord, whenever they come."""

    listener: Listener
    free: FreeTime
    herald: Herald
    roles: Roles

    def hear(self, at: Micros) -> None:
        """A chord's notes have come: tells what it was, and what may come next."""
        hearing = self.listener.hear_now(Micros(at - STOPPED_WINDOW_MICROS), at)
        if hearing.chord is None:
            return
        self.roles.free_chord = hearing.chord
        self.herald.heard(hearing.chord, hearing.confidence, at)
        expected = self.free.hear(hearing.chord, at) if hearing.confidence >= SURE_ENOUGH else None
        if expected is not None:
            self.herald.foresaw(expected.chord, expected.probability, at, 0.0, -1, sure=False)
