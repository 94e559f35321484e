"""Reads a chart from a file, text or MIDI, and hands it to the band as one of its inputs."""

from dataclasses import dataclass, replace
from pathlib import Path

from daemon.chart_from_midi import find_chart
from daemon.config import ConfigError
from daemon.midi_file import MAX_FILE_BYTES, MidiFileError, Script
from realtime.core.chart import MAX_CHART_CHARACTERS, BadChart, parse_chart, written
from realtime.core.events import ActionRequested, Stamped
from realtime.core.meter import Meter

MIDI_SUFFIXES = (".mid", ".midi", ".smf", ".kar")


@dataclass(frozen=True, slots=True)
class ChartFile:
    """A chart as a file has it: its text, and its metre if the file says so (MIDI does, text does not)."""

    path: Path
    text: str
    meter: Meter | None = None

    def action(self, meter: Meter) -> ActionRequested:
        """What puts it on the stand of a band that plays in `meter`.

        Raises:
            ConfigError: it does not fit into bars of `meter`.
        """
        if self.meter is not None and self.meter.beats_per_bar != meter.beats_per_bar:
            raise ConfigError([f"--chart {self.path}: is in {self.meter}, but the music is in {meter}"])
        try:
            parse_chart(self.text, meter.beats_per_bar)
        except BadChart as error:
            raise ConfigError([f"--chart {self.path}: {error}"]) from None
        return ActionRequested("chart", (self.text,), "file")


def open_chart(path: Path, *, trim: bool = False) -> ChartFile:
    """The chart in a file; `trim`: without the silent bars at the beginning of a MIDI file.

    Raises:
        ConfigError: it cannot be read, or has no chart; the text says where and why.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError([f"--chart {path}: cannot be read: {error.strerror or error}"]) from None
    is_midi = data[:4] == b"MThd" or path.suffix.lower() in MIDI_SUFFIXES
    most = MAX_FILE_BYTES if is_midi else 4 * MAX_CHART_CHARACTERS
    if len(data) > most:
        raise ConfigError([f"--chart {path}: is larger than {most} bytes"])
    try:
        if is_midi:
            found = find_chart(data, trim=trim)
            return ChartFile(path, written(found.chart), found.meter)
        return ChartFile(path, data.decode("utf-8-sig"))
    except (MidiFileError, UnicodeDecodeError) as error:
        raise ConfigError([f"--chart {path}: {error}"]) from None


def read_chart(path: Path, meter: Meter) -> ActionRequested:
    """The chart in a file, checked for bars of `meter`, beat by beat as the file has it.

    Raises:
        ConfigError: it cannot be read, or is no chart; the text says where and why.
    """
    return open_chart(path).action(meter)


def with_chart(script: Script, chart: ActionRequested) -> Script:
    """The script with the chart on the stand before the music starts."""
    inputs = list(script.inputs)
    start = next(
        place for place, stamped in enumerate(inputs) if getattr(stamped.event, "path", "") == "transport/start"
    )
    inputs.insert(start, Stamped(inputs[start].at, chart))
    return replace(script, inputs=tuple(inputs))
