"""The table of knobs and buttons, and OSC's way to it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.events import (
    ActionRequested,
    Beat,
    ChordForeseen,
    ChordHeard,
    KeyHeard,
    MidiReceived,
    NoteOff,
    ParameterChanged,
    ParameterSet,
    Rejected,
    TurnTaken,
)
from realtime.core.osc_codec import PREFIX, decode, encode
from realtime.core.parameters import ACTIONS, PARAMETERS, BadValue, coerce

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=80),
    st.binary(max_size=8),
    st.lists(st.integers()),
)
addresses = st.one_of(
    st.text(max_size=40), st.sampled_from([PREFIX + p for p in (*PARAMETERS, *ACTIONS, "note", "midi")])
)


@given(addresses, st.lists(anything, max_size=6))
def test_any_osc_message_is_an_input_or_is_rejected(address, arguments):
    decoded = decode(address, arguments, "law")
    assert isinstance(decoded, ParameterSet | ActionRequested | MidiReceived | Rejected)


@given(st.sampled_from(sorted(PARAMETERS)), anything)
def test_a_value_that_is_accepted_is_within_its_range(path, value):
    parameter = PARAMETERS[path]
    try:
        held = coerce(path, value)
    except BadValue as problem:
        assert parameter.allowed in str(problem)
        return
    if parameter.kind in ("float", "int"):
        assert parameter.low <= held <= parameter.high
    if parameter.kind == "choice":
        assert held in parameter.choices


@pytest.mark.parametrize("path", sorted(PARAMETERS))
def test_every_default_is_its_own_coercion(path):
    assert coerce(path, PARAMETERS[path].default) == PARAMETERS[path].default
    assert PARAMETERS[path].help


def test_a_fader_past_its_end_is_clamped_and_nan_is_refused():
    assert coerce("energy", 7.5) == 1.0
    assert coerce("energy", -math.inf) == 0.0
    with pytest.raises(BadValue):
        coerce("energy", math.nan)


def test_controllers_send_floats_for_switches_and_whole_numbers():
    assert coerce("part/drums/mute", 1.0) is True
    assert coerce("commit", 2.0) == 2


@pytest.mark.parametrize("path", ["plan/hold", "fade"])
def test_nought_is_no_button_let_go_where_it_says_how_much(path):
    assert decode(f"/sideman/{path}", [0.0], "x") == ActionRequested(path, (0.0,), "x")


def test_a_button_let_go_does_nothing_and_nobody_hears_of_it():
    released = decode("/sideman/transport/start", [0.0], "pad")
    assert released == Rejected("", "pad")
    assert encode(released) is None
    assert decode("/sideman/transport/start", [1.0], "pad") == ActionRequested("transport/start", (), "pad")


def test_notes_can_be_played_by_osc():
    assert decode("/sideman/note", [60, 90, 1], "osc") == MidiReceived("osc", bytes([0x90, 60, 90]))
    assert decode("/sideman/midi", [(0, 0x90, 60, 90)], "osc") == MidiReceived("osc", bytes([0x90, 60, 90]))
    assert isinstance(decode("/sideman/note", [60, 90, 0], "osc"), Rejected)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (Beat(5, 2, 2, 96.0), ("/sideman/beat", (2, 2, 96.0))),
        (ChordHeard("Am7", 0.9), ("/sideman/chord/now", ("Am7", 0.9))),
        (ChordForeseen("F", 0.8, 1, 6, committed=True), ("/sideman/chord/next", ("F", 0.8, 1.0))),
        (TurnTaken("solo", 16), ("/sideman/turn", ("solo", 16))),
        (KeyHeard("C major", 0.7), ("/sideman/key/now", ("C major", 0.7))),
        (ParameterChanged("part/bass/mute", True), ("/sideman/part/bass/mute", (1,))),
        (Rejected("why", "who"), ("/sideman/error", ("why",))),
        (NoteOff("bass", 1, 40), None),
    ],
)
def test_outputs_are_told_as_documented(event, message):
    assert encode(event) == message
