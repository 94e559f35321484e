"""Chord symbols and names of sections that are written in a MIDI file, as texts, markers or lyrics.

A track's texts are believed if most of them are chords, so that the words of a song are none.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from daemon.midi_grid import MidiGrid
from realtime.core.chord import BadChord, Chord, parse_chord

SYMBOLS: Final = {"text": 0.5, "marker": 0.5, "cue_marker": 0.5, "lyrics": 0.9}
"""Where chord symbols are written, and the share of a track's texts there that must be some."""

LEAST_SYMBOLS: Final = 2
LONGEST_SECTION_NAME: Final = 32

_SILENCE: Final = ("NC", "N")
_SYMBOL: Final = re.compile(
    r"([A-G][#b♯♭]?(?:maj|min|ma|mi|dim|aug|sus|add|omit|no|alt|M|m|h|o|ø|°|\^|\+|-|#|b|♯|♭|\d|/(?=\d))*)(/[A-G][#b♯♭]?)?$"
)


def _texts(tracks: Iterable[Any]) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Each track's texts of each kind, as (kind, [(tick, text)])."""
    for track in tracks:
        found: dict[str, list[tuple[int, str]]] = {}
        tick = 0
        for message in track:
            tick += message.time
            if message.type in SYMBOLS:
                text = _decoded(str(getattr(message, "text", "") or getattr(message, "name", "")))
                if text:
                    found.setdefault(message.type, []).append((tick, text))
        yield from found.items()


def _decoded(text: str) -> str:
    """mido reads texts as Latin-1; most that are not ASCII are UTF-8."""
    try:
        return text.encode("latin-1").decode().strip()
    except UnicodeError:
        return text.strip()


def symbol(text: str) -> Chord | None:
    """The chord that a symbol in a file names; what we do not know at its end is left out. None for "no chord".

    Raises:
        BadChord: it names none.
    """
    plain = "".join(character for character in text if character not in "[](){},. ").replace("Δ", "^")
    if plain in _SILENCE:
        return None
    match = _SYMBOL.match(plain)
    if match is None:
        raise BadChord(f"not a chord: {text!r:.40}")
    body, over = match.groups()
    for length in range(len(body), 0, -1):
        try:
            return parse_chord(body[:length] + (over or ""))
        except BadChord:
            continue
    raise BadChord(f"not a chord: {text!r:.40}")


def is_symbol(text: str) -> bool:
    """Whether a text reads as a chord symbol from its first letter to its last."""
    try:
        symbol(text)
    except BadChord:
        return False
    return True


def written_chords(tracks: Iterable[Any], grid: MidiGrid) -> list[Chord | None]:
    """The chord on each beat as it is written; empty where nothing is."""
    best: list[tuple[int, str]] = []
    for kind, texts in _texts(tracks):
        symbols = [(tick, text) for tick, text in texts if is_symbol(text)]
        if len(symbols) >= max(LEAST_SYMBOLS, SYMBOLS[kind] * len(texts)) and len(symbols) > len(best):
            best = symbols
    if not best:
        return []
    length = max(grid.beats, grid.nearest(best[-1][0]) + 1)
    beats: list[Chord | None] = [None] * length
    for tick, text in best:
        begin = grid.nearest(tick)
        beats[begin:] = [symbol(text)] * (length - begin)
    return beats


def written_sections(tracks: Iterable[Any], grid: MidiGrid) -> list[tuple[int, str]]:
    """The first bar and the name of each section that a marker names, the first of each bar."""
    sections: dict[int, str] = {}
    for kind, texts in _texts(tracks):
        for tick, text in texts if kind == "marker" else ():
            if not is_symbol(text) and len(text) <= LONGEST_SECTION_NAME:
                sections.setdefault(round(grid.nearest(tick) / grid.meter.beats_per_bar), text)
    return sorted(sections.items())
