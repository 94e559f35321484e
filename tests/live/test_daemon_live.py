"""The whole daemon, as its users meet it: `sideman run` among other people's programs."""

import array
import json
import os
import shutil
import signal
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes import hanging
from tests.live.conftest import Jack, Listener, dumped, free_udp_port, osc_dump, stop, wait_for

ROOT = Path(__file__).parents[2]
KEYBOARD = [sys.executable, str(Path(__file__).parent / "keyboard.py")]
IN, OUT = "sideman in:sideman in", "sideman out:sideman out"
BAND_CHANNELS = {1, 2, 3, 4, 9}


def sideman() -> list[str]:
    """The command, installed or not."""
    installed = Path(sys.executable).with_name("sideman")
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "daemon"]


class Daemon:
    """A running `sideman run`."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.osc_port, self.feedback_port = free_udp_port(), free_udp_port()
        self.folder = folder / "sessions"
        self._output, self._errors = folder / "out.txt", folder / "err.txt"
        every = (
            "midi.backend=jack",
            f"osc.port={self.osc_port}",
            f"osc.feedback_port={self.feedback_port}",
            "http.port=0",
            f"session.folder={self.folder}",
            *settings,
        )
        command = [*sideman(), "run", *[word for setting in every for word in ("--set", setting)]]
        with self._output.open("wb") as out, self._errors.open("wb") as err:
            self.process = subprocess.Popen(command, stdout=out, stderr=err, cwd=ROOT)
        wait_for(lambda: self.ready() or self.process.poll() is not None, 30, "ready")
        assert self.process.poll() is None, self.errors()

    def ready(self) -> str:
        """The line it prints when all is open."""
        lines = self._output.read_text(encoding="utf-8").splitlines()
        return next((line for line in lines if line.startswith("ready")), "")

    def errors(self) -> str:
        return self._errors.read_text(encoding="utf-8")

    def osc(self, address: str, *rest: str) -> None:
        subprocess.run(["oscsend", "localhost", str(self.osc_port), address, *rest], check=True, timeout=10)

    def session(self) -> Path:
        (log,) = self.folder.glob("**/session.jsonl")
        return log.parent


@pytest.fixture
def start(jack: Jack, tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    begun: list[Daemon] = []

    def run(*settings: str) -> Daemon:
        begun.append(Daemon(tmp_path, *(settings or ("audio.device=null",))))
        return begun[-1]

    yield run
    for daemon in begun:
        stop(daemon.process)


def replay(session: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*sideman(), "replay", str(session), "--verify"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
    )


def band_notes(listener: Listener) -> list[bytes]:
    return [data for data in dumped(listener.lines()) if data[0] & 0xF0 == 0x90]


def channels(listener: Listener) -> set[int]:
    return {data[0] & 0x0F for data in band_notes(listener)}


def play_keys(count: int = 8, gap_ms: int = 200) -> None:
    subprocess.run([*KEYBOARD, IN, str(count), str(gap_ms), "chords"], check=True, timeout=60)


def test_the_band_plays_on_its_own_channels_tells_osc_and_goes_quietly(
    start: Callable[..., Daemon], monitor: Callable[[str], Listener], tmp_path: Path
) -> None:
    daemon = start()
    listener = monitor(OUT)
    with osc_dump(daemon.feedback_port, tmp_path / "osc.txt") as dump:
        daemon.osc("/sideman/transport/tempo", "f", "160")
        daemon.osc("/sideman/transport/start")
        play_keys()
        wait_for(lambda: len(channels(listener)) >= 2, 20, "two of the band play")
        wait_for(lambda: len(band_notes(listener)) >= 20, 20, "the band plays on")
        assert channels(listener) <= BAND_CHANNELS
        wait_for(lambda: any("/sideman/chord/now" in line for line in dump.lines()), what="a chord is told")
        text = "\n".join(dump.lines())
        assert "/sideman/beat" in text
        assert "/sideman/state" in text
        assert "/sideman/transport/tempo f 160" in text
        assert stop(daemon.process, signal.SIGTERM) == 0, daemon.errors()
    wait_for(lambda: not hanging(dumped(listener.lines())), 3, "every note has ended")
    assert "Traceback" not in daemon.errors()
    verdict = replay(daemon.session())
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_stop_and_panic_leave_nothing_hanging_while_it_plays_on(
    start: Callable[..., Daemon], monitor: Callable[[str], Listener]
) -> None:
    daemon = start()
    listener = monitor(OUT)
    for command in ("panic", "stop"):
        before = len(band_notes(listener))
        daemon.osc("/sideman/transport/start")
        play_keys(4)
        wait_for(lambda before=before: len(band_notes(listener)) >= before + 4, 20, "the band plays")
        daemon.osc(f"/sideman/transport/{command}")
        if command == "stop":
            wait_for(lambda: not hanging(dumped(listener.lines())), 3, "every note has ended")


def test_two_interrupts_are_as_good_as_one(start: Callable[..., Daemon]) -> None:
    daemon = start()
    daemon.process.send_signal(signal.SIGINT)
    assert stop(daemon.process, signal.SIGINT) == 0, daemon.errors()


def test_killed_at_once_it_leaves_a_log_that_can_be_played_again(start: Callable[..., Daemon]) -> None:
    daemon = start()
    daemon.osc("/sideman/transport/start")
    play_keys(6)
    assert stop(daemon.process, signal.SIGKILL) == -signal.SIGKILL
    lines = (daemon.session() / "session.jsonl").read_bytes().splitlines()
    assert len(lines) > 12  # a header, and every key pressed and let go
    for line in lines[:-1]:
        json.loads(line)
    verdict = replay(daemon.session())
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_what_the_band_plays_is_heard(start: Callable[..., Daemon], jack: Jack, tmp_path: Path) -> None:
    if shutil.which("jack_rec") is None:
        pytest.skip("jack_rec is not on this machine (it comes with jackd2)")
    before = set(jack.ports())
    daemon = start("audio.device=auto", "audio.host=jack")
    audio = sorted(
        port for port in set(jack.ports()) - before if "sideman out" not in port and "probe" not in port and port != IN
    )
    if not audio:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no audio port on JACK: {daemon.ready()} {daemon.errors()}")
        pytest.skip(f"the engine has no JACK output in this build: {daemon.ready()}")
    daemon.osc("/sideman/transport/start")
    play_keys(4)
    sound = tmp_path / "heard.wav"
    subprocess.run(["jack_rec", "-f", str(sound), "-d", "3", "-b", "16", *audio[:2]], check=True, timeout=30)
    with wave.open(str(sound)) as recorded:
        samples = array.array("h", recorded.readframes(recorded.getnframes()))
    assert max(map(abs, samples)) > 300  # -40 dB: somebody plays


def test_a_port_in_use_is_said_before_anything_sounds(start: Callable[..., Daemon], tmp_path: Path) -> None:
    first = start()
    second = subprocess.run(
        [*sideman(), "run", "--set", f"osc.port={first.osc_port}", "--set", f"session.folder={tmp_path / 'x'}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        cwd=ROOT,
    )
    assert second.returncode == 2
    assert f"UDP port {first.osc_port} on 127.0.0.1 is in use" in second.stderr
    assert str(first.process.pid) in second.stderr
    assert "ready" not in second.stdout
