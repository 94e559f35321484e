"""The sound engine: the only importer of `realtime._dsp`.

Rules. What the heart wants heard goes into the engine's ring, stamped; the engine plays it at its time. A full
ring is counted, and never waited for. The extension is imported when it is first needed, so that everything else
runs, and says plainly what is missing, where it was not built.
"""

import contextlib
import importlib
import logging
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import trio

from realtime.core.events import Output, Stamped, Value
from realtime.core.units import Micros
from realtime.edges.clock import Clock
from realtime.edges.engine_events import EVENT_SIZE, Packer, pack, panic

WATCH_SECONDS: Final = 1.0
_MIDI_EVENT: Final = struct.Struct("<qBBBB")

log = logging.getLogger("sideman.sound")


class BadSoundFont(ValueError):
    """A SoundFont that cannot be read, or is broken; the text says where and why."""


class GpuUnavailable(RuntimeError):
    """The graphics processor is not there, or failed; the text says how, in a line."""


class EngineUnavailable(RuntimeError):
    """There is no sound: the extension is not built, or no device can be opened; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Device:
    """What was opened. `rate` in Hz, `frames` a block."""

    host: str
    name: str
    rate: int
    frames: int


@dataclass(frozen=True, slots=True)
class EngineStatistics:
    """How the engine does. Counts since the start; times in µs; `peaks` are linear, 1.0 is full scale."""

    running: bool
    sent: int
    refused: int
    """Events that the ring had no room for."""
    xruns: int
    late: int
    voices: int
    callback_p50: int
    callback_p99: int
    callback_worst: int
    peaks: Mapping[str, float]
    lost: bool
    """Whether the device went away."""


def dsp() -> Any:  # noqa: ANN401 - typed by its own stub, where that is wanted
    """The extension module.

    Raises:
        EngineUnavailable: it is not built for this Python.

    Thread: any one.
    """
    try:
        module = importlib.import_module("realtime._dsp")
    except ImportError as problem:
        raise EngineUnavailable(
            f"the sound engine is not built ({problem}); build it with `maturin develop --release`, "
            "or play without sound: --set audio.device=null"
        ) from problem
    if module.EVENT_SIZE != EVENT_SIZE:
        raise EngineUnavailable(
            f"the sound engine is of another version (events of {module.EVENT_SIZE} bytes, not {EVENT_SIZE}); "
            "build it again with `maturin develop --release`"
        )
    return module


def parameter_ids() -> dict[str, int]:
    """The engine's number of each of its parameters, by name.

    Raises:
        EngineUnavailable: the extension is not built.

    Thread: any one.
    """
    return {entry["name"]: entry["id"] for entry in dsp().parameters()}


def render_outputs(
    outputs: Sequence[Stamped[Output]],
    *,
    rate: int = 48_000,
    effects: bool = True,
    tail_seconds: float = 4.0,
    until: Micros | None = None,
) -> bytes:
    """What `outputs` sound like: interleaved stereo 32-bit floats, from 0 µs to `tail_seconds` after the last.

    Raises:
        EngineUnavailable: the extension is not built.
        ValueError: `rate`, `tail_seconds` or `until` is out of the engine's range; the text says which.

    Thread: any one; it computes, so not where music plays.
    """
    events = pack(outputs, parameter_ids())
    samples: bytes = dsp().render(events, rate=rate, effects=effects, tail_seconds=tail_seconds, until_micros=until)
    return samples


def render_midi(
    soundfont: Path,
    messages: Sequence[tuple[Micros, bytes]],
    *,
    rate: int = 48_000,
    effects: bool = True,
    device: str = "cpu",
) -> bytes:
    """What MIDI channel messages, each with its time, sound like with a SoundFont: as `render_outputs` gives it.

    Raises:
        GpuUnavailable: `device` is gpu, and there is none, or it failed.
        BadSoundFont: the file cannot be read, or is broken.
        EngineUnavailable: the extension is not built.
        ValueError: `rate` or a message is out of the engine's range; the text says which.

    Thread: any one; it computes, so not where music plays.
    """
    module = dsp()
    try:
        font = module.SoundFont(soundfont)
    except OSError as problem:
        raise BadSoundFont(f"{soundfont}: cannot be read: {problem.strerror or problem}") from None
    except ValueError as problem:
        raise BadSoundFont(f"{soundfont}: is no SoundFont that can be played: {problem}") from None
    packed = [_MIDI_EVENT.pack(at, data[0] & 0x0F, *data.ljust(3, b"\0")) for at, data in messages]
    try:
        samples: bytes = module.render_midi(font, b"".join(packed), rate=rate, effects=effects, device=device)[0]
    except RuntimeError as problem:
        raise GpuUnavailable(str(problem)) from None
    return samples


def write_wav(path: Path, samples: bytes, *, rate: int = 48_000, bits: int = 24) -> None:
    """Writes interleaved stereo 32-bit floats down as 16, 24 or 32 bits.

    Raises:
        EngineUnavailable: the extension is not built.
        OSError: the file cannot be written.

    Thread: any one; it may wait for a disk.
    """
    dsp().write_wav(path, samples, rate=rate, bits=bits)


class EnginePort:
    """A sink for the heart's outputs that makes them heard.

    Args:
        rate: Hz, 8000..192000; a device that cannot do it chooses its own.
        frames: a block, the smaller the sooner heard.

    Raises:
        EngineUnavailable: the extension is not built.
        ValueError: `rate` or `frames` is out of range; the text says which.

    Thread: trio.
    """

    name: Final = "sound"

    def __init__(self, clock: Clock, *, rate: int = 48_000, frames: int = 128, effects: bool = True) -> None:
        self._clock = clock
        self._engine = dsp().Engine(rate=rate, frames=frames, effects=effects)
        self._packer = Packer(parameter_ids())
        self._sent = 0
        self._refused = 0
        self._peaks: dict[str, float] = {}
        self._wish: tuple[str, str | None, Path | None] = ("auto", None, None)
        self._is_started = False
        self._is_reported = False

    def start(
        self,
        device: str = "auto",
        *,
        host: str | None = None,
        wav_path: Path | None = None,
        parameters: Mapping[str, Value] | None = None,
    ) -> Device:
        """Opens a device, "auto", "null", "wav" or a name, and plays; what was opened.

        `parameters` are the heart's, as they stand: the mix begins there.

        Raises:
            EngineUnavailable: no such device, or it refuses; the text says which there are.

        Thread: trio, before the music; takes up to a second.
        """
        self._wish = (device, host, wav_path)
        try:
            opened = self._begin()
        except (OSError, ValueError) as problem:
            raise EngineUnavailable(f"audio device {device!r}: {problem}") from problem
        self._is_started = True
        self._put(self._packer.mix(self._clock.now(), parameters or {}))
        return Device(opened["host"], opened["name"], opened["rate"], opened["frames"])

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """Takes `outputs`; each is heard at its time, or now if that has passed.

        Thread: trio; never waits.
        Real-time safe: no, but the far end of the ring is.
        """
        events = self._packer.pack(outputs)
        if events:
            self._put(events)

    async def run(self) -> None:
        """Looks once a second whether the device went away, and opens one again when there is one, for ever.

        Thread: trio; devices are opened on a thread.
        """
        while True:
            await trio.sleep(WATCH_SECONDS)
            if self._is_started and self._look()["lost"]:
                if not self._is_reported:
                    self._is_reported = True
                    log.warning("the audio device is gone; the music goes on, and looks for it")
                with contextlib.suppress(OSError, ValueError):
                    await trio.to_thread.run_sync(self._begin)
                    self._is_reported = False
                    log.info("there is sound again")

    def close(self) -> None:
        """Silences everything, and lets the device go. Twice does no harm; never raises.

        Thread: trio; takes a block or two.
        """
        if self._is_started:
            self._is_started = False
            try:
                # The engine forgets what was sent before a panic, notes still to come among them.
                self._put(panic(self._clock.now()))
                self._engine.stop()
            except (OSError, ValueError) as problem:
                log.warning("the audio device could not be closed: %s", problem)

    def statistics(self) -> EngineStatistics:
        """How the engine does; the peaks are those since it was last asked.

        Thread: trio.
        """
        seen = self._look()
        peaks, self._peaks = self._peaks, {}
        return EngineStatistics(
            running=seen["running"],
            sent=self._sent,
            refused=self._refused,
            xruns=seen["xruns"],
            late=seen["late"],
            voices=seen["voices"],
            callback_p50=seen["callback_p50_micros"],
            callback_p99=seen["callback_p99_micros"],
            callback_worst=seen["callback_max_micros"],
            peaks=peaks,
            lost=seen["lost"],
        )

    def _begin(self) -> Any:  # noqa: ANN401 - the extension's own mapping
        device, host, wav_path = self._wish
        return self._engine.start(device, host=host, wav_path=wav_path, now_micros=self._clock.now())

    def _look(self) -> Any:  # noqa: ANN401 - the extension's own mapping
        """The engine's counters. Looking clears its peaks, so they are kept here for whoever asks."""
        seen = self._engine.statistics()
        for part, peak in seen["peaks"].items():
            self._peaks[part] = max(peak, self._peaks.get(part, 0.0))
        return seen

    def _put(self, events: bytes) -> None:
        count = len(events) // EVENT_SIZE
        accepted = self._engine.send(events)
        self._sent += accepted
        self._refused += count - accepted
