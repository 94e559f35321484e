import sys

import pytest

from realtime.edges import midi_system
from realtime.edges.midi_backend import MidiUnavailable
from realtime.edges.midi_loopback import Loopback
from realtime.edges.midi_system import choose_backend, open_backend

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="how Linux chooses")


@linux
def test_without_a_server_and_a_sequencer_there_is_the_loopback_and_a_plain_statement(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody-runs-this")
    monkeypatch.setattr(midi_system, "ALSA_SEQUENCER", tmp_path / "seq")
    chosen, why = choose_backend("auto")
    assert chosen == "loopback"
    assert "no MIDI" in why


@linux
def test_alsa_is_taken_where_no_jack_server_answers(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    sequencer = tmp_path / "seq"
    sequencer.touch()
    monkeypatch.setattr(midi_system, "ALSA_SEQUENCER", sequencer)
    monkeypatch.setattr(midi_system, "jack_answers", lambda: False)
    assert choose_backend("auto")[0] == "alsa"
    monkeypatch.setattr(midi_system, "jack_answers", lambda: True)
    assert choose_backend("auto")[0] == "jack"


def test_a_backend_asked_for_by_name_is_not_second_guessed() -> None:
    assert choose_backend("jack")[0] == "jack"
    assert isinstance(open_backend("loopback"), Loopback)


@linux
def test_jack_without_a_server_says_so_and_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody-runs-this")
    with pytest.raises(MidiUnavailable, match=r"no JACK server answers.*midi\.backend=auto"):
        open_backend("jack")
    assert capfd.readouterr() == ("", "")


@linux
def test_a_system_of_another_machine_is_refused_plainly() -> None:
    with pytest.raises(MidiUnavailable, match="not a MIDI system of this machine"):
        open_backend("coremidi")
