"""The clocks: the only file that asks what time it is.

Rules. Time inside is `Micros` since the clock was made, and never jumps. The wall clock is asked for one
thing only: what an OSC timetag from another program means here.
"""

import sys
import time
from typing import Final, Protocol

import trio

from realtime.core.units import MICROS_PER_SECOND, Micros

NTP_EPOCH_SECONDS: Final = 2_208_988_800
"""From 1900, where OSC timetags begin, to 1970, where Unix time does."""


class Clock(Protocol):
    """What an edge needs to know of time."""

    @property
    def grain_micros(self) -> int:
        """How late a sleeper may wake because the system counts no finer, in µs; on average half of it."""
        ...

    def now(self) -> Micros:
        """Microseconds since the clock was made; never less than before.

        Thread: any one.
        Real-time safe: yes.
        """
        ...

    def trio_time(self, at: Micros) -> float:
        """`at` as a trio deadline, in seconds on `trio.current_time()`.

        Thread: trio.
        """
        ...

    async def sleep_until(self, at: Micros) -> None:
        """Returns once `now() >= at`; at once (after a checkpoint) if that is already so.

        Thread: trio.
        """
        ...

    def at_timetag(self, ntp_seconds: float) -> Micros:
        """When the moment `ntp_seconds` (since 1900, as in an OSC timetag) is, or was (then it may be
        negative).

        Thread: any one.
        """
        ...


class SystemClock:
    """Real time, zero when the clock is made.

    Thread: any one.
    """

    grain_micros: Final = 1_000 if sys.platform.startswith("linux") else 0
    """epoll counts in milliseconds and rounds up; kqueue counts in nanoseconds."""

    def __init__(self) -> None:
        self._zero = time.perf_counter_ns()

    def now(self) -> Micros:
        """Microseconds since the clock was made; about 0.1 µs to ask.

        Thread: any one.
        Real-time safe: yes.
        """
        return Micros((time.perf_counter_ns() - self._zero) // 1_000)

    def trio_time(self, at: Micros) -> float:
        """`at` as a trio deadline, in seconds.

        Thread: trio.
        """
        return trio.current_time() + (at - self.now()) / MICROS_PER_SECOND

    async def sleep_until(self, at: Micros) -> None:
        """Returns once `now() >= at`, give or take a microsecond. Late by up to 1 ms where the operating
        system counts in milliseconds.

        Thread: trio.
        """
        await trio.sleep_until(self.trio_time(at))
        if self.now() < at:  # trio's clock and ours round apart by a microsecond
            await trio.sleep_until(self.trio_time(at))

    def at_timetag(self, ntp_seconds: float) -> Micros:
        """When an OSC timetag is. The wall clock is asked each time, for it may have been set since.

        Thread: any one.
        """
        ahead = ntp_seconds - NTP_EPOCH_SECONDS - time.time_ns() / 1e9
        return Micros(self.now() + round(ahead * MICROS_PER_SECOND))


class VirtualClock:
    """Trio's own time, zero when the clock is made: under `trio.testing.MockClock` it is the test's time.

    Its wall clock reads zero NTP seconds when the clock is made.

    Raises:
        RuntimeError: it was not made inside `trio.run`.

    Thread: made in trio, then any one.
    """

    grain_micros: Final = 0

    def __init__(self) -> None:
        self._clock = trio.lowlevel.current_clock()
        self._zero = self._clock.current_time()

    def now(self) -> Micros:
        """Microseconds since the clock was made.

        Thread: any one.
        """
        return Micros(round((self._clock.current_time() - self._zero) * MICROS_PER_SECOND))

    def trio_time(self, at: Micros) -> float:
        """`at` as a trio deadline, in seconds.

        Thread: trio.
        """
        return self._zero + at / MICROS_PER_SECOND

    async def sleep_until(self, at: Micros) -> None:
        """Returns once `now() >= at`.

        Thread: trio.
        """
        await trio.sleep_until(self.trio_time(at))

    def at_timetag(self, ntp_seconds: float) -> Micros:
        """When an OSC timetag is: NTP time and this clock began together.

        Thread: any one.
        """
        return Micros(round(ntp_seconds * MICROS_PER_SECOND))
