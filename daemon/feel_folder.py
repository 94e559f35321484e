"""How drummers sit, as it was learnt from people, put into the styles that ask for it by `feel_from`.

The statistics come from the Groove MIDI Dataset (Google LLC, CC BY 4.0); the file names its source and licence.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

LEAST_SWUNG: Final = 0.5
"""Eighths swung more than this are the first and third of three."""

_WALTZ: Final = (0, 2, 2)
"""The beats of a bar of three are felt as those of a bar of four."""


@cache
def drummers() -> dict[str, Any]:
    """Families of drummers by name."""
    file = resources.files("daemon").joinpath("feel", "drummers.json")
    families: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["families"]
    return families


def with_feel(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A style's mapping with what its family of drummers does, as the table `learnt`; unchanged where none is asked.

    Raises:
        ValueError: there is no such family.
    """
    wanted = mapping.get("feel_from")
    if not wanted or "learnt" in mapping:
        return dict(mapping)
    families = drummers()
    if wanted not in families:
        raise ValueError(f"feel_from: must be one of {', '.join(families)}, but was {wanted!r:.60}")
    places = _places(mapping)
    if not places:
        return dict(mapping)
    voices = {}
    for voice in sorted(_voices(mapping)):
        table = _table(families, wanted, voice, places[0][0])
        if table is not None:
            voices[voice] = {name: [values[at] for _, at in places] for name, values in table.items()}
    return {**mapping, "learnt": {"drift_ms": families[wanted]["drift_ms"], "voices": voices}}


def _table(families: Mapping[str, Any], family: str, voice: str, grid: int) -> Mapping[str, list[float]] | None:
    """The family's own, else that of all."""
    for name in (family, "all"):
        table: Mapping[str, list[float]] | None = families[name]["voices"].get(voice, {}).get(str(grid))
        if table is not None:
            return table
    return None


def _voices(mapping: Mapping[str, Any]) -> set[str]:
    """The drum voices that grooves and fills name; nothing where they are no tables (the reader will say so)."""
    grooves, fills = mapping.get("groove"), mapping.get("fill")
    tables = (
        [g.get("drums") for g in grooves.values() if isinstance(g, Mapping)] if isinstance(grooves, Mapping) else []
    )
    tables += list(fills) if isinstance(fills, list) else []
    return {"crash", *(voice for table in tables if isinstance(table, Mapping) for voice in table)}


def _places(mapping: Mapping[str, Any]) -> list[tuple[int, int]]:
    """For each step of the style's bar, the grid (steps a beat) and the step of it that drummers were heard on."""
    from realtime.core.meter import Meter  # noqa: PLC0415 - read only when played

    try:
        numerator, denominator = str(mapping.get("meter", "4/4")).split("/")
        beats = Meter(int(numerator), int(denominator)).beats_per_bar
        steps, swing = int(mapping.get("steps_per_beat", 4)), float(mapping.get("swing", 0.0))
    except (TypeError, ValueError):
        return []  # the reader will say what is wrong
    in_threes = steps % 3 == 0 or (steps == 2 and swing >= LEAST_SWUNG)
    grid = 3 if in_threes else 4
    within = [0, 2] if in_threes and steps == 2 else [min(grid - 1, step * grid // steps) for step in range(steps)]
    felt = _WALTZ if beats == 3 else tuple(beat % 4 for beat in range(beats))
    return [(grid, beat * grid + at) for beat in felt for at in within]
