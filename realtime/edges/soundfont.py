"""SoundFonts: read by the extension, and played offline from MIDI messages."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from realtime.core.units import Micros
from realtime.edges.engine import dsp

_MIDI_EVENT: Final = struct.Struct("<qBBBB")
EXCLUSIVE: Final = 0xF0


class BadSoundFont(ValueError):
    """A SoundFont that cannot be read, or is broken; the text says where and why."""


class GpuUnavailable(RuntimeError):
    """The graphics processor is not there, or failed; the text says how, in a line."""


def load_soundfont(path: Path) -> Any:  # noqa: ANN401 - the extension's own class
    """A SoundFont file of any size: what is in it is known, its samples are loaded where they are played.

    Raises:
        BadSoundFont: the file cannot be read, or is broken.
        EngineUnavailable: the extension is not built.

    Thread: any one; it may wait for a disk.
    """
    try:
        return dsp().SoundFont(path)
    except OSError as problem:
        raise BadSoundFont(f"{path}: cannot be read: {problem.strerror or problem}") from None
    except ValueError as problem:
        raise BadSoundFont(f"{path}: is no SoundFont that can be played: {problem}") from None


def pack_midi(messages: Sequence[tuple[Micros, bytes]]) -> bytes:
    """MIDI channel and system-exclusive messages, each with its time, as the extension takes them.

    Thread: any one.
    """
    return b"".join(_pack(at, data) for at, data in messages)


def _pack(at: Micros, data: bytes) -> bytes:
    if data[0] != EXCLUSIVE:
        return _MIDI_EVENT.pack(at, data[0] & 0x0F, *data.ljust(3, b"\0"))
    packed = dsp().pack_exclusive(data)
    return b"" if packed is None else _MIDI_EVENT.pack(at, *packed)


def render_midi(
    soundfont: Path,
    messages: Sequence[tuple[Micros, bytes]],
    *,
    rate: int = 48_000,
    effects: bool = True,
    device: str = "cpu",
) -> bytes:
    """What MIDI messages, each with its time, sound like with a SoundFont: as `render_outputs` gives it.

    Raises:
        GpuUnavailable: `device` is gpu, and there is none, or it failed.
        BadSoundFont: the file cannot be read, or is broken.
        EngineUnavailable: the extension is not built.
        ValueError: `rate` or a message is out of the engine's range; the text says which.

    Thread: any one; it computes, so not where music plays.
    """
    font = load_soundfont(soundfont)
    module, packed = dsp(), pack_midi(messages)
    try:
        samples: bytes = module.render_midi(font, packed, rate=rate, effects=effects, device=device)[0]
    except RuntimeError as problem:
        raise GpuUnavailable(str(problem)) from None
    except OSError as problem:
        raise BadSoundFont(f"{soundfont}: cannot be played: {problem}") from None
    return samples
