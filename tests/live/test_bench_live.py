"""The live benchmark, in real time: needs no server, only a second and a half."""

import json
import socket

import pytest

from daemon.cli import main

pytestmark = pytest.mark.live


def a_free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_callback_to_heart_and_heart_to_ring_are_measured(capsys):
    words = ["bench", "latency", "--seconds", "1.5", "--json", "--set", f"osc.port={a_free_port()}"]
    assert main(words) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert figures["callback_to_heart_micros"]["count"] > 0
    assert figures["heart_to_ring_micros"]["sound"]["count"] > 0
