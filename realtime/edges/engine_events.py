"""Outputs of the heart as the sound engine's events: sixteen bytes each, and pure.

Rules. Notes, controllers and bends go by part; channels are a matter of MIDI and mean nothing here. Of parameters
the engine knows levels and mutes (solo is turned into mutes of the others), who plays which instrument, the tempo,
and all that begins with `sound/`.
"""

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from realtime.core.events import (
    ALL_PARTS,
    BAND_PARTS,
    ControlChange,
    NoteOff,
    NoteOn,
    Output,
    ParameterChanged,
    Part,
    PitchBend,
    Stamped,
    Value,
)
from realtime.core.parameters import DEFAULTS
from realtime.core.sound_table import INSTRUMENTS, PREFIX, TEMPO
from realtime.core.units import Micros, clamp

EVENT_SIZE: Final = 16
_EVENT: Final = struct.Struct("<qBBBBf")
"""When in µs, kind, part, a, b, value."""

NOTE_OFF: Final = 0
NOTE_ON: Final = 1
CONTROL: Final = 2
PARAMETER: Final = 3
PANIC: Final = 4
INSTRUMENT: Final = 5
PITCH_BEND: Final = 6

UNITY_LEVEL: Final = 0.8
"""Where a fader stands for 0 dB."""

_DECIBELS_PER_DECADE: Final = 40.0
"""A fader's law: gain is the square of its travel, so that the upper half is where the ear works."""

SILENCE_DECIBELS: Final = -60.0
MOST_DECIBELS: Final = 12.0

_PART_NUMBER: Final[dict[Part, int]] = {part: number for number, part in enumerate(ALL_PARTS)}


def decibels(level: float) -> float:
    """A fader's level, 0..1, as decibels: 0.8 is 0 dB, 1 is +3.9 dB, 0 is silence (-60 dB)."""
    if level <= 0:
        return SILENCE_DECIBELS
    return clamp(_DECIBELS_PER_DECADE * math.log10(level / UNITY_LEVEL), SILENCE_DECIBELS, MOST_DECIBELS)


def panic(at: Micros) -> bytes:
    """The event that silences everything at `at`."""
    return _EVENT.pack(at, PANIC, 0, 0, 0, 0.0)


def pack(outputs: Sequence[Stamped[Output]], ids: Mapping[str, int]) -> bytes:
    """`outputs` as events, from the start of a piece: the mix stands at its defaults."""
    return Packer(ids).pack(outputs)


class Packer:
    """Packs outputs, and remembers which parts are muted and soloed.

    Args:
        ids: the engine's number of each of its parameters, by name (`part/bass/level` …). Parameters that it does
            not have are left out.
    """

    def __init__(self, ids: Mapping[str, int]) -> None:
        self._ids = ids
        self._values: dict[str, Value] = dict(DEFAULTS)
        self._muted: dict[Part, bool] = {}

    def mix(self, at: Micros, values: Mapping[str, Value]) -> bytes:
        """The whole mix, all levels and mutes, as events at `at`; `values` are the parameters as they stand."""
        self._values.update(values)
        self._muted.clear()
        levels = [self._level(at, part) for part in BAND_PARTS]
        moved = [name for name, value in self._values.items() if value != DEFAULTS.get(name, value)]
        others = [event for name in moved for event in self._sound(at, name, self._values[name])]
        return b"".join([*levels, *self._mutes(at), *others])

    def pack(self, outputs: Sequence[Stamped[Output]]) -> bytes:
        """`outputs` as events, in the same order; what makes no sound is left out."""
        return b"".join(event for stamped in outputs for event in self._events(stamped.at, stamped.event))

    def _events(self, at: Micros, event: Output) -> Iterator[bytes]:
        match event:
            case NoteOn(part=part, pitch=pitch, velocity=velocity):
                yield _EVENT.pack(at, NOTE_ON, _PART_NUMBER[part], pitch, velocity, 0.0)
            case NoteOff(part=part, pitch=pitch):
                yield _EVENT.pack(at, NOTE_OFF, _PART_NUMBER[part], pitch, 0, 0.0)
            case ControlChange(part=part, controller=controller, value=value):
                yield _EVENT.pack(at, CONTROL, _PART_NUMBER[part], controller, value, 0.0)
            case PitchBend(part=part, value=value):
                yield _EVENT.pack(at, PITCH_BEND, _PART_NUMBER[part], 0, 0, value / 8192)
            case ParameterChanged(path=path, value=setting):
                yield from self._parameter(at, path, setting)
            case _:
                pass

    def _parameter(self, at: Micros, path: str, value: Value) -> Iterator[bytes]:
        self._values[path] = value
        yield from self._sound(at, path, value)
        kind, _, rest = path.partition("/")
        if kind != "part":
            return
        name, _, knob = rest.partition("/")
        if knob == "level":
            yield from (self._level(at, part) for part in BAND_PARTS if part == name)
        elif knob in ("mute", "solo"):
            yield from self._mutes(at)

    def _sound(self, at: Micros, path: str, value: Value) -> Iterator[bytes]:
        """What the engine is told as it is: its own knobs, instruments, and the tempo."""
        if path.startswith(PREFIX):
            yield self._set(at, path.removeprefix(PREFIX), float(value))
        elif path == "transport/tempo":
            yield self._set(at, TEMPO, float(value))
        elif path.endswith("/instrument") and value in INSTRUMENTS:
            part = path.split("/")[1]
            numbers = [number for known, number in _PART_NUMBER.items() if known == part]
            yield from (_EVENT.pack(at, INSTRUMENT, n, INSTRUMENTS.index(str(value)), 0, 0.0) for n in numbers)

    def _level(self, at: Micros, part: Part) -> bytes:
        level = self._values[f"part/{part}/level"]
        return self._set(at, f"part/{part}/level", decibels(float(level)))

    def _mutes(self, at: Micros) -> Iterator[bytes]:
        """What changed in who is heard."""
        soloed = {part for part in BAND_PARTS if self._values[f"part/{part}/solo"]}
        for part in BAND_PARTS:
            muted = bool(self._values[f"part/{part}/mute"]) or bool(soloed and part not in soloed)
            if self._muted.get(part) != muted:
                self._muted[part] = muted
                yield self._set(at, f"part/{part}/mute", float(muted))

    def _set(self, at: Micros, name: str, value: float) -> bytes:
        if name not in self._ids:
            return b""
        return _EVENT.pack(at, PARAMETER, 0, self._ids[name], 0, value)
