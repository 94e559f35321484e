"""Qwen through mlx-lm and musiclang-predict, end to end on tiny checkpoints in their own formats.

mlx-lm is looked for beside us or at SIDEMAN_MLX_PYTHON, musiclang-predict where `sideman models install musiclang`
puts it or at SIDEMAN_MUSICLANG. Without them these tests are left out; the ones on processes and texts are not.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.cli import main
from daemon.models.child import ModelError, ModelGone, ModelLate, ModelRefused
from daemon.models.melody_text import BadMelody
from daemon.models.musiclang import MusicLang, environment_python, find_musiclang, musiclang_name, read_name, read_parts
from daemon.models.qwen import Qwen, find_qwen, has_mlx
from daemon.models.theory_text import BadTheory
from realtime.core.chord import QUALITIES, Chord, parse_chord
from tests.daemon.models.test_melody_text import ANALYSIS, ORDER

HERE = Path(__file__).parent
PATIENCE = 120.0

MLX_PYTHON = os.environ.get("SIDEMAN_MLX_PYTHON") or (sys.executable if has_mlx() else "")
MUSICLANG = environment_python(os.environ.get("SIDEMAN_MUSICLANG", ""))

needs_mlx = pytest.mark.skipif(not MLX_PYTHON, reason="mlx-lm is not installed (pip install 'sideman[mlx]')")
needs_musiclang = pytest.mark.skipif(
    not os.access(MUSICLANG, os.X_OK), reason="musiclang-predict is not installed (sideman models install musiclang)"
)


@pytest.fixture(scope="module")
def qwen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("qwen")
    subprocess.run([MLX_PYTHON, HERE / "qwen_checkpoint.py", folder], check=True, capture_output=True)
    model = Qwen(folder, python=MLX_PYTHON)
    yield model
    model.close()


@pytest.fixture(scope="module")
def musiclang_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("hub")
    subprocess.run([MUSICLANG, HERE / "musiclang_checkpoint.py", home], check=True, capture_output=True)
    return home


@pytest.fixture
def musiclang(musiclang_home, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(musiclang_home))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    model = MusicLang(MUSICLANG)
    yield model
    model.close()


@needs_mlx
def test_a_chat_model_is_loaded_and_answers_and_nonsense_is_refused(qwen):
    qwen.wake(PATIENCE)
    with pytest.raises(BadMelody):
        qwen.melody(ORDER, timeout_seconds=PATIENCE)
    with pytest.raises((BadTheory, ModelError)):
        qwen.theory(ANALYSIS, timeout_seconds=PATIENCE)
    assert qwen._child.starts == 1


@needs_mlx
def test_the_same_seed_gives_the_same_words(qwen):
    chat = {"messages": [{"role": "user", "content": "C F G"}], "seed": 3, "max_tokens": 12}
    first, second = (qwen._child.ask(chat, PATIENCE)["text"] for _ in range(2))
    assert first == second


@needs_mlx
def test_a_request_that_cannot_be_done_is_refused_and_the_model_stays(qwen):
    with pytest.raises(ModelRefused, match="messages"):
        qwen._child.ask({"no": "messages"}, PATIENCE)
    with pytest.raises(ModelRefused, match="more than 20000 characters"):
        qwen._child.ask({"messages": [{"role": "user", "content": "x" * 30_000}]}, PATIENCE)
    assert qwen._child.starts == 1


@needs_mlx
def test_a_model_that_is_killed_in_mid_answer_is_told_as_gone(qwen):
    qwen.wake(PATIENCE)
    os.kill(qwen._child.process_id, 9)
    with pytest.raises(ModelGone):
        qwen._child.ask({"messages": []}, PATIENCE)
    qwen._child._not_before = -1e9  # the pause is over


@needs_mlx
def test_an_answer_that_takes_too_long_ends_the_model(qwen):
    qwen._child._not_before = -1e9
    qwen.wake(PATIENCE)
    with pytest.raises(ModelLate):
        qwen._child.ask({"messages": [{"role": "user", "content": "x" * 9000}], "max_tokens": 2048}, 0.01)
    assert not qwen._child.is_running
    qwen._child._not_before = -1e9


@needs_mlx
def test_a_folder_that_is_no_model_is_told_with_what_the_library_said(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "llama_9"}')
    model = Qwen(tmp_path, python=MLX_PYTHON)
    with pytest.raises(ModelGone, match="died"):
        model.wake(PATIENCE)
    model.close()


@needs_musiclang
def test_musiclang_writes_parts_over_the_chords_it_is_given(musiclang):
    chords = [parse_chord(name) for name in ("Am", "C", "Dm", "E7")]
    parts = musiclang.parts(chords, seed=16, timeout_seconds=PATIENCE)
    assert list(parts.chords) == chords
    assert parts.beats == (4.0,) * 4
    assert {note.part for note in parts.notes} == {"piano__0", "bass__0"}
    assert all(0 <= note.start_beats < 16 for note in parts.notes)


@needs_musiclang
def test_musiclang_finds_chords_of_its_own(musiclang):
    parts = musiclang.chords(3, seed=4, timeout_seconds=PATIENCE)
    assert len(parts.chords) + len(parts.unread) == 3


@needs_musiclang
def test_what_musiclang_cannot_do_is_refused_and_it_stays(musiclang):
    with pytest.raises(ModelRefused, match="1 to 64 chords"):
        musiclang._ask({"op": "parts", "chords": []}, PATIENCE)
    with pytest.raises(ModelRefused, match="unknown op"):
        musiclang._ask({"op": "sing"}, PATIENCE)
    assert musiclang._child.starts == 1


@needs_musiclang
def test_models_check_and_list_say_that_musiclang_answers(musiclang_home, monkeypatch, capsys):
    monkeypatch.setenv("HF_HOME", str(musiclang_home))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    setting = f"models.musiclang={MUSICLANG}"
    assert main(["models", "check", "musiclang", "--set", setting, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["models"]["musiclang"]["ok"]
    assert main(["models", "--set", setting, "--json"]) == 0
    assert [each["is_there"] for each in json.loads(capsys.readouterr().out)["models"]][1]


def test_a_model_that_is_not_there_is_told_with_the_way_to_get_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    assert find_qwen("").fix.startswith("sideman models install qwen")
    assert find_qwen("/nowhere/at/all").folder is None
    assert find_musiclang().fix == "sideman models install musiclang"
    assert main(["models", "list"]) == 0
    said = capsys.readouterr().out
    assert "-- qwen" in said
    assert "→ sideman models install musiclang" in said
    assert main(["models", "check"]) == 1
    assert main(["models", "install"]) == 2


def test_a_model_folder_is_found_by_path_and_in_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    folder = tmp_path / "hub" / "models--owner--small" / "snapshots" / ("1" * 40)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    assert "no tokenizer_config.json, *.safetensors" in find_qwen("owner/small").seen
    (folder / "tokenizer_config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"")
    assert find_qwen("owner/small").folder == find_qwen(str(folder)).folder == folder


def test_models_install_qwen_does_nothing_offline(monkeypatch, capsys):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert main(["models", "install", "qwen"]) == 1
    assert "installed" in (said := capsys.readouterr().err) or "nothing is downloaded" in said


@pytest.mark.parametrize("quality", sorted(QUALITIES))
def test_every_chord_has_a_name_for_musiclang_that_keeps_root_and_family(quality):
    chord = Chord(3, quality, 3)
    read = read_name(musiclang_name(chord))
    assert (read.root, read.family) == (3, chord.family)


@pytest.mark.parametrize(
    "answer",
    [{}, {"chords": 1}, {"chords": [], "beats": [], "notes": [[1]]}, {"chords": ["C"], "beats": [], "notes": []}],
)
def test_an_answer_that_is_not_music_is_refused(answer):
    with pytest.raises(ModelGone, match="musiclang"):
        read_parts(answer)


def test_notes_that_are_none_and_chords_without_a_name_are_left_out():
    answer = {
        "chords": ["Am", "Xyz"],
        "beats": [4, 4],
        "notes": [["piano__0", 60, 0, 1, 80], ["piano__0", 300, 0, 1, 80], ["piano__0", 60, 0, -1, 80]],
    }
    parts = read_parts(answer)
    assert (len(parts.notes), parts.unread) == (1, ("Xyz",))
