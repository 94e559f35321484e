"""The HTTP port as the music sees it: taken ports, a web process that dies, tokens, and what is said at the start."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config import ConfigError, from_mapping
from daemon.http.wire import MOST_HELD_BYTES, Lines, Outgoing
from realtime.edges.port_busy import holder


def web_process(band):
    """The process that holds the port's clients; found by its name, for the music's process holds the port, too."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        fields = status.read_text().rpartition(")")[2].split()
        if int(fields[1]) == band.process.pid:
            command = status.with_name("cmdline").read_bytes().split(b"\0")
            if b"daemon.http" in command:
                return int(status.parent.name)
    raise AssertionError("there is no web process")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks through /proc")
def test_a_web_process_that_dies_is_started_again_and_the_music_goes_on(start_band):
    band = start_band()
    band.do("transport/start")
    ws = band.websocket()
    os.kill(web_process(band), signal.SIGKILL)
    with contextlib.suppress(OSError):
        while not isinstance(ws.receive(), int):
            pass
    again = band.websocket()  # the port was ours all the time: the connection waits
    assert again.receive()["snapshot"]["playing"]
    band.stop()
    assert band.process.returncode == 0


USUAL = ("midi.backend=loopback", "audio.device=null", "session.record=false")


def test_the_port_is_free_soon_after_the_music_is_killed_though_a_client_never_reads(start_band):
    band = start_band()
    stuck = band.websocket()
    for _ in range(300):
        stuck.send({"ping": 60_000 * "x"})
    assert band.get("/api/live/state").status == 200  # nobody else is held up
    band.process.kill()
    band.process.wait()
    deadline = time.monotonic() + 20
    while holder(band.port, "tcp"):
        assert time.monotonic() < deadline, "the web process stays"


def sideman(home, *settings):
    words = [word for setting in (*settings, *USUAL) for word in ("--set", setting)]
    return subprocess.Popen(
        [sys.executable, "-m", "daemon", "run", "--json", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "XDG_CONFIG_HOME": str(home), "HOME": str(home)},
        text=True,
    )


def test_a_port_that_was_chosen_and_is_taken_exits_2_and_says_by_whom(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = sideman(tmp_path, f"http.port={port}", "osc.port=18765")
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"http.port: TCP port {port} on 127.0.0.1 is in use" in said
    assert "--set http.port=" in said


def test_the_usual_port_taken_costs_http_alone_and_one_line(tmp_path):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8000))
            taken.listen()
        except OSError:
            assert holder(8000, "tcp") or True  # somebody else has it: as well
        process = sideman(tmp_path, "osc.port=18766")
        ready = json.loads(process.stdout.readline())
        process.terminate()
        _, said = process.communicate(timeout=60)
    assert ready["http"] == "off"
    assert [line for line in said.splitlines() if "8000" in line and "plays without HTTP" in line]
    assert process.returncode == 0


def test_with_a_token_only_those_who_bring_it_come_in(start_band):
    token = "a token that nobody guesses"
    band = start_band(f'http.token="{token}"')
    refused = band.get("/api/live/state")
    assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert band.get("/api/live/state", Authorization="Bearer another").status == 401
    assert band.get("/api/live/state", Authorization=f"Bearer {token}").status == 200
    assert band.websocket().status == 401
    assert band.websocket(Authorization=f"Bearer {token}").receive()["snapshot"]
    assert token not in (band.session / "session.jsonl").read_text()


def test_off_loopback_there_must_be_a_token():
    with pytest.raises(ConfigError, match=r"http\.token: must be at least 16 characters"):
        from_mapping({"http": {"host": "0.0.0.0"}})
    assert from_mapping({"http": {"host": "0.0.0.0", "token": 16 * "x"}})
    assert from_mapping({"http": {"host": "0.0.0.0", "enabled": False}})
    assert from_mapping({"http": {"host": "::1"}})


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=20), st.data())
def test_lines_come_out_whole_however_they_are_cut(lines, data):
    stream, reader, found = b"".join(line + b"\n" for line in lines), Lines(), []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        found += reader.feed(stream[:cut])
        stream = stream[cut:]
    assert found == lines


def test_what_nobody_reads_is_dropped_and_counted_and_never_waited_for():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        outgoing = Outgoing(ours)
        for _ in range(2_000):
            outgoing.put({"out": 1_000 * "x"})
            outgoing.flush()
        assert outgoing.lost > 0
        theirs.settimeout(0)
        read = 0
        with contextlib.suppress(BlockingIOError):
            while read < 3 * MOST_HELD_BYTES:
                read += len(theirs.recv(65_536))
                outgoing.flush()
        assert read < 2 * MOST_HELD_BYTES
        outgoing.put({"out": 1})
        outgoing.flush()
        assert theirs.recv(100) == b'{"out":1}\n'
