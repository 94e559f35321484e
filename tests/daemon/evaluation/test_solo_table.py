"""Solos in every style that ships, over held progressions: in the plan, singable, about something, never the same."""

import json

import pytest

from daemon.cli import main
from daemon.evaluation.held import progressions
from daemon.evaluation.solo_table import measure_solos
from daemon.styles_folder import load_styles

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


def test_the_command_tells_the_solos_of_every_style(tmp_path, capsys):
    (tmp_path / "vamp.txt").write_text("| C |")
    assert main(["evaluate", "solos", str(tmp_path / "vamp.txt"), "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["styles"]) >= set(STYLES)
