"""A crowd of messages: what is thinned out, what never is, and that the last word is always heard."""

from collections import Counter

import pytest
import trio
import trio.lowlevel
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.events import ActionRequested, ParameterSet
from realtime.core.parameters import PARAMETERS
from realtime.edges.clock import VirtualClock
from realtime.edges.osc_conflator import BURST, MOST_PER_SECOND, Conflator
from realtime.edges.osc_packet import build, read
from tests.edges.osc_rig import in_a_rig
from tests.fakes import run_in_virtual_time

PEER = ("127.0.0.1", 9)
FADERS = [p.path for p in PARAMETERS.values() if p.kind in ("float", "int")]


def value(path, number):
    return build((f"/sideman/{path}", (float(number),))), PEER


def press(path):
    return build((f"/sideman/{path}", ())), PEER


def through(*crowds, seconds=2.0):
    """What is handed on of crowds that come ten milliseconds apart: the messages, and what was waiting at most."""

    async def main():
        handed, most = [], 0
        conflator = Conflator(VirtualClock(), lambda datagram, *_: handed.extend(read(datagram)))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(conflator.run)
            await trio.lowlevel.checkpoint()
            for crowd in crowds:
                conflator.take(crowd)
                most = max(most, len(conflator))
                await trio.sleep(0.01)
            await trio.sleep(seconds)
            nursery.cancel_scope.cancel()
        return [(m.address.removeprefix("/sideman/"), m.arguments) for m in handed], most, conflator.replaced

    return run_in_virtual_time(main)


def test_a_single_message_passes_at_once():
    handed, most, replaced = through([value("energy", 0.5)], seconds=0)
    assert handed == [("energy", (0.5,))]
    assert (most, replaced) == (0, 0)


@given(st.lists(st.lists(st.tuples(st.sampled_from(FADERS[:6]), st.integers(0, 999)), max_size=40), max_size=12))
def test_the_last_value_of_every_fader_is_heard_and_nothing_that_was_not_sent(crowds):
    sent = [turn for crowd in crowds for turn in crowd]
    handed, _, replaced = through(*[[value(path, number) for path, number in crowd] for crowd in crowds])
    assert dict(sent) == {path: arguments[0] for path, arguments in handed}
    assert not Counter((path, arguments[0]) for path, arguments in handed) - Counter(sent)
    assert len(handed) + replaced == len(sent)


@given(st.lists(st.sampled_from(["fill", "session/mark", "part/bass/mute", "energy"]), max_size=200))
def test_no_button_is_ever_dropped_or_overtaken_by_another(pressed):
    crowd = [value("energy", 0.5) if path == "energy" else press(path) for path in pressed]
    handed, _, _ = through(crowd, crowd)
    buttons = [path for path in pressed if path != "energy"]
    assert [path for path, _ in handed if path != "energy"] == buttons * 2


def test_however_many_faders_are_turned_the_heart_gets_a_bounded_number_of_values_a_second():
    crowds = [[value(path, n) for path in FADERS] for n in range(100)]
    handed, most, _ = through(*crowds, seconds=0)
    assert len(handed) <= BURST + MOST_PER_SECOND * 1.01
    assert most <= len(FADERS)
    last, _, _ = through(*crowds)
    assert {path: arguments[0] for path, arguments in last} == dict.fromkeys(FADERS, 99.0)


def test_a_fader_that_waits_is_not_kept_waiting_by_the_others():
    crowds = [[value(path, n) for path in FADERS] for n in range(100)]
    handed, _, _ = through(*crowds, seconds=0)
    seen = Counter(path for path, _ in handed)
    assert max(seen.values()) - min(seen.values()) <= 2


def test_a_flood_costs_no_button_and_ends_with_the_last_value():
    async def test(rig):
        heard = []
        for n in range(200):
            for step in range(20):
                rig.surface.say("/sideman/energy", (20 * n + step) / 4_000)
            if n % 20 == 0:
                rig.surface.say("/sideman/fill")
            await trio.sleep(0.001)
            heard += rig.inputs()
        await trio.sleep(0.1)
        heard += rig.inputs()
        assert sum(isinstance(event, ActionRequested) for event in heard) == 10
        values = [event.value for event in heard if isinstance(event, ParameterSet)]
        assert values == sorted(values)
        assert values[-1] == pytest.approx(3999 / 4_000)
        assert len(values) < 600
        statistics = rig.port.statistics()
        assert statistics.received + statistics.replaced == 4_010

    in_a_rig(test)
