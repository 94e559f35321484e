"""The chunk CASM: read as it is described in public, and refused by chunk and byte where it lies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.sty_casm import StyError, parse_casm
from tests.daemon.arranger_styles import ALL_CHORDS, casm, chunk, cseg, ctab, ctb2, head, rule

HEAD = 8


def parsed(*segments):
    return parse_casm(casm(*segments)[HEAD:], HEAD)


def test_a_channel_of_the_first_format_is_read():
    found = parsed(cseg(["Main A", "Main B"], ctab(3, 10, follows=rule(0, 3, 28, 55, 2), root=7, chord_type=19)))
    assert set(found.sections) == {"Main A", "Main B"}
    channel = found.sections["Main B"][3]
    assert (channel.destination, channel.root, channel.quality) == (10, 7, "7")
    assert (channel.rule.ntr, channel.rule.ntt, channel.rule.bass_on) == ("root trans", "melody", True)
    assert (channel.rule.low, channel.rule.high, channel.rule.rtr) == (28, 55, "pitch shift to root")


def test_a_channel_of_the_second_format_has_a_rule_for_low_middle_and_high_notes():
    rules = rule(1, 0) + rule(2, 1) + rule(0, 0x89)
    found = parsed(cseg(["Main A"], chunk("Ctb2", head(4, 12) + bytes([40, 80]) + rules + bytes(7))))
    channel = found.sections["Main A"][4]
    assert channel.middle == (40, 80)
    assert [(one.ntr, one.ntt, one.bass_on) for one in channel.rules] == [
        ("root fixed", "bypass", False), ("guitar", "stroke", False), ("root trans", "dorian", True),
    ]  # fmt: skip


def test_a_cntt_says_otherwise_than_the_ctab_of_its_channel():
    found = parsed(cseg(["Main A"], ctab(3, 10, follows=rule(0, 2)), chunk("Cntt", bytes([3, 0x87]))))
    assert (found.sections["Main A"][3].rule.ntt, found.sections["Main A"][3].rule.bass_on) == ("natural minor", True)


def test_chords_that_a_channel_is_silent_over_are_known():
    found = parsed(cseg(["Main A"], ctab(3, 10, chords=0b100)))
    assert found.sections["Main A"][3].chords == 0b100
    assert ALL_CHORDS.bit_count() == 34


def test_what_nobody_knows_is_named_and_passed_over():
    found = parsed(chunk("Xtra", b"12"), cseg(["Main A"], chunk("Whoa", b""), ctab(3, 10)))
    assert found.unknown == ("Xtra", "Whoa")
    assert 3 in found.sections["Main A"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"CSEG\x00\x00\x10\x00abc", "CSEG at byte 8: says it is 4096 bytes long, but 3 are left"),
        (b"CSE", "CSE at byte 8: ends within its head"),
        (cseg(["Main A"], chunk("Ctab", bytes(12))), "Ctab at byte 30: must have 26 bytes or more, but has 12"),
        (cseg(["Main A"], ctab(3, 10, follows=rule(ntr=9))), "Ctab at byte 30: the transposition rule (NTR) (byte 58)"),
        (cseg(["Main A"], ctb2(3, 10, follows=rule(2, 5))), "the transposition table (NTT) must be 0 to 2, but was 5"),
        (cseg(["Main A"], ctab(3, 10, chord_type=99)), "the source chord's type (byte 57) must be 0 to 34"),
        (cseg(["Main A"], chunk("Cntt", b"\x03")), "Cntt at byte 30: must have 2 bytes, but has 1"),
        (chunk("CSEG", b""), "has no CSEG with the name of a section"),
    ],
)
def test_a_chunk_that_lies_is_told_with_its_byte(content, told):
    with pytest.raises(StyError) as refused:
        parse_casm(content, HEAD)
    assert told in str(refused.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_casm_or_a_clear_error(data):
    try:
        assert parse_casm(data).sections
    except StyError as error:
        assert "byte" in str(error)


@given(st.data())
def test_a_casm_with_a_few_wrong_bytes_is_one_or_a_clear_error(data):
    right = bytearray(casm(cseg(["Main A"], ctab(3, 10), ctb2(4, 11)), cseg(["Intro A"], ctb2(1, 9)))[HEAD:])
    for place in data.draw(st.lists(st.integers(0, len(right) - 1), max_size=4)):
        right[place] = data.draw(st.integers(0, 255))
    try:
        parse_casm(bytes(right))
    except StyError as error:
        assert "byte" in str(error)
