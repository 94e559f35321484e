"""Reads a chart from a file, and hands it to the band as one of its inputs."""

from dataclasses import replace
from pathlib import Path

from daemon.config import ConfigError
from daemon.midi_file import Script
from realtime.core.chart import MAX_CHART_CHARACTERS, BadChart, parse_chart
from realtime.core.events import ActionRequested, Stamped
from realtime.core.meter import Meter


def read_chart(path: Path, meter: Meter) -> ActionRequested:
    """The chart in a text file, checked for bars of `meter`.

    Raises:
        ConfigError: it cannot be read, or is no chart; the text says where and why.
    """
    try:
        with path.open("rb") as file:
            text = file.read(4 * MAX_CHART_CHARACTERS + 1).decode()
        parse_chart(text, meter.beats_per_bar)
    except OSError as error:
        raise ConfigError([f"--chart {path}: cannot be read: {error.strerror or error}"]) from None
    except (BadChart, UnicodeDecodeError) as error:
        raise ConfigError([f"--chart {path}: {error}"]) from None
    return ActionRequested("chart", (text,), "file")


def with_chart(script: Script, chart: ActionRequested) -> Script:
    """The script with the chart on the stand before the music starts."""
    inputs = list(script.inputs)
    start = next(
        place for place, stamped in enumerate(inputs) if getattr(stamped.event, "path", "") == "transport/start"
    )
    inputs.insert(start, Stamped(inputs[start].at, chart))
    return replace(script, inputs=tuple(inputs))
