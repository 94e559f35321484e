"""Requests for pieces: what is wrong is named, all of it, with what is allowed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.song.genre import GENRES
from daemon.song.request import DEFAULTS, METERS, RULES, BadRequest, SongRequest, read_request

STYLES = ("jazz_swing", "gospel_traditional", "gospel_shout", "pop_ballad")


def faults(**content):
    with pytest.raises(BadRequest) as caught:
        read_request(content, STYLES)
    return {fault.field: fault for fault in caught.value.faults}


def test_nothing_said_is_the_usual_piece():
    assert read_request({}, STYLES) == DEFAULTS == SongRequest()


def test_every_field_has_a_rule_and_every_rule_a_field():
    assert set(RULES) == set(SongRequest.__dataclass_fields__)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bars", 0), ("bars", 257), ("bars", 2.5), ("bars", True), ("bars", "8"), ("tempo", 29.9), ("tempo", 1e9),
        ("tempo", float("nan")), ("complexity", 0), ("complexity", 11), ("reverb", -0.1), ("reverb", 1.1), ("seed", -1),
        ("seed", 2**60), ("genre", "polka"), ("genre", 7), ("key", "H"), ("key", "C locrian"), ("key", ""),
        ("key", None), ("meter", "7/8"), ("form", "a-b"), ("form", "A" * 33), ("style", "polka"), ("chords", "C Hm"),
        ("chords", ""), ("chords", "| | |"), ("chords", "C " * 257), ("chords", "A" * 20_000), ("backend", "cloud"),
        ("audio_format", "mp3"), ("use_gpu", 1), ("include_band", "yes"),
    ],
)  # fmt: skip
def test_a_value_out_of_range_is_named_with_what_is_allowed(field, value):
    found = faults(**{field: value})
    assert list(found) == [field]
    assert found[field].allowed
    assert field in str(found[field])


def test_all_that_is_wrong_is_named_at_once():
    assert set(faults(bars=0, tempo="x", genre="polka", nonsense=1)) == {"bars", "tempo", "genre", "nonsense"}


@pytest.mark.parametrize(("said", "meant"), [("R&B", "rnb"), ("Hymn", "classical"), ("bossa nova", "bossa")])
def test_genres_have_other_names(said, meant):
    assert read_request({"genre": said}, STYLES).genre == meant


def test_a_style_may_be_named_without_its_genre():
    assert read_request({"genre": "gospel", "style": "traditional"}, STYLES).style == "traditional"
    assert "style" in faults(genre="jazz", style="unheard of")


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*RULES, "other"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=40)
        | st.sampled_from([*GENRES, *METERS]),
    )
)
def test_whatever_comes_is_a_request_or_a_list_of_faults(content):
    try:
        request = read_request(content, STYLES)
    except BadRequest as problem:
        assert {fault.field for fault in problem.faults} <= {*content}
    else:
        assert request.genre in GENRES
