"""Mixes a session or a MIDI file down to a WAV file, with the same engine that sounds live."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from daemon.graphics import choose_device
from daemon.midi_file import MidiFileError
from daemon.midi_song import read_messages, read_song
from daemon.session_format import BadLog
from daemon.session_reader import open_session
from realtime.core.events import (
    ControlChange,
    NoteOff,
    NoteOn,
    Output,
    ParameterChanged,
    PitchBend,
    Stamped,
)
from realtime.core.units import MICROS_PER_SECOND, Micros
from realtime.edges.engine import EngineUnavailable, render_outputs, write_wav
from realtime.edges.soundfont import BadSoundFont, GpuUnavailable, render_midi

SESSION_BITS: Final = 24
BUILT_IN_ON_CPU: Final = "--device gpu: the built-in instruments play on the CPU; the GPU is for --soundfont"
MOST_SECONDS: Final = 3600
"""A mix is made in memory: an hour at 48 kHz takes 1.4 GB."""


@dataclass(frozen=True, slots=True)
class MixReport:
    """How the mix came out; the figures are None if there is none, and `trouble` says why."""

    seconds: float = 0.0
    rate: int = 0
    peak_db: float | None = None
    rms_db: float | None = None
    lufs: float | None = None
    render_seconds: float = 0.0
    device: str = "cpu"
    note: str = ""
    """What was not done as wished; empty if nothing."""
    trouble: str = ""


def mix_session(folder: Path, path: Path, *, rate: int) -> MixReport:
    """The session in `folder`, everyone in it, as a WAV file.

    Raises:
        BadLog: the log cannot be read.
    """
    session = open_session(folder)
    parameters = session.header.parameters
    outputs: list[Stamped[Output]] = [
        Stamped(Micros(0), ParameterChanged(name, value)) for name, value in parameters.items()
    ]
    outputs += [Stamped(line.at, line.event) for line in session.outputs()]
    return _mix(outputs, path, rate, effects=True)


def render_file(
    source: Path, path: Path, rate: int, *, effects: bool, soundfont: Path | None = None, device: str = "cpu"
) -> MixReport:
    """A MIDI file, or a session's folder, as a WAV file: with the built-in instruments, or with those of a SoundFont.

    `device` is cpu, gpu or auto. Where the GPU is missing or fails, the CPU does its work, and the report says so.

    Raises:
        MidiFileError: it cannot be read.
        BadSoundFont: the SoundFont cannot be read.
    """
    if source.is_dir():
        return _session_file(source, path, rate, soundfont)
    if soundfont is None:
        report = _mix(read_song(source), path, rate, effects=effects)
        return replace(report, note=BUILT_IN_ON_CPU) if device == "gpu" and not report.trouble else report
    messages = read_messages(source)
    last = messages[-1][0]
    chosen = choose_device(device, len(messages))
    try:
        report = _write(
            last, path, rate, lambda: render_midi(soundfont, messages, rate=rate, effects=effects, device=chosen)
        )
        return replace(report, device=chosen)
    except GpuUnavailable as problem:
        report = _write(last, path, rate, lambda: render_midi(soundfont, messages, rate=rate, effects=effects))
        return replace(report, note=f"{problem}; rendered on the CPU")


def _session_file(folder: Path, path: Path, rate: int, soundfont: Path | None) -> MixReport:
    if soundfont is not None:
        raise BadSoundFont(f"{soundfont}: a session is rendered with the built-in instruments")
    try:
        return mix_session(folder, path, rate=rate)
    except (BadLog, OSError) as error:
        raise MidiFileError(f"{folder}: {error}") from None


def _mix(outputs: Sequence[Stamped[Output]], path: Path, rate: int, *, effects: bool) -> MixReport:
    sounding = [s.at for s in outputs if isinstance(s.event, NoteOn | NoteOff | ControlChange | PitchBend)]
    last = max(sounding, default=Micros(0))
    return _write(last, path, rate, lambda: render_outputs(outputs, rate=rate, effects=effects))


def _write(last: Micros, path: Path, rate: int, render: Callable[[], bytes]) -> MixReport:
    if last > MOST_SECONDS * MICROS_PER_SECOND:
        return MixReport(trouble=f"the mix would be longer than {MOST_SECONDS // 60} minutes; none was made")
    began = time.perf_counter()
    try:
        samples = render()
        write_wav(path, samples, rate=rate, bits=SESSION_BITS)
    except EngineUnavailable as problem:
        return MixReport(trouble=f"no {path.name}: {problem}")
    except OSError as problem:
        return MixReport(trouble=f"{path}: cannot be written: {problem.strerror or problem}")
    took = round(time.perf_counter() - began, 3)
    import numpy as np  # noqa: PLC0415 - only where there is something to measure

    from daemon.loudness import measure  # noqa: PLC0415

    sound = np.frombuffer(samples, np.float32).reshape(-1, 2)
    loudness = measure(sound, rate)
    seconds = round(len(sound) / rate, 3)
    return MixReport(seconds, rate, loudness.peak_db, loudness.rms_db, loudness.lufs, took)
