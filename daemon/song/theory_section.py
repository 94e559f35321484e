"""What is said about a piece's harmony: by `daemon.theory` where it is there, else the numerals alone."""

import importlib
from dataclasses import asdict, is_dataclass
from typing import Any

from daemon.song.harmony import Harmony
from daemon.song.spelling import chord_name, romans


def theory_of(harmony: Harmony, meter: str) -> dict[str, Any]:
    """Numerals and, where the theory is there, functions, cadences and an explanation, as plain data."""
    chords = [change.chord for change in harmony.changes]
    plain: dict[str, Any] = {
        "key": harmony.key.name,
        "romans": romans(chords, harmony.key),
        "chords": [chord_name(chord, harmony.key) for chord in chords],
    }
    try:
        theory: Any = importlib.import_module("daemon.theory")
    except ModuleNotFoundError:
        return plain
    analysis = theory.analyse(chords, harmony.key, meter=meter)
    return {**plain, "analysis": _plain(analysis), "explanation": _plain(theory.explain(analysis))}


def _plain(value: Any) -> Any:  # noqa: ANN401 - of another package
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
