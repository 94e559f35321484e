"""What an OSC port hears, and survives."""

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.events import (
    ActionRequested,
    ChordHeard,
    MidiReceived,
    ParameterSet,
)
from realtime.core.units import Micros
from realtime.edges.clock import VirtualClock
from realtime.edges.inbox import Inbox
from realtime.edges.osc_complaints import ERRORS_PER_SECOND
from realtime.edges.osc_packet import build
from realtime.edges.osc_port import MAX_HELD, OscPort
from realtime.edges.port_busy import PortBusy
from tests.edges.osc_rig import NOBODY, Controller, Rig, in_a_rig, settle
from tests.edges.test_osc_packet import bundle, parts
from tests.fakes import a_snapshot, run_in_virtual_time


def test_a_fader_reaches_the_inbox_with_its_source() -> None:
    async def main(rig: Rig) -> None:
        rig.surface.say("/sideman/energy", 0.25)
        rig.surface.say("/sideman/transport/start")
        rig.surface.say("/sideman/note", 60, 100)
        await settle()
        source = f"osc:127.0.0.1:{rig.surface.address[1]}"
        assert rig.inputs() == [
            ParameterSet("energy", 0.25, source),
            ActionRequested("transport/start", (), source),
            MidiReceived(source, b"\x90\x3c\x64"),
        ]

    in_a_rig(main)


def test_one_pattern_turns_many_knobs() -> None:
    async def main(rig: Rig) -> None:
        rig.surface.say("/sideman/part/*/mute", 1)
        await settle()
        assert [event.path for event in rig.inputs() if isinstance(event, ParameterSet)] == [
            f"part/{part}/mute" for part in ("drums", "bass", "keys", "pad", "solo")
        ]

    in_a_rig(main)


def test_a_button_let_go_is_no_error() -> None:
    async def main(rig: Rig) -> None:
        rig.surface.say("/sideman/fill", 1.0)
        rig.surface.say("/sideman/fill", 0.0)
        await settle()
        assert len(rig.inputs()) == 1
        assert rig.port.statistics().rejected == 0
        assert rig.surface.heard() == []

    in_a_rig(main)


def test_what_makes_no_sense_is_answered_to_its_sender_a_few_times_a_second() -> None:
    async def main(rig: Rig) -> None:
        rig.surface.say("/sideman/energy", "loud")
        await settle()
        ((address, (reason,)),) = rig.surface.heard()
        assert address == "/sideman/error"
        assert "energy" in str(reason)
        for _ in range(50):
            rig.surface.say("/sideman/nothing")
            rig.surface.socket.sendto(b"junk", rig.surface.daemon)
        await settle()
        assert len(rig.surface.heard()) == ERRORS_PER_SECOND - 1
        statistics = rig.port.statistics()
        assert (statistics.rejected, statistics.malformed) == (51, 50)
        assert rig.fixed.heard() == []
        await trio.sleep(1)
        rig.surface.say("/sideman/nothing")
        await settle()
        assert len(rig.surface.heard()) == 1

    in_a_rig(main)


def test_a_bundle_is_executed_at_its_time() -> None:
    async def main(rig: Rig) -> None:
        message = build(("/sideman/fill", ()))
        rig.surface.socket.sendto(bundle(message, timetag=b"\0\0\0\2\x80\0\0\0"), rig.surface.daemon)
        await settle()
        assert rig.inputs() == []
        assert rig.port.statistics().held == 1
        await rig.clock.sleep_until(Micros(2_499_999))
        assert rig.inputs() == []
        await rig.clock.sleep_until(Micros(2_500_001))
        assert [stamped.at for stamped in rig.inbox.drain()] == [2_500_000]

    in_a_rig(main)


def test_a_bundle_for_now_or_the_past_is_executed_at_once_and_one_for_next_week_is_refused() -> None:
    async def main(rig: Rig) -> None:
        await trio.sleep(10)
        message = build(("/sideman/fill", ()))
        for timetag in (b"\0\0\0\0\0\0\0\1", b"\0\0\0\5\0\0\0\0", b"\0\1\0\0\0\0\0\0"):
            rig.surface.socket.sendto(bundle(message, timetag=timetag), rig.surface.daemon)
        await settle()
        assert len(rig.inputs()) == 2
        ((_, (reason,)),) = rig.surface.heard()
        assert "more than 60 s ahead" in str(reason)

    in_a_rig(main)


def test_a_flood_of_future_bundles_is_held_within_bounds() -> None:
    async def main(rig: Rig) -> None:
        flood = bundle(*[build(("/sideman/fill", ()))] * 200, timetag=b"\0\0\0\x0a\0\0\0\0")
        for _ in range(20):
            rig.port.receive(flood, NOBODY)
        assert rig.port.statistics().held == MAX_HELD

    in_a_rig(main)


def test_a_command_is_carried_out_and_one_that_fails_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    done: list[tuple[object, ...]] = []

    def fail(_: tuple[object, ...]) -> None:
        raise OSError("disk full")

    async def main(rig: Rig) -> None:
        rig.surface.say("/sideman/session/start", "take 1")
        rig.surface.say("/sideman/session/stop")
        await settle()
        assert done == [("take 1",)]
        assert rig.surface.heard() == [("/sideman/error", ("session/stop: disk full",))]

    in_a_rig(main, session_start=done.append, session_stop=fail)


def test_a_port_in_use_is_named_with_a_way_out() -> None:
    async def main() -> None:
        other = Controller()
        port = OscPort(Inbox(), VirtualClock(), a_snapshot, port=other.address[1])
        with pytest.raises(PortBusy, match=r"in use.*--set osc\.port=") as caught:
            port.open()
        assert caught.value.port == other.address[1]
        port.close()
        other.socket.close()
        port._inbox.close()

    run_in_virtual_time(main)


def test_listeners_that_are_gone_are_no_trouble() -> None:
    async def main() -> None:
        one = Rig(a_snapshot, {})
        async with trio.open_nursery() as nursery:
            await nursery.start(one.port.run)
            for number in range(100):
                one.surface.say("/sideman/subscribe", 1)
                one.tell(ChordHeard("C", number / 100))
                await settle()
            nursery.cancel_scope.cancel()
        one.port.close()
        one.tell(ChordHeard("C", 1.0))
        one.port.close()
        one.inbox.close()
        one.fixed.socket.close()
        one.surface.socket.close()

    run_in_virtual_time(main)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(parts, max_size=8).map(b"".join), max_size=40))
def test_any_datagrams_are_survived_and_nothing_grows(datagrams: list[bytes]) -> None:
    async def main(rig: Rig) -> None:
        for number, datagram in enumerate(datagrams):
            rig.port.receive(datagram, ("127.0.0.1", 1 + number % 3))
        rig.port.receive(build(("/sideman/fill", ())), NOBODY)
        statistics = rig.port.statistics()
        assert statistics.held <= MAX_HELD
        assert statistics.subscribers == 0
        assert any(isinstance(event, ActionRequested) for event in rig.inputs())

    in_a_rig(main)


arguments = st.lists(
    st.one_of(
        st.integers(-(2**40), 2**40),
        st.floats(width=32),
        st.booleans(),
        st.none(),
        st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=70),
        st.binary(min_size=1, max_size=8),
        st.tuples(*[st.integers(0, 255)] * 4),
    ),
    max_size=4,
)
addresses = st.sampled_from(
    ["energy", "part/*/level", "style", "transport/meter", "note", "midi", "subscribe", "refresh", "ping", "key", ""]
)


@settings(max_examples=200, deadline=None)
@given(addresses, arguments)
def test_any_arguments_are_survived(address: str, given_arguments: list[object]) -> None:
    async def main(rig: Rig) -> None:
        rig.surface.say("/sideman/" + address, *given_arguments)
        await settle()
        statistics = rig.port.statistics()
        assert statistics.received + statistics.malformed == 1

    in_a_rig(main)
