"""The session log as text: one JSON object a line, a header first, each line sealed with a running checksum.

Rules. `{"t":µs,"k":ticks,"in":{…},"c":"crc"}` for an input, `"out"` for an output, `"end"` for the orderly
end. The checksum of a line covers its bytes and the checksum of the line before: a changed, a missing and a
moved line all show. Bytes are written as hex. Nothing here opens a file.
"""

import math
import zlib
from dataclasses import dataclass, fields
from typing import Any, Final, get_args

import msgspec

from realtime.core.events import Input, Output, Value
from realtime.core.units import Micros, Ticks

SCHEMA: Final = 1
_INPUTS: Final[dict[str, type]] = {cls.__name__: cls for cls in get_args(Input)}
_OUTPUTS: Final[dict[str, type]] = {cls.__name__: cls for cls in get_args(Output)}
_FIELDS: Final = {cls: tuple(f.name for f in fields(cls)) for cls in (*_INPUTS.values(), *_OUTPUTS.values())}
_SEAL: Final = b',"c":"'
_SEAL_LENGTH: Final = len(_SEAL) + 8 + len(b'"}')


class BadLog(ValueError):
    """A session log that cannot be read: `line` counts from 1, `what` says what is wrong."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line = line
        self.what = what


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that is needed to play a session again, and where it came from.

    `styles` holds the styles themselves, not their names: a style file edited later must not change the past. So
    does `forms`: the charts that the band knew by heart.
    """

    sideman_session: int = SCHEMA
    version: str
    seed: int
    parameters: dict[str, float | int | bool | str]
    styles: dict[str, dict[str, Any]]
    forms: dict[str, str] = {}
    config: dict[str, Any]
    weights: dict[str, str] = {}
    memory: str = ""
    """The SHA-256 of the memory that the band began with, which lies beside the log; empty if it began with none."""
    started: str
    python: str
    platform: str


@dataclass(frozen=True, slots=True)
class InputLine:
    """An input, when it happened, and where the music stood."""

    at: Micros
    ticks: Ticks
    event: Input


@dataclass(frozen=True, slots=True)
class OutputLine:
    """An output, when it was to sound, and where the music stands then."""

    at: Micros
    ticks: Ticks
    event: Output


@dataclass(frozen=True, slots=True)
class EndLine:
    """The orderly end: at `at` every note was let go, in the outputs that follow. A killed session has none."""

    at: Micros
    why: str = ""


Line = InputLine | OutputLine | EndLine


# ----------------------------------------------------------------------------------------------- writing


def _plain(value: object) -> object:
    """`value` as JSON can hold it: bytes as hex, and the numbers JSON has no word for as a tagged text."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def event_to_mapping(event: Input | Output) -> dict[str, object]:
    """An event as a mapping: its class's name as `type`, then its fields."""
    mapping: dict[str, object] = {"type": type(event).__name__}
    for name in _FIELDS[type(event)]:
        mapping[name] = _plain(getattr(event, name))
    return mapping


def encode_line(line: Line, checksum: int) -> tuple[bytes, int]:
    """The bytes of a line, newline included, and the checksum that the next line continues from."""
    match line:
        case InputLine(at, ticks, event):
            body: dict[str, object] = {"t": at, "k": ticks, "in": event_to_mapping(event)}
        case OutputLine(at, ticks, output):
            body = {"t": at, "k": ticks, "out": event_to_mapping(output)}
        case EndLine(at, why):
            body = {"t": at, "end": why}
    return seal(msgspec.json.encode(body), checksum)


def encode_header(header: Header) -> tuple[bytes, int]:
    """The bytes of the first line, and the checksum that the next line continues from."""
    return seal(msgspec.json.encode(header), 0)


def seal(json_object: bytes, checksum: int) -> tuple[bytes, int]:
    """A JSON object with its checksum as the last field, newline added; and that checksum."""
    body = json_object[:-1]
    checksum = zlib.crc32(body, checksum)
    return b'%b,"c":"%08x"}\n' % (body, checksum), checksum


# ----------------------------------------------------------------------------------------------- reading


def unseal(raw: bytes, number: int) -> tuple[bytes, int]:
    """The JSON object inside a sealed line, and the checksum that the line states."""
    body, mark, stated = raw[:-_SEAL_LENGTH], raw[-_SEAL_LENGTH:-10], raw[-10:-2]
    if len(raw) < _SEAL_LENGTH + 1 or mark != _SEAL or raw[-2:] != b'"}':
        raise BadLog(number, f"has no checksum at its end: {raw[-40:]!r}")
    try:
        checksum = int(stated, 16)
    except ValueError:
        raise BadLog(number, f"has a checksum that is no number: {stated!r}") from None
    return body + b"}", checksum


def is_intact(raw: bytes, before: int, stated: int) -> bool:
    """Whether a line's bytes, continued from the line before, give the checksum it states."""
    checksum = zlib.crc32(raw[:-_SEAL_LENGTH], before)
    # The digits are compared, too: "7DF" is the same number as "7df", but somebody changed it.
    return checksum == stated and raw[-10:-2] == b"%08x" % checksum


def decode_header(json_object: bytes) -> Header:
    """The header in the first line.

    Raises:
        BadLog: it is none, or of another schema.
    """
    try:
        header = msgspec.json.decode(json_object, type=Header)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadLog(1, f"is not the header of a session log: {error}") from None
    if header.sideman_session != SCHEMA:
        raise BadLog(1, f"the log has schema {header.sideman_session}, but this sideman reads {SCHEMA}")
    return header


def decode_line(json_object: bytes, number: int) -> Line:
    """The line in a JSON object.

    Raises:
        BadLog: it is none.
    """
    try:
        body = msgspec.json.decode(json_object)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadLog(number, f"is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise BadLog(number, "is not a JSON object")
    match body:
        case {"t": int(at), "end": str(why), **rest} if not rest:
            return EndLine(Micros(at), why)
        case {"t": int(at), "k": int(ticks), "in": dict(event), **rest} if not rest:
            return InputLine(Micros(at), Ticks(ticks), _event(event, _INPUTS, number))
        case {"t": int(at), "k": int(ticks), "out": dict(event), **rest} if not rest:
            return OutputLine(Micros(at), Ticks(ticks), _event(event, _OUTPUTS, number))
        case _:
            raise BadLog(number, f'must have t, k and one of "in" and "out", but has {sorted(body)[:8]}')


def output_of(mapping: dict[str, object]) -> Output:
    """The output that `event_to_mapping` made a mapping of.

    Raises:
        BadLog: it is none.
    """
    event: Output = _event(mapping, _OUTPUTS, 0)
    return event


def _event(mapping: dict[str, object], classes: dict[str, type], number: int) -> Any:  # noqa: ANN401 - msgspec proves it
    cls = classes.get(str(mapping.get("type")))
    if cls is None:
        raise BadLog(number, f"unknown type of event: {mapping.get('type')!r:.80}")
    values = {key: value for key, value in mapping.items() if key != "type"}
    unknown = set(values) - set(_FIELDS[cls])
    if unknown:
        raise BadLog(number, f"{cls.__name__} has no field {sorted(unknown)[0]!r:.80}")
    try:
        if "data" in values:
            values["data"] = bytes.fromhex(values["data"])  # type: ignore[arg-type]
        return msgspec.convert({key: _from_plain(value) for key, value in values.items()}, cls)
    except (ValueError, TypeError) as error:
        raise BadLog(number, f"is no {cls.__name__}: {error}") from None


def _from_plain(value: object) -> object:
    if isinstance(value, list):
        return [_from_plain(item) for item in value]
    if isinstance(value, dict) and len(value) == 1:
        return float(str(value.get("float")))
    return value


def parameters_of(header: Header) -> dict[str, Value]:
    """The parameters that the session began with."""
    return dict(header.parameters)
