"""The command line: words in, exit codes and plain messages out."""

import json
import subprocess
import sys

import mido
import pytest

from daemon import __version__
from daemon.cli import main
from realtime.core.parameters import PARAMETERS


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.fixture
def song(tmp_path):
    file = mido.MidiFile()
    notes = [mido.Message("note_on", note=60, velocity=60), mido.Message("note_off", note=60, time=960)]
    file.tracks.append(mido.MidiTrack(notes))
    path = tmp_path / "song.mid"
    file.save(path)
    return path


def test_perform_writes_and_replay_verifies(song, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["perform", str(song), "-o", str(out), "--fast", "--json", "--seed", "4"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["ok"], summary["seed"], summary["notes"]["player"]) == (True, 4, 1)
    assert main(["replay", str(out), "--verify"]) == 0
    assert "no difference" in capsys.readouterr().out


def test_replay_verify_exits_1_on_a_changed_log(song, tmp_path, capsys):
    out = tmp_path / "out"
    main(["perform", str(song), "-o", str(out), "--fast", "--json"])
    log = out / "session.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"data":"903c3c"', b'"data":"903d3c"'))
    capsys.readouterr()
    assert main(["replay", str(out), "--verify", "--json"]) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert not verdict["ok"]
    assert verdict["damaged"]
    assert verdict["difference"]["line"] > 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["perform", "none.mid", "-o", "x", "--fast"], "none.mid: cannot be read: No such file"),
        (["perform", "SONG", "-o", "x", "--fast", "--seed", "-1"], "--seed: must be a whole number"),
        (["perform", "SONG", "-o", "x", "--fast", "--style", "polka"], "band.style: must be one of"),
        (["render", "SONG", "-o", "x.wav", "--soundfont", "a.sf2"], "--soundfont a.sf2: cannot be read"),
        (["render", "SONG", "-o", "x.wav", "--rate", "3"], "--rate: must be 8000 to 192000 Hz, but was 3"),
        (["config", "check", "--set", "osc.prt=1"], "did you mean osc.port?"),
        (["run", "--set", "osc.host=nowhere.invalid", "--set", "audio.device=null"], "osc.host"),
        (["replay", "no-such-session"], "cannot be read"),
    ],
)
def test_what_the_user_got_wrong_exits_2_with_a_plain_message(words, message, song, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([str(song) if word == "SONG" else word for word in words]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err


def test_with_json_a_mistake_is_one_object_too(capsys):
    assert main(["config", "check", "--json", "--set", "osc.port=x", "--set", "osc.prt=1"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], len(told["problems"])) == (False, 2)


def test_config_knobs_lists_every_parameter_and_what_it_may_be(capsys):
    assert main(["config", "knobs", "--json"]) == 0
    knobs = {knob["path"]: knob for knob in json.loads(capsys.readouterr().out)["knobs"]}
    assert set(knobs) == set(PARAMETERS)
    assert "upright_bass" in knobs["part/bass/instrument"]["allowed"]
    assert knobs["sound/reverb/decay"]["curve"] == "logarithmic"
    assert main(["config", "knobs"]) == 0
    assert "sound/delay/beats" in capsys.readouterr().out


def test_config_show_is_toml_that_says_the_same_again(tmp_path, capsys):
    assert main(["config", "show", "--set", "midi.inputs=['a']", "--set", "parameters.part/bass/level=0.25"]) == 0
    file = tmp_path / "again.toml"
    file.write_text(capsys.readouterr().out)
    assert main(["config", "show", "--json", "--config", str(file)]) == 0
    again = json.loads(capsys.readouterr().out)["config"]
    assert again["midi"]["inputs"] == ["a"]
    assert again["parameters"] == {"part/bass/level": 0.25}


def test_sessions_of_an_empty_shelf_are_none(capsys):
    assert main(["sessions", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sessions"] == []


def test_doctor_says_what_it_saw_and_how_to_fix_it(capsys):
    assert main(["doctor", "--json", "--set", "midi.backend=loopback"]) in (0, 1)
    checks = {check["what"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert {"package daemon", "package realtime", "sound engine", "styles", "OSC port", "session folder"} <= set(checks)
    assert all(check["ok"] or check["fix"] for check in checks.values())


def test_doctor_calls_a_wrong_configuration_wrong(capsys):
    assert main(["doctor", "--set", "osc.port=0", "--set", "midi.backend=loopback"]) == 1
    assert "osc.port: must be a whole number" in capsys.readouterr().out


def test_ports_lists_what_is_there(capsys):
    assert main(["ports", "--json", "--set", "midi.backend=loopback"]) == 0
    assert json.loads(capsys.readouterr().out)["backend"] == "loopback"


def test_no_command_is_bad_arguments():
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2


def test_python_dash_m_daemon_is_sideman():
    told = subprocess.run([sys.executable, "-m", "daemon", "--version"], capture_output=True, text=True, check=True)
    assert told.stdout == f"sideman {__version__}\n"


def test_help_is_quick_for_it_imports_nothing_heavy():
    code = "import sys; from daemon.cli import build_parser; build_parser().format_help(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"trio", "mido", "miditok", "rtmidi", "numpy", "msgspec", "platformdirs"} & set(loaded)


def test_files_may_come_after_options_and_other_words_may_not(tmp_path, capsys):
    assert main(["style", "check", "--json", str(tmp_path / "a.toml"), str(tmp_path / "b.toml")]) == 1
    assert len(json.loads(capsys.readouterr().out)["files"]) == 2
    for words in (["style", "check", "a.toml", "--loud"], ["ports", "a.toml"]):
        with pytest.raises(SystemExit) as refused:
            main(words)
        assert refused.value.code == 2
