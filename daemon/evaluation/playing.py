"""A tune as a player plays it: its notes on the keys, in time, as the messages that come in."""

from collections.abc import Iterable
from typing import Final

from daemon.evaluation.corpus import ChartSpan, Tune, TuneNote
from daemon.evaluation.grid import Grid
from realtime.core.events import ActionRequested, Input, MidiReceived, ParameterSet, Stamped
from realtime.core.timeline import Timeline, micros_per_quarter
from realtime.core.units import MAX_TEMPO_BPM, MIN_TEMPO_BPM, Micros, Ticks, clamp

DEFAULT_TEMPO_BPM: Final = 100.0
PORT: Final = "player"

_BASS_FROM: Final = 36
_CHORD_FROM: Final = 52
"""Chords of a chart without notes: a bass below the tenor, the chord's notes round the middle."""

_CHORD_VELOCITY: Final = 72


def tempo_of(tune: Tune) -> float:
    """The tempo a tune is played at, in quarters a minute."""
    return clamp(tune.tempo_bpm or DEFAULT_TEMPO_BPM, MIN_TEMPO_BPM, MAX_TEMPO_BPM)


def performed_notes(tune: Tune, grid: Grid) -> tuple[TuneNote, ...]:
    """All that a player plays: every track and the melody, or the melody over the chart's chords."""
    tracks = [notes for name, notes in tune.tracks if "drum" not in name.lower() and notes]
    if not tracks:
        return (*tune.melody, *voiced(tune.chart, grid))
    is_among = any(name.lower() == "melody" for name, _ in tune.tracks) or any(
        _same_line(tune.melody, track) for track in tracks
    )
    return (*(() if is_among else tune.melody), *(note for track in tracks for note in track))


def _same_line(melody: tuple[TuneNote, ...], track: tuple[TuneNote, ...]) -> bool:
    places = {(note.start, note.pitch) for note in track}
    return all((note.start, note.pitch) in places for note in melody)


def voiced(chart: Iterable[ChartSpan], grid: Grid) -> list[TuneNote]:
    """The chart's chords in the plainest voicing, struck where they change and again at each bar line."""
    lines = [grid.edges[bar] for bar in grid.bars]
    notes = []
    for span in chart:
        if span.chord is None:
            continue
        end = span.start + span.length
        strikes = [span.start, *(line for line in lines if span.start < line < end)]
        chord = span.chord.chord
        pitches = [_BASS_FROM + chord.bass, *(_CHORD_FROM + (pc - _CHORD_FROM) % 12 for pc in chord.pitch_classes)]
        for start, until in zip(strikes, [*strikes[1:], end], strict=True):
            notes += [TuneNote(start, until - start, pitch, _CHORD_VELOCITY) for pitch in pitches]
    return notes


def moved_up(notes: Iterable[TuneNote], semitones: int, since: float) -> list[TuneNote]:
    """The notes, those from `since` on moved up; an octave lower where the keyboard ends."""
    moved = []
    for note in notes:
        pitch = note.pitch + semitones
        there = pitch if pitch < 128 else pitch - 12
        moved.append(TuneNote(note.start, note.length, there, note.velocity) if note.start >= since else note)
    return moved


class BeatClock:
    """When each place of a grid comes: one true beat is one beat of the band, whatever the meter does later."""

    def __init__(self, grid: Grid, tempo_bpm: float) -> None:
        self._grid = grid
        self._timeline = Timeline(micros_per_quarter=micros_per_quarter(tempo_bpm))

    def at_beat(self, beat: float) -> Micros:
        """When a place in beats comes."""
        ticks = round(beat * self._grid.meter.beat_ticks)
        return self._timeline.micros_at(Ticks(ticks))

    def at(self, quarters: float) -> Micros:
        """When a place in quarters comes."""
        return self.at_beat(self._grid.position(quarters))


def key_presses(notes: Iterable[TuneNote], grid: Grid, clock: BeatClock) -> list[Stamped[Input]]:
    """The notes as messages, in order of time; a key that is struck again is let go first."""
    struck_again: dict[int, int] = {}
    messages: list[tuple[int, int, bytes]] = []
    starts: dict[tuple[int, int], tuple[int, int]] = {}
    for note in notes:
        begin, end = clock.at(note.start), clock.at(note.start + note.length)
        before = starts.get((begin, note.pitch), (0, 0))
        starts[begin, note.pitch] = (max(end, begin + 1, before[0]), max(note.velocity, before[1]))
    for (onset, pitch), (release, velocity) in sorted(starts.items(), reverse=True):
        until = min(release, struck_again.get(pitch, release))
        struck_again[pitch] = onset
        messages.append((onset, 1, bytes([0x90, pitch, velocity])))
        messages.append((until, 0, bytes([0x80, pitch, 0])))
    messages.sort()
    return [Stamped(Micros(at), MidiReceived(PORT, data)) for at, _, data in messages]


def start_of_play(grid: Grid, tempo_bpm: float) -> list[Stamped[Input]]:
    """The tempo and the meter set, and the transport started: beat 0 is now."""
    meter = (grid.meter.numerator, grid.meter.denominator)
    return [
        Stamped(Micros(0), ParameterSet("transport/tempo", tempo_bpm)),
        Stamped(Micros(0), ActionRequested("transport/meter", meter)),
        Stamped(Micros(0), ActionRequested("transport/start")),
    ]
