"""Every style that ships over held progressions: led, in range, on the root, in the key, and not a loop."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.cli import main
from daemon.evaluation.held import charts_of_tunes, progressions
from daemon.evaluation.style_play import keys_of
from daemon.evaluation.style_table import fitting, measure, moved
from daemon.styles_folder import load_styles
from realtime.core.band.voicing import leading_tone
from realtime.core.chart import parse_chart
from realtime.core.chord import parse_chord
from realtime.core.key_finder import Key

PROGRESSIONS = progressions()
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
    assert {(row["crossings"], row["out_of_range"], row["doubled"]) for row in figures} == {(0, 0, 0)}
    assert sum(t.counts["collisions"] for t in held) <= 0.1 * sum(t.counts["keys"] for t in held)
    assert sum(sum(t.distinct) for t in held) / sum(len(t.distinct) for t in held) >= BARS / 2, "no copied loop"


def test_the_key_is_heard_to_change():
    keys = keys_of(parse_chart(PROGRESSIONS["up_a_semitone"] + PROGRESSIONS["up_a_semitone"], 4))
    assert {key.name for key in keys} >= {"G major", "Ab major"}


@pytest.mark.parametrize(
    ("chord", "key", "told"),
    [("G7", 0, 11), ("G", 0, 11), ("C7", 0, 4), ("Bdim", 0, 11), ("C", 0, None), ("Gm", 0, None), ("G", 7, None)],
)
def test_a_leading_tone_is_a_dominant_s_third_or_below_home(chord, key, told):
    assert leading_tone(parse_chord(chord), Key(key, minor=False)) == told


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
    words = ["evaluate", "styles", str(tmp_path / "vamp.txt"), "--jobs", "1"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (set(told["styles"]) >= set(STYLES), told["charts"]) == (True, ["vamp"])
    (tmp_path / "odd.txt").write_text("| H |")
    assert main([*words, str(tmp_path / "odd.txt")]) == 2
    assert "odd.txt" in capsys.readouterr().err


def tune(**more):
    chords = [[4 * bar, 4, root, quality, None] for bar, (root, quality) in enumerate([(0, "maj"), (9, "min7")])]
    return json.dumps({"id": "a", "meter": "4/4", "tempo": 100, "chords": chords} | more)


def test_charts_of_tunes_and_drummers_are_held_against_the_styles(tmp_path, capsys):
    strokes = [[beat / 2 + 0.01 * (beat % 2), 0.1, key, 90] for beat in range(64) for key in (36, 42)]
    drummer = tune(chords=[], style="jazz", kind="beat", tracks={"drums": strokes})
    (tmp_path / "tunes.jsonl").write_text(f"{tune()}\n{drummer}\n{{}}\n")
    assert main(["evaluate", "styles", str(tmp_path / "tunes.jsonl"), "--jobs", "1", "--json"]) == 0
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert (told["charts"], told["tunes"]) == ([], 1)
    assert told["styles"]["waltz"]["rhythms"] == 0, "a tune in four is not played in three"
    assert told["drummers"]["jazz_swing"]["drummer"]["ms"] >= 0
    assert "tunes.jsonl:3" in captured.err


def test_where_charts_are_written_they_are_found_in_tunes(tmp_path):
    (tmp_path / "one.jsonl").write_text(tune(pickup=2, chords=[[6, 4, 5, "maj", None], [10, 4, 7, "7", None]]))
    [chart], problems = charts_of_tunes([tmp_path / "one.jsonl"], None, 32)
    assert ([chord.name() for chord in chart.beats], problems) == (["F"] * 4 + ["G7"] * 4, [])
    [short], _ = charts_of_tunes([tmp_path / "one.jsonl"], None, 1)
    assert len(short.beats) == 4


def test_the_other_tasks_need_tunes(capsys):
    assert main(["evaluate", "feel"]) == 2
    assert "needs DATA" in capsys.readouterr().err
