"""Genres: how each makes its phrases, as text files that a musician can read (`genres/NAME.toml`).

A phrase is four bars between `|`, its chords in degrees (`realtime.core.degrees`); where a comma stands, one of the
chords is chosen, by the genre and by what the oracle expects there. `@5` in front: from complexity 5 on.

| list | |
|---|---|
| `open` | a phrase that asks: it ends away from home |
| `close` | a phrase that answers: it ends at home |
| `bridge` | a phrase of the part in between |
| `loop` | four bars that go round |
| `turn` | what leads from the last bar of a phrase back to the top |
| `whole.12` | a whole chorus of so many bars |
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final

GENRES: Final = ("gospel", "jazz", "blues", "pop", "rnb", "funk", "bossa", "country", "rock", "classical")
ALIASES: Final = {
    "r&b": "rnb", "rhythm and blues": "rnb", "soul": "rnb", "neo-soul": "rnb", "bossa nova": "bossa", "latin": "bossa",
    "hymn": "classical", "classical/hymn": "classical",
}  # fmt: skip
MODES: Final = ("major", "minor", "dorian", "phrygian", "lydian", "mixolydian")
PHRASE_BARS: Final = 4
KINDS: Final = ("open", "close", "bridge", "loop", "turn")


@dataclass(frozen=True, slots=True)
class Grammar:
    """The phrases of one mode, by kind; whole choruses by their bars; and which ends are endings."""

    phrases: Mapping[str, tuple[str, ...]]
    whole: Mapping[int, tuple[str, ...]]
    cadences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Genre:
    """What is the genre's own; `rich` is how much richer than plain its chords are, -3..3."""

    name: str
    title: str
    styles: tuple[str, ...]
    form: str
    rich: int
    idiom: str
    """Whose way of playing the melody has (`realtime.core.solo.idiom`)."""
    melody_density: float
    dominant_sevenths: bool
    """Whether a seventh on any chord is the blues's."""
    drums: bool
    slows: bool
    """Whether its pieces slow down at their ends."""
    scale_share: float
    """The least share of the chords' notes that are in the key, at a middling complexity."""
    instruments: Mapping[str, str] = field(default_factory=dict)
    grammars: Mapping[str, Grammar] = field(default_factory=dict)


def genre_named(name: str) -> str:
    """The name of a genre, as it is in `GENRES`, whatever it is called; as it came where there is none."""
    plain = name.strip().lower()
    return ALIASES.get(plain, plain)


@cache
def genre_of(name: str) -> Genre:
    """The genre; `name` is one of `GENRES`."""
    table = _read(f"{name}.toml")
    modes = _read("modes.toml")
    grammars = {mode: _grammar(table[mode] if mode in table else modes[mode], table) for mode in MODES}
    return Genre(
        name=name,
        title=table["title"],
        styles=tuple(table["styles"]),
        form=table["form"],
        rich=table["rich"],
        idiom=table["idiom"],
        melody_density=table["melody_density"],
        dominant_sevenths=table.get("sevenths") == "dominant",
        drums=table.get("drums", True),
        slows=table.get("slows", False),
        scale_share=table["scale_share"],
        instruments=table.get("instruments", {}),
        grammars=grammars,
    )


def _grammar(table: Mapping[str, Any], genre: Mapping[str, Any]) -> Grammar:
    return Grammar(
        phrases={kind: tuple(table[kind]) for kind in KINDS},
        whole={int(bars): tuple(lines) for bars, lines in table.get("whole", {}).items()},
        cadences=tuple(table.get("cadences", genre["cadences"])),
    )


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("daemon.song").joinpath("genres", name).read_text("utf-8"))
