"""Reads a chart out of a MIDI file: the chord symbols that are written in it, or else the chords that are played."""

from dataclasses import dataclass

from daemon.chart_hearing import played_chords
from daemon.chart_symbols import written_chords, written_sections
from daemon.midi_file import MidiFileError, merged, parse_file
from daemon.midi_grid import MidiGrid
from realtime.core.chart import MAX_BARS, Chart
from realtime.core.meter import Meter


@dataclass(frozen=True, slots=True)
class FoundChart:
    """A chart, the metre it is in, and whether it was written in the file (or else heard)."""

    chart: Chart
    meter: Meter
    is_written: bool


def find_chart(data: bytes, *, trim: bool = False) -> FoundChart:
    """The chart in the bytes of a MIDI file; `trim`: silent bars at the beginning are left out, too.

    Raises:
        MidiFileError: these bytes are no MIDI file, or one without chords; the text says what is wrong.
    """
    file = parse_file(data)
    messages = merged(file.tracks)
    grid = MidiGrid(messages, file.ticks_per_beat)
    written = written_chords(file.tracks, grid)
    beats = written or played_chords(messages, grid)
    per_bar = grid.meter.beats_per_bar
    sounding = [beat for beat, chord in enumerate(beats) if chord is not None]
    if not sounding:
        raise MidiFileError("has no chords: neither written as symbols nor played (the drums do not count)")
    first = sounding[0] // per_bar if trim else 0
    last = -(-(len(beats) if written else sounding[-1] + 1) // per_bar)
    if last - first > MAX_BARS:
        raise MidiFileError(f"has {last - first} bars, but a chart has at most {MAX_BARS}")
    beats = (beats + [None] * per_bar)[first * per_bar : last * per_bar]
    sections = tuple((bar - first, name) for bar, name in written_sections(file.tracks, grid) if first <= bar < last)
    return FoundChart(Chart(tuple(beats), per_bar, sections), grid.meter, bool(written))
