"""A keyboard and a stop-watch among JACK's clients: plays single notes into `sideman in` and hears `sideman out`.

Run as `python -m daemon.bench_keys SECONDS`, in a process of its own: it takes nothing from the one it measures.
Every message is stamped by its sample. Prints, as JSON, the microseconds from each key to the same note sent on (thru)
and to the first voice added to it (harmonise).
"""

import random
import sys
from typing import Final

import msgspec
import trio

from realtime.core.events import CHANNEL_OF_PART
from realtime.core.units import Micros
from realtime.edges.clock import Clock, SystemClock
from realtime.edges.midi_backend import Heard
from realtime.edges.midi_jack import JackBackend
from realtime.edges.midi_names import VIRTUAL_IN, VIRTUAL_OUT

PITCHES: Final = (60, 64, 67, 72, 69, 65, 62, 71, 76, 74)
"""Each comes again long after the answer to it has."""

SHORTEST_SECONDS, LONGEST_SECONDS = 0.06, 0.14
SETTLE_SECONDS: Final = 0.5
KEY: Final = "bench key"

Heards = list[tuple[int, bytes]]
"""When, µs, and what."""


class Keys(msgspec.Struct, frozen=True):
    """What was measured. Latencies in µs, one for each key that was answered."""

    keys: int
    thru: list[int]
    harmonise: list[int]


async def play(seconds: float) -> Keys:
    """Plays for so long; what came of it.

    Raises:
        MidiUnavailable: no JACK server runs, or no sideman on it.
    """
    clock, backend = SystemClock(), JackBackend()
    played: Heards = []
    answers: Heards = []
    keyboard = backend.speak(f"{VIRTUAL_IN}:{VIRTUAL_IN}", virtual=False)
    own = next(name for name in backend.sources() if name.startswith(f"sideman to {VIRTUAL_IN}"))
    backend.listen(own, _noting(clock, played), virtual=False)
    backend.listen(f"{VIRTUAL_OUT}:{VIRTUAL_OUT}", _noting(clock, answers), virtual=False)
    chance = random.Random(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(backend.run)
        await trio.sleep(SETTLE_SECONDS)
        for number in range(int(seconds / (SHORTEST_SECONDS + LONGEST_SECONDS))):
            for status in (0x90, 0x80):
                keyboard.send(bytes((status, PITCHES[number % len(PITCHES)], 80)), 0)
                await trio.sleep(chance.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
        await trio.sleep(SETTLE_SECONDS)
        nursery.cancel_scope.cancel()
    return measured(played, answers)


def measured(played: Heards, answers: Heards) -> Keys:
    """From each key to its answers, before the next key."""
    keys = [(at, data[1]) for at, data in played if data[0] == 0x90]
    ends = [at for at, _ in keys[1:]] + [2**62]
    thru: list[int] = []
    harmonise: list[int] = []
    for (at, pitch), end in zip(keys, ends, strict=True):
        ons = [(when, data) for when, data in answers if at <= when < end and data[0] & 0xF0 == 0x90]
        same = [when for when, data in ons if data[0] & 0x0F == CHANNEL_OF_PART["player"] and data[1] == pitch]
        added = [when for when, data in ons if data[0] & 0x0F == CHANNEL_OF_PART["solo"]]
        thru += [same[0] - at] if same else []
        harmonise += [added[0] - at] if added else []
    return Keys(len(keys), thru, harmonise)


def _noting(clock: Clock, into: Heards) -> Heard:
    def heard(data: bytes, age_micros: int = 0) -> None:
        into.append((Micros(clock.now() - age_micros), data))

    return heard


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(trio.run(play, float(sys.argv[1]))) + b"\n")
