"""How long MIDI takes from an output back to an input: `sideman doctor --latency`.

First through the MIDI system alone, then through every cable that leads from an output of `midi.outputs` to an input of
`midi.inputs`. A ping is controller 119 on channel 16, which means nothing to any instrument.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles
from typing import Final

import trio

from realtime.core.units import Micros
from realtime.edges.clock import Clock, SystemClock
from realtime.edges.midi_backend import Backend, Ear, Heard, MidiUnavailable, Mouth
from realtime.edges.midi_closing import close_quietly
from realtime.edges.midi_names import is_ours, matches, stable_name

OWN_IN: Final = "sideman doctor in"
PINGS: Final = 100
EVERY_SECONDS: Final = 0.023
LAST_SECONDS: Final = 0.3
_PING: Final = bytes((0xBF, 119))


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Pings from an output that came in at an input, and how long after their time, ms."""

    output: str
    input: str
    sent: int
    came: int
    median_ms: float
    p95_ms: float


class _Course:
    """One output and the inputs that listen meanwhile."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._meant: dict[int, Micros] = {}
        self._waited: dict[str, list[int]] = {}

    def send(self, mouth: Mouth, number: int, ahead_micros: int) -> None:
        """One ping, handed over as early as the band's notes are."""
        self._meant[number] = Micros(self._clock.now() + ahead_micros)
        mouth.send(_PING + bytes((number,)), ahead_micros)

    def hears(self, port: str) -> Heard:
        """What the input `port` calls."""

        def heard(data: bytes, age_micros: int = 0) -> None:
            if data[:2] == _PING and len(data) == 3 and data[2] in self._meant:
                at = self._clock.now() - age_micros
                self._waited.setdefault(port, []).append(at - self._meant[data[2]])

        return heard

    def result(self, output: str) -> list[RoundTrip]:
        """A line for every input that heard something."""
        trips = []
        for port, micros in self._waited.items():
            p95 = quantiles(micros, n=20)[-1] if len(micros) > 1 else micros[0]
            figures = (round(median(micros) / 1_000, 2), round(p95 / 1_000, 2))
            trips.append(RoundTrip(stable_name(output), stable_name(port), len(self._meant), len(micros), *figures))
        return trips


async def measure(
    backend: Backend, clock: Clock, inputs: Sequence[str], outputs: Sequence[str], pings: int = PINGS
) -> list[RoundTrip]:
    """Round trips through the system, then by cable; `pings` of each, 1 to 128.

    Raises:
        MidiUnavailable: the system opens no port.
    """
    trips: list[RoundTrip] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(backend.run)
        ears = [name for name in backend.sources() if not is_ours(name) and matches(name, inputs)]
        mouths = [name for name in backend.destinations() if not is_ours(name) and matches(name, outputs)]
        trips += await _course(backend, _Course(clock), OWN_IN, [], pings)
        for name in mouths:
            trips += await _course(backend, _Course(clock), name, ears, pings)
        nursery.cancel_scope.cancel()
    return trips


async def _course(backend: Backend, course: _Course, output: str, inputs: Sequence[str], pings: int) -> list[RoundTrip]:
    """Pings from one output; our own input listens where `output` is that."""
    ends: list[Ear | Mouth] = []
    listen = partial(backend.listen, virtual=False)
    try:
        if output == OWN_IN:
            ends.append(backend.listen(OWN_IN, course.hears(OWN_IN), virtual=True))
            output = next((name for name in backend.destinations() if OWN_IN in name), OWN_IN)
        ends += [listen(name, course.hears(name)) for name in inputs]
        mouth = backend.speak(output, virtual=False)
        ends.append(mouth)
        await trio.sleep(LAST_SECONDS)
        for number in range(pings):
            course.send(mouth, number, backend.ahead_micros)
            await trio.sleep(EVERY_SECONDS)
        await trio.sleep(LAST_SECONDS)
    finally:
        for end in ends:
            close_quietly(end)
    return course.result(output)


def advice(trips: Sequence[RoundTrip]) -> list[str]:
    """What was measured, and what to set, for people."""
    lines, base_ms = [], 0.0
    for trip in trips:
        lost = f"; {trip.sent - trip.came} of {trip.sent} lost" if trip.came < trip.sent else ""
        line = f"{trip.output} → {trip.input}: median {trip.median_ms} ms, p95 {trip.p95_ms} ms{lost}"
        if OWN_IN in trip.output:
            base_ms = trip.median_ms
            lines.append(f"{line} (the MIDI system alone; JACK stamps what comes in a block early)")
        else:
            half = max(0.0, round((trip.median_ms - base_ms) / 2, 1))
            lines.append(f'{line} → midi.latency_ms = ["{trip.output}={half}"] (half of it: the way there)')
    if len(trips) < 2:
        lines.append(
            "no ping came back by cable: connect an output to an input, and name both: "
            "--set midi.outputs='[\"PART OF ITS NAME\"]' --set midi.inputs='[\"PART OF ITS NAME\"]'"
        )
    return lines


async def measure_with(backend: Backend, inputs: Sequence[str], outputs: Sequence[str]) -> list[RoundTrip]:
    """As `measure`, and lets the system go afterwards. Without a system that has ports there is nothing to measure.

    Raises:
        MidiUnavailable: likewise.
    """
    try:
        if backend.name == "loopback":
            raise MidiUnavailable("there is no MIDI system whose latency could be measured")
        return await measure(backend, SystemClock(), inputs, outputs)
    finally:
        backend.close()
