"""A tune as a person might play it: when its beats come, and its notes with them, a little off.

The tempo of beat k is the tune's times exp(-(walk + swell + held + broad)). The walk is autoregressive (0.97 of the
last beat's, and normal noise of `drift`); the swell is a sine of `swell` over so many beats; `held` lengthens the last
beat of each phrase of four bars, and half as much the one before; `broadens` the last eight beats of the performance,
by more and more. What is struck at one place in the tune is struck `jitter_ms` off (normal), and each of its notes
6 ms more. A share `wrong` of the notes is missed, as many have the wrong pitch, and half as many ornaments are added.
In a pause nothing is played for so many seconds, and the music goes on from a bar line.

The noise is this model's, and no person's: real players' errors are less independent of each other.
"""

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from daemon.evaluation.corpus import Tune
from daemon.evaluation.grid import Grid, grid_of
from daemon.evaluation.playing import performed_notes, tempo_of
from daemon.evaluation.scores import Floats
from realtime.core.events import Input, MidiReceived, Stamped
from realtime.core.units import DRUM_CHANNEL, MICROS_PER_SECOND, TICKS_PER_QUARTER, Micros

LONGEST_BEATS: Final = 200
"""A performance is the tune's first so many beats."""

PHRASE_BARS: Final = 4
NOTE_MS: Final = 6.0
WALK: Final = 0.97
BROADENED_BEATS: Final = 8
SEMITONES_WRONG: Final = 2
ORNAMENT_BEATS: Final = 0.15
SILENCE_SECONDS: Final = 1.0
PORT: Final = "player"


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody plays; shares of a beat's length unless the name says otherwise."""

    name: str
    jitter_ms: float = 0.0
    drift: float = 0.0
    swell: float = 0.0
    swell_beats: int = 64
    held: float = 0.0
    broadens: float = 0.0
    wrong: float = 0.0
    pause_seconds: float = 0.0


MANNERS: Final = (
    Manner("steady", jitter_ms=15, drift=0.004),
    Manner("loose", jitter_ms=30, drift=0.010),
    Manner("ramps", jitter_ms=20, drift=0.004, swell=0.10),
    Manner("rubato", jitter_ms=25, drift=0.006, swell=0.05, swell_beats=16, held=0.12),
    Manner("rough", jitter_ms=25, drift=0.008, wrong=0.08),
    Manner("ritardando", jitter_ms=20, drift=0.004, broadens=0.5),
    Manner("pause", jitter_ms=20, drift=0.005, pause_seconds=3.1),
)
AS_PLAYED: Final = Manner("as_played")
"""For tunes that people played: nothing is added."""


@dataclass(frozen=True, slots=True)
class Performance:
    """Beats and bar lines in seconds, those in a pause left out; notes in order: seconds, until, channel, pitch,
    velocity."""

    beats: tuple[float, ...]
    bars: tuple[float, ...]
    notes: tuple[tuple[float, float, int, int, int], ...]
    pause: tuple[float, float] | None = None

    def script(self) -> list[Stamped[Input]]:
        """The notes as messages; a key that is struck again is let go first."""
        struck_again: dict[tuple[int, int], int] = {}
        messages: list[tuple[int, int, bytes]] = []
        for start, until, channel, pitch, velocity in reversed(self.notes):
            at = round(start * MICROS_PER_SECOND)
            off = min(round(until * MICROS_PER_SECOND), struck_again.get((channel, pitch), 2**62))
            struck_again[channel, pitch] = at
            messages.append((at, 1, bytes([0x90 | channel, pitch, velocity])))
            messages.append((max(off, at), 0 if off > at else 2, bytes([0x80 | channel, pitch, 0])))
        return [Stamped(Micros(at), MidiReceived(PORT, data)) for at, _, data in sorted(messages)]


def perform(tune: Tune, manner: Manner, seed: int = 0) -> Performance | None:
    """The tune's beginning in this manner; None where it has no notes, or more than one meter."""
    grid, drums = grid_of(tune), [note for name, notes in tune.tracks if "drum" in name.lower() for note in notes]
    channel = DRUM_CHANNEL if drums else 0
    written = sorted(drums or performed_notes(tune, grid), key=lambda note: (note.start, note.pitch))
    if not written or len(tune.meters) > 1:
        return None
    random = np.random.default_rng([seed, zlib.crc32(f"{tune.name}/{manner.name}".encode())])
    times, pause = _beat_times(tune, grid, manner, random)
    last = min(grid.beats, len(times) - 2)
    off: dict[float, float] = {}
    notes = []
    for note in written:
        fate, key = random.random(2)
        ours, apart, stray = random.standard_normal(3)
        place = max(0.0, _beats(note.start, grid))
        late = off.setdefault(note.start, ours * manner.jitter_ms / 1000)
        if place >= last or fate < manner.wrong:
            continue
        start = _at(times, place) + late + (apart * NOTE_MS / 1000 if manner.jitter_ms else 0.0)
        until = max(start + 0.03, _at(times, min(place + _beats(note.length, grid, 0.0), last)))
        pitch = note.pitch
        if fate < 2 * manner.wrong:
            pitch = min(127, max(0, pitch + int((2 * key - 1) * (SEMITONES_WRONG + 1))))
        notes.append((max(0.0, start), max(0.03, until), channel, pitch, max(1, note.velocity)))
        if key < manner.wrong / 2:
            ornament = max(0.0, start + stray * ORNAMENT_BEATS)
            notes.append((ornament, ornament + 0.1, channel, pitch, max(1, note.velocity)))
    beats = tuple(float(time) for time in times[:last])
    return Performance(beats, tuple(beats[bar] for bar in grid.bars if bar < last), tuple(sorted(notes)), pause)


def _beats(quarters: float, grid: Grid, begin: float | None = None) -> float:
    """Where a time stands, in beats of the one meter there is."""
    return (quarters - (grid.edges[0] if begin is None else begin)) / (grid.meter.beat_ticks / TICKS_PER_QUARTER)


def _at(times: Floats, place: float) -> float:
    beat = int(place)
    return float(times[beat] + (place - beat) * (times[beat + 1] - times[beat]))


def _beat_times(
    tune: Tune, grid: Grid, manner: Manner, random: np.random.Generator
) -> tuple[Floats, tuple[float, float] | None]:
    """When each beat comes, and one more, in seconds; and when the pause begins and ends."""
    count = min(grid.beats, LONGEST_BEATS) + 1
    numbers, phrase = np.arange(count), PHRASE_BARS * grid.meter.beats_per_bar
    walk = np.zeros(count)
    for beat in range(1, count):
        walk[beat] = WALK * walk[beat - 1] + manner.drift * random.standard_normal()
    swell = manner.swell * np.sin(2 * np.pi * numbers / manner.swell_beats)
    place = numbers % phrase
    held = manner.held * np.where(place == phrase - 1, 1.0, np.where(place == phrase - 2, 0.5, 0.0))
    broad = manner.broadens * np.clip((numbers - (count - 1 - BROADENED_BEATS)) / BROADENED_BEATS, 0.0, 1.0)
    length = 60.0 / tempo_of(tune) * grid.meter.beat_ticks / TICKS_PER_QUARTER
    times = SILENCE_SECONDS + np.concatenate([[0.0], np.cumsum(length * np.exp(walk + swell + held + broad))])
    if not manner.pause_seconds:
        return times, None
    resumes = count // 2 // grid.meter.beats_per_bar * grid.meter.beats_per_bar
    pause = float(times[resumes]), float(times[resumes] + manner.pause_seconds)
    times[resumes:] += manner.pause_seconds
    return times, pause
