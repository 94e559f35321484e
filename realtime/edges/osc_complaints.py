"""How often OSC complains: ten errors a second are told, the rest is only counted."""

from typing import Final

from realtime.core.units import MICROS_PER_SECOND, Micros

ERRORS_PER_SECOND: Final = 10


class Complaints:
    """Counts what is told in each second."""

    def __init__(self) -> None:
        self._second = -1
        self._told = 0

    def may(self, now: Micros) -> bool:
        """Whether one more may be told at `now`; it is counted."""
        second = now // MICROS_PER_SECOND
        if second != self._second:
            self._second, self._told = second, 0
        self._told += 1
        return self._told <= ERRORS_PER_SECOND
