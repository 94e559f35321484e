"""Styles: read, checked, and refused with every reason at once."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.style import VARIATIONS, step_at
from realtime.core.style_reader import StyleError, parse_style
from tests.conftest import STYLES

plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=40)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=10,
)
STYLE_KEYS = ["title", "meter", "steps_per_beat", "tempo_bpm", "swing", "fill_every_bars", "groove", "fill", "feel"]


@given(st.dictionaries(st.sampled_from(STYLE_KEYS), plain))
def test_any_mapping_is_a_style_or_is_refused_with_reasons(mapping):
    try:
        parse_style(mapping, "law")
    except StyleError as problem:
        assert "style law:" in str(problem)


@pytest.mark.parametrize("path", sorted(STYLES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_style_that_ships_can_be_played(path):
    style = parse_style(tomllib.loads(path.read_text()), path.stem)
    assert set(style.grooves) >= set(VARIATIONS)
    assert all(
        any(mark not in ".-" for row in groove.drums.values() for mark in row) for groove in style.grooves.values()
    )


def test_all_problems_are_told_at_once():
    with pytest.raises(StyleError) as problem:
        parse_style({"meter": "4/5", "swing": 3, "groves": {}}, "odd")
    text = str(problem.value)
    for complaint in (
        "meter",
        "swing: must be a number 0 to 1, but was 3",
        "groves: unknown",
        "groove.D: missing",
        "fill",
    ):
        assert complaint in text


def test_rows_repeat_over_the_bars():
    assert [step_at("x...o...", bar, 0, 4) for bar in range(4)] == ["x", "o", "x", "o"]
    assert step_at("", 3, 2, 16) == "."
