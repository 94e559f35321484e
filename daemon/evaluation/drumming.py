"""Drummers as recorded: their strokes on a grid, how far off it each falls, and how hard it is.

Reads the lines of tune files (see `daemon.evaluation.corpus`) that have a track `drums` and say their `style`, as the
Groove MIDI Dataset does (Gillick, Roberts, Engel, Eck and Bamman, "Learning to Groove with Inverse Sequence
Transformations", ICML 2019). Each take is put on the grid it fits better, four or three steps a beat.
"""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Final, NamedTuple

import msgspec

BEATS: Final = 4
"""Only bars of four quarters are read: there are hardly any others."""

GRIDS: Final = (4, 3)
FURTHEST: Final = 0.4
"""A stroke further from the grid than this share of a step is a roll or a mistake, and not micro-timing."""

FURTHEST_MS: Final = 45.0
LEAST_STROKES: Final = 24
GHOST: Final = 0.45
"""Softer than this share of the voice's loud strokes in the take is a ghost."""

VOICE_OF: Final = {
    35: "kick", 36: "kick", 38: "snare", 40: "snare", 37: "rim", 42: "hat", 22: "hat", 44: "pedal", 46: "open",
    26: "open", 51: "ride", 59: "ride", 53: "bell", 43: "tom_low", 58: "tom_low", 45: "tom_mid", 47: "tom_mid",
    48: "tom_high", 50: "tom_high", 49: "crash", 52: "crash", 55: "crash", 57: "crash",
}  # fmt: skip
"""General MIDI keys, and those of the electronic kit the set was played on."""

_FAMILIES: Final = {
    "funk": "funk", "neworleans": "funk", "soul": "soul", "hiphop": "hiphop", "jazz": "jazz", "latin": "latin",
    "afrobeat": "latin", "afrocuban": "latin", "rock": "rock", "punk": "rock", "pop": "pop", "country": "country",
    "reggae": "reggae", "gospel": "gospel", "blues": "shuffle",
}  # fmt: skip
_FAMILIES_OF_KINDS: Final = {
    "rock/shuffle": "shuffle", "funk/purdieshuffle": "shuffle", "neworleans/shuffle": "shuffle",
    "rock/rockabilly": "country", "rock/folk": "country", "jazz/funk": "funk", "jazz/fusion": "", "jazz/march": "",
    "jazz/linear": "", "neworleans/secondline": "",
}  # fmt: skip
FAMILIES: Final = tuple(sorted({*_FAMILIES.values()}))


class Stroke(NamedTuple):
    """`step` from the take's start; `lag_ms` late of it, against the take's mean; `velocity` 1..127."""

    step: int
    voice: str
    lag_ms: float
    velocity: int
    is_ghost: bool


@dataclass(frozen=True, slots=True)
class Take:
    """One drummer playing one groove; `grid` is the steps a beat."""

    family: str
    grid: int
    step_ms: float
    strokes: tuple[Stroke, ...]

    @property
    def steps_per_bar(self) -> int:
        """Steps a bar."""
        return self.grid * BEATS

    def place(self, stroke: Stroke) -> tuple[str, int]:
        """What a stroke is compared with: its voice, and its step within the bar."""
        return stroke.voice, stroke.step % self.steps_per_bar


class _Line(msgspec.Struct):
    """What matters here of a line."""

    style: str = ""
    kind: str = "beat"
    meter: str = "4/4"
    tempo: float | None = None
    tracks: dict[str, list[list[float]]] = msgspec.field(default_factory=dict)


_DECODER: Final = msgspec.json.Decoder(_Line)


def family_of(style: str) -> str:
    """The family of a style as the set names it ("jazz/swing"); "" for those that have none here."""
    return _FAMILIES_OF_KINDS.get(style, _FAMILIES.get(style.partition("/")[0], ""))


def read_takes(paths: Sequence[Path]) -> Iterator[Take]:
    """The takes in some files, in order: grooves, not fills, of a known family, of `LEAST_STROKES` or more."""
    for path in paths:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            for line in lines:
                if b'"drums"' not in line:
                    continue
                try:
                    take = _take(_DECODER.decode(line))
                except msgspec.MsgspecError:
                    continue  # other corpora write other lines
                if take is not None:
                    yield take


def _take(line: _Line) -> Take | None:
    family = family_of(line.style)
    notes = [(n[0], VOICE_OF[int(n[2])], int(n[3])) for n in line.tracks.get("drums", []) if int(n[2]) in VOICE_OF]
    if not (family and line.kind == "beat" and line.meter == "4/4" and line.tempo and len(notes) >= LEAST_STROKES):
        return None
    grid = min(GRIDS, key=lambda steps: fmean(abs(at * steps - round(at * steps)) for at, _, _ in notes))
    step_ms = 60_000 / line.tempo / grid
    near = [
        (round(at * grid), voice, (at * grid - round(at * grid)) * step_ms, velocity)
        for at, voice, velocity in notes
        if abs(at * grid - round(at * grid)) <= min(FURTHEST, FURTHEST_MS / step_ms)
    ]
    if len(near) < LEAST_STROKES:
        return None
    swing = _swing([(step, lag) for step, _, lag, _ in near], grid)
    mean = fmean(lag - swing * (step % 2) for step, _, lag, _ in near)
    loud = {
        voice: _loud([v for _, other, _, v in near if other == voice]) for voice in {voice for _, voice, _, _ in near}
    }
    strokes = [
        Stroke(step, voice, lag - swing * (step % 2) - mean, velocity, velocity < GHOST * loud[voice])
        for step, voice, lag, velocity in near
    ]
    return Take(family, grid, step_ms, tuple(sorted(strokes)))


def _swing(lags: Sequence[tuple[int, float]], grid: int) -> float:
    """How late the second sixteenth of each pair is as a habit: that is the style's swing, and not micro-timing."""
    first, second = ([lag for step, lag in lags if step % 2 == odd] for odd in (0, 1))
    return median(second) - median(first) if grid == 4 and len(first) >= 8 and len(second) >= 8 else 0.0


def _loud(velocities: Sequence[int]) -> int:
    """The velocity that nineteen in twenty strokes are not above."""
    return sorted(velocities)[int(0.95 * (len(velocities) - 1))]
