"""OSC messages to inputs, and outputs to OSC messages: addresses and arguments only, no bytes, no sockets."""

from collections.abc import Sequence
from typing import Final

from realtime.core.events import (
    ActionRequested,
    Beat,
    ChordForeseen,
    ChordHeard,
    ClockHeard,
    ControlBound,
    ControlForgotten,
    Input,
    KeyHeard,
    MidiReceived,
    NoteOn,
    Output,
    ParameterChanged,
    ParameterSet,
    Rejected,
    SectionHeard,
    SongHeard,
    TransportChanged,
    TurnTaken,
)
from realtime.core.parameters import ACTIONS, PARAMETERS, BadValue, check_action, coerce

PREFIX: Final = "/sideman/"

OscMessage = tuple[str, tuple[object, ...]]
"""An address and its arguments."""


def decode(address: str, arguments: Sequence[object], source: str) -> Input | Rejected:
    """What an OSC message means to the heart; a `Rejected` where it means nothing. Never raises.

    A button bound to an action sends 1 when pressed and 0 when let go; the 0 does nothing (a `Rejected` with an
    empty reason, which nobody needs to hear about).
    """
    if not address.startswith(PREFIX):
        return Rejected(f"{address:.80}: addresses start with {PREFIX}", source)
    path = address.removeprefix(PREFIX).rstrip("/")
    try:
        if path in PARAMETERS:
            if len(arguments) != 1:
                raise BadValue(f"{path}: takes one value, {PARAMETERS[path].allowed}, but got {len(arguments)}")
            return ParameterSet(path, coerce(path, arguments[0]), source)
        if path in ACTIONS:
            spec = ACTIONS[path]
            may_be_let_go = spec.least_arguments == 0 and not spec.zero_counts
            if may_be_let_go and len(arguments) == 1 and arguments[0] in (0, False):
                return Rejected("", source)
            return ActionRequested(path, check_action(path, arguments), source)
        return _decode_playing(path, arguments, source)
    except BadValue as problem:
        return Rejected(str(problem), source)


def _decode_playing(path: str, arguments: Sequence[object], source: str) -> Input | Rejected:
    """`note` (pitch, velocity, channel) and `midi` (four bytes, the first a port number): playing by OSC."""
    if path == "note":
        numbers = [int(a) for a in arguments if isinstance(a, int | float) and 0 <= a < 128]
        if len(numbers) not in (2, 3) or len(numbers) != len(arguments) or (numbers[2:] or [1])[0] not in range(1, 17):
            return Rejected("note: takes pitch 0..127, velocity 0..127 and optionally a channel 1..16", source)
        channel = (numbers[2:] or [1])[0] - 1
        return MidiReceived(source, bytes([0x90 | channel, numbers[0], numbers[1]]))
    if path == "midi":
        if len(arguments) != 1 or not isinstance(arguments[0], tuple | bytes) or len(arguments[0]) != 4:
            return Rejected("midi: takes one MIDI message of OSC type m", source)
        return MidiReceived(source, bytes(arguments[0])[1:])
    return Rejected(f"{PREFIX}{path:.80}: no such address", source)


def encode(event: Output) -> OscMessage | None:
    """The OSC message that tells of an output, or None for what is not told by OSC."""
    match event:
        case ParameterChanged():
            value = event.value
            return PREFIX + event.path, (int(value) if isinstance(value, bool) else value,)
        case TransportChanged():
            return PREFIX + "transport/state", (int(event.playing), event.tempo_bpm, event.meter)
        case ClockHeard():
            return PREFIX + "clock/state", (event.state, event.port, event.tempo_bpm, event.confidence)
        case Rejected():
            return (PREFIX + "error", (event.reason,)) if event.reason else None
        case NoteOn():
            return PREFIX + f"part/{event.part}/note", (event.pitch, event.velocity)
        case _:
            return _encode_music(event)


def _encode_music(event: Output) -> OscMessage | None:
    """The OSC message that tells of what is heard and foreseen."""
    match event:
        case Beat():
            return PREFIX + "beat", (event.bar, event.beat, event.tempo_bpm)
        case ChordHeard():
            return PREFIX + "chord/now", (event.chord, event.confidence)
        case ChordForeseen():
            return PREFIX + "chord/next", (event.chord, event.probability, float(event.beats_away))
        case KeyHeard():
            return PREFIX + "key/now", (event.key, event.confidence)
        case SongHeard():
            return PREFIX + "song/now", (event.song, event.bar, event.confidence)
        case ControlBound():
            return PREFIX + "midi/bound", (event.target, event.message, event.port, event.mode)
        case ControlForgotten():
            return PREFIX + "midi/forgotten", (event.target, event.message, event.port)
        case TurnTaken():
            return PREFIX + "turn", (event.part, event.beats)
        case SectionHeard():
            return PREFIX + "section", (event.section, event.bar, int(event.returns), event.confidence)
        case _:
            return None
