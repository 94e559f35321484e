"""Pings out and in again."""

import pytest

from daemon.loop_back import RoundTrip, advice, measure, measure_with
from realtime.edges.clock import VirtualClock
from realtime.edges.midi_backend import Heard, MidiUnavailable, Mouth
from realtime.edges.midi_loopback import Loopback
from tests.fakes import run_in_virtual_time


class Cabled(Loopback):
    """What is sent to the synth comes back from the keyboard, 4 ms old less; every tenth message is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.heards: dict[str, Heard] = {}

    def listen(self, port: str, heard: Heard, *, virtual: bool):
        self.heards[port] = heard
        return super().listen(port, heard, virtual=virtual)

    def speak(self, port: str, *, virtual: bool) -> Mouth:
        if port == "sideman doctor in":
            self._plugged_destinations.append(port)
        mouth, loopback = super().speak(port, virtual=virtual), self

        class Cable:
            def send(self, data: bytes, delay_micros: int = 0) -> None:
                mouth.send(data, delay_micros)
                came_at = "sideman doctor in" if port == "sideman doctor in" else "keys"
                late = 0 if port == "sideman doctor in" else 4_000
                if data[2] % 10 != 9 or not late:
                    loopback.heards[came_at](data, -late)

            def close(self) -> None:
                mouth.close()

        return Cable()


def test_a_cable_is_measured_beside_the_system_alone() -> None:
    loopback = Cabled()
    for port in ("synth", "keys", "sideman out"):
        loopback.plug(port)

    async def main() -> list[RoundTrip]:
        return await measure(loopback, VirtualClock(), ["keys"], ["*"], 20)

    alone, cable = [trip for trip in run_in_virtual_time(main) if trip.output != "keys"]
    assert (alone.output, alone.came, alone.median_ms) == ("sideman doctor in", 20, 0.0)
    assert cable == RoundTrip("synth", "keys", sent=20, came=18, median_ms=4.0, p95_ms=4.0)
    assert loopback.read("sideman out") == []


def test_half_of_what_a_cable_adds_is_what_to_set() -> None:
    alone = RoundTrip("sideman doctor in", "sideman doctor in", 100, 100, -2.6, -2.5)
    lines = advice([alone, RoundTrip("Nord", "Nord", 100, 98, 7.4, 9.0)])
    assert lines[-1].startswith(
        'Nord → Nord: median 7.4 ms, p95 9.0 ms; 2 of 100 lost → midi.latency_ms = ["Nord=5.0"]'
    )
    assert "connect an output to an input" in advice([alone])[-1]


def test_without_a_midi_system_there_is_nothing_to_measure() -> None:
    async def main() -> None:
        with pytest.raises(MidiUnavailable, match="no MIDI system"):
            await measure_with(Loopback(), [], [])

    run_in_virtual_time(main)
