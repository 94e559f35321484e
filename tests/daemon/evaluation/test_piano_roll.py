"""Piano rolls: every style's sixteen bars as a PNG that any viewer reads, without matplotlib."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.cli import main
from daemon.evaluation.canvas import Canvas
from daemon.evaluation.piano_roll import BARS, SMALL, WHOLE, draw_roll, melody, roll_of, sheet
from daemon.styles_folder import load_styles
from realtime.core.chart import parse_chart
from realtime.core.style import VARIATIONS

STYLES = load_styles().styles


def pixels(png):
    """Width, height and colours of a palette PNG, checked as its format demands."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = {}, 8
    while place < len(png):
        length, name = struct.unpack(">I4s", png[place : place + 8])
        content = png[place + 8 : place + 8 + length]
        assert zlib.crc32(name + content) == struct.unpack(">I", png[place + 8 + length : place + 12 + length])[0]
        chunks[name], place = content, place + 12 + length
    width, height, depth, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, kind) == (8, 3)
    palette = [tuple(chunks[b"PLTE"][at : at + 3]) for at in range(0, len(chunks[b"PLTE"]), 3)]
    rows = zlib.decompress(chunks[b"IDAT"])
    assert len(rows) == height * (width + 1)
    return [[palette[rows[y * (width + 1) + 1 + x]] for x in range(width)] for y in range(height)]


@given(st.integers(-5, 25), st.integers(-5, 25), st.integers(0, 30), st.integers(0, 30))
def test_a_box_is_where_it_was_drawn_and_nowhere_else(x, y, width, height):
    canvas = Canvas(20, 16)
    canvas.box(x, y, width, height, (1, 2, 3))
    for row, line in enumerate(pixels(canvas.png())):
        for column, colour in enumerate(line):
            left, top = max(0, x), max(0, y)
            inside = left <= column < max(left + 1, x + width) and top <= row < max(top + 1, y + height)
            assert (colour == (1, 2, 3)) == inside


def test_words_leave_ink_and_unknown_letters_a_block():
    canvas = Canvas(40, 10)
    canvas.words(0, 0, "C€", (0, 0, 0), scale=1)
    drawn = pixels(canvas.png())
    assert [drawn[0][x] == (0, 0, 0) for x in range(7)] == [False, True, True, False, True, True, True]


def test_a_sheet_has_every_picture():
    small, large = Canvas(10, 10, (9, 9, 9)), Canvas(20, 30, (7, 7, 7))
    assert sheet([small, large, small], 2).size == (40, 40)


@pytest.mark.parametrize("name", ["jazz_swing", "waltz"])
def test_a_roll_has_sixteen_bars_four_of_each_variation_and_the_player(name):
    roll = roll_of(STYLES[name])
    per_bar = STYLES[name].meter.beats_per_bar
    assert [played.variation for played in roll.beats[:: 4 * per_bar]] == list(VARIATIONS)
    assert len(roll.beats) == BARS * per_bar == len(roll.player)
    small, whole = (draw_roll(roll, scale) for scale in (SMALL, WHOLE))
    assert small.size < whole.size
    seen = {colour for line in pixels(whole.png()) for colour in line}
    assert {(60, 60, 60), (44, 110, 200), (214, 120, 40)} <= seen


@pytest.mark.parametrize("name", ["jazz_ballad", "gospel_traditional"])
def test_nothing_of_the_harmony_is_drawn_on_where_it_has_moved(name):
    roll = roll_of(STYLES[name])
    meter = STYLES[name].meter
    moves = [meter.start_of_beat(played.plan.number) for played in roll.beats if played.moves]
    notes = [note for played in roll.beats for note in played.notes if note.part != "drums"]
    assert not [(note, at) for note in notes for at in moves if note.start < at < note.end]


def test_the_melody_is_of_the_chords_and_stays_above_them():
    chart = parse_chart("| C | Am7 | N.C. | G7 |", 4)
    line = melody(chart)
    assert all(71 <= pitch <= 82 for pitch in line)
    assert all(pitch % 12 in chord.pitch_classes for pitch, chord in zip(line, chart.beats, strict=True) if chord)


def test_the_command_draws_every_style_and_all_on_one_sheet(tmp_path, capsys):
    (tmp_path / "vamp.txt").write_text("| C |")
    words = ["evaluate", "styles", str(tmp_path / "vamp.txt"), "--jobs", "1", "--plots"]
    assert main([*words, str(tmp_path / "rolls")]) == 0
    assert {path.stem for path in (tmp_path / "rolls").iterdir()} == {*STYLES, "styles"}
    assert "pictures: 17" in capsys.readouterr().err
    assert main([*words, str(tmp_path / "vamp.txt")]) == 1
