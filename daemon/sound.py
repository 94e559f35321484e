"""The sound engine as the process sees it: opened for live playing, or honestly absent."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.config import Config
from daemon.part_presets import find_presets
from realtime.core.events import Output, Stamped
from realtime.edges.clock import Clock
from realtime.edges.engine import EnginePort, EngineUnavailable, dsp
from realtime.edges.engine_statistics import Device, EngineStatistics
from realtime.edges.soundfont import BadSoundFont, load_soundfont

NULL: Final = "null"
LIVE_WAV_NAME: Final = "live.wav"
SILENT_DEVICE: Final = "Discard all samples"
"""ALSA's null device, which is there where no sound card is."""


class SoundSink:
    """The engine, with or without the player's own notes."""

    name: Final = "sound"

    def __init__(self, engine: EnginePort, *, monitor: bool) -> None:
        self._engine = engine
        self._monitor = monitor

    def send(self, outputs: Sequence[Stamped[Output]]) -> None:
        """Takes outputs; each is heard at its time."""
        if not self._monitor:
            outputs = [s for s in outputs if getattr(s.event, "part", "") != "player"]
        self._engine.send(outputs)

    async def run(self) -> None:
        """Says when the device goes away and when there is sound again, for ever."""
        await self._engine.run()

    def close(self) -> None:
        """Silences everything."""
        self._engine.close()

    def statistics(self) -> EngineStatistics:
        """How the engine does; the peaks are those since it was last asked."""
        return self._engine.statistics()

    def report(self) -> EngineStatistics:
        """The same; the peaks stay for who asks for them."""
        return self._engine.report()


@dataclass(frozen=True, slots=True)
class OpenedSound:
    """The engine, or None and why; `name` is what the ready line says."""

    name: str
    sink: SoundSink | None = None
    troubles: tuple[str, ...] = ()


def engine_problem() -> str:
    """Why the compiled engine cannot be used; empty if it can."""
    try:
        dsp()
    except EngineUnavailable as problem:
        return str(problem)
    return ""


def open_engine(config: Config, clock: Clock, wav_folder: Path) -> OpenedSound:
    """The engine with its device, as configured; never raises for what a machine may lack.

    Where the device is missing, the null device plays, and sound comes as soon as the device does. Where the engine is
    missing, or can open no device at all, the band plays on over MIDI.
    """
    audio = config.audio
    troubles: tuple[str, ...] = ()
    bank = ""
    try:
        engine = EnginePort(clock, rate=audio.rate, frames=audio.frames)
        bank, troubles = _use_soundfont(engine, config)
        device = engine.start(
            audio.device,
            host=_host(config),
            wav_path=wav_folder / LIVE_WAV_NAME if audio.device == "wav" else None,
            parameters=config.performer_parameters(),
            patient=True,
        )
    except (EngineUnavailable, ValueError) as problem:
        if audio.device == NULL:
            return OpenedSound(NULL, None, troubles)
        return OpenedSound("none", None, (*troubles, f"{problem}; the band plays on without sound"))
    sink = SoundSink(engine, monitor=audio.monitor)
    if device.trouble:
        waits = f"audio device {audio.device!r}: {device.trouble}; the band plays on, and is heard when there is one"
        return OpenedSound("none", sink, (*troubles, waits))
    return OpenedSound(f"{device}{bank}", sink, troubles)


def _host(config: Config) -> str | None:
    return None if config.audio.host == "auto" else config.audio.host


def try_device(config: Config, clock: Clock) -> Device:
    """Opens the configured device for a moment: what it runs at.

    Raises:
        EngineUnavailable: it does not open; the text says why.
    """
    engine = EnginePort(clock, rate=config.audio.rate, frames=config.audio.frames)
    try:
        return engine.start(config.audio.device, host=_host(config))
    finally:
        engine.close()


def _use_soundfont(engine: EnginePort, config: Config) -> tuple[str, tuple[str, ...]]:
    """What the name of the sound says of the SoundFont, and what is wrong with it; without, own instruments play."""
    path = config.audio.soundfont
    if not path:
        return "", ()
    try:
        font = load_soundfont(Path(path).expanduser())
    except BadSoundFont as problem:
        return ", own instruments", (f"audio.soundfont: {problem}; the built-in instruments play",)
    presets, troubles = find_presets(config.audio.presets, font.presets)
    try:
        engine.use_soundfont(font, presets)
    except OSError as problem:
        return ", own instruments", (f"audio.soundfont: {path}: {problem}; the built-in instruments play",)
    return f", {font.name or Path(path).name}", tuple(troubles)


def can_be_heard(config: Config) -> bool:
    """Whether there is a device that makes sound; one that was asked for by name is taken to be."""
    if config.audio.device != "auto":
        return config.audio.device != NULL
    return any(not name.split(": ", 1)[1].startswith(SILENT_DEVICE) for name in audio_devices())


def audio_devices() -> list[str]:
    """Names of the audio devices that can be played on, the usual one marked."""
    try:
        found = dsp().devices()
    except EngineUnavailable:
        return []
    return [f"{d['host']}: {d['name']}{' (default)' if d['default'] else ''}" for d in found]
