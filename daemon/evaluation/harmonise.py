"""`harmonise`: the melody alone goes through the whole band; does what the band plays fit it, and does it move?

The chord the band plays on a beat is the one it is on in the middle of the beat. In a second playing everything from
the middle bar line on is six semitones higher: `recovery_beats` is how long it takes until the melody of the eight
beats that follow is in the band's chords nine tenths as often as eight beats were before, on average.
"""

from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.evaluation.chart import same_majmin, same_root
from daemon.evaluation.corpus import Tune, TuneNote
from daemon.evaluation.grid import Grid, chart_on_beats, grid_of
from daemon.evaluation.playing import moved_up, tempo_of
from daemon.evaluation.rehearsal import BandOrder, played_notes, rehearse
from daemon.evaluation.scores import MEAN, MEDIAN, SHARE, Kind, Tally
from daemon.evaluation.task import Task
from realtime.core.chord import Chord
from realtime.core.chord_tokens import token_of

Floats = NDArray[np.float64]

SHIFT_SEMITONES: Final = 6
WINDOW_BEATS: Final = 8
RECOVERED_SHARE: Final = 0.9

FIGURES: Final[dict[str, Kind]] = {
    "note_in_chord": SHARE,
    "note_in_committed": SHARE,
    "changes_per_bar": SHARE,
    "root": SHARE,
    "majmin": SHARE,
    "recovery_beats": MEAN,
    "recovery_beats_median": MEDIAN,
    "recovered": SHARE,
}


def judge(tune: Tune, order: BandOrder) -> Tally | None:
    """Marks how the band harmonises a tune's melody."""
    if not tune.melody:
        return None
    grid = grid_of(tune)
    shares = melody_on_beats(tune.melody, grid)
    played = played_notes(tune, grid, order, melody_only=True)
    result = rehearse(order, played, grid, tempo_of(tune))
    tally = Tally(FIGURES)
    committed = {beat: made.chord for beat, made in result.commitments.items()}
    for name, chords in (("note_in_chord", result.plans), ("note_in_committed", committed)):
        tally.add(name, fits(shares, chords).sum(), shares.sum())
    band = [result.plans.get(beat) for beat in range(grid.beats)]
    moves = sum(is_change(one, other) for one, other in pairwise(band))
    tally.add("changes_per_bar", moves, grid.beats / grid.meter.beats_per_bar)
    for beat, chart in enumerate(chart_on_beats(tune, grid)):
        if chart is None:
            continue
        tally.add("root", same_root(chart, result.plans.get(beat)))
        mode_right = same_majmin(chart, result.plans.get(beat))
        if mode_right is not None:
            tally.add("majmin", mode_right)
    tally.n = int(np.count_nonzero(shares.sum(axis=1)))
    _mark_shift(tally, tune, grid, order)
    return tally


def is_change(one: Chord | None, other: Chord | None) -> bool:
    """Whether the harmony moves from one chord to another; coming in is no move."""
    return one is not None and other is not None and token_of(one) != token_of(other)


def melody_on_beats(melody: tuple[TuneNote, ...], grid: Grid) -> Floats:
    """How long each pitch class sounds in each beat, in beats: a row a beat."""
    shares = np.zeros((grid.beats, 12))
    for note in melody:
        start, end = grid.position(note.start), grid.position(note.start + note.length)
        for beat in range(int(start), min(grid.beats, int(np.ceil(end)))):
            shares[beat, note.pitch % 12] += max(0.0, min(end, beat + 1) - max(start, beat))
    return shares


def fits(shares: Floats, chords: dict[int, Chord | None]) -> Floats:
    """How long the melody's notes are in the chord, beat by beat."""
    inside = np.zeros(len(shares))
    for beat, row in enumerate(shares):
        chord = chords.get(beat)
        if chord is not None:
            inside[beat] = row[list(chord.pitch_classes)].sum()
    return inside


def _mark_shift(tally: Tally, tune: Tune, grid: Grid, order: BandOrder) -> None:
    """Plays it again with the second half moved up."""
    shift = next((bar for bar in grid.bars if bar >= grid.beats / 2), None)
    if shift is None or shift < WINDOW_BEATS or grid.beats - shift < 2 * WINDOW_BEATS:
        return
    moved = tuple(moved_up(tune.melody, SHIFT_SEMITONES, since=grid.edges[shift]))
    shares = melody_on_beats(moved, grid)
    played = played_notes(replace(tune, melody=moved), grid, order, melody_only=True)
    inside = fits(shares, rehearse(order, played, grid, tempo_of(tune)).plans)
    ratios = running(inside[:shift], shares[:shift].sum(axis=1))
    if len(ratios) == 0:
        return
    lasted = recovery(running(inside[shift:], shares[shift:].sum(axis=1), silent=np.nan), float(ratios.mean()))
    tally.add("recovered", lasted is not None)
    if lasted is not None:
        tally.lasted("recovery_beats", lasted)
        tally.lasted("recovery_beats_median", lasted)


def running(inside: Floats, sung: Floats, silent: float | None = None) -> Floats:
    """The share of melody time in the chord over each eight beats; windows without melody give `silent`, or nothing."""
    ratios = []
    for start in range(len(sung) - WINDOW_BEATS + 1):
        time = sung[start : start + WINDOW_BEATS].sum()
        if time > 0:
            ratios.append(inside[start : start + WINDOW_BEATS].sum() / time)
        elif silent is not None:
            ratios.append(silent)
    return np.array(ratios)


def recovery(after: Floats, before: float) -> int | None:
    """The first place from which on eight beats are nine tenths as good as before; None if there is none."""
    good = np.nonzero(after >= RECOVERED_SHARE * before)[0]
    return int(good[0]) if len(good) else None


HARMONISE: Final = Task("harmonise", "a melody", FIGURES, judge)
