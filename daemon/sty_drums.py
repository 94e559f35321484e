"""Drum notes of a style file as rows of our drum voices."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from daemon.row_grid import Feels, Strike, mark_of

BRUSH_KITS: Final = frozenset({40, 41})
"""Programs of kits that are played with brushes (XG, GS)."""

_VOICES: Final = {
    25: "snare", 27: "snare", 29: "snare", 31: "snare", 33: "kick", 34: "snare", 35: "kick", 36: "kick", 37: "rim",
    38: "snare", 39: "clap", 40: "snare", 41: "tom_low", 42: "hat", 43: "tom_low", 44: "pedal", 45: "tom_low",
    46: "open", 47: "tom_mid", 48: "tom_mid", 49: "crash", 50: "tom_high", 51: "ride", 52: "crash", 53: "bell",
    54: "tambourine", 55: "crash", 56: "cowbell", 57: "crash", 59: "ride", 62: "conga_mute", 63: "conga_high",
    64: "conga_low", 70: "shaker", 75: "claves", 81: "triangle", 82: "shaker",
}  # fmt: skip
"""XG percussion keys; those from 35 on are General MIDI's."""

_STAND_INS: Final = {
    30: ("castanets", "claves"), 32: ("sticks", "rim"), 60: ("high bongo", "conga_high"),
    61: ("low bongo", "conga_low"), 65: ("high timbale", "tom_high"), 66: ("low timbale", "tom_mid"),
    67: ("agogo", "cowbell"), 68: ("agogo", "cowbell"), 69: ("cabasa", "shaker"), 73: ("guiro", "shaker"),
    74: ("guiro", "shaker"), 76: ("wood block", "claves"), 77: ("wood block", "claves"),
    80: ("muted triangle", "triangle"),
}  # fmt: skip
"""What we have no voice for, and the one that comes nearest."""

_BRUSHES: Final = {
    25: "brush_tap", 26: "brush_swish", 27: "brush_tap", 28: "brush_swish", 38: "brush_tap", 39: "brush_tap",
    40: "brush_swish",
}  # fmt: skip


@dataclass(slots=True)
class DrumReader:
    """Turns the drum notes of one section after the other into rows; knows what had to be left out or replaced."""

    brushes: bool
    stand_ins: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    doubled: int = 0
    """Strokes that fell on the same step as another of their voice."""

    def by_voice(self, strikes: Iterable[Strike]) -> dict[str, list[Strike]]:
        """The strokes of each voice, one a step: the loudest."""
        found: dict[str, dict[int, Strike]] = defaultdict(dict)
        for strike in strikes:
            voice = self._voice(strike.pitch)
            if voice is None:
                self.unknown[f"key {strike.pitch}"] += 1
                continue
            here = found[voice].get(strike.step)
            self.doubled += here is not None
            if here is None or strike.velocity > here.velocity:
                found[voice][strike.step] = strike
        return {voice: list(steps.values()) for voice, steps in found.items()}

    def _voice(self, pitch: int) -> str | None:
        if pitch in _BRUSHES and self.brushes:
            return _BRUSHES[pitch]
        if pitch in _STAND_INS:
            what, voice = _STAND_INS[pitch]
            self.stand_ins[f"{what} by {voice}"] += 1
            return voice
        return _VOICES.get(pitch)


def drum_rows(voices: Mapping[str, Iterable[Strike]], feels: Feels, steps: int) -> dict[str, str]:
    """A row of `steps` for each voice that is struck within them."""
    rows = {}
    for voice, strikes in sorted(voices.items()):
        row = ["."] * steps
        for strike in strikes:
            if strike.step < steps:
                row[strike.step] = mark_of(strike.velocity, feels.full(voice))
        if any(mark != "." for mark in row):
            rows[voice] = "".join(row)
    return rows
