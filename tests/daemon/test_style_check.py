"""`sideman style`: what there is, and what is wrong with one's own."""

import json

import pytest

from daemon.cli import main
from daemon.style_check import HELD_OVER, check
from tests.conftest import STYLES

BALLAD = (STYLES / "pop_ballad.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(STYLES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_styles_that_ship_are_right_and_without_hints(path):
    assert check(path) == ([], [])


def test_every_problem_of_a_file_is_told_at_once(tmp_path, capsys):
    wrong = BALLAD.replace("swing = 0.0", "swing = 3").replace('"pop"', '"polka"').replace("[groove.D]", "[groove.E]")
    (tmp_path / "wrong.toml").write_text(wrong)
    (tmp_path / "odd.toml").write_text("= =")
    (tmp_path / "right.toml").write_text(BALLAD)
    files = [str(tmp_path / f"{name}.toml") for name in ("wrong", "odd", "right", "missing")]
    assert main(["style", "check", *files, "--json"]) == 1
    results = {entry["file"]: entry for entry in json.loads(capsys.readouterr().out)["files"]}
    told = "\n".join(results[files[0]]["problems"])
    assert all(part in told for part in ("swing: must be", "feel_from: must be one of", "groove.D.bass: must be"))
    assert results[files[1]]["problems"][0].startswith("is not TOML")
    assert results[files[2]]["ok"]
    assert results[files[3]]["problems"][0].startswith("cannot be read")


def test_a_style_that_is_right_exits_with_nought(capsys):
    assert main(["style", "check", str(STYLES / "pop_ballad.toml")]) == 0
    assert "is right" in capsys.readouterr().out


def test_what_can_be_played_but_is_hardly_meant_is_hinted_at(tmp_path):
    held = BALLAD.replace('bass = "b--- ---- ---- ----|b---', 'bass = "b--- ---- ---- ----|----', 1)
    (tmp_path / "held.toml").write_text(
        held.replace("shaker     = {", "# shaker = {", 1).replace('feel_from = "pop"', "")
    )
    problems, hints = check(tmp_path / "held.toml")
    assert problems == []
    assert hints[0] == f"groove.A.bass: {HELD_OVER}"
    assert "shaker" in hints[1]


def test_a_check_needs_files(capsys):
    assert main(["style", "check"]) == 2
    assert "FILE" in capsys.readouterr().err


def test_the_list_tells_meter_and_tempo(capsys):
    assert main(["style", "list"]) == 0
    told = capsys.readouterr().out
    assert "gospel_traditional" in told
    assert "12/8" in told
    assert main(["style", "list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["styles"]) >= 15
