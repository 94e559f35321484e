"""What we sent and what comes back."""

from realtime.core.units import Micros
from realtime.edges.clock import VirtualClock
from realtime.edges.midi_loop_guard import LoopGuard
from realtime.edges.midi_loopback import Loopback
from realtime.edges.midi_outputs import MidiOutputs
from tests.fakes import run_in_virtual_time

NOTE = b"\x91\x3c\x40"


class Blocks(Loopback):
    """A system of blocks of 21 ms."""

    least_delay_micros = 21_000


def test_a_note_that_another_program_sends_back_two_blocks_later_is_ours() -> None:
    async def main() -> None:
        clock = VirtualClock()
        outputs = MidiOutputs(Blocks(), clock, latency_ms={"volca": -5.0})
        assert outputs.behind_micros == 47_000
        guard = LoopGuard(clock, 20_000, outputs.behind_micros)
        guard.remember(NOTE, Micros(0))
        assert guard.has_come_back(NOTE, Micros(57_000), 0)
        assert not guard.has_come_back(NOTE, Micros(57_001), 0)
        assert guard.has_come_back(NOTE, Micros(60_000), 3_000)
        assert not guard.has_come_back(b"\x91\x3c\x41", Micros(0), 0)

    run_in_virtual_time(main)


def test_clock_and_active_sensing_prove_nothing() -> None:
    async def main() -> None:
        guard = LoopGuard(VirtualClock(), 0)
        for status in (0xF8, 0xFE):
            guard.remember(bytes([status]), Micros(0))
            assert not guard.has_come_back(bytes([status]), Micros(0), 0)

    run_in_virtual_time(main)
