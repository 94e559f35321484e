import trio

from realtime.core.units import Micros
from realtime.edges.clock import NTP_EPOCH_SECONDS, SystemClock, VirtualClock
from tests.fakes import run_in_virtual_time


def test_a_system_clock_starts_at_zero_and_never_goes_back() -> None:
    clock = SystemClock()
    readings = [clock.now() for _ in range(1_000)]
    assert 0 <= readings[0] < 1_000_000
    assert readings == sorted(readings)


def test_a_virtual_clock_sleeps_exactly_until_the_time_asked_for() -> None:
    async def main() -> None:
        await trio.sleep(1.5)
        clock = VirtualClock()
        assert clock.now() == 0
        for at in (1, 999_999, 1_000_001, 3_600_000_001):
            await clock.sleep_until(Micros(at))
            assert clock.now() == at
        await clock.sleep_until(Micros(5))  # long past
        assert clock.now() == 3_600_000_001

    run_in_virtual_time(main)


def test_a_virtual_clock_can_be_read_from_any_thread() -> None:
    async def main() -> None:
        clock = VirtualClock()
        await trio.sleep(2)
        assert await trio.to_thread.run_sync(clock.now) == 2_000_000

    run_in_virtual_time(main)


def test_a_timetag_of_this_moment_is_now() -> None:
    clock = SystemClock()
    # Not the wall clock itself: whatever it says, a second later is a second later.
    first = clock.at_timetag(NTP_EPOCH_SECONDS + 1e9)
    second = clock.at_timetag(NTP_EPOCH_SECONDS + 1e9 + 1)
    assert abs(second - first - 1_000_000) < 500_000
    assert first < 0  # 2001 was long ago


def test_a_system_deadline_lies_as_far_ahead_as_its_time() -> None:
    async def main() -> None:
        clock = SystemClock()
        ahead = clock.trio_time(Micros(clock.now() + 60_000_000)) - trio.current_time()
        assert 59 < ahead <= 60.001
        await clock.sleep_until(Micros(0))

    trio.run(main)
