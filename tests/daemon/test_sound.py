"""What can be heard, and what is said where nothing can."""

from dataclasses import replace

import pytest

from daemon import commands, sound
from daemon.cli import main
from daemon.config import Config
from daemon.sound import can_be_heard

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


def test_the_demo_is_played_fast_where_nothing_can_be_heard(monkeypatch, tmp_path, capsys):
    asked = {}
    monkeypatch.setattr(sound, "audio_devices", list)
    monkeypatch.setattr(commands, "_perform", lambda arguments, *_, **__: asked.update(vars(arguments)) or 0)
    assert main(["demo", "-o", str(tmp_path / "out")]) == 0
    assert asked["fast"] is True
    assert "mix.wav" in capsys.readouterr().err
