"""What an OSC port tells, and to whom."""

import trio

from realtime.core.events import (
    Beat,
    ChordHeard,
    NoteOff,
    NoteOn,
    ParameterChanged,
    Rejected,
)
from realtime.core.units import Micros
from tests.edges.osc_rig import Controller, Rig, in_a_rig, settle
from tests.fakes import a_snapshot


def test_a_ping_is_answered() -> None:
    async def main(rig: Rig) -> None:
        rig.surface.say("/sideman/ping", 7)
        await settle()
        assert rig.surface.heard() == [("/sideman/pong", (7,))]
        assert rig.inputs() == []

    in_a_rig(main)


def test_a_subscriber_hears_what_happens_until_it_leaves() -> None:
    async def main(rig: Rig) -> None:
        rig.surface.say("/sideman/subscribe")
        await settle()
        assert rig.surface.heard() == [("/sideman/subscribed", (rig.surface.address[1],))]
        rig.tell(ChordHeard("Am7", 0.5))
        await settle()
        assert rig.surface.heard() == rig.fixed.heard() == [("/sideman/chord/now", ("Am7", 0.5))]
        rig.surface.say("/sideman/unsubscribe")
        await settle()
        rig.tell(ChordHeard("C", 0.5))
        await settle()
        assert rig.surface.heard() == []
        assert len(rig.fixed.heard()) == 1

    in_a_rig(main)


def test_a_subscriber_can_name_another_port_and_all_answers_go_there() -> None:
    async def main(rig: Rig) -> None:
        ear = Controller()
        rig.surface.say("/sideman/subscribe", float(ear.address[1]))
        rig.surface.say("/sideman/ping")
        rig.surface.say("/sideman/energy", "loud")
        await settle()
        assert [address for address, _ in ear.heard()] == [
            "/sideman/subscribed",
            "/sideman/pong",
            "/sideman/error",
        ]
        assert rig.surface.heard() == []
        ear.socket.close()

    in_a_rig(main)


def test_a_refresh_tells_one_listener_everything() -> None:
    async def main(rig: Rig) -> None:
        rig.surface.say("/sideman/refresh")
        await settle()
        assert rig.surface.heard() == [
            ("/sideman/transport/tempo", (120.0,)),
            ("/sideman/part/bass/mute", (0,)),
            ("/sideman/state", (1, 1, 1, 120.0, "C", "C major", "")),
        ]
        assert rig.fixed.heard() == []

    in_a_rig(main)


def test_a_clamped_value_goes_back_to_its_sender_and_an_accepted_one_does_not() -> None:
    async def main(rig: Rig) -> None:
        rig.surface.say("/sideman/subscribe")
        rig.surface.say("/sideman/energy", 0.5)
        await settle()
        rig.surface.heard()
        source = f"osc:127.0.0.1:{rig.surface.address[1]}"
        rig.tell(ParameterChanged("energy", 0.5, source))
        await settle()
        assert rig.surface.heard() == []
        assert rig.fixed.heard() == [("/sideman/energy", (0.5,))]
        rig.surface.say("/sideman/energy", 7.0)
        await settle()
        rig.tell(ParameterChanged("energy", 1.0, source))
        await settle()
        assert rig.surface.heard() == [("/sideman/energy", (1.0,))]

    in_a_rig(main)


def test_what_the_heart_rejected_is_told_to_who_sent_it() -> None:
    async def main(rig: Rig) -> None:
        rig.tell(Rejected("no such style", f"osc:127.0.0.1:{rig.surface.address[1]}"))
        await settle()
        assert rig.surface.heard() == [("/sideman/error", ("no such style",))]
        assert rig.fixed.heard() == []

    in_a_rig(main)


def test_a_beat_is_told_when_it_falls_and_a_note_off_not_at_all() -> None:
    async def main(rig: Rig) -> None:
        rig.tell(Beat(0, 1, 1, 96.0), at=300_000)
        rig.tell(NoteOn("bass", 1, 40, 90), at=300_000)
        rig.tell(NoteOff("bass", 1, 40), at=300_000)
        await rig.clock.sleep_until(Micros(299_999))
        assert rig.fixed.heard() == []
        await rig.clock.sleep_until(Micros(300_001))
        assert rig.fixed.heard() == [("/sideman/beat", (1, 1, 96.0)), ("/sideman/part/bass/note", (40, 90))]

    in_a_rig(main)


def test_the_state_is_told_when_it_changes_and_then_only() -> None:
    bar = 1

    async def main(rig: Rig) -> None:
        nonlocal bar
        await trio.sleep(2)
        assert rig.fixed.heard() == []
        bar = 2
        await trio.sleep(2)
        assert rig.fixed.heard() == [("/sideman/state", (1, 2, 1, 120.0, "C", "C major", ""))]

    in_a_rig(main, snapshot=lambda: a_snapshot(bar=bar))
