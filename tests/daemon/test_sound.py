"""What can be heard, and what is said where nothing can."""

from dataclasses import replace

import pytest

from daemon import commands, doctor, sound
from daemon.cli import main
from daemon.config import Config
from daemon.sound import can_be_heard
from realtime.edges.clock import SystemClock
from realtime.edges.engine import EngineUnavailable
from realtime.edges.engine_statistics import Device

NOWHERE = "alsa: Discard all samples (playback) or generate zero samples (capture)"


def with_device(device):
    config = Config()
    return replace(config, audio=replace(config.audio, device=device))


@pytest.mark.parametrize(
    ("devices", "heard"),
    [([], False), ([NOWHERE], False), ([NOWHERE, "alsa: USB Audio"], True), (["jack: system"], True)],
)
def test_the_default_device_is_heard_if_one_makes_sound(monkeypatch, devices, heard):
    monkeypatch.setattr(sound, "audio_devices", lambda: devices)
    assert can_be_heard(with_device("auto")) is heard


def test_a_device_asked_for_by_name_is_taken_to_be_heard_and_null_is_not():
    assert can_be_heard(with_device("USB Audio"))
    assert not can_be_heard(with_device("null"))


class Engine:
    """An engine whose device is there or not."""

    def __init__(self, *_, **options):
        self.options = options
        self.is_closed = False

    def start(self, device, *, host=None, wav_path=None, parameters=None, patient=False):
        if device == "elsewhere" and not patient:
            raise EngineUnavailable("audio device 'elsewhere': unknown; there are: here")
        trouble = "unknown; there are: here" if device == "elsewhere" else ""
        return Device(host or "alsa", device, 44_100, 512, trouble)

    def close(self):
        self.is_closed = True


def test_a_device_that_is_not_there_yet_is_waited_for_and_the_ready_line_says_none(monkeypatch, tmp_path):
    monkeypatch.setattr(sound, "EnginePort", Engine)
    opened = sound.open_engine(with_device("elsewhere"), SystemClock(), tmp_path)
    assert opened.name == "none"
    assert opened.sink is not None
    assert opened.troubles == (
        "audio device 'elsewhere': unknown; there are: here; the band plays on, and is heard when there is one",
    )
    assert sound.open_engine(with_device("here"), SystemClock(), tmp_path).name == "alsa:here 44100 Hz/512"


def test_an_engine_that_can_open_nothing_leaves_the_band_to_midi(monkeypatch, tmp_path):
    def refuse(*_, **__):
        raise EngineUnavailable("this build has 'null' and 'wav'")

    monkeypatch.setattr(Engine, "start", refuse)
    monkeypatch.setattr(sound, "EnginePort", Engine)
    opened = sound.open_engine(with_device("auto"), SystemClock(), tmp_path)
    assert (opened.name, opened.sink) == ("none", None)
    assert "plays on without sound" in opened.troubles[0]


def test_the_doctor_opens_the_device_says_what_it_runs_at_and_why_it_does_not(monkeypatch):
    monkeypatch.setattr(sound, "EnginePort", Engine)
    monkeypatch.setattr(doctor, "audio_devices", lambda: ["alsa: here"])
    found = {check.what: check for check in doctor.examine(None, ["audio.device=here"], {})}
    assert found["audio output"].ok
    assert found["audio output"].seen == (
        "alsa:here 44100 Hz/512 opens; 48000 Hz/256 was asked for, and the engine follows the device"
    )
    missing = {check.what: check for check in doctor.examine(None, ["audio.device=elsewhere"], {})}
    assert not missing["audio output"].ok
    assert "there are: here" in missing["audio output"].seen
    assert "two seconds" in missing["audio output"].fix


def test_the_doctor_looks_only_at_the_audio_system_that_was_asked_for(monkeypatch):
    monkeypatch.setattr(doctor, "audio_devices", lambda: ["alsa: here"])
    monkeypatch.setattr(sound, "EnginePort", Engine)
    found = {check.what: check for check in doctor.examine(None, ["audio.host=jack"], {})}
    assert not found["audio device"].ok
    assert found["audio device"].seen == "none: no JACK server answers"
    found = {check.what: check for check in doctor.examine(None, ["audio.host=alsa"], {})}
    assert found["audio device"].ok


def test_the_demo_is_played_fast_where_nothing_can_be_heard(monkeypatch, tmp_path, capsys):
    asked = {}
    monkeypatch.setattr(sound, "audio_devices", list)
    monkeypatch.setattr(commands, "_perform", lambda arguments, *_, **__: asked.update(vars(arguments)) or 0)
    assert main(["demo", "-o", str(tmp_path / "out")]) == 0
    assert asked["fast"] is True
    assert "mix.wav" in capsys.readouterr().err
