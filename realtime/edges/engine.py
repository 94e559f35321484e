"""The sound engine: the only importer of `realtime._dsp`.

Rules. What the heart wants heard goes into the engine's ring, stamped; the engine plays it at its time. A full
ring is counted, and never waited for. The extension is imported when it is first needed, so that everything else
runs, and says plainly what is missing, where it was not built.
"""

import importlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import trio

from realtime.core.events import Output, Stamped, Value
from realtime.core.units import Micros
from realtime.edges.clock import Clock
from realtime.edges.engine_events import EVENT_SIZE, Packer, pack, panic
from realtime.edges.engine_statistics import LOST, PLAYING, Device, EngineStatistics, read_device, read_statistics

WATCH_SECONDS: Final = 0.5

log = logging.getLogger("sideman.sound")


class EngineUnavailable(RuntimeError):
    """There is no sound: the extension is not built, or no device can be opened; the text says what to do."""


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
        self._is_started = False

    def use_soundfont(self, font: Any, presets: Mapping[str, tuple[int, int]]) -> None:  # noqa: ANN401 - the extension's
        """From the next start on the parts play presets of `font`, bank and program by part; see `load_soundfont`.

        Raises:
            ValueError: no such part, or no such preset; the text says which.
            OSError: the samples of these presets cannot be read, or are broken.

        Thread: trio, before the music; it loads the presets' samples.
        """
        self._engine.use_soundfont(font, dict(presets))

    def start(
        self,
        device: str = "auto",
        *,
        host: str | None = None,
        wav_path: Path | None = None,
        parameters: Mapping[str, Value] | None = None,
        patient: bool = False,
    ) -> Device:
        """Opens a device, "auto", "null", "wav" or a name, and plays; what was opened.

        `parameters` are the heart's, as they stand: the mix begins there. With `patient`, a device that is not there
        is waited for while the null device plays; the answer's `trouble` then says so.

        Raises:
            EngineUnavailable: no such device, or it refuses; the text says which there are.

        Thread: trio, before the music; takes up to a second.
        """
        try:
            now = self._clock.now()
            opened = self._engine.start(device, host=host, wav_path=wav_path, now_micros=now, patient=patient)
        except (OSError, ValueError) as problem:
            raise EngineUnavailable(f"audio device {device!r}: {problem}") from problem
        self._is_started = True
        self._put(self._packer.mix(self._clock.now(), parameters or {}))
        return read_device(opened, self._look()["device"]["trouble"])

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """Takes `outputs`; each is heard at its time, or now if that has passed.

        Thread: trio; never waits.
        Real-time safe: no, but the far end of the ring is.
        """
        events = self._packer.pack(outputs)
        if events:
            self._put(events)

    async def run(self) -> None:
        """Says in the log when the device goes and when there is sound again, for ever. The engine itself looks for it.

        Thread: trio.
        """
        said = PLAYING
        while True:
            await trio.sleep(WATCH_SECONDS)
            seen = self.report()
            if not self._is_started or seen.state == said:
                continue
            if seen.state == LOST:
                log.warning("%s; the music goes on", seen.trouble)
            elif seen.state == PLAYING:
                log.info("there is sound again: %s", seen.device)
            said = seen.state

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
        statistics = self.report()
        self._peaks = {}
        return statistics

    def report(self) -> EngineStatistics:
        """The same, with the peaks left for who asks for `statistics`.

        Thread: trio.
        """
        return read_statistics(self._look(), self._sent, self._refused, self._peaks)

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
