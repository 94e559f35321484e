import time

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.parameters import ACTIONS, PARAMETERS
from realtime.edges.osc_pattern import expand

PARTS = ["drums", "bass", "keys", "pad", "solo"]


def test_a_plain_address_means_itself() -> None:
    assert expand("/sideman/energy") == ["/sideman/energy"]
    assert expand("/elsewhere/*") == ["/elsewhere/*"]


def test_a_star_means_every_name_within_a_part_of_the_address() -> None:
    assert expand("/sideman/part/*/mute") == [f"/sideman/part/{part}/mute" for part in PARTS]
    assert expand("/sideman/*/mute") == ["/sideman/*/mute"]


def test_choices_ranges_and_question_marks_mean_what_osc_says() -> None:
    assert expand("/sideman/part/{bass,pad}/level") == ["/sideman/part/bass/level", "/sideman/part/pad/level"]
    assert expand("/sideman/part/[b-d]*/level") == ["/sideman/part/drums/level", "/sideman/part/bass/level"]
    assert expand("/sideman/part/[!a-k]*/solo") == ["/sideman/part/pad/solo", "/sideman/part/solo/solo"]
    assert expand("/sideman/part/???/solo") == ["/sideman/part/pad/solo"]


def test_a_malformed_pattern_means_itself_and_will_be_refused() -> None:
    for address in ("/sideman/{bass", "/sideman/[", "/sideman/[]", "/sideman/[z-a]", "/sideman/*****"):
        assert expand(address) == [address]


@given(st.text(alphabet="*?[]{},!-^\\abcmute/()+.|", max_size=40))
def test_any_pattern_gives_a_bounded_answer(pattern: str) -> None:
    assert 1 <= len(expand("/sideman/" + pattern)) <= len(PARAMETERS) + len(ACTIONS)


def test_a_pattern_made_to_cost_time_does_not() -> None:
    began = time.process_time()
    for _ in range(20):
        expand("/sideman/" + "*a*a*a*a" + "a" * 200)
    assert time.process_time() - began < 2
