"""Faults in the middle of the music: each time the band plays on, and the state says what is wrong.

Cables and instruments are pulled in test_ports_live, the audio device is lost in test_device_live.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes import hanging
from tests.live.conftest import Jack, Listener, dumped, osc_dump, stop, wait_for
from tests.live.test_daemon_live import IN, OUT, Daemon, play_keys, replay, start
from tests.live.test_device_live import Mortal, mortal, notes

__all__ = ["mortal", "start"]

SILENT = "audio.device=null"
LOG_ROOM = 160 * 1024
"""Enough for the first line, which holds every style, and some bars."""


@pytest.fixture
def dump(tmp_path: Path) -> Iterator[Callable[[Daemon], Listener]]:
    """What a daemon tells by OSC, all of it told once at the beginning."""
    entered = []

    def of(daemon: Daemon) -> Listener:
        entered.append(osc_dump(daemon.feedback_port, tmp_path / "osc.txt"))
        listener = entered[-1].__enter__()
        daemon.osc("/sideman/refresh", "i", str(daemon.feedback_port))
        return listener

    yield of
    for one in entered:
        one.__exit__(None, None, None)


def state(dump: Listener) -> str:
    """What was said last of how things stand."""
    said = [line for line in dump.lines() if "/sideman/state " in line]
    return said[-1] if said else ""


def begin(daemon: Daemon, dump: Listener) -> None:
    """Music, by OSC: it needs no cable."""
    daemon.osc("/sideman/transport/tempo", "f", "160")
    daemon.osc("/sideman/chart", "s", "| C | Am | F | G |")
    daemon.osc("/sideman/transport/start")
    plays_on(dump, "the band plays")


def plays_on(dump: Listener, what: str = "the band plays on") -> None:
    before = notes(dump)
    wait_for(lambda: notes(dump) >= before + 12, 20, what)


def test_the_midi_server_is_killed_and_started_again(
    mortal: Mortal, tmp_path: Path, dump: Callable[[Daemon], Listener]
) -> None:
    mortal.start()
    daemon = Daemon(tmp_path, SILENT, "midi.backend=jack")
    try:
        told = dump(daemon)
        begin(daemon, told)
        for _ in range(2):
            mortal.kill()
            wait_for(lambda: "the MIDI system (jack) is gone" in state(told), 5, "the state says so")
            plays_on(told)
            jack = mortal.start()
            wait_for(lambda jack=jack: {IN, OUT} <= set(jack.ports()), 10, "the ports are back")
            wait_for(lambda: state(told).endswith('""'), 5, "the state says that all is well")
        assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
    finally:
        stop(daemon.process)
    assert "Traceback" not in daemon.errors()
    assert replay(daemon.session()).returncode == 0


def test_the_clock_is_lost_and_comes_back(
    start: Callable[..., Daemon], jack: Jack, dump: Callable[[Daemon], Listener], tmp_path: Path
) -> None:
    missing = [program for program in ("jack_midi_clock", "jack_transport") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not on this machine: {', '.join(missing)} (apt-get install jack-midi-clock jackd2)")
    daemon = start(SILENT, "parameters.transport/source=clock")
    told = dump(daemon)
    daemon.osc("/sideman/chart", "s", "| C | Am | F | G |")
    try:
        for _ in range(2):
            source = subprocess.Popen(
                ["jack_midi_clock", "-b", "150", IN], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                wait_for(lambda: any("clock" in port for port in jack.ports()), 5, "the clock is there")
                subprocess.run(["jack_transport"], input=b"play\n", check=True, capture_output=True, timeout=10)
                wait_for(lambda: state(told).endswith('""'), 10, "the state says that all is well")
                plays_on(told, "the band follows")
            finally:
                source.kill()
                source.wait()
            wait_for(lambda: "is lost; the band goes on in its tempo" in state(told), 5, "the state says so")
            plays_on(told)
            subprocess.run(["jack_transport"], input=b"stop\nlocate 0\n", check=True, capture_output=True, timeout=10)
    finally:
        subprocess.run(["jack_transport"], input=b"stop\nlocate 0\n", check=False, capture_output=True, timeout=10)
    assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
    assert replay(daemon.session()).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk that has room for hardly anything."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={LOG_ROOM}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True, timeout=10)


def loses_its_log(daemon: Daemon, told: Listener, why: str) -> None:
    """The log stops, one line says so, and everything else goes on."""
    begin(daemon, told)
    wait_for(lambda: "the log could not be written" in state(told) and why in state(told), 60, "the state says so")
    plays_on(told)
    assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
    said = [line for line in daemon.errors().splitlines() if "no longer recorded" in line]
    assert len(said) == 1, daemon.errors()
    assert why in said[0]
    assert "Traceback" not in daemon.errors()


def test_the_disk_is_full(small_disk: Path, jack: Jack, tmp_path: Path, dump: Callable[[Daemon], Listener]) -> None:
    daemon = Daemon(tmp_path, SILENT, f"session.folder={small_disk}")
    try:
        loses_its_log(daemon, dump(daemon), "No space left on device")
        (log,) = small_disk.glob("**/session.jsonl")
        verdict = replay(log.parent)
        assert verdict.returncode == 0, verdict.stdout + verdict.stderr  # what was written before can be played again
    finally:
        stop(daemon.process)


def test_the_disk_is_full_from_the_beginning(
    small_disk: Path, jack: Jack, tmp_path: Path, dump: Callable[[Daemon], Listener]
) -> None:
    (small_disk / "full").write_bytes(bytes(LOG_ROOM - 20_000))
    daemon = Daemon(tmp_path, SILENT, f"session.folder={small_disk}")
    try:
        told = dump(daemon)
        begin(daemon, told)
        assert "this session is not recorded: [Errno 28]" in state(told)
        assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
    finally:
        stop(daemon.process)


def test_a_file_may_grow_no_further(
    jack: Jack, tmp_path: Path, dump: Callable[[Daemon], Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LOG_ROOM, before[1]))
    try:
        daemon = Daemon(tmp_path, SILENT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    try:
        loses_its_log(daemon, dump(daemon), "File too large")
    finally:
        stop(daemon.process)


def test_told_to_stop_on_a_busy_machine_it_is_silent_and_gone_at_once(
    start: Callable[..., Daemon], monitor: Callable[[str], Listener], dump: Callable[[Daemon], Listener]
) -> None:
    """The figure is printed (-s): a second is asked, three times that is a fault even on a machine that tests share."""
    daemon = start(SILENT, "midi.part_ports=true")
    listener = monitor(OUT)
    told = dump(daemon)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        begin(daemon, told)
        play_keys(4)
        asked = time.monotonic()
        daemon.process.send_signal(signal.SIGTERM)
        wait_for(lambda: not hanging(dumped(listener.lines())), 3, "every note has ended")
        assert daemon.process.wait(3) == 0, daemon.errors()
        figure = f"stopped in {time.monotonic() - asked:.2f} s, load {os.getloadavg()[0]:.1f}"
        sys.stdout.write(figure + "\n")
    finally:
        for one in busy:
            one.kill()
            one.wait()
