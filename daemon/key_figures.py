"""What people want to know of a performance when it is over."""

from pathlib import Path
from typing import Any


def key_figures(summary: dict[str, Any], folder: Path) -> list[str]:
    """The figures of `summary`, and the files in `folder`, as lines."""
    foreseen, later = summary["foreseen"], summary["foreseen_second_half"]
    notes = ", ".join(f"{part} {count}" for part, count in summary["notes"].items())
    lines = [
        "",
        f"{summary['bars']} bars, {summary['seconds']:.1f} s, {summary['tempo_bpm']:g} bpm, {summary['key'] or '?'}"
        f" · style {summary['style']}, seed {summary['seed']}",
        f"notes: {notes}",
    ]
    if foreseen["beats"]:
        share = foreseen["same_root"] / foreseen["beats"]
        second = later["same_root"] / max(1, later["beats"])
        lines.append(
            f"chords foreseen at least a beat ahead: {share:.0%} of {foreseen['beats']} beats had the right root"
            f" ({second:.0%} in the second half)"
        )
    mix = summary["mix"]
    if mix["lufs"] is not None:
        lines.append(f"mix: {mix['lufs']} LUFS, peak {mix['peak_db']} dB, rendered in {mix['render_seconds']} s")
    files = sorted(path.name for path in folder.iterdir())
    lines.append(f"files in {folder}: {', '.join(files)}")
    return lines
