"""A score as an audio file, by the engine."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.song.score import Score
from realtime.core.events import Part, Value
from realtime.edges.engine import render_outputs, write_wav

RATE: Final = 48_000
BITS: Final = 24
TAIL_SECONDS: Final = 3.0
MEASURED_SECONDS: Final = 180
"""The loudness of a long piece is that of its beginning."""

USUAL_REVERB: Final = 0.5
GPU_NOTE: Final = "use_gpu: the built-in instruments play on the CPU"


@dataclass(frozen=True, slots=True)
class AudioReport:
    """What was rendered; `lufs` is its loudness, `note` what was not done as wished."""

    seconds: float
    rate: int
    peak_db: float
    lufs: float
    device: str = "cpu"
    note: str = ""


def mix_parameters(instruments: Mapping[Part, str], tempo: float, reverb: float) -> list[tuple[str, Value]]:
    """The engine's settings for a piece."""
    level = 20 * math.log10(reverb / USUAL_REVERB) if reverb > 0 else -60.0
    chosen: list[tuple[str, Value]] = [(f"part/{part}/instrument", name) for part, name in instruments.items()]
    return [*chosen, ("transport/tempo", tempo), ("sound/reverb/level", max(-60.0, level))]


def render(score: Score, instruments: Mapping[Part, str], reverb: float, path: Path, *, gpu: bool) -> AudioReport:
    """Writes the audio file; its suffix says which kind.

    Raises:
        EngineUnavailable: the engine is not built.
        OSError: the file cannot be written.
    """
    import numpy as np  # noqa: PLC0415 - only where there is something to measure

    from daemon.loudness import measure  # noqa: PLC0415

    outputs = score.outputs(mix_parameters(instruments, score.tempi.changes[0][1], reverb))
    samples = render_outputs(outputs, rate=RATE, tail_seconds=TAIL_SECONDS)
    sound = np.frombuffer(samples, np.float32).reshape(-1, 2)
    if path.suffix == ".flac":
        from daemon.song.flac import flac_bytes  # noqa: PLC0415

        path.write_bytes(flac_bytes(sound, RATE))
    else:
        write_wav(path, samples, rate=RATE, bits=BITS)
    loudness = measure(sound[: MEASURED_SECONDS * RATE], RATE)
    seconds = round(len(sound) / RATE, 3)
    return AudioReport(seconds, RATE, loudness.peak_db, loudness.lufs, note=GPU_NOTE if gpu else "")
