"""MIDI clock out: twenty-four pulses a quarter, always; start, continue, stop and song position with the music.

Rules. The pulses run while the music stands still, too, so that others know the tempo before it starts. A start says
that the next pulse is the first beat; a continue, that it is the sixteenth that was named just before. Pulses are
counted, not only timed: after a stall those that are owed follow at once, for whoever follows counts them as well.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import trio

from realtime.core.events import Output, Stamped, TransportChanged
from realtime.core.midi_codec import ClockMessage
from realtime.core.timeline import Timeline
from realtime.core.units import TICKS_PER_PULSE, TICKS_PER_QUARTER, TICKS_PER_SIXTEENTH, Micros, Ticks
from realtime.edges.clock import Clock
from realtime.edges.latency import Latency, LatencySummary

LAST_SONG_POSITION: Final = 0x3FFF
"""In sixteenths; later places have no number (MIDI 1.0, "Song Position Pointer")."""

_PULSE: Final = bytes((ClockMessage.PULSE,))
_START: Final = bytes((ClockMessage.START,))
_CONTINUE: Final = bytes((ClockMessage.CONTINUE,))
_STOP: Final = bytes((ClockMessage.STOP,))


@dataclass(frozen=True, slots=True)
class ClockOutStatistics:
    """What was sent: pulses, and how late they left, in µs."""

    pulses: int
    lateness: LatencySummary


class ClockOut:
    """A sink for the heart's outputs that keeps others in time.

    Args:
        send: puts one message on the wire, to be there at a time (`MidiPort.send`).
        timeline: musical time as it goes now, whether music plays or not.
        ahead_micros: how long before its time a pulse may be handed over while the music plays; 0: when its time has
            come. While it stands still none is, so that a start is followed by no pulse from before it.

    Thread: trio.
    """

    name: Final = "MIDI clock"

    def __init__(
        self,
        send: Callable[[bytes, Micros], None],
        clock: Clock,
        timeline: Callable[[], Timeline],
        *,
        ahead_micros: int = 0,
    ) -> None:
        self._send = send
        self._clock = clock
        self._timeline = timeline
        self._early = clock.grain_micros // 2
        self._ahead = max(ahead_micros, self._early)
        self._is_playing = False
        self._handed: deque[Micros] = deque()
        """The times of the pulses that were handed over and are still to come."""
        self._tick = Ticks(0)
        """Where the next pulse stands."""
        self._word: tuple[Ticks, bytes] | None = None
        """What the others are told just before which pulse: to start after a count-in, to go on at a sixteenth."""
        self._due: Micros | None = None
        """When the last pulse was due."""
        self._changed = trio.Event()
        self._pulses = 0
        self._lateness = Latency()
        self._is_closed = False

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """The music started or stopped: the others are told.

        Thread: trio; never waits.
        """
        for stamped in outputs:
            if isinstance(stamped.event, TransportChanged) and not self._is_closed:
                self._turn(stamped.event, stamped.at)

    async def run(self) -> None:
        """Sends the pulses, for ever.

        Thread: trio.
        """
        self._align(self._clock.now())
        while True:
            self._changed = trio.Event()
            due = self._next_due()
            with trio.move_on_at(self._clock.trio_time(Micros(due - self._lead))):
                await self._changed.wait()
            if not self._changed.is_set():
                self._pulse()
            await trio.lowlevel.checkpoint()

    def close(self) -> None:
        """The others stop. Call it while the ports are still open.

        Thread: trio; never waits.
        """
        if not self._is_closed:
            self._is_closed = True
            self._send(_STOP, self._clock.now())

    def statistics(self) -> ClockOutStatistics:
        """What was sent so far.

        Thread: any one.
        """
        return ClockOutStatistics(self._pulses, self._lateness.summary())

    @property
    def _lead(self) -> int:
        return self._ahead if self._is_playing else self._early

    def _turn(self, change: TransportChanged, at: Micros) -> None:
        if not change.playing:
            self._word, self._is_playing = None, False
            self._send(_STOP, at)
        if change.position is None:
            return
        self._word, self._is_playing = None, True
        self._align(at)
        if self._timeline().ticks_at(at) < 0:
            self._word = Ticks(0), _START
        elif change.position == 0:
            self._send(_START, at)
            # What is on its way already will be counted as the first of the new song.
            self._tick = Ticks(self._tick + TICKS_PER_PULSE * sum(due > at for due in self._handed))
        else:
            self._continue(change.position, at)
        self._changed.set()

    def _continue(self, position: int, at: Micros) -> None:
        """Names the next sixteenth; the word to go on is given just before it."""
        sixteenth = -(-position // TICKS_PER_SIXTEENTH)
        if sixteenth <= LAST_SONG_POSITION:
            self._send(bytes((ClockMessage.SONG_POSITION, sixteenth & 0x7F, sixteenth >> 7)), at)
        till_then = sixteenth * TICKS_PER_SIXTEENTH - position
        place = -(-(self._timeline().ticks_at(at) + till_then) // TICKS_PER_PULSE) * TICKS_PER_PULSE
        self._word = Ticks(place), _CONTINUE

    def _align(self, at: Micros) -> None:
        """The next pulse is the first from `at` on."""
        ticks = self._timeline().ticks_at(Micros(at - 1)) + 1
        self._tick = Ticks(-(-ticks // TICKS_PER_PULSE) * TICKS_PER_PULSE)
        self._due = None

    def _next_due(self) -> Micros:
        """When the next pulse is due. Where ticks count from elsewhere since the last one, its tick is another."""
        line, now = self._timeline(), self._clock.now()
        if abs(self._tick - line.ticks_at(now)) > TICKS_PER_QUARTER:
            self._align(now if self._due is None else Micros(self._due + line.micros_per_quarter // 48))
        return line.micros_at(self._tick)

    def _pulse(self) -> None:
        now = self._clock.now()
        due = self._next_due()
        if due > now + 2 * self._lead + 1_000:
            return  # time was moved meanwhile: wait for it
        if self._word is not None and self._tick >= self._word[0]:
            self._send(self._word[1], due)
            self._word = None
        self._send(_PULSE, due)
        self._due = due
        self._handed.append(due)
        while self._handed and self._handed[0] <= now:
            self._handed.popleft()
        self._pulses += 1
        self._lateness.add(max(0, now - due))
        self._tick = Ticks(self._tick + TICKS_PER_PULSE)
