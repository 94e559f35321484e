"""Every style that ships over held progressions: led, in range, on the root, in the key, and not a loop."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.cli import main
from daemon.evaluation.style_table import fitting, keys_of, measure, moved
from daemon.styles_folder import load_styles
from realtime.core.chart import parse_chart
from realtime.core.chord import parse_chord
from realtime.core.key_finder import Key
from tests.daemon.evaluation.progressions import PROGRESSIONS

STYLES = load_styles().styles
BARS = 8
voicings = st.lists(st.integers(48, 80), min_size=2, max_size=4, unique=True)


def test_twenty_progressions_and_more_are_held():
    assert len(PROGRESSIONS) >= 20


@pytest.mark.parametrize("name", sorted(STYLES))
def test_a_style_plays_held_progressions_well(name):
    style = STYLES[name]
    held = [measure(style, {chart: text}, "ABCD"[i % 4], BARS) for i, (chart, text) in enumerate(PROGRESSIONS.items())]
    figures = [tally.figures() for tally in held]
    assert sum(sum(tally.moves) for tally in held) <= 2.5 * sum(len(tally.moves) for tally in held)
    assert sum(t.counts["foreign"] for t in held) <= 0.02 * sum(t.counts["judged"] for t in held)
    assert sum(t.counts["on_root"] for t in held) == sum(t.counts["changes"] for t in held)
    assert {(row["crossings"], row["out_of_range"]) for row in figures} == {(0, 0)}
    assert sum(sum(t.distinct) for t in held) / sum(len(t.distinct) for t in held) >= BARS / 2, "no copied loop"


def test_the_key_is_heard_to_change():
    keys = keys_of(parse_chart(PROGRESSIONS["up_a_semitone"] + PROGRESSIONS["up_a_semitone"], 4))
    assert {key.name for key in keys} >= {"G major", "Ab major"}


def test_what_fits_is_the_chord_and_what_the_key_leaves_it():
    assert fitting(parse_chord("E7"), Key(0, minor=False)) == {4, 8, 11, 2, 0, 5}
    assert fitting(parse_chord("C/Bb"), Key(0, minor=False)) == {0, 4, 7, 10, 2, 5}


@given(voicings)
def test_a_chord_held_does_not_move(voicing):
    assert moved(voicing, voicing) == 0


@given(voicings, st.integers(-12, 12))
def test_a_chord_shifted_moves_as_far_as_it_is_shifted(voicing, shift):
    assert moved(voicing, [pitch + shift for pitch in voicing]) == abs(shift)


def test_the_command_tells_every_style(tmp_path, capsys):
    (tmp_path / "vamp.txt").write_text("| C |")
    assert main(["evaluate", "styles", str(tmp_path / "vamp.txt"), "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["styles"]) >= set(STYLES)
    (tmp_path / "odd.txt").write_text("| H |")
    assert main(["evaluate", "styles", str(tmp_path / "odd.txt")]) == 2
    assert "odd.txt" in capsys.readouterr().err
