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


def test_from_a_key_to_sideman_out_is_measured_over_jack(jack, capsys):
    words = ["bench", "thru", "--seconds", "4", "--json", "--set", f"osc.port={a_free_port()}", "--set", "http.port=0"]
    assert main(words) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert figures["keys"] == figures["thru_micros"]["count"] > 0
    assert figures["harmonise_micros"]["count"] > 0
    assert figures["thru_micros"]["p50"] > 0
    assert figures["notes"] > figures["keys"]
