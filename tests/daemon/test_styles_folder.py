"""Styles: those that ship, the user's own, and what is wrong with them."""

from pathlib import Path

import pytest

from daemon.config import ConfigError
from daemon.session_format import BadLog
from daemon.styles_folder import check_style, load_styles, performer_of

BALLAD = (Path(__file__).parents[2] / "configs" / "styles" / "pop_ballad.toml").read_text(encoding="utf-8")


def test_the_styles_that_ship_are_found():
    assert "pop_ballad" in load_styles().styles


def test_a_users_style_is_added_and_wins_by_name(tmp_path):
    (tmp_path / "mine.toml").write_text(BALLAD)
    (tmp_path / "pop_ballad.toml").write_text(BALLAD.replace('title = "Pop ballad"', 'title = "Mine"'))
    shelf = load_styles(tmp_path)
    assert {"mine", "pop_ballad"} <= set(shelf.styles)
    assert shelf.mappings["pop_ballad"]["title"] == "Mine"


def test_every_broken_style_is_named(tmp_path):
    (tmp_path / "a.toml").write_text("= =")
    (tmp_path / "b.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError) as caught:
        load_styles(tmp_path)
    assert [Path(problem.split(":")[0]).name for problem in caught.value.problems] == ["a.toml", "b.toml"]


def test_a_style_that_is_toml_but_no_style_is_named(tmp_path):
    (tmp_path / "odd.toml").write_text("title = 3")
    with pytest.raises(ConfigError, match="style odd:"):
        load_styles(tmp_path)


def test_a_style_that_is_not_there_is_refused():
    with pytest.raises(ConfigError, match=r"band\.style: must be one of"):
        check_style("polka", load_styles())


def test_a_header_that_describes_no_band_is_a_bad_log(header):
    with pytest.raises(BadLog, match="describes no band"):
        performer_of(header)
