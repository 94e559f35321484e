"""The sound card goes in the middle of the music, and comes back: a JACK server that is killed and started again."""

import array
import json
import os
import shutil
import signal
import subprocess
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.conftest import REAL_TIME, UNPRIVILEGED, Jack, Listener, osc_dump, stop, wait_for
from tests.live.conftest import _start as start_server
from tests.live.test_daemon_live import IN, OUT, ROOT, Daemon, replay, sideman

JACK_SOUND = ("audio.device=auto", "audio.host=jack", "midi.backend=loopback")
BACK_SECONDS = 2.0
"""Sound is back so soon after the device is."""


class Mortal:
    """A server that is killed and started again, with other settings if so wished."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.jack: Jack | None = None

    def start(self, *driver: str) -> Jack:
        how = [(server, driver or usual) for server, usual in (REAL_TIME, UNPRIVILEGED)]
        self.jack = start_server(self.name, how[0]) or start_server(self.name, how[1])
        assert self.jack is not None, "jackd is installed but does not start"
        return self.jack

    def kill(self) -> None:
        """Without a chance to say goodbye."""
        if self.jack is not None:
            stop(self.jack.process, signal.SIGKILL)

    def end(self) -> None:
        """In peace: a machine has room for eight servers, and a killed one keeps its place until its name returns."""
        if self.jack is not None and self.jack.process.poll() is not None:
            self.start()
        if self.jack is not None:
            stop(self.jack.process)


@pytest.fixture
def mortal(programs: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mortal]:
    """A server of this test's own: nobody else's may be killed."""
    name = f"sideman-mortal-{os.getpid()}"
    for variable, value in (("DEFAULT_SERVER", name), ("NO_AUDIO_RESERVATION", "1"), ("NO_START_SERVER", "1")):
        monkeypatch.setenv(f"JACK_{variable}", value)
    server = Mortal(name)
    yield server
    server.end()


@pytest.fixture
def daemon(mortal: Mortal, tmp_path: Path) -> Iterator[Daemon]:
    mortal.start()
    running = Daemon(tmp_path, *JACK_SOUND)
    if "audio=jack" not in running.ready():
        stop(running.process)
        if os.environ.get("CI") == "true":
            pytest.fail(f"no audio port on JACK: {running.ready()} {running.errors()}")
        pytest.skip(f"the engine has no JACK output in this build: {running.ready()}")
    yield running
    stop(running.process)


def notes(dump: Listener) -> int:
    """Notes the band has played so far."""
    return sum("/note" in line for line in dump.lines())


def sounds(dump: Listener, word: str) -> bool:
    """Whether the last that was said of the sound has this word in it."""
    said = [line for line in dump.lines() if "/sideman/sound " in line]
    return bool(said) and word in said[-1]


def play(daemon: Daemon) -> None:
    """A chord by OSC: the MIDI of a dead server would be dead, too."""
    for velocity in (90, 0):
        for pitch in (48, 60, 64, 67):
            daemon.osc("/sideman/note", "ii", str(pitch), str(velocity))


def doctor() -> list[dict[str, object]]:
    said = subprocess.run(
        [*sideman(), "doctor", "--json", *[word for setting in JACK_SOUND for word in ("--set", setting)]],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
    )
    checks: list[dict[str, object]] = json.loads(said.stdout)["checks"]
    return [check for check in checks if str(check["what"]).startswith("audio")]


def audio_ports(jack: Jack) -> list[str]:
    return sorted(port for port in jack.ports() if port.startswith("sideman") and "out_" in port)


def test_the_band_plays_on_without_its_server_says_so_and_is_heard_when_it_is_back(
    mortal: Mortal, daemon: Daemon, tmp_path: Path
) -> None:
    with osc_dump(daemon.feedback_port, tmp_path / "osc.txt") as dump:
        daemon.osc("/sideman/transport/tempo", "f", "160")
        daemon.osc("/sideman/transport/start")
        play(daemon)
        wait_for(lambda: notes(dump) >= 8, 20, "the band plays")
        mortal.kill()
        wait_for(lambda: any("audio device is gone" in line for line in dump.lines()), 3, "the state says so")
        before = notes(dump)
        wait_for(lambda: notes(dump) >= before + 8, 10, "the band plays on")
        assert [check["ok"] for check in doctor()] == [False, False]
        assert "no JACK server answers" in str(doctor())
        jack = mortal.start()
        returned = time.monotonic()
        wait_for(lambda: len(audio_ports(jack)) == 2 and sounds(dump, "playing"), BACK_SECONDS, "sound is back")
        assert time.monotonic() - returned < BACK_SECONDS
        if shutil.which("jack_rec") is not None:
            assert loudest(jack, tmp_path / "heard.wav") > 300  # -40 dB
        assert any("/sideman/state iiifsss" in line and line.endswith('""') for line in dump.lines()[-60:])
        assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
    assert "Traceback" not in daemon.errors()
    verdict = replay(daemon.session())
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def loudest(jack: Jack, file: Path) -> int:
    """The highest sample of what is heard in three seconds."""
    subprocess.run(["jack_rec", "-f", str(file), "-d", "3", "-b", "16", *audio_ports(jack)], check=True, timeout=30)
    with wave.open(str(file)) as recorded:
        return max(map(abs, array.array("h", recorded.readframes(recorded.getnframes()))))


def test_the_server_that_has_both_sound_and_midi_comes_back_with_both(
    mortal: Mortal, daemon: Daemon, tmp_path: Path
) -> None:
    stop(daemon.process)
    folder = tmp_path / "both"
    folder.mkdir()
    both = Daemon(folder, "audio.device=auto", "audio.host=jack", "midi.backend=jack")
    try:
        with osc_dump(both.feedback_port, tmp_path / "osc.txt") as dump:
            for _ in range(2):
                mortal.kill()
                wait_for(lambda: sounds(dump, "lost"), 3, "the device is missed")
                jack = mortal.start()
                wait_for(lambda jack=jack: len(audio_ports(jack)) == 2, 2 * BACK_SECONDS, "sound is back")
                wait_for(lambda jack=jack: {IN, OUT} <= set(jack.ports()), 10, "MIDI is back")
                wait_for(lambda: sounds(dump, "playing"), 3, "it says so")
        assert stop(both.process, signal.SIGTERM) == 0, both.errors()
    finally:
        stop(both.process)
    assert "Traceback" not in both.errors()


def test_a_server_that_comes_back_at_another_rate_and_block_is_followed(
    mortal: Mortal, daemon: Daemon, tmp_path: Path
) -> None:
    with osc_dump(daemon.feedback_port, tmp_path / "osc.txt") as dump:
        for rate, frames in (("44100", "1024"), ("96000", "64")):
            mortal.kill()
            wait_for(lambda: sounds(dump, "lost"), 3, "the device is missed")
            mortal.start("-r", rate, "-p", frames)
            told = f"{rate} Hz/{frames}"
            wait_for(lambda told=told: sounds(dump, told) and sounds(dump, "playing"), BACK_SECONDS, told)
        assert "and the engine follows the device" in str(doctor())
        assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
    assert "Traceback" not in daemon.errors()


def test_a_server_that_changes_its_block_is_no_device_that_is_lost(
    mortal: Mortal, daemon: Daemon, tmp_path: Path
) -> None:
    if shutil.which("jack_bufsize") is None:
        pytest.skip("jack_bufsize is not on this machine (it comes with jackd2)")
    with osc_dump(daemon.feedback_port, tmp_path / "osc.txt") as dump:
        daemon.osc("/sideman/transport/start")
        play(daemon)
        for frames in (2_048, 16, 1_024):
            subprocess.run(["jack_bufsize", str(frames)], check=True, timeout=10, capture_output=True)
            before = notes(dump)
            wait_for(lambda before=before: notes(dump) >= before + 4, 20, f"the band plays with {frames}")
        assert sounds(dump, "playing") or not sounds(dump, "lost")
        assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
    assert "gone" not in daemon.errors()
