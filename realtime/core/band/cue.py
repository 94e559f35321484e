"""Cues: what the whole band plays instead of its groove when the player asks: an intro, a break, an ending.

A cue begins at a bar line and lasts whole bars. Styles need not write any of them: an intro is the hushed variation and
a fill, a break is one hit and silence, an ending is a fill, slowing down, and a last chord held for a bar.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from realtime.core.style import Groove, Style

CueName = Literal["intro", "break", "ending"]
CUE_BARS: Final[dict[CueName, int]] = {"intro": 4, "break": 1, "ending": 2}
_HIT_BEATS: Final = 1
"""How long the hit of a break rings."""

SLOWING: Final = (0.98, 0.86)
"""The share of the tempo at the beginning and at the end of an ending's first bar; the last bar keeps the latter."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue at its place: `name`, from `first_bar` on, for `bars`."""

    name: CueName
    first_bar: int
    bars: int

    @property
    def end_bar(self) -> int:
        """The first bar after it."""
        return self.first_bar + self.bars


@dataclass(slots=True)
class Cues:
    """The cues that were asked for. Which one a bar belongs to depends on nothing else."""

    _asked: list[Cue] = field(default_factory=list)

    def ask(self, name: CueName, first_bar: int) -> None:
        """`name` begins at `first_bar`; what was asked for from there on is forgotten, a running cue is cut short."""
        kept = [cue for cue in self._asked if cue.first_bar < first_bar]
        self._asked = [Cue(cue.name, cue.first_bar, min(cue.bars, first_bar - cue.first_bar)) for cue in kept[-1:]] + [
            Cue(name, first_bar, CUE_BARS[name])
        ]

    def on(self, bar: int) -> Cue | None:
        """The cue that is played in `bar`."""
        return next((cue for cue in self._asked if cue.first_bar <= bar < cue.end_bar), None)

    @property
    def end_bar(self) -> int | None:
        """The bar at whose line the music is over; None if no ending was asked for."""
        return next((cue.end_bar for cue in self._asked if cue.name == "ending"), None)

    def tempo_share(self, bar: int, beat: int, beats_per_bar: int) -> float:
        """The share of the tempo on a beat: less than 1 towards the end."""
        cue = self.on(bar)
        if cue is None or cue.name != "ending":
            return 1.0
        first, last = SLOWING
        return last if bar > cue.first_bar else first + (last - first) * beat / max(1, beats_per_bar - 1)

    def clear(self) -> None:
        """Nothing is asked for any more."""
        self._asked.clear()


def groove_for(cue: Cue, bar: int, style: Style, variation: str) -> Groove:
    """What is played in `bar` of `cue`; `variation` is what was played before."""
    if cue.name == "intro":
        return style.grooves["A"]
    if cue.name == "ending" and bar == cue.first_bar:
        return style.grooves[variation]
    beats = style.meter.beats_per_bar if cue.name == "ending" else _HIT_BEATS
    return hit(style, beats)


def fills(cue: Cue, bar: int) -> bool:
    """Whether `bar` of `cue` is a fill: the last of an intro, the first of an ending."""
    return (cue.name == "intro" and bar == cue.end_bar - 1) or (cue.name == "ending" and bar == cue.first_bar)


def hit(style: Style, beats: int) -> Groove:
    """One stroke of everybody on the one, that rings for `beats`; the rest of the bar is silent."""
    held = style.steps_per_beat * beats - 1
    rest = style.steps_per_bar - held - 1
    return Groove(
        drums=dict.fromkeys(("kick", "crash"), "X" + "." * (style.steps_per_bar - 1)),
        bass="b" + "-" * held + "." * rest,
        keys="X" + "-" * held + "." * rest,
        pad="X" + "-" * held + "." * rest,
    )
