"""How the process around the band does: what is wrong, and how late things are; told with the heart's own picture."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from realtime.core.events import ClockHeard, Output, Stamped
from realtime.core.snapshot import Snapshot
from realtime.edges.midi_port import MidiPortStatistics
from realtime.edges.stage import StageStatistics

Troubles = Callable[[], Sequence[str]]
"""What is wrong now, for people; asked four times a second."""

LOST: Final = "lost"


class Health:
    """A sink for the heart's outputs, and the picture of it that OSC and HTTP tell.

    Args:
        snapshot: the heart as it stands.
        watched: who else knows of troubles.

    Thread: trio.
    """

    name: Final = "health"

    def __init__(self, snapshot: Callable[[], Snapshot], watched: Sequence[Troubles] = ()) -> None:
        self._snapshot = snapshot
        self._watched = list(watched)
        self._clock = ""
        self.stage: Callable[[], StageStatistics] | None = None
        self.midi: Callable[[], MidiPortStatistics] | None = None

    def watch(self, troubles: Troubles) -> None:
        """Tells of these, too."""
        self._watched.append(troubles)

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """Notes how the clock does. Never waits."""
        for stamped in outputs:
            if isinstance(stamped.event, ClockHeard):
                port = stamped.event.port
                is_lost = stamped.event.state == LOST
                self._clock = f"the clock at {port} is lost; the band goes on in its tempo" if is_lost else ""

    def snapshot(self) -> Snapshot:
        """The heart, what is wrong around it, and how late things are."""
        clock = [self._clock] if self._clock else []
        troubles = (*(text for watched in self._watched for text in watched()), *clock)
        return replace(self._snapshot(), troubles=troubles, latency=self._latency())

    def _latency(self) -> dict[str, float]:
        told: dict[str, float] = {}
        if self.stage is not None:
            heard = self.stage().input_latency
            told |= {"input_p50_ms": _ms(heard.p50), "input_p99_ms": _ms(heard.p99)}
        if self.midi is not None:
            left = self.midi()
            told |= {"notes": left.notes, "late_notes": left.late, "worst_late_ms": _ms(left.worst_late)}
        return told


def _ms(micros: int) -> float:
    return round(micros / 1_000, 2)
