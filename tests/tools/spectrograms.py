"""Draws a spectrogram of every instrument of the engine at three velocities, all on one sheet. Needs matplotlib.

    python -m tests.tools.spectrograms -o FOLDER [--instrument NAME ...] [--pitch N]

Time runs to the right (1.6 s, the key goes up after 1 s), frequency upwards on a logarithmic scale from 40 Hz to
20 kHz, and 90 dB lie between black and white. The three velocities share one scale, so that what a harder stroke adds
can be seen. One picture an instrument, and `sheet.png` with all of them small.
"""

import argparse
import itertools
import struct
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from realtime import _dsp

RATE: Final = 48_000
VELOCITIES: Final = (30, 75, 120)
SECONDS: Final = 1.6
HELD_SECONDS: Final = 1.0
WINDOW: Final = 4_096
HOP: Final = 256
LOWEST_HZ: Final = 40.0
HIGHEST_HZ: Final = 20_000.0
RANGE_DB: Final = 90.0
ROWS: Final = 220
PITCHES: Final = {"finger_bass": 33, "upright_bass": 33, "nylon_guitar": 52, "lead": 69}
"""Where an instrument is at home; the others play middle C."""
STROKES: Final = {"drum_kit": (36, 38, 42, 51), "brush_kit": (36, 26, 38, 51)}
"""Kits play four pieces, a new one each 0.4 s: kick, snare (brushes: swirl, tap), hat, ride."""

Sound = npt.NDArray[np.float32]


def play(name: str, velocity: int, pitch: int | None = None) -> Sound:
    """One note, or four strokes, without effects: mono samples."""
    number = _dsp.INSTRUMENTS.index(name)
    events = [struct.pack("<qBBBBf", 0, 5, 0, number, 0, 0.0)]
    if name in STROKES:
        for index, stroke in enumerate(STROKES[name]):
            events.append(struct.pack("<qBBBBf", index * 400_000, 1, 0, stroke, velocity, 0.0))
    else:
        key = PITCHES.get(name, 60) if pitch is None else pitch
        events.append(struct.pack("<qBBBBf", 0, 1, 0, key, velocity, 0.0))
        events.append(struct.pack("<qBBBBf", int(HELD_SECONDS * 1e6), 0, 0, key, velocity, 0.0))
    until = int(SECONDS * 1e6)
    samples = _dsp.render(b"".join(events), rate=RATE, effects=False, tail_seconds=0.0, until_micros=until)
    sound: Sound = np.frombuffer(samples, np.float32).reshape(-1, 2).mean(axis=1)
    return sound


def spectrogram(sound: Sound) -> npt.NDArray[np.float64]:
    """Levels in dB, `ROWS` logarithmic bands from low to high × frames of `HOP` samples."""
    padded = np.concatenate([np.zeros(WINDOW // 2, np.float32), sound, np.zeros(WINDOW, np.float32)])
    starts = range(0, len(sound), HOP)
    frames = np.stack([padded[start : start + WINDOW] for start in starts]) * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2 / (WINDOW / 4) ** 2
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, ROWS + 1) * WINDOW / RATE
    pairs = [(int(low), max(int(high), int(low) + 1)) for low, high in itertools.pairwise(edges)]
    bands = [power[:, low:high].max(axis=1) for low, high in pairs]
    levels: npt.NDArray[np.float64] = 10 * np.log10(np.stack(bands) + 1e-14)
    return levels


def draw(plt: Any, names: list[str], path: Path, *, height: float, pitch: int | None, dots: int) -> None:
    """A row an instrument, a column a velocity."""
    figure, axes = plt.subplots(
        len(names), len(VELOCITIES), figsize=(9, height * len(names)), squeeze=False, sharex=True, sharey=True
    )
    for row, name in zip(axes, names, strict=True):
        pictures = [spectrogram(play(name, velocity, pitch)) for velocity in VELOCITIES]
        top = max(float(picture.max()) for picture in pictures)
        for axis, picture, velocity in zip(row, pictures, VELOCITIES, strict=True):
            extent = (0, SECONDS, np.log10(LOWEST_HZ), np.log10(HIGHEST_HZ))
            axis.imshow(
                picture, origin="lower", aspect="auto", extent=extent, vmin=top - RANGE_DB, vmax=top, cmap="magma"
            )
            axis.set_yticks([2, 3, 4], ["100 Hz", "1 kHz", "10 kHz"], fontsize=6)
            axis.tick_params(labelsize=6, length=2)
            label = name.replace("_", " ") if velocity == VELOCITIES[0] else ""
            axis.set_title(f"{label}  velocity {velocity}".strip(), fontsize=7, pad=2, loc="left")
    figure.tight_layout(pad=0.3)
    figure.savefig(path, dpi=dots)
    plt.close(figure)
    _shrink(path)


def _shrink(path: Path) -> None:
    """Stores a picture with 64 colours, a third of the bytes."""
    from PIL import Image  # noqa: PLC0415 - comes with matplotlib

    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(64)
    few.save(path, optimize=True)


def main(arguments: list[str]) -> int:
    """Draws what was asked for; 2 if matplotlib is missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.spectrograms", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--instrument", action="append", choices=_dsp.INSTRUMENTS, metavar="NAME")
    parser.add_argument("--pitch", type=int, metavar="N", help="MIDI pitch instead of each instrument's own")
    chosen = parser.parse_args(arguments)
    try:
        import matplotlib as mpl  # noqa: PLC0415 - only this tool needs it
    except ImportError:
        sys.stderr.write("matplotlib is not installed; pip install 'sideman[plots]'\n")
        return 2
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    chosen.output.mkdir(parents=True, exist_ok=True)
    names = chosen.instrument or list(_dsp.INSTRUMENTS)
    for name in names:
        draw(plt, [name], chosen.output / f"{name}.png", height=3.0, pitch=chosen.pitch, dots=110)
    draw(plt, names, chosen.output / "sheet.png", height=0.8, pitch=chosen.pitch, dots=100)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
