"""MIDI systems and instruments that come and go."""

import threading

import pytest
import trio

from realtime.core.events import MidiReceived, PortChanged
from realtime.core.midi_input import WHOLE_ZONE
from realtime.core.units import Micros
from realtime.edges.clock import VirtualClock
from realtime.edges.inbox import Inbox
from realtime.edges.midi_backend import MidiUnavailable, Mouth
from realtime.edges.midi_loopback import Loopback
from realtime.edges.midi_names import PortPlan
from realtime.edges.midi_port import MidiPort
from tests.fakes import run_in_virtual_time

NOTE = b"\x90\x3c\x40"


def test_a_midi_system_that_dies_is_reported_and_opened_again_when_it_comes_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        inbox, loopback = Inbox(), Loopback()
        port = MidiPort(loopback, inbox, VirtualClock(), PortPlan(inputs=["nord"]))
        loopback.plug("Nord")
        port.open()
        await port.look()
        inbox.drain()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(port.run)
            loopback.dies()
            await trio.sleep(3.5)
            assert [one.event for one in inbox.drain()] == [
                PortChanged("sideman in", present=False),
                PortChanged("Nord", present=False),
            ]
            port.send(NOTE, Micros(0))
            loopback.runs_again()
            await trio.sleep(1)
            assert [one.event for one in inbox.drain()] == [
                PortChanged("sideman in", present=True),
                PortChanged("Nord", present=True),
            ]
            loopback.push(b"\x91\x01\x02")
            port.send(NOTE, Micros(0))
            assert (len(inbox.drain()), loopback.read()) == (1, [NOTE])
            nursery.cancel_scope.cancel()
        port.close()
        inbox.close()

    run_in_virtual_time(main)
    assert caplog.text.count("is gone; the music goes on") == 1


def test_a_midi_system_that_refuses_as_it_comes_back_is_asked_again() -> None:
    class Sleepy(Loopback):
        refusals = 0

        def speak(self, port: str, *, virtual: bool) -> Mouth:
            if self.refusals:
                self.refusals -= 1
                raise MidiUnavailable("not quite up yet")
            return super().speak(port, virtual=virtual)

    async def main() -> None:
        inbox, loopback = Inbox(), Sleepy()
        port = MidiPort(loopback, inbox, VirtualClock())
        port.open()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(port.run)
            loopback.dies()
            await trio.sleep(1.5)
            loopback.refusals = 2
            loopback.runs_again()
            await trio.sleep(4)
            nursery.cancel_scope.cancel()
        port.send(NOTE, Micros(0))
        loopback.push(b"\x91\x01\x02")
        assert loopback.read() == [NOTE]
        assert [one.event for one in inbox.drain()][-1] == MidiReceived("sideman in", b"\x91\x01\x02")
        port.close()
        inbox.close()

    run_in_virtual_time(main)


def test_the_music_goes_on_while_an_instrument_is_opened() -> None:
    class Slow(Loopback):
        is_slow = True

        def speak(self, port: str, *, virtual: bool) -> Mouth:
            assert virtual or music.wait(10), "the music stood still while the port was opened"
            return super().speak(port, virtual=virtual)

    music = threading.Event()

    async def main() -> None:
        inbox, loopback = Inbox(), Slow()
        loopback.plug("Nord")
        port = MidiPort(loopback, inbox, VirtualClock(), PortPlan(outputs=["nord"]))
        port.open()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(port.look)
            await trio.lowlevel.checkpoint()
            music.set()
        assert port.statistics().outputs == ("sideman out", "Nord")
        port.close()
        inbox.close()

    trio.run(main)


def test_what_is_wanted_and_not_plugged_in_is_told_until_it_is() -> None:
    async def main() -> None:
        inbox, loopback = Inbox(), Loopback()
        port = MidiPort(loopback, inbox, VirtualClock(), PortPlan(inputs=["nord", "keylab"], outputs=["nord"]))
        port.open()
        loopback.plug("KeyLab 24:0")
        await port.look()
        assert port.troubles == ("no MIDI input 'nord' is plugged in", "no MIDI output 'nord' is plugged in")
        loopback.plug("Nord Stage")
        await port.look()
        assert port.troubles == ()
        loopback.dies()
        await port.look()
        assert port.troubles == ("the MIDI system (loopback) is gone",)
        port.close()
        inbox.close()

    run_in_virtual_time(main)


def test_an_mpe_keyboard_that_does_not_say_so_is_introduced_whenever_it_is_plugged_in() -> None:
    async def main() -> None:
        inbox, loopback = Inbox(), Loopback()
        plan = PortPlan(inputs=["seaboard", "nord"], mpe=["seaboard", "sideman in"])
        port = MidiPort(loopback, inbox, VirtualClock(), plan)
        port.open()
        assert [one.event for one in inbox.drain()] == [MidiReceived("sideman in", WHOLE_ZONE)]
        loopback.plug("Nord")
        for _ in range(2):
            loopback.plug("Seaboard 24:0")
            await port.look()
            said = [one.event for one in inbox.drain() if isinstance(one.event, MidiReceived)]
            assert said == [MidiReceived("Seaboard", WHOLE_ZONE)]
            loopback.unplug("Seaboard 24:0")
            await port.look()
        port.close()
        inbox.close()

    run_in_virtual_time(main)
