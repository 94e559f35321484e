"""Many WebSockets at once, and some that do not read: everyone who reads is told everything, and nothing grows."""

import contextlib
import json
import sys
from pathlib import Path

import pytest

from daemon.http.crowd import MOST_CLIENTS
from tests.daemon.http.test_http_port import web_process

MANY = 200
MOST_GROWTH_KB = 80_000

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks through /proc")


@pytest.fixture
def band(start_band):
    """A band of this test's own."""
    started = start_band()
    yield started
    started.stop()


def memory_kb(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def bars(socket, count):
    """The bars that begin, as told to `socket`, until there are `count`."""
    found = []
    while len(found) < count:
        message = socket.until(lambda m: "events" in m)
        found += [e["bar"] for e in message["events"] if e["type"] == "Beat" and e["beat"] == 1]
    return found


def test_two_hundred_hear_every_bar_and_the_band_plays_on(band):
    web = web_process(band)
    before = memory_kb(web)
    sockets = [band.websocket() for _ in range(MANY)]
    for socket in sockets:
        assert socket.receive()["snapshot"]
    band.put("transport/tempo", 240.0)
    assert band.do("transport/start").status == 200
    for socket in sockets:
        assert bars(socket, 3)[:3] == [1, 2, 3]
    assert memory_kb(web) - before < MOST_GROWTH_KB
    state = band.get("/api/live/state").json
    assert state["playing"]
    assert state["counters"]["notes_out"] > 20
    for socket in sockets:
        socket.close()
    again = band.websocket()
    assert again.receive()["snapshot"]["bar"] >= 3


def test_who_does_not_read_costs_the_others_nothing_and_is_told_how_all_stands_when_it_reads_again(band):
    web = web_process(band)
    stuck = [band.websocket() for _ in range(8)]
    good = band.websocket()
    assert good.receive()["snapshot"]
    before = memory_kb(web)
    band.put("transport/tempo", 240.0)
    assert band.do("transport/start").status == 200
    for _ in range(300):  # 18 MB of answers for each, which it does not take
        for socket in stuck:
            socket.send({"ping": 60_000 * "x"})
    assert bars(good, 3)[:3] == [1, 2, 3]
    assert memory_kb(web) - before < 8 * 20_000 + MOST_GROWTH_KB
    assert band.put("energy", 0.75).status == 200
    with contextlib.suppress(ConnectionError):  # on a slow machine it may have been let go meanwhile
        snapshots = 0
        while snapshots < 2:
            message = stuck[0].receive()
            if isinstance(message, int):
                break
            snapshots += "snapshot" in message
        else:
            assert message["snapshot"]["parameters"]["energy"] == 0.75


def test_one_more_than_there_is_room_for_is_refused_in_words_until_another_leaves(band):
    sockets = [band.websocket() for _ in range(MOST_CLIENTS)]
    assert {socket.status for socket in sockets} == {101}
    refused = band.websocket()
    assert refused.status == 503
    assert json.loads(refused.refusal)["detail"] == f"{MOST_CLIENTS} WebSockets are open, which is the most"
    assert band.websocket("/").status == 101  # OSCQuery's are counted for themselves
    assert band.get("/api/live/state").status == 200
    sockets.pop().close()
    while (socket := band.websocket()).status != 101:
        pass
    assert socket.receive()["snapshot"]
