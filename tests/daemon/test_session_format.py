"""Lines of a session log: what is written is what is read, and damage shows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.session_format import (
    BadLog,
    EndLine,
    InputLine,
    OutputLine,
    decode_header,
    decode_line,
    encode_header,
    encode_line,
    is_intact,
    unseal,
)
from realtime.core import events as e

channel, seven_bits = st.integers(0, 15), st.integers(0, 127)
part = st.sampled_from(e.ALL_PARTS)
text = st.text(max_size=20).filter(lambda t: t.isprintable())
number = st.floats(allow_nan=False, allow_infinity=False)
value = number | st.integers(-(2**63), 2**63 - 1) | st.booleans() | text
inputs = st.one_of(
    st.builds(e.MidiReceived, text, st.binary(max_size=40)),
    st.builds(e.ParameterSet, text, value, text),
    st.builds(e.ActionRequested, text, st.lists(value, max_size=3).map(tuple), text),
    st.builds(e.PortChanged, text, st.booleans()),
    st.builds(e.StyleGiven, text, text),
    st.builds(e.PhraseGiven, st.integers(0, 99), st.just((0, 6, 60, 12, 3, 64)), st.integers(1, 9), st.integers(0, 99)),
)
whole = st.lists(st.integers(-99, 2**53), max_size=6).map(tuple)
numbered = (
    *(st.integers(0, 99), text, text, st.integers(2, 8), st.booleans(), st.integers(-6, 5), whole, whole),
    *(st.integers(0, 99), st.integers(0, 99)),
)
outputs = st.one_of(
    st.builds(e.NoteOn, part, channel, seven_bits, st.integers(1, 127)),
    st.builds(e.NoteOff, part, channel, seven_bits),
    st.builds(e.ControlChange, part, channel, seven_bits, seven_bits),
    st.builds(e.PitchBend, part, channel, st.integers(-8192, 8191)),
    st.builds(e.Beat, st.integers(0, 10**6), st.integers(1, 10**5), st.integers(1, 32), number),
    st.builds(e.ChordHeard, text, number, st.integers(-1, 10**6)),
    st.builds(e.ChordForeseen, text, number, number, st.integers(-1, 10**6), st.booleans()),
    st.builds(e.KeyHeard, text, number),
    st.builds(e.SongHeard, text, st.integers(1, 999), number),
    st.builds(e.TurnTaken, part, st.integers(0, 999)),
    st.builds(e.SectionHeard, text, st.integers(1, 999), st.booleans(), number),
    st.builds(e.ParameterChanged, text, value, text),
    st.builds(e.TransportChanged, st.booleans(), number, text),
    st.builds(e.ControlBound, text, text, text, text, value, text),
    st.builds(e.ControlForgotten, text, text, text, text),
    st.builds(e.PhraseWanted, *numbered),
    st.builds(e.Rejected, text, text),
)
micros = st.integers(0, 2**50)
ticks = st.integers(-(2**40), 2**40)
lines = st.one_of(
    st.builds(InputLine, micros, ticks, inputs),
    st.builds(OutputLine, micros, ticks, outputs),
    st.builds(EndLine, micros, text),
)


def same(a: object, b: object) -> bool:
    """Equal, and of the same kinds: 1, 1.0 and True are three different things in a log."""
    return a == b and repr(a) == repr(b)


@given(lines, st.integers(0, 2**32 - 1))
def test_what_is_written_is_what_is_read(line, before):
    raw, checksum = encode_line(line, before)
    assert raw.endswith(b"\n")
    assert raw.count(b"\n") == 1
    json_object, stated = unseal(raw[:-1], 2)
    assert stated == checksum
    assert is_intact(raw[:-1], before, stated)
    assert same(decode_line(json_object, 2), line)


def test_every_kind_of_event_is_covered():
    covered = {type(kind).__name__ for kind in (inputs, outputs)}
    assert covered  # the strategies above name every class; this fails to import if one is gone
    assert len(e.Input.__args__) == 6
    assert len(e.Output.__args__) == 18


def test_a_number_that_json_has_no_word_for_survives():
    line = InputLine(1, 2, e.ActionRequested("transport/meter", (math.inf, -math.inf)))
    raw, _ = encode_line(line, 0)
    assert decode_line(unseal(raw[:-1], 2)[0], 2) == line


@given(lines, st.integers(0, 2**32 - 1), st.data())
def test_one_changed_byte_shows(line, before, data):
    raw = bytearray(encode_line(line, before)[0][:-1])
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    changed = bytes(raw)
    try:
        _, stated = unseal(changed, 2)
    except BadLog:
        return
    assert not is_intact(changed, before, stated)


@given(st.binary(max_size=120))
def test_any_bytes_give_a_line_or_a_bad_log_with_its_number(data):
    for candidate in (data, data + b',"c":"0123abcd"}'):
        with pytest.raises(BadLog) as caught:
            decode_line(unseal(candidate, 7)[0], 7)
        assert caught.value.line == 7


@pytest.mark.parametrize(
    ("json_object", "what"),
    [
        (b'{"t":1,"k":2,"in":{"type":"NoteOn"}}', "unknown type of event: 'NoteOn'"),
        (b'{"t":1,"k":2,"out":{"type":"NoteOff","part":"bass","channel":1,"pitch":200}}', "pitch must be 0..127"),
        (b'{"t":1,"k":2,"out":{"type":"NoteOff","part":"oboe","channel":1,"pitch":20}}', "oboe"),
        (b'{"t":1,"k":2,"in":{"type":"MidiReceived","port":"a","data":"9"}}', "hex"),
        (b'{"t":1,"k":2,"in":{"type":"PortChanged","port":"a","present":1}}', "bool"),
        (b'{"t":1,"k":2,"in":{"type":"PortChanged","port":"a","present":true,"x":1}}', "has no field 'x'"),
        (b'{"t":1,"in":{}}', "must have t, k"),
        (b'{"t":1,"k":2,"in":{},"out":{}}', "must have t, k"),
        (b"[]", "is not a JSON object"),
        (b"{", "is not JSON"),
    ],
)
def test_a_line_that_is_none_says_why(json_object, what):
    with pytest.raises(BadLog, match=what):
        decode_line(json_object, 5)


def test_the_header_comes_back_whole(header):
    raw, _ = encode_header(header)
    assert decode_header(unseal(raw[:-1], 1)[0]) == header


def test_a_log_of_another_schema_is_refused(header):
    raw = encode_header(header)[0].replace(b'"sideman_session":1', b'"sideman_session":99')
    with pytest.raises(BadLog, match="schema 99"):
        decode_header(unseal(raw[:-1], 1)[0])
