"""Who composes: our own grammar and phrases, or a model; one that is not there falls back to ours, and says so."""

from dataclasses import dataclass
from typing import Final

from realtime.core.solo.phrase import Phraser

MODEL_NAMES: Final = {
    "embedded": "grammar, oracle and phrases that come with sideman",
    "musiclang": "MusicLang, for chords and parts",
    "qwen": "Qwen, for melody and theory",
}


@dataclass(frozen=True, slots=True)
class Backend:
    """Who composes in the end, and why it is another than was asked for."""

    name: str
    note: str = ""
    phraser: Phraser | None = None
    """Who is asked for melodies before the rules are."""


def backend_named(name: str) -> Backend:
    """The backend of that name, or ours with a note where it is not there."""
    if name == "embedded":
        return Backend(name)
    return Backend("embedded", f"{name}: is not installed here; the embedded composer did its work")


def backends() -> list[dict[str, object]]:
    """Every backend: its name, what it does, and whether it is there."""
    return [
        {"name": name, "about": about, "available": backend_named(name).name == name}
        for name, about in MODEL_NAMES.items()
    ]
