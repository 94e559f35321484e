import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.events import Input, MidiReceived, NoteOff, NoteOn, Output, Stamped
from realtime.core.offline import play
from realtime.core.units import Micros, Ticks
from realtime.edges.clock import VirtualClock
from realtime.edges.inbox import Inbox
from realtime.edges.stage import LiveHeart, Stage
from tests.fakes import BrokenSink, CountingHeart, RememberingSink, RestingHeart, run_in_virtual_time


class Tape:
    """Everything that crossed."""

    def __init__(self) -> None:
        self.inputs: list[Stamped[Input]] = []
        self.outputs: list[Stamped[Output]] = []

    def __call__(self, kind: str, stamped: Stamped, ticks: Ticks) -> None:
        assert ticks == stamped.at // 500
        (self.inputs if kind == "input" else self.outputs).append(stamped)


def note(number: int) -> MidiReceived:
    return MidiReceived("k", bytes([0x90, 60, 1 + number % 127]))


def perform(heart: LiveHeart, sinks: list, script: list[tuple[int, int]], until: int) -> tuple[Tape, Stage]:
    """Runs `heart` live on a virtual clock; each of `script` is (when put into the inbox, how old its
    stamp)."""

    async def main() -> tuple[Tape, Stage]:
        clock, inbox, tape = VirtualClock(), Inbox(), Tape()
        stage = Stage(heart, clock, inbox, sinks, record=tape)
        try:
            async with trio.open_nursery() as nursery:
                await nursery.start(stage.run)
                for number, (at, age) in enumerate(script):
                    await clock.sleep_until(Micros(at))
                    inbox.put(note(number), Micros(max(at - age, 0)))
                await clock.sleep_until(Micros(until))
                nursery.cancel_scope.cancel()
        finally:
            inbox.close()
        return tape, stage

    return run_in_virtual_time(main)


scripts = st.lists(st.tuples(st.integers(0, 400_000), st.one_of(st.just(0), st.integers(0, 60_000))), max_size=20).map(
    sorted
)


@settings(deadline=None)
@given(scripts, st.integers(0, 500_000), st.sampled_from([50_000, 10_000, 7_777]))
def test_live_playing_is_what_an_offline_replay_of_its_inputs_gives(
    script: list[tuple[int, int]], more: int, period: int
) -> None:
    sink = RememberingSink()
    until = (script[-1][0] if script else 0) + more
    tape, stage = perform(CountingHeart(period, waiting=True), [sink], script, until)
    assert stage.ended_at is not None
    assert list(play(CountingHeart(period, waiting=True), tape.inputs, stage.ended_at)) == sink.taken
    assert tape.outputs == sink.taken
    assert stage.statistics().inputs == len(script)
    assert stage.statistics().stuck == 0


def test_an_input_on_time_keeps_its_stamp_and_one_too_late_is_stamped_anew() -> None:
    tape, stage = perform(CountingHeart(50_000), [], [(75_000, 10_000), (120_000, 60_000)], 130_000)
    assert [one.at for one in tape.inputs] == [65_000, 100_001]
    assert stage.statistics().restamped == 1


def test_a_heart_at_rest_costs_nothing_until_something_comes_in() -> None:
    heart = RestingHeart()
    perform(heart, [], [(1_000_000, 0), (2_000_000, 0)], 3_600_000_000)
    assert len(heart.asked) == 2  # two inputs


def test_cancelled_it_gives_every_sink_the_silence() -> None:
    sinks = [RememberingSink(), RememberingSink()]
    perform(CountingHeart(), sinks, [], 60_000)
    for sink in sinks:
        ons = [one.event for one in sink.taken if isinstance(one.event, NoteOn)]
        offs = [one.event for one in sink.taken if isinstance(one.event, NoteOff)]
        assert [(on.part, on.pitch) for on in ons] == [(off.part, off.pitch) for off in offs]


def test_a_sink_that_fails_is_reported_once_and_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    good = RememberingSink()
    _, stage = perform(CountingHeart(), [BrokenSink(), good], [], 500_000)
    broken, fine = stage.statistics().sinks
    assert broken.failures == fine.latency.count > 5
    assert fine.failures == 0
    assert len(good.taken) == stage.statistics().outputs
    assert caplog.text.count("broken failed") == 1


def test_a_sink_that_takes_its_time_is_counted_as_slow(caplog: pytest.LogCaptureFixture) -> None:
    class FakeClock(VirtualClock):
        extra = 0

        def now(self) -> Micros:
            return Micros(super().now() + self.extra)

    class Slow(RememberingSink):
        clock: FakeClock

        def send(self, outputs) -> None:
            self.clock.extra += 9_000

    async def main() -> None:
        inbox, slow = Inbox(), Slow("slow one")
        slow.clock = FakeClock()
        stage = Stage(RestingHeart(), slow.clock, inbox, [slow])
        async with trio.open_nursery() as nursery:
            await nursery.start(stage.run)
            inbox.put(note(1), Micros(0))
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()
        assert stage.statistics().sinks[0].slow == 1
        assert stage.statistics().sinks[0].latency.worst == 9_000
        inbox.close()

    run_in_virtual_time(main)
    assert "slow one took 9.0 ms" in caplog.text


def test_a_heart_that_breaks_is_silenced_and_its_error_comes_out() -> None:
    class Breaking(CountingHeart):
        def receive(self, event: Input, at: Micros) -> None:
            raise ZeroDivisionError("a fault of ours")

    sink = RememberingSink()
    with pytest.raises(ExceptionGroup) as caught:
        perform(Breaking(), [sink], [(70_000, 0)], 200_000)
    assert caught.group_contains(ZeroDivisionError)
    held = [one.event.pitch for one in sink.taken if isinstance(one.event, NoteOn)]
    ended = [one.event.pitch for one in sink.taken if isinstance(one.event, NoteOff)]
    assert held == ended


def test_a_heart_that_wishes_to_be_woken_in_the_past_does_not_stop_the_world() -> None:
    class Stuck(RestingHeart):
        def next_wakeup(self) -> Micros | None:
            return Micros(0)

    _, stage = perform(Stuck(), [], [(5_000, 0)], 10_000)
    assert stage.statistics().stuck > 0
    assert stage.statistics().inputs == 1


def test_latency_is_measured_from_the_stamp_to_the_heart() -> None:
    _, stage = perform(RestingHeart(), [RememberingSink()], [(50_000, 3_000)], 60_000)
    assert stage.statistics().input_latency.worst == 3_000
