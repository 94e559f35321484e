"""The styles that ship: each has the marks of its music, and no two are the same but for the tempo."""

import tomllib
from itertools import combinations

import pytest

from realtime.core.style import VARIATIONS, step_at
from realtime.core.style_reader import parse_style
from tests.conftest import STYLES

SHIPPED = {path.stem: parse_style(tomllib.loads(path.read_text()), path.stem) for path in sorted(STYLES.glob("*.toml"))}
HITS = frozenset("oxX")


def hits(row, bar, steps, marks=HITS):
    """The steps of a bar on which a row strikes."""
    return {step for step in range(steps) if step_at(row, bar, step, steps) in marks}


def played(style, variation, voice, marks=HITS):
    """As `hits`, of a drum voice in the first bar of a variation."""
    return hits(style.grooves[variation].drums.get(voice, ""), 0, style.steps_per_bar, marks)


def all_bars(style, row, marks):
    """The steps within the bar that a row strikes in any of its bars."""
    return {step % style.steps_per_bar for step, mark in enumerate(row) if mark in marks}


def strikes(groove):
    """How much a groove plays: the sum of what its marks weigh, a bar."""
    rows = [*groove.drums.values(), groove.bass, groove.keys, groove.pad]
    weights = {"g": 0.3, "o": 0.5, "?": 0.5, "X": 1.3, ".": 0.0, "-": 0.0}
    return sum(sum(weights.get(mark, 1.0) for mark in row) / len(row) for row in rows)


def rows_of(style):
    """Every row of a style with where it stands."""
    return {
        (name, part): row
        for name, groove in style.grooves.items()
        for part, row in [*groove.drums.items(), ("bass", groove.bass), ("keys", groove.keys)]
    }


def test_fifteen_styles_and_more_ship():
    assert len(SHIPPED) >= 15
    assert {"gospel_traditional", "gospel_contemporary", "gospel_shout", "jazz_swing", "jazz_up", "jazz_ballad"} <= {
        *SHIPPED
    }


@pytest.mark.parametrize(("one", "other"), list(combinations(sorted(SHIPPED), 2)))
def test_two_styles_differ_in_what_is_played_and_how_it_sits(one, other):
    first, second = rows_of(SHIPPED[one]), rows_of(SHIPPED[other])
    same = sum(first[at] == second.get(at) for at in first)
    assert same <= len(first) / 4, "most rows differ, or the grid they are on does"
    assert SHIPPED[one].feel != SHIPPED[other].feel
    assert SHIPPED[one].fills != SHIPPED[other].fills


@pytest.mark.parametrize("style", SHIPPED.values(), ids=SHIPPED)
def test_a_style_has_four_rising_variations_and_three_fills(style):
    assert len(style.fills) >= 3
    weights = [strikes(style.grooves[name]) for name in VARIATIONS]
    assert weights == sorted(weights)
    assert len({style.grooves[name].bass for name in VARIATIONS}) >= 2
    assert len({style.grooves[name].keys for name in VARIATIONS}) == 4
    assert any(len(style.grooves[name].bass) > style.steps_per_bar for name in VARIATIONS), "no loop of one bar"


@pytest.mark.parametrize("style", SHIPPED.values(), ids=SHIPPED)
def test_every_drum_voice_has_a_feel_of_its_own(style):
    voices = {voice for groove in style.grooves.values() for voice in groove.drums}
    voices |= {voice for fill in style.fills for voice in fill.rows} | {"bass", "keys", "pad"}
    assert voices <= set(style.feel)


@pytest.mark.parametrize("name", ["jazz_swing", "jazz_up"])
def test_swing_has_the_ride_the_foot_on_2_and_4_and_a_bass_that_walks(name):
    style = SHIPPED[name]
    assert style.swing >= 0.5
    assert all(played(style, variation, "pedal") == {2, 6} for variation in VARIATIONS)
    assert {0, 2, 3, 4, 6, 7} <= played(style, "B", "ride")
    assert all(all_bars(style, style.grooves[v].bass, "w") >= {0, 2, 4, 6} for v in "BCD")
    assert not style.hands["keys"].on_change
    assert style.hands["keys"].voicing in ("rootless", "shell")


def test_the_jazz_ballad_is_stirred_with_brushes():
    style = SHIPPED["jazz_ballad"]
    assert style.kit == "brushes"
    assert all("brush_swish" in style.grooves[name].drums for name in VARIATIONS)
    assert not any("snare" in groove.drums for groove in style.grooves.values())
    assert {3, 9} <= played(style, "B", "brush_tap")
    assert style.tempo_bpm[1] <= 90


def test_bossa_nova_has_the_clave_on_the_rim_and_a_dotted_bass():
    style = SHIPPED["bossa_nova"]
    rim = style.grooves["B"].drums["rim"]
    assert (hits(rim, 0, 8), hits(rim, 1, 8)) == ({0, 3, 6}, {2, 5})
    assert style.grooves["B"].bass[:8] == "b--55--b", "a dotted quarter and an eighth, twice"
    assert played(style, "B", "kick") == {0, 3, 4, 7}
    assert style.swing == 0.0


def test_the_shuffle_is_long_and_short():
    style = SHIPPED["blues_shuffle"]
    assert style.steps_per_beat == 3
    for groove in style.grooves.values():
        time = groove.drums.get("hat") or groove.drums["ride"]
        assert all_bars(style, time, HITS) == {0, 2, 3, 5, 6, 8, 9, 11}, "never on the middle one"
    assert style.grooves["B"].bass.startswith("b-13-35-56-5")
    assert style.fill_every_bars == 12


@pytest.mark.parametrize("name", ["slow_blues", "gospel_traditional"])
def test_twelve_eight_has_three_to_each_of_four_beats(name):
    style = SHIPPED[name]
    assert (str(style.meter), style.meter.beats_per_bar, style.steps_per_bar) == ("12/8", 4, 12)
    assert played(style, "B", "hat") == set(range(12))
    assert played(style, "B", "snare") == {3, 9}
    assert style.swing == 0.0
    assert style.feel["snare"].lag_ms >= 10, "the backbeat lies back"


def test_a_shout_is_on_the_off_beats():
    style = SHIPPED["gospel_shout"]
    off_beats = {2, 6, 10, 14}
    for name in "BCD":
        assert played(style, name, "snare", marks={"X"}) == off_beats
        assert played(style, name, "kick") >= {0, 4, 8, 12}
    assert played(style, "A", "clap") == off_beats
    assert "w" in style.grooves["B"].bass
    assert style.tempo_bpm[0] >= 120


def test_reggae_drops_on_3_and_chops_on_2_and_4():
    style = SHIPPED["reggae"]
    for name in "AB":
        assert played(style, name, "kick") == played(style, name, "rim") == {4}
    for groove in style.grooves.values():
        assert not all_bars(style, groove.keys, "goxX?-") & {0, 1, 4, 5}, "never on the one, never on three"
        assert {2, 6} <= all_bars(style, groove.keys, "xX")
    assert not style.hands["keys"].on_change
    assert played(style, "D", "kick") == {0, 2, 4, 6}, "steppers"


def test_the_train_rolls_in_sixteenths():
    style = SHIPPED["country_train"]
    snare = style.grooves["B"].drums["snare"]
    assert all(mark != "." for mark in snare)
    assert all_bars(style, snare[:16], "X") == {2, 6, 10, 14}
    assert style.grooves["B"].bass[:16].replace(".", "-") == "b---5---b---5---", "root and fifth"
    assert not all_bars(style, style.grooves["B"].keys, HITS) & {0, 4, 8, 12}, "boom is the bass's"


def test_the_waltz_is_in_three():
    style = SHIPPED["waltz"]
    assert style.meter.beats_per_bar == 3
    for groove in style.grooves.values():
        assert hits(groove.drums["kick"], 0, 6, HITS) & {0}
        assert not hits(groove.drums["pedal"], 0, 6) & {0}


def test_funk_is_on_the_one_with_ghosts_between():
    style = SHIPPED["funk_sixteenths"]
    for groove in style.grooves.values():
        assert groove.drums["kick"][0] == "X"
        assert groove.bass[0] == "b"
        assert "g" in groove.drums["snare"]
        assert {4, 12} <= all_bars(style, groove.drums["snare"], "X")
    assert "8" in style.grooves["C"].bass
    assert played(style, "B", "hat") == set(range(16)) - {15}


def test_neo_soul_has_a_late_snare_swung_sixteenths_and_fourths():
    style = SHIPPED["rnb_neo_soul"]
    assert style.feel["snare"].lag_ms - style.feel["kick"].lag_ms >= 20
    assert 0.3 <= style.swing <= 0.7
    assert style.hands["keys"].voicing == "quartal"


def test_pop_rock_pumps_in_straight_eighths():
    style = SHIPPED["pop_rock_eighths"]
    assert style.swing == 0.0
    assert all_bars(style, style.grooves["B"].bass, "b5") == set(range(8))
    assert played(style, "B", "snare") == {2, 6}
    assert not style.hands["keys"].colours


def test_contemporary_gospel_is_syncopated_and_rich():
    style = SHIPPED["gospel_contemporary"]
    assert played(style, "B", "kick") - {0, 4, 8, 12}
    assert {4, 12} <= played(style, "B", "snare", marks={"X"})
    assert style.grooves["B"].drums["snare"].count("g") >= 4
    assert style.hands["keys"].voicing == "rootless"
    assert ">" in style.grooves["C"].keys
