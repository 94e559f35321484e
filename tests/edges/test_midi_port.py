import pytest
import trio

from realtime.core.events import MidiReceived, PortChanged
from realtime.core.units import Micros
from realtime.edges.clock import VirtualClock
from realtime.edges.inbox import Inbox
from realtime.edges.midi_loopback import Loopback
from realtime.edges.midi_names import PortPlan, matches, stable_name
from realtime.edges.midi_port import MidiPort
from tests.fakes import run_in_virtual_time

NOTE = b"\x90\x3c\x40"


def test_a_name_matches_by_part_or_glob_and_capitals_do_not_matter() -> None:
    assert matches("KeyLab mkII 61:KeyLab MIDI 24:0", ["keylab"])
    assert matches("Nord Stage 3 MIDI 1", ["nord*midi ?"])
    assert not matches("Nord Stage 3", ["keylab", ""])
    assert not matches("Nord Stage 3", [])
    assert matches("anything", ["*"])


def test_midi_through_is_taken_only_when_it_is_named() -> None:
    assert not matches("Midi Through:Midi Through Port-0 14:0", ["*"])
    assert matches("Midi Through:Midi Through Port-0 14:0", ["*through*"])


def test_a_port_keeps_its_name_when_alsa_numbers_it_anew() -> None:
    assert stable_name("KeyLab:KeyLab MIDI 1 24:0") == stable_name("KeyLab:KeyLab MIDI 1 28:0")


def test_what_arrives_is_stamped_and_put_into_the_inbox() -> None:
    async def main() -> None:
        clock, inbox, loopback = VirtualClock(), Inbox(), Loopback()
        port = MidiPort(loopback, inbox, clock)
        port.open()
        await trio.sleep(0.25)
        loopback.push(NOTE)
        loopback.push(b"")
        (note, _) = inbox.drain()
        assert (note.at, note.event) == (250_000, MidiReceived("sideman in", NOTE))
        port.close()
        loopback.push(NOTE)
        assert inbox.drain() == []
        inbox.close()

    run_in_virtual_time(main)


def test_a_message_that_comes_back_within_10_ms_is_a_loop_and_dropped() -> None:
    async def main() -> None:
        clock, inbox, loopback = VirtualClock(), Inbox(), Loopback()
        port = MidiPort(loopback, inbox, clock)
        port.open()
        port.send(NOTE, Micros(0))
        assert loopback.read() == [NOTE]
        await clock.sleep_until(Micros(10_000))
        loopback.push(NOTE)
        assert (inbox.drain(), port.statistics().looped) == ([], 1)
        await clock.sleep_until(Micros(10_001))
        loopback.push(NOTE)
        assert len(inbox.drain()) == 1
        port.send(b"\xf8", Micros(0))
        loopback.push(b"\xf8")  # somebody's clock: the same every time
        assert len(inbox.drain()) == 1
        port.close()
        inbox.close()

    run_in_virtual_time(main)


def test_what_is_remembered_of_a_storm_is_forgotten_again() -> None:
    async def main() -> None:
        clock, inbox = VirtualClock(), Inbox()
        port = MidiPort(Loopback(), inbox, clock)
        port.open()
        for number in range(3_000):
            port.send(bytes([0xB0, number % 128, number // 128]), Micros(0))
            await clock.sleep_until(Micros(number * 100))
        assert len(port._guard._sent_at) <= 512 + 100
        port.close()
        inbox.close()

    run_in_virtual_time(main)


def test_hardware_that_matches_is_opened_when_it_appears_and_let_go_when_it_goes() -> None:
    async def main() -> None:
        clock, inbox, loopback = VirtualClock(), Inbox(), Loopback()
        port = MidiPort(loopback, inbox, clock, PortPlan(inputs=["keylab"], outputs=["keylab"]))
        port.open()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(port.run)
            loopback.plug("KeyLab 24:0")
            loopback.plug("Nord 28:0")
            await trio.sleep(1.01)
            assert [one.event for one in inbox.drain()] == [
                PortChanged("KeyLab", present=True),
                PortChanged("KeyLab (out)", present=True),
            ]
            loopback.push(NOTE, "KeyLab 24:0")
            assert inbox.drain()[0].event == MidiReceived("KeyLab", NOTE)
            port.send(b"\x91\x01\x02", Micros(0))
            assert loopback.read("KeyLab 24:0") == [b"\x91\x01\x02"]
            loopback.unplug("KeyLab 24:0")
            port.send(b"\x91\x01\x02", Micros(0))  # noticed before the next look, by the output
            assert port.statistics().failed == 1
            await trio.sleep(1)
            assert [one.event for one in inbox.drain()] == [
                PortChanged("KeyLab (out)", present=False),
                PortChanged("KeyLab", present=False),
            ]
            loopback.plug("KeyLab 32:0")
            await trio.sleep(1)
            assert inbox.drain()[0].event == PortChanged("KeyLab", present=True)
            nursery.cancel_scope.cancel()
        port.close()
        inbox.close()

    run_in_virtual_time(main)


@pytest.mark.parametrize("name", ["sideman out", "sideman out:sideman out", "Sideman from Nord:midi"])
def test_our_own_ports_are_never_connected_to_each_other(name: str) -> None:
    async def main() -> None:
        inbox, loopback = Inbox(), Loopback()
        port = MidiPort(loopback, inbox, VirtualClock(), PortPlan(inputs=["*"], outputs=["*"]))
        loopback.plug(name)
        port.open()
        await port.look()
        assert port.statistics().inputs == ("sideman in",)
        assert port.statistics().outputs == ("sideman out",)
        port.close()
        inbox.close()

    run_in_virtual_time(main)


def test_a_port_that_refuses_is_asked_once_and_again_when_it_comes_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Shy(Loopback):
        asked = 0

        def listen(self, port, heard, *, virtual):
            if not virtual:
                self.asked += 1
                self._plugged_sources.remove(port)  # so that the real one refuses
                try:
                    return super().listen(port, heard, virtual=virtual)
                finally:
                    self._plugged_sources.append(port)
            return super().listen(port, heard, virtual=virtual)

    async def main() -> None:
        inbox, shy = Inbox(), Shy()
        port = MidiPort(shy, inbox, VirtualClock(), PortPlan(inputs=["nord"]))
        port.open()
        shy.plug("Nord")
        await port.look()
        await port.look()
        assert shy.asked == 1
        shy.unplug("Nord")
        await port.look()
        shy.plug("Nord")
        await port.look()
        assert shy.asked == 2
        port.close()
        inbox.close()

    run_in_virtual_time(main)
    assert "plugged in again" in caplog.text


def test_a_system_that_cannot_list_its_ports_is_asked_again_later(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Loopback):
        def sources(self):
            raise OSError("gone")

    async def main() -> None:
        inbox = Inbox()
        port = MidiPort(Broken(), inbox, VirtualClock())
        port.open()
        await port.look()
        port.close()
        inbox.close()

    run_in_virtual_time(main)
    assert "trying again" in caplog.text
