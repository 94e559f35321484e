"""`key`: the notes go in, on the true beats; which key is told on each beat, against the tune's.

Judged after 8 and 16 bars (the tonic of the scale, as `relative`; tonic and mode, as `right`), on all beats, and by
how far its confidence can be trusted (`ece`). A modulation is made by playing on in another key from the middle bar
line of the tune on, by an interval that the tune's name decides; it counts where the plain tune was in its key just
before and for four bars after (`fifth`: those of them that go a fifth up or down). `natural`: those that the data
tells. A false move is told where no modulation is. Few data tell modes: `turned` plays a tune of one key with its notes
moved into another mode, note by note (the name decides which), and judges the beats from the middle on.
"""

import zlib
from collections.abc import Iterable, Iterator
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
from realtime.core.evidence import Ear, Evidence
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
        for kind in ("modulation", "fifth", "natural")
        for name, figure in (("within_4_bars", SHARE), ("beats", MEDIAN))
    },
    "turned.right": SHARE,
    "turned.mode": SHARE,
    "plain.told_as_mode": SHARE,
}

MODE_CHANGES: Final[dict[str, tuple[tuple[int, int], ...]]] = {
    "mixolydian": ((11, 10),),
    "lydian": ((5, 6),),
    "dorian": ((8, 9), (11, 10)),
    "phrygian": ((2, 1), (11, 10), (9, 8)),
}
"""From which degree to which notes go, in semitones above the tonic, to turn major (the first two) or minor into it."""

Told = list[tuple[Key | None, float]]


def evidence_of(notes: Iterable[TuneNote], tune: Tune, grid: Grid) -> Iterator[Evidence]:
    """What the ear has of each beat, as the notes are played."""
    clock = BeatClock(grid, tempo_of(tune))
    presses = iter(key_presses(notes, grid, clock))
    ear, parser = Ear(), MidiParser()
    waiting = next(presses, None)
    for beat in range(grid.beats):
        start, end = (Micros(clock.at_beat(edge) - EARLY_MICROS) for edge in (beat, beat + 1))
        while waiting is not None and waiting.at < end:
            if isinstance(waiting.event, MidiReceived):
                for message in parser.feed(waiting.event.data):
                    ear.take(message, waiting.at)
            waiting = next(presses, None)
        yield ear.evidence(start, end)


def hear(beats: Iterable[Evidence]) -> Told:
    """Listens; the key told after each beat, and its confidence."""
    finder = KeyFinder()
    told: Told = []
    for evidence in beats:
        finder.take(evidence)
        told.append((finder.key, finder.confidence))
    return told


def judge(tune: Tune, order: BandOrder) -> Tally | None:
    """Marks the keys told of a tune."""
    if not tune.keys:
        return None
    grid = grid_of(tune)
    notes = played_notes(tune, grid, order)
    told, keys = hear(evidence_of(notes, tune, grid)), keys_on_beats(tune, grid)
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
    if len(set(keys)) == 1:
        _mark_turned(tally, tune, notes, told, keys[0])
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
    later = hear(evidence_of(moved, tune, grid))[middle:]
    for kind in ("modulation", "fifth") if up in (5, 7) else ("modulation",):
        _mark(tally, kind, later, wanted, grid)


def _moved(note: TuneNote, shift: int) -> TuneNote:
    pitch = note.pitch + shift
    return replace(note, pitch=pitch if 0 <= pitch < 128 else note.pitch - shift)


def _ended(note: TuneNote, by: float) -> TuneNote:
    """The note, no longer than until the music moves."""
    return replace(note, length=min(note.length, by - note.start))


def turned_note(note: TuneNote, tonic: int, mode: str) -> TuneNote:
    """The note where the mode on that tonic has it."""
    degree = (note.pitch - tonic) % 12
    return replace(note, pitch=note.pitch + dict(MODE_CHANGES[mode]).get(degree, degree) - degree)


def _mark_turned(tally: Tally, tune: Tune, notes: list[TuneNote], told: Told, key: tuple[int, bool]) -> None:
    """Plays it again in another mode; `plain`: how often it was told to be in one as it is."""
    grid, (tonic, minor) = grid_of(tune), key
    choice = ("dorian", "phrygian") if minor else ("mixolydian", "lydian")
    mode = choice[zlib.crc32(tune.name.encode()) // 11 % 2]
    heard = hear(evidence_of((turned_note(note, tonic, mode) for note in notes), tune, grid))
    for (here, _), (plain, _) in zip(heard[grid.beats // 2 :], told[grid.beats // 2 :], strict=True):
        tally.add("turned.right", here is not None and (here.tonic, here.minor) == key)
        tally.add("turned.mode", here == Key(tonic, minor, mode))
        tally.add("plain.told_as_mode", plain is not None and plain.mode != "")


def _mark(tally: Tally, kind: str, told: Told, wanted: list[int | None], grid: Grid) -> None:
    """How long it took until the key told was the one wanted."""
    pairs = zip(told, wanted, strict=False)
    beats = next((n for n, ((key, _), scale) in enumerate(pairs, start=1) if _scale(key) == scale), None)
    tally.add(f"{kind}.within_4_bars", beats is not None and beats <= SOON_BARS * grid.meter.beats_per_bar)
    tally.lasted(f"{kind}.beats", 10_000 if beats is None else beats)


KEY: Final = Task("key", "a key", FIGURES, judge)
