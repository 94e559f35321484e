"""A whole performance: everything in the folder, exact the second time, exact when it is played again."""

import json
from dataclasses import replace

import mido
import pytest

from daemon.config import Config, ConfigError, from_mapping
from daemon.demo_tune import demo_script
from daemon.perform import Order, perform, with_band, with_ending
from daemon.replay import replay
from daemon.session_reader import open_session
from daemon.styles_folder import load_styles, performer_of
from realtime.core.events import ActionRequested


@pytest.fixture(scope="module")
def short_script():
    script = demo_script()
    inputs = tuple(stamped for stamped in script.inputs if stamped.at < 13_000_000)
    return replace(script, inputs=inputs, last_input=inputs[-1].at)


def order_of(script, folder, config=None):
    return Order(script, folder, config or Config(), load_styles(), fast=True, source="a test")


@pytest.fixture(scope="module")
def performed(short_script, tmp_path_factory):
    folder = tmp_path_factory.mktemp("performed")
    shown, said = [], []
    return folder, perform(order_of(short_script, folder), shown.append, said.append), shown


def test_the_folder_holds_everything(performed):
    folder, summary, shown = performed
    names = {path.name for path in folder.iterdir()} - {"mix.wav"}
    assert names == {"session.jsonl", "tokens.jsonl", "performance.mid", "band.mid", "summary.json"}
    assert (folder / "mix.wav").exists() == (summary["mix"]["trouble"] == "")
    assert json.loads((folder / "summary.json").read_text())["bars"] == summary["bars"]
    assert shown


def test_the_band_plays_and_the_player_is_heard(performed):
    folder, summary, _ = performed
    assert {"bass", "drums", "keys", "player"} <= set(summary["notes"])
    assert summary["chords_heard"] >= 4
    assert summary["log"]["lost_lines"] == 0
    played = sum(m.type == "note_on" for m in mido.MidiFile(folder / "performance.mid").tracks[1])
    assert played == summary["notes"]["player"]


def test_every_note_on_has_one_note_off(performed):
    folder, _, _ = performed
    for name in ("band.mid", "performance.mid"):
        for track in mido.MidiFile(folder / name).tracks:
            kinds = [m.type for m in track]
            assert kinds.count("note_on") == kinds.count("note_off")


def test_there_is_a_line_of_tokens_for_every_bar(performed):
    folder, summary, _ = performed
    header, *bars = [json.loads(line) for line in (folder / "tokens.jsonl").read_text().splitlines()]
    assert header["tokenizer"] == "REMI"
    assert [bar["bar"] for bar in bars] == list(range(1, summary["log"]["bars"] + 1))
    assert len(bars) >= summary["bars"]
    assert all(bar["tokens"][0] == "Bar_None" for bar in bars)


def test_played_again_from_its_log_it_is_the_same(performed):
    verdict = replay(open_session(performed[0]), performer_of)
    assert verdict.is_clean, verdict
    assert verdict.orderly_end


def test_the_same_order_gives_the_same_lines(performed, short_script, tmp_path):
    perform(order_of(short_script, tmp_path), lambda _: None, lambda _: None)
    first, again = ((folder / "session.jsonl").read_bytes().splitlines()[1:] for folder in (performed[0], tmp_path))
    assert [line[:-12] for line in first] == [line[:-12] for line in again]


def test_a_second_take_into_the_same_folder_replaces_the_first(short_script, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    for _ in range(2):
        perform(order_of(short_script, tmp_path), lambda _: None, lambda _: None)
    assert (tmp_path / "mine.txt").read_text() == "keep"


def test_another_seed_is_another_take(performed, short_script, tmp_path):
    perform(order_of(short_script, tmp_path, with_band(Config(), seed=5)), lambda _: None, lambda _: None)
    assert (tmp_path / "band.mid").read_bytes() != (performed[0] / "band.mid").read_bytes()


def test_an_unknown_style_is_refused_with_the_known_ones(short_script, tmp_path):
    config = from_mapping({"band": {"style": "polka"}})
    with pytest.raises(ConfigError, match=r"must be one of .*pop_ballad.*'polka'"):
        perform(order_of(short_script, tmp_path, config), lambda _: None, lambda _: None)


def test_a_file_in_the_way_is_refused(short_script, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="must be a folder"):
        perform(order_of(short_script, tmp_path / "file"), lambda _: None, lambda _: None)


def test_the_music_has_a_tail_of_two_bars(short_script):
    script, until = with_ending(short_script)
    bar = 4 * 60_000_000 / 78
    assert script.inputs[-1].event == ActionRequested("transport/stop")
    # The last input is a breath after the fourth bar line; that opens no fifth bar.
    assert script.inputs[-1].at == pytest.approx(4 * bar + 2 * bar, abs=100)
    assert until > script.inputs[-1].at
