"""Where sessions are kept."""

import pytest

from daemon.config import ConfigError, from_mapping
from daemon.session_folder import empty_output_folder, list_sessions, make_header, new_session_folder, sessions_folder
from daemon.session_log import SessionLog


def test_two_sessions_in_one_second_get_two_folders(tmp_path):
    folders = {new_session_folder(tmp_path / "deep" / "down") for _ in range(5)}
    assert len(folders) == 5
    assert all(folder.is_dir() for folder in folders)


def test_the_folder_can_be_configured(tmp_path):
    assert sessions_folder(from_mapping({"session": {"folder": str(tmp_path)}})) == tmp_path


def test_sessions_are_listed_with_what_is_known_of_them(tmp_path):
    config = from_mapping({"band": {"style": "gospel"}})
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        SessionLog(tmp_path / name / "session.jsonl", make_header(config, {}, 7)).close()
    (tmp_path / "a" / "summary.json").write_text('{"seconds": 12.5}')
    (tmp_path / "b" / "summary.json").write_text("{broken")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "session.jsonl").write_text("garbage\n")
    (tmp_path / "not a session").mkdir()
    a, b, c = list_sessions(tmp_path)
    assert (a.name, a.style, a.seconds) == ("a", "gospel", 12.5)
    assert b.seconds is None
    assert c.trouble


def test_an_earlier_take_is_cleared_and_other_files_are_not(tmp_path):
    for name in ("session.jsonl", "mix.wav", "notes.txt"):
        (tmp_path / name).write_text("x")
    empty_output_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="must be a folder that can be written"):
        empty_output_folder(tmp_path / "file" / "under")
