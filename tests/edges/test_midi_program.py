"""Programs and banks of the parts at the other end."""

from typing import Any

from realtime.core.events import Output, ParameterChanged, Stamped, TransportChanged
from realtime.core.parameters import DEFAULTS
from realtime.core.units import Micros
from realtime.edges.clock import VirtualClock
from realtime.edges.inbox import Inbox
from realtime.edges.midi_loopback import Loopback
from realtime.edges.midi_names import PortPlan
from realtime.edges.midi_port import MidiPort
from realtime.edges.midi_program import MidiProgram
from tests.fakes import run_in_virtual_time

BASS_33 = [b"\xb1\x00\x01", b"\xb1\x20\x02", b"\xc1\x20"]


def told(parameters: dict[str, Any], *events: Output) -> list[tuple[str, bytes]]:
    """What is sent as `events` happen, with whose it is."""

    async def main() -> list[tuple[str, bytes]]:
        sent: list[tuple[str, bytes]] = []
        programs = MidiProgram(
            lambda data, at, part: sent.append((part, data)), VirtualClock(), {**DEFAULTS, **parameters}
        )
        programs.send([Stamped(Micros(0), event) for event in events])
        return sent

    return run_in_virtual_time(main)


def test_nothing_is_said_of_programs_that_nobody_chose() -> None:
    assert told({}, TransportChanged(playing=True, tempo_bpm=96.0, meter="4/4", position=0)) == []


def test_bank_comes_before_program_when_one_is_chosen() -> None:
    bank = ParameterChanged("part/bass/bank", 130)
    program = ParameterChanged("part/bass/program", 33)
    assert told({}, bank, program) == [("bass", data) for data in BASS_33]


def test_a_program_goes_out_again_when_the_music_begins_and_when_its_channel_changes() -> None:
    chosen = {"part/bass/bank": 130, "part/bass/program": 33}
    begin = TransportChanged(playing=True, tempo_bpm=96.0, meter="4/4", position=0)
    assert [data for _, data in told(chosen, begin)] == BASS_33
    assert told(chosen, TransportChanged(playing=False, tempo_bpm=96.0, meter="4/4")) == []
    assert told(chosen, ParameterChanged("part/bass/channel", 7))[-1] == ("bass", b"\xc6\x20")


def test_a_knob_that_comes_back_as_it_stood_says_nothing() -> None:
    assert told({"part/keys/program": 5}, ParameterChanged("part/keys/program", 5)) == []
    assert told({}, ParameterChanged("part/player/channel", 5), ParameterChanged("energy", 0.2)) == []


def test_an_instrument_that_is_plugged_in_again_is_told_its_programs_again() -> None:
    async def main() -> None:
        inbox, loopback, clock = Inbox(), Loopback(), VirtualClock()
        port = MidiPort(loopback, inbox, clock, PortPlan(outputs=["nord"], part_ports=True))
        port.greeting = MidiProgram(port.send, clock, {**DEFAULTS, "part/bass/program": 33}).messages
        port.open()
        for _ in range(2):
            loopback.plug("Nord")
            await port.look()
            assert loopback.read("Nord")[-1] == b"\xc1\x20"
            loopback.unplug("Nord")
            await port.look()
        loopback.dies()
        await port.look()
        loopback.runs_again()
        await port.look()
        assert loopback.read("sideman bass")[-1] == b"\xc1\x20"
        assert loopback.read("sideman keys") == []
        port.close()
        inbox.close()

    run_in_virtual_time(main)
