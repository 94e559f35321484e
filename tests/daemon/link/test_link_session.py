"""Two peers of a Link session: the band, through a process of its own, and somebody else's program."""

import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio

from daemon.link.port import LinkPort
from realtime.core.events import ActionRequested, Beat, ParameterChanged, ParameterSet, TransportChanged
from realtime.core.performer import Performer
from realtime.edges.clock import SystemClock
from realtime.edges.inbox import Inbox
from realtime.edges.stage import Stage
from tests.fakes import RememberingSink

PEER = Path(__file__).with_name("peer.py")
SECONDS = 30


class Peer:
    """The other program."""

    def __init__(self, tempo):
        self.seen = {}
        self.process = subprocess.Popen(
            [sys.executable, str(PEER), str(tempo)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.seen = json.loads(line)

    def say(self, words):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()

    def beat_at(self, at):
        seen = self.seen
        return seen["beat"] + (at - seen["at"]) * seen["tempo"] / 60e6


@contextmanager
def peer(tempo):
    one = Peer(tempo)
    try:
        yield one
    finally:
        one.process.stdin.close()
        one.process.wait(10)
        one.process.stdout.close()


@pytest.fixture(scope="module")
def network():
    """Link is installed, and two other programs find each other on this machine."""
    if importlib.util.find_spec("link") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("LinkPython-extern is not installed")
        pytest.skip("LinkPython-extern is not installed (pip install 'sideman[link]')")
    with peer(100) as one, peer(110) as other:
        deadline = time.monotonic() + 10
        while not (one.seen.get("peers") and other.seen.get("peers")):
            if time.monotonic() > deadline:
                pytest.skip("this machine carries no multicast: two Link programs do not find each other")
            threading.Event().wait(0.05)


class Band:
    """A band that follows Link, live."""

    def __init__(self, ballad):
        self.clock, self.inbox, self.sink, self.said = SystemClock(), Inbox(), RememberingSink(), []
        self.heart = Performer({"pop_ballad": ballad}, seed=1, parameters={"transport/source": "link"})
        self.link = LinkPort(self.inbox, self.clock, self.heart.snapshot, self.said.append)
        self.stage = Stage(self.heart, self.clock, self.inbox, [self.link, self.sink])

    def put(self, event):
        self.inbox.put(event, self.clock.now())

    def told(self, kind):
        return [stamped for stamped in self.sink.taken if isinstance(stamped.event, kind)]

    async def until(self, condition):
        with trio.fail_after(SECONDS):
            while not condition():  # noqa: ASYNC110 - another process is waited for
                await trio.sleep(0.02)


def with_band(ballad, test):
    async def main():
        band = Band(ballad)
        async with trio.open_nursery() as nursery:
            await nursery.start(band.stage.run)
            nursery.start_soon(band.link.run)
            await test(band)
            nursery.cancel_scope.cancel()
        band.inbox.close()

    trio.run(main)


def test_the_band_and_another_program_agree_on_tempo_beat_start_and_stop(network, ballad):
    with peer(133) as other:

        async def test(band):
            await band.until(lambda: band.link.statistics().peers == 1 and other.seen.get("peers") == 1)
            other.say("tempo 141")
            await band.until(lambda: abs(band.heart.snapshot().tempo_bpm - 141) < 0.1)
            band.put(ParameterSet("transport/tempo", 126.0, "test"))
            await band.until(lambda: abs(other.seen["tempo"] - 126) < 0.01)
            other.say("play")
            await band.until(lambda: len(band.told(Beat)) >= 8)
            last = band.told(Beat)[-4:]
            zero = time.perf_counter_ns() // 1_000 - band.clock.now()
            errors = [(b := other.beat_at(s.at + zero)) - round(b) for s in last]
            assert max(map(abs, errors)) * 60_000 / 126 < 5, "ms between their beat and ours"
            for stamped in last:
                assert round(other.beat_at(stamped.at + zero)) % 4 == stamped.event.beat - 1
            other.say("stop")
            await band.until(lambda: not band.heart.snapshot().playing)
            before = len(band.told(TransportChanged))
            band.put(ActionRequested("transport/start", (), "test"))
            await band.until(lambda: other.seen["playing"] and band.heart.snapshot().playing)
            begun = band.told(TransportChanged)[before:][0]
            place = other.beat_at(begun.at + zero) / 4
            assert abs(place - round(place)) * 4 * 60_000 / 126 < 5, "it starts on their bar line"
            band.put(ActionRequested("transport/stop", (), "test"))
            await band.until(lambda: not other.seen["playing"])

        with_band(ballad, test)


def test_who_chooses_another_source_leaves_the_session_and_plays_on(network, ballad):
    with peer(133) as other:

        async def test(band):
            await band.until(lambda: other.seen.get("peers") == 1)
            band.put(ParameterSet("transport/source", "internal", "test"))
            await band.until(lambda: other.seen["peers"] == 0)
            assert not band.link.statistics().is_on
            band.put(ActionRequested("transport/start", (), "test"))
            await band.until(lambda: band.told(Beat))

        with_band(ballad, test)


def test_without_link_one_line_says_so_and_the_band_keeps_its_own_time(ballad):
    async def main():
        band = Band(ballad)
        without = "import sys; sys.modules['link'] = None; from daemon.link.__main__ import main; main()"
        command = (sys.executable, "-P", "-c", without)
        band.link = LinkPort(band.inbox, band.clock, band.heart.snapshot, band.said.append, command=command)
        async with trio.open_nursery() as nursery:
            await nursery.start(band.stage.run)
            nursery.start_soon(band.link.run)
            await band.until(lambda: band.said)
            band.put(ActionRequested("transport/start", (), "test"))
            await band.until(lambda: band.told(Beat))
            nursery.cancel_scope.cancel()
        assert len(band.said) == 1
        assert "sideman[link]" in band.said[0]
        assert not [s for s in band.told(ParameterChanged) if s.event.path == "transport/tempo"]
        band.inbox.close()

    trio.run(main)


def test_when_the_link_process_dies_it_is_started_again(network, ballad):
    with peer(133) as other:

        async def test(band):
            await band.until(lambda: other.seen.get("peers") == 1)
            band.link.process.kill()
            await band.until(lambda: other.seen.get("peers") == 0 or band.link.statistics().restarts == 1)
            await band.until(lambda: band.link.statistics().is_on and other.seen.get("peers") == 1)

        with_band(ballad, test)
