"""Closes a live session's folder: the log, then what is made from it."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from daemon import __version__
from daemon.session_folder import SUMMARY_NAME
from daemon.session_format import BadLog
from daemon.session_reader import open_session
from daemon.summary import summarise
from daemon.take import Take, write_midi_files


def close_session(take: Take, live: dict[str, Any], say: Callable[[str], None]) -> None:
    """Closes the take and writes its MIDI files and summary, `live` being how the edges did.

    What fails is said; the log is safe already.
    """
    report = take.close()
    for trouble in report.troubles:
        say(trouble)
    try:
        session = open_session(take.folder)
        write_midi_files(take.folder)
        header = session.header
        summary: dict[str, Any] = {
            "source": "live",
            "sideman": __version__,
            "style": header.parameters.get("style"),
            "seed": header.seed,
            **asdict(summarise(session.outputs())),
            "log": asdict(report),
            "timings": {"live": live},
        }
        write_summary(take.folder, summary)
    except (BadLog, OSError) as error:
        say(f"{take.folder}: the MIDI files could not be written: {error}; the log is kept")


def write_summary(folder: Path, summary: dict[str, Any]) -> None:
    """`summary.json`, for people to read too."""
    data = msgspec.json.format(msgspec.json.encode(summary), indent=2)
    (folder / SUMMARY_NAME).write_bytes(data + b"\n")
