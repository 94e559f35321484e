"""Passages of a style: read as they are written, and refused with every reason and its place at once."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.style import OPTIONS
from realtime.core.style_reader import StyleError, parse_style
from tests.conftest import STYLES

BALLAD = tomllib.loads((STYLES / "pop_ballad.toml").read_text())
WHOLE = "x--- ---- ---- ----"


def with_more(**more):
    return parse_style(BALLAD | more, "law")


def problems_of(**more):
    with pytest.raises(StyleError) as refused:
        with_more(**more)
    return refused.value.problems


def test_a_passage_is_as_long_as_its_longest_row_and_the_others_repeat():
    passage = with_more(intro={"1": {"keys": WHOLE, "chords": "I vi ii V", "drums": {"kick": "X... .... .... ...."}}})
    intro = passage.passages["intro"][1]
    assert (intro.bars, len(intro.chords), len(intro.minor)) == (4, 16, 16)
    assert set(intro.groove.bass) == {"."}, "what is not written rests"


def test_minor_is_what_is_written_for_it_or_stands_in_its_place():
    ending = {"1": {"keys": WHOLE, "chords": "I"}, "2": {"keys": WHOLE, "chords": "I", "minor": "I"}}
    endings = with_more(ending=ending).passages["ending"]
    assert (endings[1].minor[0].quality, endings[2].minor[0].quality) == ("m", "")


def test_every_problem_is_told_with_its_place_and_what_is_allowed():
    told = problems_of(
        intro={"1": {"bars": 3, "keys": f"{WHOLE}|{WHOLE}", "chords": "I H"}, "zero": {}, "2": {}},
        ending={"1": {"bass": WHOLE, "ritardando": 2, "minor": "I"}},
        **{"break": {"1": {"ritardando": 0.8, "drums": {"gong": "x"}}}},
        options={"modulate": 3, "approach": 11},
        fill=[{"kick": WHOLE.replace("-", "."), "into": "AX"}],
    )
    text = "\n".join(told)
    for complaint in (
        "intro.1.keys: has 2 bars, which do not go into the passage's 3",
        "intro.1.chords: a chord in degrees is as I",
        "intro.zero: unknown; allowed are 1, 2",
        "intro.2: is empty",
        "ending.1.bass: must be 1 to 16 bars",
        "ending.1.ritardando: must be a number 0.4 to 1, but was 2",
        "ending.1.minor: comes with `chords`",
        "break.1.ritardando: unknown",
        "break.1.drums.gong: unknown",
        "options.modulate: unknown; allowed are approach",
        "options.approach: must be a number 1 to 10, but was 11",
        "fill[0].into: must be variations, as 'C' or 'CD', but was 'AX'",
    ):
        assert complaint in text


def test_options_have_the_complexity_they_take():
    assert with_more(options=dict.fromkeys(OPTIONS, 3)).options == dict.fromkeys(OPTIONS, 3)


plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 20), st.sampled_from(["I vi", "x", WHOLE, "|", "b"])),
    lambda inner: st.dictionaries(
        st.sampled_from(["1", "2", "10", "bars", "chords", "minor", "keys", "bass", "drums", "kick", "ritardando"]),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["intro", "break", "ending", "options"]), plain, max_size=3))
def test_any_passages_are_read_or_refused_with_reasons(mapping):
    try:
        style = parse_style(BALLAD | mapping, "law")
    except StyleError as refused:
        assert refused.problems
        return
    for kind in style.passages.values():
        for passage in kind.values():
            assert 1 <= passage.bars <= 16
            assert len(passage.chords) in (0, passage.bars * 4)
