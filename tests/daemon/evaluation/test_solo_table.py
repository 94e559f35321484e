"""Solos in every style that ships, over held progressions: in the plan, singable, about something, never the same."""

import json

import pytest

from daemon.cli import main
from daemon.config import from_mapping
from daemon.evaluation.held import progressions
from daemon.evaluation.solo_table import measure_solos
from daemon.models.phrase_player import load_phrase_player
from daemon.styles_folder import load_styles
from tests.daemon.models.phrase_folders import write_phrase_folder

STYLES = load_styles().styles
PROGRESSIONS = progressions()
BARS = 16


@pytest.mark.parametrize("name", sorted(STYLES))
def test_a_solo_in_a_style_is_held_to_what_solos_are(name):
    charts = dict(list(PROGRESSIONS.items())[::4])
    figures = measure_solos(STYLES[name], charts, BARS).figures()
    assert figures["strong"] >= 0.85
    assert figures["guides"] >= 0.4
    assert figures["outside"] <= 0.03
    assert figures["leaps"] >= 0.02
    assert figures["answered"] >= 0.95
    assert figures["kinship"] > figures["by_chance"]
    assert 0.5 <= figures["density"] <= 4
    assert figures["repeated"] == 0
    assert 50 <= figures["lowest"] < figures["highest"] <= 90


def test_the_phrase_model_s_solos_stay_in_the_plan(tmp_path):
    player = load_phrase_player(from_mapping({"models": {"phrase": str(write_phrase_folder(tmp_path / "model"))}}))
    charts = dict(list(PROGRESSIONS.items())[::12])
    figures = measure_solos(STYLES["jazz_swing"], charts, 8, player.improviser).figures()
    assert figures["outside"] + figures["approaches"] + figures["blue"] <= 0.01
    assert figures["answered"] >= 0.85
    assert 0.2 <= figures["density"] <= 4
    assert 50 <= figures["lowest"] < figures["highest"] <= 90


def test_the_command_shows_the_phrase_model_beside_the_rules(tmp_path, capsys):
    (tmp_path / "vamp.txt").write_text("| C |")
    phrase = f"models.phrase={write_phrase_folder(tmp_path / 'model')}"
    assert main(["evaluate", "solos", str(tmp_path / "vamp.txt"), "--json", "--set", phrase]) == 0
    beside = json.loads(capsys.readouterr().out)["beside"]
    assert set(beside) == {"rules", "model"}
    assert beside["model"] != beside["rules"]


def test_the_command_tells_the_solos_of_every_style(tmp_path, capsys):
    (tmp_path / "vamp.txt").write_text("| C |")
    assert main(["evaluate", "solos", str(tmp_path / "vamp.txt"), "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["styles"]) >= set(STYLES)
