"""The outputs: who gets what, and when."""

from collections.abc import Callable

import pytest
import trio

from realtime.core.units import Micros
from realtime.edges.clock import VirtualClock
from realtime.edges.inbox import Inbox
from realtime.edges.midi_backend import Mouth
from realtime.edges.midi_loopback import Loopback
from realtime.edges.midi_names import PortPlan
from realtime.edges.midi_outputs import MidiOutputs
from realtime.edges.midi_port import MidiPort
from tests.fakes import run_in_virtual_time

NOTE, OFF, CLOCK = b"\x91\x3c\x40", b"\x81\x3c\x40", b"\xf8"


class Noting(Loopback):
    """Notes when each message was sent."""

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self.now = now
        self.times: dict[str, list[int]] = {}

    def speak(self, port: str, *, virtual: bool) -> Mouth:
        mouth = super().speak(port, virtual=virtual)
        loopback = self

        class Timed:
            def send(self, data: bytes, delay_micros: int = 0) -> None:
                loopback.times.setdefault(port, []).append(loopback.now())
                mouth.send(data, delay_micros)

            def close(self) -> None:
                mouth.close()

        return Timed()


def test_each_part_has_a_port_of_its_own_beside_the_one_for_all() -> None:
    loopback = Loopback()

    async def main() -> None:
        outputs = MidiOutputs(loopback, VirtualClock(), has_part_ports=True)
        outputs.open_virtual()
        outputs.send(NOTE, Micros(0), "bass")
        outputs.send(CLOCK, Micros(0))
        outputs.send(OFF, Micros(0), "player")

    run_in_virtual_time(main)
    assert loopback.read("sideman out") == [NOTE, CLOCK, OFF]
    assert loopback.read("sideman bass") == [NOTE]
    assert [loopback.read(f"sideman {part}") for part in ("drums", "keys", "pad", "solo")] == [[]] * 4


def test_without_part_ports_there_is_one_output() -> None:
    async def main() -> None:
        outputs = MidiOutputs(Loopback(), VirtualClock())
        outputs.open_virtual()
        assert outputs.names == ("sideman out",)

    run_in_virtual_time(main)


def test_what_takes_a_while_to_sound_is_sent_so_much_earlier_and_what_is_too_quick_later() -> None:
    async def main() -> dict[str, list[int]]:
        clock = VirtualClock()
        loopback = Noting(clock.now)
        loopback.plug("Nord Stage 24:0")
        loopback.plug("Volca")
        latency = {"nord": 12.0, "volca": -3.5}
        port = MidiPort(loopback, Inbox(), clock, PortPlan(outputs=["nord", "volca"], latency_ms=latency))
        port.open()
        await port.look()
        assert port.ahead_micros == 12_000
        async with trio.open_nursery() as nursery:
            nursery.start_soon(port.run)
            await clock.sleep_until(Micros(88_000))
            port.send(NOTE, Micros(100_000), "bass")
            await clock.sleep_until(Micros(200_000))
            nursery.cancel_scope.cancel()
        assert port.statistics().late == 0
        port._inbox.close()
        return loopback.times

    assert run_in_virtual_time(main) == {"Nord Stage 24:0": [88_000], "sideman out": [100_000], "Volca": [103_500]}


def test_a_latency_that_is_longer_than_notes_are_known_ahead_is_said() -> None:
    async def main() -> None:
        enough = MidiOutputs(Loopback(), VirtualClock(), latency_ms={"nord": 20.0})
        too_long = MidiOutputs(Loopback(), VirtualClock(), latency_ms={"nord": 32.5, "volca": -3.0})
        assert (enough.ahead_micros, enough.troubles) == (20_000, ())
        assert too_long.ahead_micros == 20_000
        assert "12.5 ms too late" in too_long.troubles[0]

    run_in_virtual_time(main)


def test_what_still_waits_for_its_output_leaves_when_that_is_closed() -> None:
    loopback = Loopback()

    async def main() -> None:
        outputs = MidiOutputs(loopback, VirtualClock(), latency_ms={"sideman out": -50.0})
        outputs.open_virtual()
        outputs.send(OFF, Micros(0), "bass")
        assert loopback.read() == []
        assert len(outputs.end()) == 1

    run_in_virtual_time(main)
    assert loopback.read() == [OFF]


def test_notes_that_leave_late_are_counted_but_not_the_players_nor_those_a_little_late() -> None:
    async def main() -> None:
        clock = VirtualClock()
        outputs = MidiOutputs(Loopback(), clock)
        outputs.open_virtual()
        await clock.sleep_until(Micros(50_000))
        for at, part in ((46_000, "bass"), (43_000, "keys"), (20_000, "player"), (20_000, "drums")):
            outputs.send(NOTE, Micros(at), part)  # type: ignore[arg-type]
        outputs.send(OFF, Micros(0), "bass")
        late = outputs.lateness
        assert (late.notes, late.late, late.worst) == (3, 2, 30_000)

    run_in_virtual_time(main)


def test_an_output_that_fails_is_let_go_and_the_others_never_notice(caplog: pytest.LogCaptureFixture) -> None:
    loopback = Loopback()

    async def main() -> None:
        lost: list[str] = []
        outputs = MidiOutputs(loopback, VirtualClock(), lost=lambda name, _: lost.append(name))
        loopback.plug("Nord")
        outputs.open_virtual()
        outputs.open("Nord")
        loopback.unplug("Nord")
        outputs.send(NOTE, Micros(0), "bass")
        assert (outputs.names, lost, outputs.failed) == (("sideman out",), ["Nord"], 1)

    run_in_virtual_time(main)
    assert loopback.read() == [NOTE]
    assert "Nord is lost" in caplog.text
