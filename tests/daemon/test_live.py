"""A short performance in real time, through every edge, and exact when it is played again."""

from daemon.config import from_mapping
from daemon.midi_file import Script
from daemon.perform import Order, perform
from daemon.replay import replay
from daemon.session_reader import open_session
from daemon.styles_folder import load_styles, performer_of
from realtime.core.events import ActionRequested, MidiReceived, ParameterSet, Stamped
from realtime.core.meter import Meter


def test_played_live_it_replays_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("daemon.live.tune_interpreter", lambda: None)  # the tests' own interpreter stays as it is
    chords = [(60, 64, 67), (65, 69, 72)]
    inputs = [
        Stamped(0, ParameterSet("transport/tempo", 400.0)),
        Stamped(0, ActionRequested("transport/meter", (2, 4))),
        Stamped(0, ActionRequested("transport/start")),
    ]
    for place, chord in enumerate(chords):
        at = 1000 + place * 300_000
        inputs += [Stamped(at, MidiReceived("file", bytes([0x90, pitch, 80]))) for pitch in chord]
        inputs += [Stamped(at + 250_000, MidiReceived("file", bytes([0x80, pitch, 0]))) for pitch in chord]
    script = Script(tuple(inputs), inputs[-1].at, 6, Meter(2, 4), 400.0)
    # Port 1 is nobody's to bind, or free: with OSC or without, the music plays.
    config = from_mapping({"midi": {"backend": "loopback"}, "audio": {"device": "null"}, "osc": {"port": 1}})
    shown, said = [], []
    order = Order(script, tmp_path, config, load_styles(), fast=False, source="a test")
    summary = perform(order, shown.append, said.append)
    assert summary["notes"]["player"] == 6
    assert summary["timings"]["live"]["stage"]["inputs"] == len(inputs) + 1
    assert summary["timings"]["live"]["midi_out"]["sounding"] == 0
    assert shown
    verdict = replay(open_session(tmp_path), performer_of)
    assert verdict.is_clean, verdict
    assert verdict.orderly_end
