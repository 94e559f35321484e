"""A JACK server of the tests' own, and other people's programs around it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROGRAMS = ("jackd", "jack_lsp", "jack_connect", "jack_midi_dump", "oscdump", "oscsend", "stdbuf")
REAL_TIME = ("-R", "-P", "70"), ("-r", "48000", "-p", "256")
UNPRIVILEGED = ("--no-realtime",), ("-r", "48000", "-p", "1024")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session", autouse=True)
def programs() -> None:
    """Everything these tests lean on is here; otherwise a user's machine skips them, and CI fails."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if not sys.platform.startswith("linux"):
        missing.append("Linux")
    if missing:
        reason = f"not on this machine: {', '.join(missing)} (apt-get install jackd2 liblo-tools coreutils)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def wait_for(condition: Callable[[], object], seconds: float = 10.0, what: str = "") -> None:
    """Asks twenty times a second until it is so.

    Raises:
        AssertionError: it is not so in time.
    """
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or condition}"
        pause.wait(0.05)


class Jack:
    """A running server."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes]", period: int) -> None:
        self.name = name
        self.process = process
        self.period = period

    def ports(self, *options: str) -> list[str]:
        listed = subprocess.run(["jack_lsp", *options], capture_output=True, text=True, check=False)
        return listed.stdout.splitlines() if listed.returncode == 0 else []

    def connect(self, source: str, destination: str) -> None:
        wait_for(lambda: {source, destination} <= set(self.ports()), what=f"{source} and {destination}")
        subprocess.run(["jack_connect", source, destination], check=True, capture_output=True)


@pytest.fixture(scope="session")
def jack(programs: None) -> Iterator[Jack]:
    """A server nobody else uses, in real time where that is allowed."""
    name = f"sideman-test-{os.getpid()}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JACK_DEFAULT_SERVER", name)
        patch.setenv("JACK_NO_AUDIO_RESERVATION", "1")
        patch.setenv("JACK_NO_START_SERVER", "1")
        server = _start(name, REAL_TIME) or _start(name, UNPRIVILEGED)
        if server is None:
            pytest.fail("jackd is installed but does not start")
        yield server
        stop(server.process)


def _start(name: str, how: Sequence[Sequence[str]]) -> Jack | None:
    server_options, driver_options = how
    process = subprocess.Popen(
        ["jackd", "-n", name, "-S", *server_options, "-d", "dummy", *driver_options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    jack = Jack(name, process, int(driver_options[-1]))
    try:
        wait_for(lambda: jack.ports() or process.poll() is not None, 5, "jackd answers")
    except AssertionError:
        stop(process)
        return None
    return jack if process.poll() is None else None


def stop(process: "subprocess.Popen[bytes]", how: int = signal.SIGTERM) -> int:
    """Ends a process that we started, gently first; how it ended."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait(10)


class Listener:
    """A program that prints what it hears, a line each."""

    def __init__(self, process: "subprocess.Popen[bytes]", output: Path) -> None:
        self.process = process
        self._output = output

    def lines(self) -> list[str]:
        return self._output.read_text(encoding="utf-8", errors="replace").splitlines()


@contextmanager
def listening(command: Sequence[str], output: Path) -> Iterator[Listener]:
    """Runs `command` with its lines going to a file as they are printed."""
    with output.open("wb") as file:
        process = subprocess.Popen(["stdbuf", "-oL", *command], stdout=file, stderr=subprocess.STDOUT)
    try:
        yield Listener(process, output)
    finally:
        stop(process)


@pytest.fixture
def monitor(jack: Jack, tmp_path: Path) -> Iterator[Callable[[str], Listener]]:
    """Connects somebody else's MIDI monitor to an output port."""
    name = f"mon{os.getpid()}"
    with listening(["jack_midi_dump", "-a", name], tmp_path / "midi.txt") as listener:

        def to(port: str) -> Listener:
            jack.connect(port, f"{name}:input")
            return listener

        yield to


def dumped(lines: Sequence[str]) -> list[bytes]:
    """The messages in what jack_midi_dump printed: "29440: 91 28 5a note on …"."""
    messages = []
    for line in lines:
        _, colon, rest = line.partition(": ")
        data = []
        for word in rest.split():
            if len(word) != 2 or not all(c in "0123456789abcdef" for c in word):
                break
            data.append(int(word, 16))
        if colon and data:
            messages.append(bytes(data))
    return messages


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def is_udp_bound(port: int) -> bool:
    """Whether some program listens at a UDP port of this machine."""
    tables = (Path("/proc/net/udp"), Path("/proc/net/udp6"))
    return any(f":{port:04X} " in table.read_text(encoding="ascii") for table in tables if table.exists())


@contextmanager
def osc_dump(port: int, output: Path) -> Iterator[Listener]:
    """Somebody else's program that prints the OSC it gets, already listening."""
    with listening(["oscdump", "-L", str(port)], output) as dump:
        wait_for(lambda: is_udp_bound(port), what=f"oscdump listens at {port}")
        yield dump
