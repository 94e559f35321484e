"""Somebody else's OSC program, for `sideman bench`: measures round trips, or floods, and prints what it saw as JSON.

`python -m daemon.bench_osc_client TASK PORT SECONDS RATE`, a process of its own, so that it costs the band nothing but
what it sends. It knows the wire and nothing of the band.
"""

import os
import random
import select
import socket
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from realtime.core.osc_codec import OscMessage
from realtime.edges.osc_packet import build, read

GAP_SECONDS: Final = 0.02
"""Between two round trips, on average: hands are no faster, and the band is not to be measured with itself."""

PATIENCE_SECONDS: Final = 0.5
SLICE_SECONDS: Final = 0.001
MOST_AT_ONCE: Final = 200
SWITCH_SECONDS: Final = 0.1
SETTLE_SECONDS: Final = 2.0
MOST_QUESTIONS: Final = 3
HOST: Final = "127.0.0.1"
KNOB: Final = "/sideman/part/pad/density"
SWITCH: Final = "/sideman/transport/count_in/sync"
FADERS: Final = tuple(
    f"/sideman/{path}"
    for part in ("drums", "bass", "keys", "pad")
    for path in (f"part/{part}/level", f"sound/part/{part}/reverb", f"sound/part/{part}/pan")
)


class Line:
    """A socket to the band."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.connect((HOST, port))

    def say(self, address: str, *arguments: object) -> None:
        """One message."""
        self.send(build((address, arguments)))

    def send(self, datagram: bytes) -> None:
        """A message that is built already."""
        self._socket.send(datagram)

    def heard(self, seconds: float) -> list[OscMessage]:
        """What has come; waits so long for it if nothing has."""
        found: list[OscMessage] = []
        while select.select([self._socket], [], [], 0.0 if found else max(0.0, seconds))[0]:
            found += [(message.address, message.arguments) for message in read(self._socket.recv(65_536))]
        return found

    def answer(self, wanted: Callable[[OscMessage], bool], seconds: float) -> bool:
        """Whether a message that is wanted came in time."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            if any(wanted(message) for message in self.heard(left)):
                return True
        return False


def round_trips(port: int, seconds: float, _: float) -> dict[str, Any]:
    """A ping to its pong, which the port answers; a knob to its echo at another listener, which the heart tells."""
    hand, ear, chance = Line(port), Line(port), random.Random(1)
    ear.say("/sideman/subscribe")
    ear.heard(PATIENCE_SECONDS)
    figures: dict[str, list[float]] = {"ping": [], "knob": []}
    lost, number, until = 0, 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        number += 1
        began = time.perf_counter()
        hand.say("/sideman/ping", number)
        if hand.answer(lambda message, n=number: message == ("/sideman/pong", (n,)), PATIENCE_SECONDS):  # type: ignore[misc]
            figures["ping"].append(time.perf_counter() - began)
        else:
            lost += 1
        _pause(chance)
        began = time.perf_counter()
        hand.say(KNOB, number % 97 / 97)
        if ear.answer(lambda message: message[0] == KNOB, PATIENCE_SECONDS):
            figures["knob"].append(time.perf_counter() - began)
        else:
            lost += 1
        _pause(chance)
        if number % 500 == 0:
            ear.say("/sideman/subscribe")
    return {name: [round(1e6 * one) for one in taken] for name, taken in figures.items()} | {"lost": lost}


def flood(port: int, seconds: float, rate: float) -> dict[str, Any]:
    """Faders moved `rate` times a second in all, a switch ten times a second; then: does everything stand right?"""
    hand, ear = Line(port), Line(port)
    ear.say("/sideman/subscribe")
    sent = turned = echoed = 0
    began = time.perf_counter()
    due_switch, due_subscription = began, began + 20
    last: dict[str, float] = {}
    while (now := time.perf_counter()) - began < seconds:
        for _ in range(min(MOST_AT_ONCE, int((now - began) * rate) - sent)):
            fader, value = FADERS[sent % len(FADERS)], sent % 1_000 / 1_000
            hand.say(fader, value)
            last[fader] = value
            sent += 1
        if now >= due_switch:
            turned += 1
            hand.say(SWITCH, turned % 2)
            due_switch += SWITCH_SECONDS
        if now >= due_subscription:
            ear.say("/sideman/subscribe")
            due_subscription += 20
        echoed += sum(
            message[0] == SWITCH for message in ear.heard(0.0 if sent < (now - began) * rate else SLICE_SECONDS)
        )
    took = time.perf_counter() - began
    until = time.perf_counter() + SETTLE_SECONDS
    while (left := until - time.perf_counter()) > 0:
        echoed += sum(message[0] == SWITCH for message in ear.heard(left))
    return {
        "sent": sent,
        "sent_a_second": round(sent / took),
        "switches_turned": turned,
        "switches_told": echoed,
        "faders": len(last),
        "faders_right": _faders_right(ear, last),
    }


def _faders_right(ear: Line, last: dict[str, float]) -> int:
    """Of how many faders the band says what was sent last."""
    stands: dict[str, Any] = {}
    for _ in range(MOST_QUESTIONS):
        ear.say("/sideman/refresh")
        until = time.perf_counter() + SETTLE_SECONDS
        while (left := until - time.perf_counter()) > 0 and not last.keys() <= stands.keys():
            stands |= {address: values[0] for address, values in ear.heard(left) if address in last}
    return sum(abs(float(stands.get(fader, -1e9)) - value) < 1e-5 for fader, value in last.items())


def _pause(chance: random.Random) -> None:
    select.select([], [], [], GAP_SECONDS * 2 * chance.random())


TASKS: Final[dict[str, Callable[[int, float, float], dict[str, Any]]]] = {"osc": round_trips, "flood": flood}


def main() -> None:
    """Does the task and prints its figures."""
    os.nice(1)
    task, port, seconds, rate = sys.argv[1:5]
    figures = TASKS[task](int(port), float(seconds), float(rate))
    sys.stdout.write(msgspec.json.encode(figures).decode())


if __name__ == "__main__":
    main()
