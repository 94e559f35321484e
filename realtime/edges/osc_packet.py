"""OSC datagrams to messages and back, python-osc doing the message, and we the bundle.

Rules. Any bytes at all give messages or a `BadPacket`; nothing else is raised, and a small datagram never
grows into something large. A bundle that is wrong anywhere is refused whole.

Why not python-osc's bundles: it accepts truncated ones, logs a line for each odd byte, and recurses as deep
as a datagram tells it to.
"""

import struct
from dataclasses import dataclass
from typing import Any, Final

from pythonosc.osc_message import OscMessage as ParsedMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from realtime.core.osc_codec import OscMessage

MAX_DEPTH: Final = 4
MAX_MESSAGES: Final = 256
MAX_ARGUMENTS: Final = 64
MAX_ADDRESS: Final = 256

_BUNDLE: Final = b"#bundle\0"
_BUNDLE_HEAD: Final = 16
_TAGS: Final = frozenset(b"ifsbhdtTFNrm")

IMMEDIATELY: Final = 0.0
"""A time for messages that are to happen as they come."""


class BadPacket(ValueError):
    """The datagram is not OSC, or more than we take; the text says what was seen."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message, and when it is to happen: NTP seconds (since 1900), or `IMMEDIATELY`."""

    ntp_seconds: float
    address: str
    arguments: tuple[object, ...]


def read(datagram: bytes) -> list[Arrived]:
    """The messages in a datagram, in order; at most 256.

    Raises:
        BadPacket: it is not well-formed OSC 1.0, nests bundles deeper than 4, or is larger than allowed.

    Thread: any one.
    """
    found: list[Arrived] = []
    _read_into(found, datagram, IMMEDIATELY, depth=0)
    return found


def build(message: OscMessage) -> bytes:
    """A message as a datagram. Whole numbers go as `i`, others as `f`, text as `s`.

    Raises:
        BadPacket: an argument is of a kind that OSC does not have.

    Thread: any one.
    """
    address: str = message[0]
    arguments: tuple[Any, ...] = message[1]
    builder = OscMessageBuilder(address)
    try:
        for argument in arguments:
            builder.add_arg(argument)
        return bytes(builder.build().dgram)
    except Exception as problem:
        raise BadPacket(f"{address}: cannot be sent as OSC: {problem}") from problem


def _read_into(found: list[Arrived], packet: bytes, ntp_seconds: float, *, depth: int) -> None:
    if not packet.startswith(_BUNDLE):
        if len(found) >= MAX_MESSAGES:
            raise BadPacket(f"more than {MAX_MESSAGES} messages in one packet")
        found.append(_read_message(packet, ntp_seconds))
        return
    if depth >= MAX_DEPTH:
        raise BadPacket(f"bundles nested deeper than {MAX_DEPTH}")
    if len(packet) < _BUNDLE_HEAD:
        raise BadPacket(f"a bundle of {len(packet)} bytes is cut short")
    seconds, fraction = struct.unpack_from(">II", packet, len(_BUNDLE))
    # Zero seconds is "immediately" (fraction 1), or a clock that was never set.
    inner_seconds = seconds + fraction / 2**32 if seconds else IMMEDIATELY
    at = _BUNDLE_HEAD
    while at < len(packet):
        if len(packet) - at < 4:
            raise BadPacket("a bundle ends in the middle of a size")
        (size,) = struct.unpack_from(">I", packet, at)
        at += 4
        if size == 0 or size % 4 or size > len(packet) - at:
            raise BadPacket(f"a bundle element says it has {size} bytes, {len(packet) - at} are left")
        _read_into(found, packet[at : at + size], inner_seconds, depth=depth + 1)
        at += size


def _read_message(packet: bytes, ntp_seconds: float) -> Arrived:
    _check_message(packet)
    try:
        message = ParsedMessage(packet)
    except Exception as problem:
        # python-osc promises ParseError, and has been seen to break that promise.
        raise BadPacket(f"not an OSC message: {packet[:32]!r}") from problem
    return Arrived(ntp_seconds, message.address, tuple(message.params))


def _check_message(packet: bytes) -> None:
    """What python-osc does not look at: size, odd type tags (it logs each one), arrays (we take none)."""
    if not packet.startswith(b"/"):
        raise BadPacket(f"not OSC: starts with {packet[:8]!r}")
    end = packet.find(b"\0")
    if not 0 < end <= MAX_ADDRESS:
        raise BadPacket(f"an address has no end, or more than {MAX_ADDRESS} characters")
    tags_at = (end // 4 + 1) * 4
    tags = packet[tags_at : packet.find(b"\0", tags_at)] if tags_at < len(packet) else b","
    if not tags.startswith(b",") or len(tags) > MAX_ARGUMENTS + 1 or not _TAGS.issuperset(tags[1:]):
        raise BadPacket(f"type tags not understood: {tags[:32]!r}")
