"""Who may send OSC: this machine, who is listed, who was allowed; nobody else, and nothing grows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.edges.guest_list import MOST_ALLOWED, MOST_ASKING, BadAddress, GuestList
from tests.edges.osc_rig import Rig, in_a_rig, settle

ADDRESSES = st.ip_addresses().map(str)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_always_send(host):
    guests = GuestList()
    assert guests.admits(host)
    assert guests.asking == ()


def test_a_stranger_asks_and_comes_in_once_allowed():
    guests = GuestList()
    assert not guests.admits("192.168.1.20")
    assert (guests.asking, guests.allowed, guests.refused) == (("192.168.1.20",), (), 1)
    guests.allow("192.168.1.20")
    assert guests.admits("192.168.1.20")
    assert guests.admits("::ffff:192.168.1.20")
    assert (guests.asking, guests.allowed) == ((), ("192.168.1.20",))
    guests.forget("192.168.1.20")
    assert not guests.admits("192.168.1.20")
    assert (guests.asking, guests.allowed) == (("192.168.1.20",), ())


def test_listed_networks_need_not_ask():
    guests = GuestList(["192.168.1.0/24", "fd00::7"])
    assert guests.admits("192.168.1.77")
    assert guests.admits("fd00::7")
    assert not guests.admits("192.168.2.1")
    assert guests.asking == ("192.168.2.1",)


@pytest.mark.parametrize("text", ["", "tablet.local", "192.168.1", "192.168.1.999", "1.2.3.4/24/8"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(BadAddress):
        GuestList([text])
    with pytest.raises(BadAddress):
        GuestList().allow(text)
    assert not GuestList().admits(text)


@given(st.lists(st.tuples(st.sampled_from(["admits", "allow", "forget"]), ADDRESSES | st.text(max_size=20))))
def test_whatever_comes_nothing_grows_and_no_address_both_asks_and_is_allowed(calls):
    guests = GuestList()
    for name, host in calls:
        try:
            getattr(guests, name)(host)
        except BadAddress:
            assert name != "admits"
        assert len(guests.asking) <= MOST_ASKING
        assert len(guests.allowed) <= MOST_ALLOWED
        assert not set(guests.asking) & set(guests.allowed)
        assert all(guests.admits(host) for host in guests.allowed)


def test_a_thousand_strangers_leave_room_for_the_latest_eight():
    guests = GuestList()
    strangers = [f"10.0.{n // 250}.{n % 250}" for n in range(1000)]
    for host in strangers:
        guests.admits(host)
    assert guests.asking == tuple(strangers[-MOST_ASKING:])
    for host in strangers:
        guests.allow(host)
    assert guests.allowed == tuple(strangers[-MOST_ALLOWED:])
    assert not guests.admits(strangers[0])


def test_what_a_stranger_sends_reaches_nobody():
    async def main(rig: Rig) -> None:
        guests = GuestList()
        hosts = {"127.0.0.1": "10.0.0.1"}
        rig.port.guard(lambda host: guests.admits(hosts[host]))
        rig.surface.say("/sideman/energy", 0.25)
        rig.surface.say("/sideman/subscribe")
        await settle()
        assert rig.inputs() == []
        assert rig.surface.heard() == []
        assert (rig.port.statistics().received, rig.port.statistics().subscribers) == (0, 0)
        guests.allow("10.0.0.1")
        rig.surface.say("/sideman/energy", 0.25)
        await settle()
        assert len(rig.inputs()) == 1

    in_a_rig(main)
