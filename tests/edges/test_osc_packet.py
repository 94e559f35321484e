import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.edges.osc_packet import (
    IMMEDIATELY,
    MAX_ARGUMENTS,
    MAX_DEPTH,
    MAX_MESSAGES,
    Arrived,
    BadPacket,
    build,
    read,
)

PING = build(("/sideman/ping", ()))


def bundle(*elements: bytes, timetag: bytes = b"\0\0\0\0\0\0\0\1") -> bytes:
    return b"#bundle\0" + timetag + b"".join(struct.pack(">I", len(e)) + e for e in elements)


@given(
    st.lists(
        st.one_of(
            st.integers(-(2**31), 2**31 - 1),
            st.floats(width=32, allow_nan=False),
            st.text(st.characters(codec="ascii", exclude_characters="\0")),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_what_is_built_is_read_again(arguments: list[object]) -> None:
    datagram = build(("/sideman/x", tuple(arguments)))
    assert read(datagram) == [Arrived(IMMEDIATELY, "/sideman/x", tuple(arguments))]


def test_a_bundle_gives_its_messages_their_time() -> None:
    timetag = struct.pack(">II", 100, 2**31)
    inner = bundle(PING, timetag=timetag)
    assert [m.ntp_seconds for m in read(bundle(PING, inner, PING))] == [IMMEDIATELY, 100.5, IMMEDIATELY]


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (b"", "not OSC"),
        (b"hello", "not OSC"),
        (b"/no/end", "no end"),
        (b"/" + b"a" * 300 + b"\0\0\0", "no end, or more than"),
        (b"#bundle\0\0\0", "cut short"),
        (bundle(PING)[:-4], "bytes are left|are left"),
        (bundle() + b"\0\0", "middle of a size"),
        (bundle() + struct.pack(">I", 65535) + b"x" * 40, "says it has 65535"),
        (bundle() + struct.pack(">I", 0), "says it has 0"),
        (b"/a\0\0,Q\0\0", "type tags"),
        (b"/a\0\0,[i]\0\0\0\0\0\0\0\0", "type tags"),
        (b"/a\0\0,i\0\0", "not an OSC message"),
        (b"/a\0\0xi\0\0", "type tags"),
        (b"/\xff\0\0,\0\0\0", "not an OSC message"),
        (b"/a\0\0," + b"T" * (MAX_ARGUMENTS + 1) + b"\0\0\0\0", "type tags"),
    ],
)
def test_what_is_wrong_is_refused_with_its_reason(datagram: bytes, reason: str) -> None:
    with pytest.raises(BadPacket, match=reason):
        read(datagram)


def test_a_bundle_in_a_bundle_in_a_bundle_ends_somewhere() -> None:
    nested = PING
    for _ in range(MAX_DEPTH):
        nested = bundle(nested)
    assert len(read(nested)) == 1
    for _ in range(2_000):
        nested = bundle(nested)
    with pytest.raises(BadPacket, match="nested deeper"):
        read(nested)


def test_a_packet_of_very_many_messages_is_refused() -> None:
    small = b"/a\0\0,\0\0\0"
    assert len(read(bundle(*[small] * MAX_MESSAGES))) == MAX_MESSAGES
    with pytest.raises(BadPacket, match="more than 256"):
        read(bundle(*[small] * (MAX_MESSAGES + 1)))


def test_what_osc_cannot_carry_is_refused() -> None:
    with pytest.raises(BadPacket, match="cannot be sent"):
        build(("/sideman/x", (object(),)))


parts = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"#bundle\0", b"/sideman/energy\0", b",f\0\0", b",bm\0", b"\0\0\0\x10", PING]),
)


@given(st.lists(parts, max_size=12).map(b"".join))
def test_any_bytes_give_messages_or_a_bad_packet(datagram: bytes) -> None:
    with contextlib.suppress(BadPacket):
        assert len(read(datagram)) <= MAX_MESSAGES
