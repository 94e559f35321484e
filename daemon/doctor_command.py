"""What `sideman doctor` found, for people and for scripts."""

import argparse
import os
from dataclasses import asdict
from typing import Any, cast

from daemon.config import ConfigError
from daemon.config_file import load

Answer = tuple[dict[str, Any], list[str]]
"""For scripts, and for people; `ok` in the former says whether all is well."""


def everything(arguments: argparse.Namespace) -> Answer:
    """Every check."""
    from daemon.doctor import examine  # noqa: PLC0415 - heavy

    findings = examine(arguments.config, arguments.set, os.environ)
    lines = []
    for finding in findings:
        lines.append(f"{'ok ' if finding.ok else 'BAD' if finding.serious else 'hm '} {finding.what}: {finding.seen}")
        if finding.fix:
            lines.append(f"      → {finding.fix}")
    is_well = all(finding.ok or not finding.serious for finding in findings)
    return {"ok": is_well, "checks": [asdict(finding) for finding in findings]}, lines


def latency(arguments: argparse.Namespace) -> Answer:
    """Pings out and in again.

    Raises:
        ConfigError: the MIDI system that is configured is not to be had.
    """
    import trio  # noqa: PLC0415 - heavy

    from daemon.loop_back import advice, measure_with  # noqa: PLC0415
    from realtime.edges.midi_backend import BackendName, MidiUnavailable  # noqa: PLC0415
    from realtime.edges.midi_system import open_backend  # noqa: PLC0415

    midi = load(arguments.config, arguments.set, os.environ).midi
    try:
        backend = open_backend(cast(BackendName, midi.backend))
        trips = trio.run(measure_with, backend, midi.inputs, midi.outputs)
    except MidiUnavailable as problem:
        raise ConfigError([f"midi.backend: {problem}"]) from None
    return {"ok": bool(trips), "round_trips": [asdict(trip) for trip in trips]}, advice(trips)
