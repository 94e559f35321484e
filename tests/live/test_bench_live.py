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


def measured(capsys, *words):
    assert main(["bench", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)["figures"]


def test_callback_to_heart_and_heart_to_ring_are_measured(capsys):
    figures = measured(capsys, "latency", "--seconds", "1.5", "--set", f"osc.port={a_free_port()}")
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


def test_a_flood_of_osc_loses_no_control_and_every_fader_ends_where_it_was_put(capsys):
    figures = measured(capsys, "flood", "--seconds", "3")
    assert figures["switches_told"] == figures["switches_turned"] > 10
    assert figures["faders_right"] == figures["faders"] == 12
    assert figures["inputs_to_the_heart"] < figures["sent"] / 4


def test_every_round_trip_of_osc_comes_back(capsys):
    figures = measured(capsys, "osc", "--seconds", "2")
    assert figures["unanswered"] == 0
    assert figures["knob_micros"]["count"] == figures["ping_micros"]["count"] > 5
