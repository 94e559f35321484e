"""The charts that are known by heart: ours, and a user's own."""

import pytest

from daemon.config import ConfigError
from daemon.forms_folder import load_forms
from realtime.core.chart import parse_chart
from realtime.core.repertoire import KEYS, MOST_STATES, Repertoire


def test_the_forms_that_come_with_sideman_are_charts_that_differ():
    forms = load_forms()
    assert {"blues_12_bar", "rhythm_changes", "gospel_turnaround"} <= set(forms)
    beats = [parse_chart(text, 4).beats for text in forms.values()]
    assert len(set(beats)) == len(beats)
    assert not Repertoire(forms, 4).is_empty
    assert not Repertoire(forms, 3).is_empty


def test_a_user_s_chart_joins_them_and_replaces_ours_of_its_name(tmp_path):
    (tmp_path / "our_song.txt").write_text("| Eb | Ab |")
    (tmp_path / "blues_12_bar.txt").write_text("| G7 |")
    forms = load_forms(tmp_path)
    assert forms["our_song"] == "| Eb | Ab |"
    assert forms["blues_12_bar"] == "| G7 |"


def test_a_waltz_need_not_fit_in_four(tmp_path):
    (tmp_path / "crowded.txt").write_text("| C D E F G A |")  # six chords a bar
    assert "crowded" in load_forms(tmp_path)


@pytest.mark.parametrize("content", [b"| H |", b"", b"\xff\xfe", b"| C " * 100_000])
def test_a_file_that_is_no_chart_is_named(tmp_path, content):
    (tmp_path / "broken.txt").write_bytes(content)
    with pytest.raises(ConfigError, match=r"broken\.txt"):
        load_forms(tmp_path)


def test_a_folder_of_too_many_charts_is_refused(tmp_path):
    long = "| " + "C | G | " * 500
    for number in range(MOST_STATES // KEYS // 4000 + 1):
        (tmp_path / f"{number}.txt").write_text(long)
    with pytest.raises(ConfigError, match="at most"):
        load_forms(tmp_path)
