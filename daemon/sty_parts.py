"""Bass lines and chords of a style file as rows: degrees of the chord they are written over, and struck chords."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median
from typing import Any, Final

from daemon.row_grid import Grid, Strike, mark_of
from daemon.sty_casm import Channel
from realtime.core.band.bassist import HIGHEST, degree_of
from realtime.core.chord import Chord
from realtime.core.style import EXACT_STEPS
from realtime.core.style_reader import LEAST_HAND_SPAN

CHORD_VOICES: Final = 1.8
"""Notes struck together on average, from which on a part plays chords and not a line."""

_AROUND: Final = 5
"""Semitones that a hand may go beyond the source's notes: other chords lie elsewhere."""

_WIDE: Final = 6
_MOST_STRUM_MS: Final = 40.0

_BASS_MARKS: Final[tuple[str, ...]] = (*"1234567", *EXACT_STEPS)

Struck = dict[int, list[Strike]]
"""The strokes of a part by the step they fall on."""


def struck(strikes: Iterable[Strike]) -> Struck:
    """The strokes by step, in order."""
    groups: Struck = defaultdict(list)
    for strike in sorted(strikes):
        groups[strike.step].append(strike)
    return groups


@dataclass(frozen=True, slots=True)
class Line:
    """What a part's rows are written against: the chord on each beat (goes round), and the length in steps."""

    grid: Grid
    steps: int
    chords: Sequence[Chord]
    over_bars: bool = False
    """Whether a held note may go over a bar line; else it is struck again there."""

    def chord_at(self, step: int) -> Chord:
        """The chord on a step."""
        return self.chords[step // self.grid.steps_per_beat % len(self.chords)]


def source_chord(channel: Channel) -> Chord:
    """The chord that a channel's notes are written over."""
    return Chord(channel.root, channel.quality, channel.root)


def bass_row(groups: Struck, line: Line, *, bass_on: bool, missing: Counter[str]) -> str:
    """What a bass plays, as degrees; notes that no degree gives are counted in `missing`.

    `bass_on`: its root is the bass note of a chord that has another.
    """
    lowest = {step: min(group, key=lambda s: s.pitch) for step, group in groups.items() if step < line.steps}
    octave = min((s.pitch for step, s in lowest.items() if s.pitch % 12 == line.chord_at(step).bass), default=128) + 12
    marks = {}
    for step, strike in lowest.items():
        chord = line.chord_at(step)
        if strike.pitch % 12 == chord.bass:
            marks[step] = "8" if strike.pitch >= octave and chord.bass == chord.root else "b" if bass_on else "1"
        else:
            marks[step] = _degree_mark(strike.pitch % 12, chord, missing)
    return _held(marks, {step: strike.steps for step, strike in lowest.items()}, line)


def _degree_mark(pitch_class: int, chord: Chord, missing: Counter[str]) -> str:
    for mark in _BASS_MARKS:
        if degree_of(chord, mark) == pitch_class:
            return mark
    missing[f"{Chord(pitch_class, '', pitch_class).name()} over {chord.name()}"] += 1
    return min("1234567", key=lambda one: abs((degree_of(chord, one) - pitch_class + 6) % 12 - 6))


def chord_row(groups: Struck, full: int, line: Line) -> str:
    """When a part strikes its chords, how hard, and how long they are held."""
    within = {step: group for step, group in groups.items() if step < line.steps}
    marks = {step: mark_of(max(strike.velocity for strike in group), full) for step, group in within.items()}
    return _held(marks, {step: max(strike.steps for strike in group) for step, group in within.items()}, line)


def _held(marks: Mapping[int, str], lengths: Mapping[int, int], line: Line) -> str:
    """A row of marks, each held; what is held for a beat or more of the next bar is struck again there."""
    row, grid = ["."] * line.steps, line.grid
    for step, next_step in pairwise([*sorted(marks), line.steps]):
        row[step] = marks[step]
        end = min(step + lengths[step], next_step)
        for place in range(step + 1, end):
            if place % grid.steps_per_bar or line.over_bars:
                row[place] = "-"
            elif end - place >= grid.steps_per_beat:
                row[place] = marks[step]
            else:
                break
    return "".join(row)


def is_chordal(sections: Sequence[Struck]) -> bool:
    """Whether a part strikes several notes at once, mostly."""
    sizes = [len({strike.pitch for strike in group}) for groups in sections for group in groups.values()]
    return bool(sizes) and fmean(sizes) >= CHORD_VOICES


def mean_beats(sections: Sequence[Struck], grid: Grid) -> float:
    """How long its notes are on average, in beats."""
    lengths = [strike.steps for groups in sections for group in groups.values() for strike in group]
    return fmean(lengths) / grid.steps_per_beat if lengths else 0.0


def hand_of(sections: Sequence[Struck], channel: Channel, beat_ms: float) -> dict[str, Any]:
    """The hand that plays like the source: where, how many notes, how they lie, and what a new chord does."""
    groups = [sorted(group, key=lambda s: s.pitch) for groups in sections for group in groups.values()]
    chords = [[s.pitch for s in group] for group in groups if len(group) > 1]
    pitches = [strike.pitch for group in groups for strike in group]
    low = max(HIGHEST + 1, min(pitches) - _AROUND, channel.rule.low if channel.rule.low < channel.rule.high else 0)
    high = max(low + LEAST_HAND_SPAN, min(96, max(pitches) + _AROUND))
    low, high = min(low, 96 - LEAST_HAND_SPAN), min(high, 96)
    sizes = [len({*chord}) for chord in chords] or [3]
    strums = [(max(s.late for s in g) - min(s.late for s in g)) / (len(g) - 1) for g in groups if len(g) > 1]
    return {
        "voicing": _family(chords, channel),
        "range": [low, high],
        "notes": max(2, min(5, round(median(sizes)))),
        "strum_ms": round(min(_MOST_STRUM_MS, median(strums) * beat_ms), 1) if strums else 3.0,
        "colours": any((pitch - channel.root) % 12 in (2, 9) for chord in chords for pitch in chord),
        "on_change": channel.rule.rtr != "stop",
    }


def _family(chords: Sequence[Sequence[int]], channel: Channel) -> str:
    if not chords:
        return "close"
    classes = [{(pitch - channel.root) % 12 for pitch in chord} for chord in chords]
    gap = fmean(above - below for chord in chords for below, above in pairwise(sorted(chord)))
    full = [kinds for kinds in classes if len(kinds) > 2]
    if full and fmean(0 in kinds for kinds in full) < 0.5:
        return "rootless"
    if gap > _WIDE:
        return "spread"
    return "triad" if full and fmean(len(kinds & {0, 3, 4, 7}) == len(kinds) for kinds in full) > 0.5 else "close"
