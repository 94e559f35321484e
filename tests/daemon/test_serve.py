"""`sideman run` as a process: ready, stopped, killed, and refused."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import trio
import trio.testing

from daemon.memory_file import MemoryFile
from daemon.replay import replay
from daemon.serve import KEEP_SECONDS, keep_memory
from daemon.session_reader import open_session
from daemon.styles_folder import performer_of
from tests.conftest import STYLES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def sideman(tmp_path):
    """Starts `sideman run` with its own home; ends it whatever happens."""
    started = []

    def start(port, *more):
        settings = (
            f"osc.port={port}",
            "midi.backend=loopback",
            "audio.device=null",
            "http.port=0",
            f"session.folder={tmp_path}/s",
        )
        words = [word for setting in settings for word in ("--set", setting)]
        process = subprocess.Popen(
            [sys.executable, "-m", "daemon", "run", "--json", *words, *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)},
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_says_when_it_is_ready_and_stops_with_0_when_told(sideman, stop):
    port = free_port()
    process = sideman(port)
    ready = json.loads(process.stdout.readline())
    assert ready["ready"]
    assert ready["osc"].startswith(f"127.0.0.1:{port}")
    process.send_signal(stop)
    assert process.wait(30) == 0
    session = open_session(Path(ready["session"]))
    verdict = replay(session, performer_of)
    assert verdict.is_clean
    assert verdict.orderly_end


def test_told_again_and_again_it_still_closes_in_order(sideman):
    process = sideman(free_port())
    ready = json.loads(process.stdout.readline())
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    assert process.returncode == 0, process.stderr.read()
    assert (Path(ready["session"]) / "summary.json").is_file()


def test_a_busy_port_exits_2_and_says_who_has_it_and_leaves_no_session(sideman, tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        process = sideman(holder.getsockname()[1])
        assert process.wait(30) == 2
        assert "is in use" in process.stderr.read()
    assert list((tmp_path / "s").iterdir()) == []


def test_killed_it_leaves_a_log_that_replays(sideman):
    process = sideman(free_port(), "--set", "band.meter=3/4")
    ready = json.loads(process.stdout.readline())
    log = Path(ready["session"]) / "session.jsonl"
    while log.read_bytes().count(b"\n") < 2:
        assert process.poll() is None
    process.kill()
    process.wait(30)
    verdict = replay(open_session(log), performer_of)
    assert verdict.is_clean
    assert verdict.inputs == 1
    assert not verdict.orderly_end


def test_a_style_written_while_it_runs_is_taken_up_and_a_faulty_one_is_a_line(sideman, tmp_path):
    process = sideman(free_port())
    ready = json.loads(process.stdout.readline())
    styles = tmp_path / "sideman" / "styles"
    styles.mkdir(parents=True)
    (styles / "pop_ballad.toml").write_text("swing = 3")
    said = process.stderr.readline()
    while "pop_ballad.toml" not in said:
        assert process.poll() is None
        said = process.stderr.readline()
    assert "plays on as it was" in said
    (styles / "pop_ballad.toml").write_text((STYLES / "funk_sixteenths.toml").read_text(encoding="utf-8"))
    log = Path(ready["session"]) / "session.jsonl"
    while b'"type":"StyleGiven"' not in log.read_bytes():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    verdict = replay(open_session(log), performer_of)
    assert verdict.is_clean
    assert verdict.inputs == 1


def test_it_remembers_the_songs_when_it_is_told_to_stop(sideman, tmp_path):
    port, memory = free_port(), tmp_path / "set.memory"
    process = sideman(port, "--memory", str(memory))
    ready = json.loads(process.stdout.readline())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hands:
        for words in (["/sideman/transport/start"], ["/sideman/song/next"], ["/sideman/chord", "Am7"]):
            hands.sendto(osc(*words), ("127.0.0.1", port))
    log = Path(ready["session"]) / "session.jsonl"
    while b'"type":"Beat","number":4,' not in log.read_bytes():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert MemoryFile(memory).loaded
    session = open_session(log)
    verdict = replay(session, performer_of)
    assert verdict.is_clean


def osc(address, *texts):
    """An OSC message whose arguments are texts."""
    words = (address, "," + "s" * len(texts), *texts)
    return b"".join(word.encode() + b"\0" * (4 - len(word) % 4) for word in words)


def test_what_is_heard_is_kept_from_time_to_time_and_trouble_is_said_once():
    written, said = [], []

    class Files:
        def save(self, memory):
            written.append(memory)
            return "" if len(written) == 1 else "the disk is full"

    class Heart:
        def memory(self):
            return bytes([len(written)])

    async def a_while():
        with trio.move_on_after(10.5 * KEEP_SECONDS):
            await keep_memory(Files(), Heart(), said.append)

    trio.run(a_while, clock=trio.testing.MockClock(autojump_threshold=0.01))
    assert written == [bytes([count]) for count in range(10)]
    assert said == ["the disk is full; the music goes on"]
