"""The melodies of what a user has: MIDI files, session logs, and tunes as JSON lines.

Of a MIDI file the lead is its track named so, or else the top line of what is played; the chords are those written
in it, or else heard. Of a session it is the player's top line, over the chords that were heard.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from daemon.chart_from_midi import find_chart
from daemon.evaluation.corpus import BadTune, parse_tune
from daemon.evaluation.melody_lines import line_of
from daemon.midi_file import MidiFileError, merged, parse_file, read_file
from daemon.midi_grid import first_meter
from daemon.models.bars import ClosedBar
from daemon.models.phrase_lines import FEWEST_NOTES, Line, top_line
from daemon.models.token_feed import BarReader
from daemon.session_format import BadLog
from daemon.session_reader import LOG_NAME, open_session
from daemon.song_time import SongTime
from daemon.training.tune_lines import lines_of
from realtime.core.chord import parse_chord
from realtime.core.chord_tokens import token_of
from realtime.core.events import ChordHeard
from realtime.core.meter import Meter
from realtime.core.phrase_words import (
    LONGEST_BAR,
    STEPS,
    Bar,
    LineNote,
    bar_quarters,
    duration_steps,
    is_triple,
    steps_of_beats,
)
from realtime.core.units import DRUM_CHANNEL, TICKS_PER_QUARTER

MIDI_SUFFIXES: Final = (".mid", ".midi", ".smf")
TUNE_SUFFIXES: Final = (".jsonl", ".jsonl.gz")
LEAD_NAMES: Final = ("melody", "lead", "vocal", "voice", "solo", "singer")
LOWEST_OF_A_LEAD: Final = 52
"""Where no track is named: lower notes are the left hand's."""

UNDER: Final = 5
"""A note so many semitones under one that sounds still is its accompaniment."""


class BadSource(ValueError):
    """A file that teaches nothing; the text says why."""


def sources_in(folder: Path) -> Iterator[Path]:
    """The files and session logs under a folder, in order of name; other files are left alone."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name == "tokens.jsonl":
            continue
        if path.name == LOG_NAME or path.name.lower().endswith((*MIDI_SUFFIXES, *TUNE_SUFFIXES)):
            # A session's folder has MIDI files, too: of the same notes.
            if path.name != LOG_NAME and (path.parent / LOG_NAME).is_file():
                continue
            yield path


def lines_from(path: Path, style: str) -> list[Line]:
    """The melodies of one file.

    Raises:
        BadSource: it is broken, or has no melody.
    """
    try:
        if path.name == LOG_NAME:
            lines = [_session_line(path, style)]
        elif path.name.lower().endswith(TUNE_SUFFIXES):
            lines = list(_tunes(path, style))
        else:
            lines = [read_file(path, lambda data: _midi_line(data, path.stem, style))]
    except (MidiFileError, BadTune, BadLog, OSError, EOFError) as problem:
        raise BadSource(str(problem)) from None
    found = [line for line in lines if line is not None]
    if not found:
        raise BadSource(f"has no melody of {FEWEST_NOTES} notes")
    return found


def _tunes(path: Path, style: str) -> Iterator[Line | None]:
    """The lines of a file of tunes; one that is no tune is left out, unless all are."""
    problem, some = None, False
    for raw in lines_of(path):
        try:
            yield line_of(parse_tune(raw), style)
            some = True
        except BadTune as bad:
            problem = bad
    if problem is not None and not some:
        raise problem


def _midi_line(data: bytes, name: str, style: str) -> Line | None:
    file = parse_file(data)
    messages = merged(file.tracks)
    if file.ticks_per_beat <= 0:
        return None
    meter = first_meter(messages)
    per_quarter = file.ticks_per_beat
    named = [t for t in file.tracks if any(word in str(t.name).lower() for word in LEAD_NAMES)]
    notes = [n for track in named for n in _notes(merged([track]))]
    if len(notes) < FEWEST_NOTES:
        notes = [note for note in _notes(messages) if note[2] >= LOWEST_OF_A_LEAD]
    chart = _chords(data, meter)
    quartered = [(start / per_quarter, length / per_quarter, pitch) for start, length, pitch in notes]
    return _line(name, style, quartered, chart, meter)


def _chords(data: bytes, meter: Meter) -> list[tuple[int, int]]:
    try:
        found = find_chart(data)
    except MidiFileError:
        return []
    beat = meter.beat_ticks * STEPS // TICKS_PER_QUARTER
    tokens = [token_of(chord) for chord in found.chart.beats]
    return [(at * beat, t) for at, t in enumerate(tokens) if at == 0 or t != tokens[at - 1]]


def _notes(messages: Sequence[tuple[int, Any]]) -> list[tuple[int, int, int]]:
    """Start, length, pitch in ticks; drums left out."""
    held: dict[tuple[int, int], int] = {}
    found: list[tuple[int, int, int]] = []
    for tick, message in messages:
        if message.type not in ("note_on", "note_off") or message.channel == DRUM_CHANNEL:
            continue
        start = held.pop((message.channel, message.note), None)
        if start is not None:
            found.append((start, max(1, tick - start), message.note))
        if message.type == "note_on" and message.velocity > 0:
            held[message.channel, message.note] = tick
    return sorted(found)


def _line(
    name: str,
    style: str,
    notes: Sequence[tuple[float, float, int]],
    chords: list[tuple[int, int]],
    meter: Meter,
) -> Line | None:
    onsets = steps_of_beats([start for start, _, _ in notes])
    placed = [
        LineNote(onset, pitch, duration_steps(length)) for onset, (_, length, pitch) in zip(onsets, notes, strict=True)
    ]
    lead = _uncovered(top_line(placed))
    if len(lead) < FEWEST_NOTES:
        return None
    quarters = bar_quarters(meter)
    bars = tuple(Bar(at, quarters) for at in range(0, lead[-1].onset + 1, quarters * STEPS))
    return Line(name, style, lead, tuple(chords), bars, is_triple(meter), None)


def _uncovered(notes: tuple[LineNote, ...]) -> tuple[LineNote, ...]:
    """Without the notes that begin far under one that sounds still."""
    kept: list[LineNote] = []
    for note in notes:
        over = kept[-1] if kept else None
        if over is None or over.onset + over.duration <= note.onset or note.pitch > over.pitch - UNDER:
            kept.append(note)
    return tuple(kept)


def _session_line(path: Path, style: str) -> Line | None:
    reader, time = BarReader(), SongTime()
    bars: list[ClosedBar] = []
    chords: list[tuple[int, int]] = []
    for line in open_session(path).outputs():
        tick = time.follow(line)
        bars += reader.read(line)
        if isinstance(line.event, ChordHeard):
            beat = (tick + TICKS_PER_QUARTER // 2) // TICKS_PER_QUARTER * STEPS
            token = token_of(parse_chord(line.event.chord))
            if chords and chords[-1][0] >= beat:
                chords[-1] = (chords[-1][0], token)
            elif not chords or chords[-1][1] != token:
                chords.append((beat, token))
    bars += reader.finish()
    return _from_bars(path.parent.name, style, bars, chords)


def _from_bars(name: str, style: str, bars: list[ClosedBar], chords: list[tuple[int, int]]) -> Line | None:
    """The player's top line of closed bars."""
    start, notes, spans = 0, [], []
    for bar in bars:
        quarters = max(1, 4 * bar.numerator // bar.denominator)
        spans.append((start, Meter(bar.numerator, bar.denominator)))
        notes += [
            (start + note.onset / TICKS_PER_QUARTER, note.duration / TICKS_PER_QUARTER, note.pitch)
            for note in bar.notes
            if note.part == "player" and note.pitch >= LOWEST_OF_A_LEAD
        ]
        start += quarters
    if not spans:
        return None
    line = _line(name, style, sorted(notes), chords, spans[0][1])
    if line is None or len({meter for _, meter in spans}) == 1:
        return line
    own = [Bar(at * STEPS, min(LONGEST_BAR, max(2, bar_quarters(meter)))) for at, meter in spans]
    last = bisect_right([bar.start for bar in own], line.notes[-1].onset)
    return Line(line.name, line.style, line.notes, line.chords, tuple(own[:last]), line.triple, None)
