"""A style's file that is written while the band plays: what the band is given, and what is said."""

import json
import os
from dataclasses import replace

import pytest

from daemon.config import Config
from daemon.demo_tune import demo_script
from daemon.perform import Order, perform
from daemon.replay import replay as play_again
from daemon.session_format import InputLine
from daemon.session_reader import open_session
from daemon.styles_folder import load_styles, performer_of
from daemon.styles_watch import StylesWatch
from realtime.core.events import ParameterSet, Stamped, StyleGiven
from realtime.core.units import Micros
from tests.conftest import STYLES

BALLAD = (STYLES / "pop_ballad.toml").read_text(encoding="utf-8")


def write(path, text, second):
    path.write_text(text, encoding="utf-8")
    os.utime(path, (second, second))


def test_what_was_there_is_not_news_and_what_is_written_is_given_once(tmp_path):
    write(tmp_path / "mine.toml", BALLAD, 1)
    watch = StylesWatch(tmp_path)
    assert watch.look() == []
    write(tmp_path / "mine.toml", BALLAD.replace("swing = 0.0", "swing = 0.5"), 2)
    write(tmp_path / "other.toml", BALLAD, 2)
    mine, other = watch.look()
    assert (mine.name, other.name, json.loads(mine.text)["swing"]) == ("mine", "other", 0.5)
    assert "learnt" in json.loads(mine.text), "with the feel of its drummers, so that the log needs no files"
    assert watch.look() == []


@pytest.mark.parametrize("text", ["= =", BALLAD.replace("swing = 0.0", "swing = 3"), "", "x" * 300_000])
def test_a_file_that_is_no_style_is_one_line_and_is_said_once(tmp_path, text):
    watch = StylesWatch(tmp_path)
    write(tmp_path / "mine.toml", text, 2)
    (line,) = watch.look()
    assert str(tmp_path / "mine.toml") in line
    assert "plays on" in line
    assert "\n" not in line
    assert watch.look() == []


def test_a_folder_that_is_not_there_and_a_file_that_goes_are_no_trouble(tmp_path):
    assert StylesWatch(tmp_path / "nowhere").look() == []
    write(tmp_path / "mine.toml", BALLAD, 1)
    watch = StylesWatch(tmp_path)
    (tmp_path / "mine.toml").unlink()
    assert watch.look() == []


def test_styles_given_and_meters_changed_while_the_band_plays_play_again_from_the_log(tmp_path):
    styles = tmp_path / "styles"
    styles.mkdir()
    watch = StylesWatch(styles)
    write(styles / "pop_ballad.toml", BALLAD.replace("X... ...o x... ....", "X.X. X.X. X.X. X.X."), 2)
    (given,) = watch.look()
    script = demo_script()
    asked = [
        Stamped(Micros(9_000_000), given),
        Stamped(Micros(15_000_000), ParameterSet("style", "waltz", "test")),
        Stamped(Micros(21_000_000), ParameterSet("style", "jazz_ballad", "test")),
    ]
    inputs = sorted([*(s for s in script.inputs if s.at < 26_000_000), *asked], key=lambda stamped: stamped.at)
    script = replace(script, inputs=tuple(inputs), last_input=inputs[-1].at)
    folder = tmp_path / "session"
    folder.mkdir()
    perform(Order(script, folder, Config(), load_styles(), fast=True, source="a test"), lambda _: None, print)
    session = open_session(folder)
    events = [line.line.event for line in session.lines() if isinstance(line.line, InputLine)]
    assert [event for event in events if isinstance(event, StyleGiven)] == [given]
    verdict = play_again(session, performer_of)
    assert verdict.is_clean, verdict
