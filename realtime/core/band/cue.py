"""Cues: what the whole band plays instead of its groove when the player asks: an intro, a break, an ending.

A cue begins at a bar line and lasts whole bars. What a style writes is played as written; where it writes nothing, an
intro is the hushed variation and a fill, a break is one hit and silence, an ending is a fill, slowing down, and a last
chord held for a bar.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from realtime.core.chord import Chord
from realtime.core.key_finder import Key
from realtime.core.style import Groove, Passage, Style

CueName = Literal["intro", "break", "ending"]
CUE_BARS: Final[dict[CueName, int]] = {"intro": 4, "break": 1, "ending": 2}
"""Of those that are made by rule."""

_HIT_BEATS: Final = 1
"""How long the hit of a break rings."""

SLOWING: Final = (0.98, 0.86)
"""The share of the tempo at the beginning and at the end of an ending's first bar; the last bar keeps the latter."""


class NoSuchPassage(ValueError):
    """A passage that the style has not; the text says which it has."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue at its place: `name`, from `first_bar` on, for `bars`; `passage` is what the style writes, if it does."""

    name: CueName
    first_bar: int
    bars: int
    passage: Passage | None = None

    @property
    def end_bar(self) -> int:
        """The first bar after it."""
        return self.first_bar + self.bars

    def chord_on(self, number: int, beats_per_bar: int, key: Key) -> Chord | None:
        """The chord that is written for beat `number` (of the song), in `key`; None where none is."""
        place = number - self.first_bar * beats_per_bar
        if self.passage is None or not 0 <= place < self.bars * beats_per_bar:
            return None
        chords = self.passage.minor if key.minor else self.passage.chords
        chord = chords[place] if place < len(chords) else None
        return chord.transposed(key.tonic) if chord is not None else None

    def tempo_share(self, bar: int, beat: int, beats_per_bar: int) -> float:
        """The share of the tempo on a beat: an ending slows down in its last bar but one, and the last stays there."""
        if self.name != "ending":
            return 1.0
        first, last = SLOWING if self.passage is None else (1.0, self.passage.ritardando)
        slowing_bar = max(self.first_bar, self.end_bar - 2)
        if bar > slowing_bar:
            return last
        return first + (last - first) * beat / max(1, beats_per_bar - 1) if bar == slowing_bar else first


@dataclass(slots=True)
class Cues:
    """The cues that were asked for. Which one a bar belongs to depends on nothing else."""

    _asked: list[Cue] = field(default_factory=list)

    def ask(self, name: CueName, first_bar: int, passage: Passage | None = None) -> None:
        """`name` begins at `first_bar`; what was asked for from there on is forgotten, a running cue is cut short."""
        kept = [cue for cue in self._asked if cue.first_bar < first_bar]
        bars = passage.bars if passage is not None else CUE_BARS[name]
        self._asked = [replace(cue, bars=min(cue.bars, first_bar - cue.first_bar)) for cue in kept[-1:]] + [
            Cue(name, first_bar, bars, passage)
        ]

    def on(self, bar: int) -> Cue | None:
        """The cue that is played in `bar`."""
        return next((cue for cue in self._asked if cue.first_bar <= bar < cue.end_bar), None)

    def leads_into(self, bar: int) -> bool:
        """Whether an intro that is written out leads up to `bar`."""
        return any(cue.name == "intro" and cue.passage is not None and cue.end_bar == bar for cue in self._asked)

    @property
    def end_bar(self) -> int | None:
        """The bar at whose line the music is over; None if no ending was asked for."""
        return next((cue.end_bar for cue in self._asked if cue.name == "ending"), None)

    def tempo_share(self, bar: int, beat: int, beats_per_bar: int) -> float:
        """The share of the tempo on a beat: less than 1 towards the end."""
        cue = self.on(bar)
        return 1.0 if cue is None else cue.tempo_share(bar, beat, beats_per_bar)

    def clear(self) -> None:
        """Nothing is asked for any more."""
        self._asked.clear()


def passage_of(style: Style, name: CueName, number: int | None) -> Passage | None:
    """What `style` writes for a cue: the one of that number, or its first; None where it is made by rule.

    Raises:
        NoSuchPassage: it has no such number.
    """
    written = style.passages.get(name, {})
    numbers = sorted(written) or [1]
    if number is not None and number not in numbers:
        allowed = ", ".join(map(str, numbers))
        raise NoSuchPassage(f"{name}: {style.name} has {allowed}, but was {number}")
    return written.get(number or numbers[0])


def groove_for(cue: Cue, bar: int, style: Style, variation: str) -> Groove:
    """What is played in `bar` of `cue`; `variation` is what was played before."""
    if cue.passage is not None:
        return cue.passage.groove
    if cue.name == "intro":
        return style.grooves["A"]
    if cue.name == "ending" and bar == cue.first_bar:
        return style.grooves[variation]
    beats = style.meter.beats_per_bar if cue.name == "ending" else _HIT_BEATS
    return hit(style, beats)


def fills(cue: Cue, bar: int) -> bool:
    """Whether `bar` of `cue` is a fill: where nothing is written, the last of an intro, the first of an ending."""
    place = {"intro": cue.end_bar - 1, "ending": cue.first_bar}
    return cue.passage is None and bar == place.get(cue.name)


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
