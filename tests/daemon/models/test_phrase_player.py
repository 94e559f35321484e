"""The phrase model from its folder into the band: offline exact, live on a thread of its own."""

import json
import threading
from dataclasses import replace

import pytest

from daemon.config import ConfigError, from_mapping
from daemon.demo_tune import demo_script
from daemon.models.phrase_player import BadPhraseModel, load_phrase_player, ready_phrase_player
from daemon.models.phrase_sink import PhraseSink
from daemon.perform import Order, perform
from daemon.replay import replay
from daemon.session_reader import open_session
from daemon.styles_folder import load_styles, performer_of
from realtime.core.events import Stamped
from realtime.core.phrase_events import PhraseGiven, PhraseWanted
from realtime.core.phrase_words import WORDS
from realtime.core.units import Micros
from tests.daemon.models.phrase_folders import write_phrase_folder

WANTED = PhraseWanted(
    number=1, role="answer", genre="pop", quarters=4, triple=False, shift=0, heard=(0, 12, 60), chords=(),
    start=48, end=96, due=Micros(10**9),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_phrase_folder(tmp_path_factory.mktemp("phrase") / "model")


def config_with(phrase, **parameters):
    return from_mapping({"models": {"phrase": str(phrase)}, "parameters": parameters})


def test_a_model_that_is_there_is_asked_and_off_is_off(folder):
    said = []
    config, player = ready_phrase_player(config_with(folder), said.append)
    assert player is not None
    assert config.parameters["solo/model"] is True
    config, player = ready_phrase_player(config_with("off"), said.append)
    assert player is None
    assert "solo/model" not in config.parameters
    assert not said


def test_ours_is_ready_but_the_rules_play_until_it_is_asked_for():
    said = []
    config, player = ready_phrase_player(from_mapping({}), said.append)
    assert player is not None
    assert config.parameters["solo/model"] is False
    config, _ = ready_phrase_player(from_mapping({"models": {"phrase": "embedded"}}), said.append)
    assert config.parameters["solo/model"] is True
    config, _ = ready_phrase_player(from_mapping({"parameters": {"solo/model": True}}), said.append)
    assert config.parameters["solo/model"] is True


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda folder: (folder / "config.json").unlink(), r"config\.json: cannot be read"),
        (lambda folder: (folder / "tokenizer.json").write_text("[]"), "is no tokenizer"),
        (lambda folder: write_phrase_folder(folder, WORDS[::-1]), "PAD_None must be word 0, but is 324"),
        (lambda folder: write_phrase_folder(folder, (*WORDS, "One_more")), "vocab_size must be 325, but is 326"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"none"), "cut off in its header"),
    ],
)
def test_a_folder_that_holds_no_model_of_ours_is_refused_and_says_why(tmp_path, harm, words):
    harm(write_phrase_folder(tmp_path / "model"))
    with pytest.raises(BadPhraseModel, match=words):
        load_phrase_player(config_with(tmp_path / "model"))
    with pytest.raises(ConfigError, match=r"models\.phrase"):
        ready_phrase_player(config_with(tmp_path / "model"), print)


def test_a_performance_with_the_model_is_exact_and_is_played_again_without_it(folder, tmp_path):
    script = demo_script()
    inputs = tuple(stamped for stamped in script.inputs if stamped.at < 30_000_000)
    script = replace(script, inputs=inputs, last_input=inputs[-1].at)
    logs = []
    for name in ("one", "two"):
        config = config_with(folder, mode="trade", **{"trade/bars": 2})
        perform(Order(script, tmp_path / name, config, load_styles(), fast=True, source="a test"), print, print)
        lines = (tmp_path / name / "session.jsonl").read_text().splitlines()[1:]
        logs.append([line[: line.rindex(',"c":')] + "}" for line in lines])
    assert logs[0] == logs[1]
    given = [line for line in map(json.loads, logs[0]) if line.get("in", {}).get("type") == "PhraseGiven"]
    assert len(given) > 2
    assert replay(open_session(tmp_path / "one"), performer_of).is_clean


def test_the_thread_answers_what_is_wanted_and_ends_when_it_is_told_to(folder):
    player, given, came = load_phrase_player(config_with(folder)), [], threading.Event()

    def put(event, at):
        given.append((event, at))
        came.set()

    sink = PhraseSink(player.improviser, lambda: Micros(5), put)
    sink.send([Stamped(Micros(1), replace(WANTED, number=0)), Stamped(Micros(2), WANTED)])
    assert came.wait(20.0)
    sink.close()
    [(event, at)] = given
    assert isinstance(event, PhraseGiven)
    assert (event.number, at) == (1, 5)
    statistics = sink.statistics()
    assert (statistics.answered, statistics.lost, statistics.trouble) == (1, 0, "")


def test_a_model_that_breaks_is_told_and_the_music_goes_on():
    class Broken:
        def answer(self, wanted, has_time):
            raise RuntimeError("no more")

    sink = PhraseSink(Broken(), lambda: Micros(5), print)
    sink.send([Stamped(Micros(1), WANTED)])
    sink._thread.join(20.0)
    assert sink.statistics().trouble == "the phrase model has stopped: no more"
    sink.send([Stamped(Micros(1), WANTED)] * 100)
    assert sink.statistics().lost > 0
    sink.close()
