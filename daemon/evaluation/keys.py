"""`key`: the notes go in, on the true beats; which key is told on each beat, against the tune's.

Judged after 8 and 16 bars (the tonic of the scale, as `relative`; tonic and mode, as `right`), on all beats, and by
how far its confidence can be trusted (`ece`). A modulation is made by playing on in another key from the middle bar
line of the tune on, by an interval that the tune's name decides; it counts where the plain tune was in its key just
before and for four bars after. `natural`: those that the data tells. A false move is told where no modulation is.
"""

import zlib
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Final

from daemon.evaluation.corpus import Tune, TuneNote
from daemon.evaluation.grid import Grid, grid_of
from daemon.evaluation.playing import BeatClock, key_presses, tempo_of
from daemon.evaluation.rehearsal import BandOrder, played_notes
from daemon.evaluation.scores import ECE, MEDIAN, SHARE, Kind, Tally
from daemon.evaluation.task import Task
from realtime.core.accompanist import EARLY_MICROS
from realtime.core.events import MidiReceived
from realtime.core.evidence import Ear
from realtime.core.key_finder import Key, KeyFinder
from realtime.core.midi_codec import MidiParser
from realtime.core.units import Micros

AFTER_BARS: Final = (8, 16)
SOON_BARS: Final = 4
"""A modulation should have been noticed so soon."""

LEAST_BARS: Final = 8
"""A tune must have so many bars before its middle and after."""

FIGURES: Final[dict[str, Kind]] = {
    **{f"{name}.after_{bars}_bars": SHARE for name in ("relative", "right") for bars in AFTER_BARS},
    "relative.all": SHARE,
    "right.all": SHARE,
    "ece": ECE,
    "false_moves_per_100_bars": SHARE,
    **{
        f"{kind}.{name}": figure
        for kind in ("modulation", "natural")
        for name, figure in (("within_4_bars", SHARE), ("beats", MEDIAN))
    },
}

Told = list[tuple[Key | None, float]]


def hear(notes: Iterable[TuneNote], tune: Tune, grid: Grid) -> Told:
    """Listens to the notes as they are played; the key told after each beat, and its confidence."""
    clock = BeatClock(grid, tempo_of(tune))
    presses = iter(key_presses(notes, grid, clock))
    ear, finder, parser = Ear(), KeyFinder(), MidiParser()
    waiting = next(presses, None)
    told: Told = []
    for beat in range(grid.beats):
        start, end = (Micros(clock.at_beat(edge) - EARLY_MICROS) for edge in (beat, beat + 1))
        while waiting is not None and waiting.at < end:
            if isinstance(waiting.event, MidiReceived):
                for message in parser.feed(waiting.event.data):
                    ear.take(message, waiting.at)
            waiting = next(presses, None)
        finder.take(ear.evidence(start, end))
        told.append((finder.key, finder.confidence))
    return told


def judge(tune: Tune, order: BandOrder) -> Tally | None:
    """Marks the keys told of a tune."""
    if not tune.keys:
        return None
    grid = grid_of(tune)
    notes = played_notes(tune, grid, order)
    told, keys = hear(notes, tune, grid), keys_on_beats(tune, grid)
    tally = Tally(FIGURES)
    tally.n = grid.beats
    for beat, ((key, confidence), (tonic, minor)) in enumerate(zip(told, keys, strict=True)):
        right = key is not None and (key.tonic, key.minor) == (tonic, minor)
        places = ["all", *(f"after_{n}_bars" for n in AFTER_BARS if beat + 1 == n * grid.meter.beats_per_bar)]
        for place in places:
            tally.add(f"relative.{place}", _scale(key) == _scale(Key(tonic, minor)))
            tally.add(f"right.{place}", right)
        if key is not None:
            tally.trust("ece", confidence, right=right)
    moves = sum(_scale(one) != _scale(other) for (one, _), (other, _) in pairwise(told) if one is not None)
    if len(set(keys)) == 1:
        tally.add("false_moves_per_100_bars", 100.0 * moves, grid.beats / grid.meter.beats_per_bar)
    _mark_natural(tally, told, keys, grid)
    _mark_modulation(tally, tune, notes, told, keys)
    return tally


def keys_on_beats(tune: Tune, grid: Grid) -> list[tuple[int, bool]]:
    """The tune's key on each beat: tonic, and whether it is minor."""
    starts = [(grid.position(start) if index else 0.0, key) for index, (start, *key) in enumerate(tune.keys)]
    keys = []
    for beat in range(grid.beats):
        tonic, minor = next(key for start, key in reversed(starts) if start <= beat + 0.5 or start == 0.0)
        keys.append((int(tonic), bool(minor)))
    return keys


def _scale(key: Key | None) -> int | None:
    """The tonic of the major key that shares a key's scale, be it major or minor."""
    return None if key is None else (key.tonic + 3 * key.minor) % 12


def _mark_natural(tally: Tally, told: Told, keys: list[tuple[int, bool]], grid: Grid) -> None:
    scales = [_scale(Key(tonic, minor)) for tonic, minor in keys]
    for beat in range(1, len(keys)):
        if scales[beat] != scales[beat - 1] and _scale(told[beat - 1][0]) == scales[beat - 1]:
            lasts = next((n for n in range(beat, len(keys)) if scales[n] != scales[beat]), len(keys)) - beat
            if lasts >= SOON_BARS * grid.meter.beats_per_bar:
                _mark(tally, "natural", told[beat:], [scales[beat]] * lasts, grid)


def _mark_modulation(tally: Tally, tune: Tune, notes: list[TuneNote], told: Told, keys: list[tuple[int, bool]]) -> None:
    """Plays it again, and on in another key from the middle on."""
    grid = grid_of(tune)
    bar = grid.meter.beats_per_bar
    middle = next((line for line in grid.bars if line >= grid.beats / 2), grid.beats)
    if middle < LEAST_BARS * bar or grid.beats - middle < LEAST_BARS * bar:
        return
    around = range(middle - 1, middle + SOON_BARS * bar)
    if any(_scale(told[beat][0]) != _scale(Key(*keys[beat])) for beat in around):
        return
    up = 1 + zlib.crc32(tune.name.encode()) % 11
    shift = up if up <= 6 else up - 12
    since = grid.edges[middle]
    moved = [_moved(note, shift) if note.start >= since else _ended(note, since) for note in notes]
    wanted = [_scale(Key((tonic + up) % 12, minor)) for tonic, minor in keys[middle:]]
    _mark(tally, "modulation", hear(moved, tune, grid)[middle:], wanted, grid)


def _moved(note: TuneNote, shift: int) -> TuneNote:
    pitch = note.pitch + shift
    return replace(note, pitch=pitch if 0 <= pitch < 128 else note.pitch - shift)


def _ended(note: TuneNote, by: float) -> TuneNote:
    """The note, no longer than until the music moves."""
    return replace(note, length=min(note.length, by - note.start))


def _mark(tally: Tally, kind: str, told: Told, wanted: list[int | None], grid: Grid) -> None:
    """How long it took until the key told was the one wanted."""
    pairs = zip(told, wanted, strict=False)
    beats = next((n for n, ((key, _), scale) in enumerate(pairs, start=1) if _scale(key) == scale), None)
    tally.add(f"{kind}.within_4_bars", beats is not None and beats <= SOON_BARS * grid.meter.beats_per_bar)
    tally.lasted(f"{kind}.beats", 10_000 if beats is None else beats)


KEY: Final = Task("key", "a key", FIGURES, judge)
