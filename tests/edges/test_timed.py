import trio
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.units import Micros
from realtime.edges.clock import VirtualClock
from realtime.edges.timed import LATE_MICROS, Timed
from tests.fakes import run_in_virtual_time


@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 2)), max_size=40))
def test_things_are_handed_on_at_their_times_in_order(pushed: list[tuple[int, int]]) -> None:
    async def main() -> None:
        clock = VirtualClock()
        got: list[tuple[int, int]] = []
        timed: Timed[int] = Timed(clock, lambda n: got.append((clock.now(), n)))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(timed.run)
            for number, (at, rank) in enumerate(pushed):
                timed.push(Micros(at), number, rank=rank)
            await clock.sleep_until(Micros(3_000))
            nursery.cancel_scope.cancel()
        order = sorted(range(len(pushed)), key=lambda n: (*pushed[n], n))
        assert got == [(pushed[n][0], n) for n in order]
        assert timed.statistics().late == 0

    run_in_virtual_time(main)


def test_an_earlier_thing_pushed_later_is_not_slept_through() -> None:
    async def main() -> None:
        clock = VirtualClock()
        got: list[tuple[int, str]] = []
        timed: Timed[str] = Timed(clock, lambda name: got.append((clock.now(), name)))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(timed.run)
            timed.push(Micros(1_000_000), "later")
            await clock.sleep_until(Micros(100))
            timed.push(Micros(500), "sooner")
            await clock.sleep_until(Micros(1_000_001))
            nursery.cancel_scope.cancel()
        assert got == [(500, "sooner"), (1_000_000, "later")]

    run_in_virtual_time(main)


def test_a_thing_whose_time_has_passed_goes_at_once_and_is_counted() -> None:
    async def main() -> None:
        clock = VirtualClock()
        got: list[str] = []
        timed: Timed[str] = Timed(clock, got.append)
        await clock.sleep_until(Micros(50_000))
        timed.push(Micros(50_000 - LATE_MICROS), "just in time")
        timed.push(Micros(10_000), "late")
        assert timed.send_due() == 2
        assert got == ["late", "just in time"]
        assert (timed.statistics().late, timed.statistics().worst_late) == (1, 40_000)

    run_in_virtual_time(main)


def test_half_the_grain_of_a_coarse_clock_is_given_away_beforehand() -> None:
    async def main() -> None:
        class CoarseClock(VirtualClock):
            grain_micros = 1_000  # type: ignore[misc]

        clock = CoarseClock()
        got: list[int] = []
        timed: Timed[str] = Timed(clock, lambda _: got.append(clock.now()))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(timed.run)
            timed.push(Micros(10_000), "note")
            await clock.sleep_until(Micros(20_000))
            nursery.cancel_scope.cancel()
        assert got == [9_500]

    run_in_virtual_time(main)


def test_what_still_waits_can_be_taken_out_in_order() -> None:
    async def main() -> None:
        timed: Timed[int] = Timed(VirtualClock(), lambda _: None)
        for at in (30, 10, 20):
            timed.push(Micros(at), at)
        assert list(timed.take_all()) == [10, 20, 30]
        assert len(timed) == 0

    run_in_virtual_time(main)
