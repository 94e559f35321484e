"""The chart's chords, and mir_eval's rules of what is the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.evaluation.chart import chart_chord, chart_token, mode_of, our_quality, same_family, same_majmin, same_root
from realtime.core.chord import QUALITIES, Chord, parse_chord
from realtime.core.chord_tokens import NO_CHORD_TOKEN, TOKEN_FAMILIES

FAMILIES = {
    "maj": "maj maj6 maj69 add9 add11 5 1",
    "min": "min min6 min69 minmaj7 minadd9",
    "7": "7 9 13 7b9 7#9 7#5 7b5 7#11 13b9 9#11 7#5#9b9 9#5",
    "maj7": "maj7 maj9 maj13 maj7#11 maj7b5",
    "min7": "min7 min9 min11 min13",
    "dim": "dim dim7 hdim7 dimmaj7",
    "sus": "sus2 sus4 7sus4 9sus4 13sus4 7sus2 11 aug maj7#5",
}
# What mir_eval 0.8's chord.majmin makes of these qualities over the same root.
MODES = {
    "maj": "maj maj7 maj6 7 9 7b9 7#9 7#11 7b13 add9 maj9 maj69 13",
    "min": "min min7 min6 minmaj7 min9 min11 min69",
    "": "dim dim7 hdim7 aug sus2 sus4 7sus4 9sus4 7#5 7b5 maj7#5 min#5 5 1 dimmaj7 7sus2",
}


@pytest.mark.parametrize(("family", "quality"), [(f, q) for f, names in FAMILIES.items() for q in names.split()])
def test_every_quality_of_the_data_has_its_family_of_the_seven(family, quality):
    assert TOKEN_FAMILIES[chart_token(chart_chord(3, quality, None)) % 7] == family


@pytest.mark.parametrize(("mode", "quality"), [(m, q) for m, names in MODES.items() for q in names.split()])
def test_majmin_takes_qualities_as_mir_eval_does(mode, quality):
    assert mode_of(quality) == mode


def test_no_chord_is_its_own_token():
    assert chart_token(chart_chord(None, "N", None)) == chart_token(chart_chord(0, "N", None)) == NO_CHORD_TOKEN


@pytest.mark.parametrize(
    ("told", "root", "majmin", "family"),
    [
        ("Am7", True, True, True),
        ("Am9", True, True, True),
        ("Am", True, True, False),
        ("Am7/G", True, True, True),
        ("A7", True, False, False),
        ("A5", True, False, False),
        ("Am7b5", True, False, False),
        ("C", False, False, False),
        ("N", False, False, False),
    ],
)
def test_a_told_chord_is_compared_by_root_by_mode_and_by_family(told, root, majmin, family):
    chart = chart_chord(9, "min7", 7)
    chord = parse_chord(told)
    assert (same_root(chart, chord), same_majmin(chart, chord), same_family(chart, chord)) == (root, majmin, family)


def test_a_suspended_chart_chord_is_left_out_of_majmin():
    assert same_majmin(chart_chord(0, "sus4", None), parse_chord("Csus4")) is None


def test_a_sharp_ninth_over_a_major_third_is_major():
    assert same_majmin(chart_chord(0, "7", None), parse_chord("C7#9"))


@given(st.text(max_size=12))
def test_a_quality_never_seen_falls_to_one_we_know(quality):
    assert our_quality(quality) in QUALITIES
    assert chart_chord(5, quality, 2) is None or isinstance(chart_chord(5, quality, 2).chord, Chord)
