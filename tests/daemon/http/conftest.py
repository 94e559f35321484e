"""A running `sideman` for the tests of its HTTP, and small clients made of the standard library and wsproto."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)


def pytest_collection_modifyitems(items):
    for item in items:
        if sys.platform == "win32" and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip("descriptors are passed to the web process"))


def free_port(kind=socket.SOCK_DGRAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answer:
    """What came back."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)


class Band:
    """`sideman run`, with HTTP at a port of its own."""

    def __init__(self, home, *given_words):
        flags = [word for word in given_words if word.startswith("--")]
        settings = [word for word in given_words if not word.startswith("--")]
        self.osc_port = free_port()
        given = (
            f"osc.port={self.osc_port}",
            "http.port=0",
            "midi.backend=loopback",
            "audio.device=null",
            f"session.folder={home}/s",
            *settings,
        )
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "daemon",
                "run",
                "--json",
                *flags,
                *(w for setting in given for w in ("--set", setting)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "XDG_CONFIG_HOME": str(home), "XDG_STATE_HOME": str(home), "HOME": str(home)},
            text=True,
        )
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.ready = json.loads(line)
        self.session = Path(self.ready["session"])
        self.port = int(self.ready["http"].rpartition(":")[2])

    def ask(self, method, path, body=None, headers=None, host="127.0.0.1"):
        """One request on a connection of its own."""
        connection = HTTPConnection(host, self.port, timeout=20)
        given = dict(headers or {})
        if isinstance(body, dict | list):
            body = json.dumps(body)
            given.setdefault("Content-Type", "application/json")
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        try:
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def put(self, path, value):
        return self.ask("PUT", f"/api/live/parameters/{path}", {"value": value})

    def do(self, path, *arguments):
        return self.ask("POST", f"/api/live/actions/{path}", {"arguments": list(arguments)})

    def websocket(self, path="/ws", **headers):
        return Socket(self.port, path, headers)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(30)
        finally:
            self.process.kill()
            self.process.communicate()


class Socket:
    """A WebSocket client. `receive` gives texts as parsed JSON, bytes as they are, and the close code as an int."""

    def __init__(self, port, path, headers=None, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        _opened.append(self.socket)
        self.connection = WSConnection(ConnectionType.CLIENT)
        extra = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        self.send_event(Request(host=f"127.0.0.1:{port}", target=path, extra_headers=extra))
        self.text, self.bytes = "", b""
        self.waiting = []
        self.status, self.refusal, self.is_refused_whole = None, b"", False
        while self.status is None or (self.status != 101 and not self.is_refused_whole):
            self.pump()

    def send_event(self, event):
        self.socket.sendall(self.connection.send(event))

    def send(self, message):
        self.send_event(TextMessage(data=message if isinstance(message, str) else json.dumps(message)))

    def receive(self):
        while not self.waiting:
            self.pump()
        return self.waiting.pop(0)

    def until(self, wanted):
        """The first message that `wanted` likes."""
        while True:
            message = self.receive()
            assert not isinstance(message, int), f"closed with {message}"
            if wanted(message):
                return message

    def pump(self):
        self.connection.receive_data(self.socket.recv(65_536) or None)
        for event in self.connection.events():
            self.take(event)

    def take(self, event):
        if isinstance(event, AcceptConnection):
            self.status = 101
        elif isinstance(event, RejectConnection):
            self.status = event.status_code
            self.is_refused_whole = not event.has_body
        elif isinstance(event, RejectData):
            self.refusal += event.data
            self.is_refused_whole = event.body_finished
        else:
            match event:
                case TextMessage():
                    self.text += event.data
                    if event.message_finished:
                        self.waiting.append(json.loads(self.text))
                        self.text = ""
                case BytesMessage():
                    self.bytes += event.data
                    if event.message_finished:
                        self.waiting.append(bytes(self.bytes))
                        self.bytes = b""
                case Ping():
                    self.send_event(event.response())
                case CloseConnection():
                    self.waiting.append(event.code)

    def close(self):
        self.socket.close()


_opened = []


@pytest.fixture(autouse=True)
def hang_up():
    """Whatever a test leaves open is closed after it."""
    yield
    while _opened:
        _opened.pop().close()


@pytest.fixture(scope="session")
def start_band(tmp_path_factory):
    """Starts bands; ends them whatever happens."""
    started = []

    def start(*settings, home=None):
        band = Band(home or tmp_path_factory.mktemp("home"), *settings)
        started.append(band)
        return band

    yield start
    for band in started:
        band.stop()


@pytest.fixture(scope="session")
def band(start_band) -> Iterator[Band]:
    """One band for all who leave it as they found it."""
    return start_band()
