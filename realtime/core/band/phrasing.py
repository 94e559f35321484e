"""Phrasing: which variation each bar has, where the fills come and into what they lead, and where a crash belongs.

What is known of the form comes first: a fill before a section that is sure to begin, none in the bars before it; and a
section that comes back after another one is accompanied as it was. Elsewhere the bars are counted. The band gets louder
only through a fill: half a bar of it leads into a higher variation.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from realtime.core.band.voicing import Voicing
from realtime.core.chance import Chance
from realtime.core.events import Part
from realtime.core.returns import Landmarks
from realtime.core.style import VARIATIONS, Style

STEPS: Final = (0.30, 0.55, 0.80)
HYSTERESIS: Final = 0.05

LEAST_BETWEEN: Final = 8
"""Sections shorter than this are no phrases of their own: four chords going round are not set up every time."""

RUN_UP_BARS: Final = 3
"""In so many bars before the fill that sets up a section there is no other that nobody asked for."""

FAR_OFF: Final = 0.25
GRACE_BARS: Final = 2
"""A variation that is recalled gives way where, after so many bars, the energy is so far from what it was then."""

MOST_BARS: Final = 1024


@dataclass(frozen=True, slots=True)
class BarNews:
    """What is known of a bar as a beat of it is planned."""

    bar: int
    landmarks: Landmarks
    energy: float
    wanted: str
    """The variation that the player asks for; anything else, and the energy decides."""
    harmony: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """How a bar began: its variation, the energy, and the hands on its one."""

    variation: str
    energy: float
    voicings: dict[Part, Voicing]


@dataclass(slots=True)
class Phrasing:
    """Remembers what was played where."""

    chance: Chance
    variation: str = "B"
    kept: dict[int, Kept] = field(default_factory=dict)
    _chosen: dict[int, str] = field(default_factory=dict)
    """The variation of bars that have begun."""
    _promised: tuple[int, str] | None = None
    """A variation that a fill leads into, and its bar."""
    _fills: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By bar: which fill, and from which beat on."""
    _recalled: tuple[int, Kept] | None = None
    """How the present section began before, and the bar in which it came back."""
    _first_bar: int | None = None
    """The bar in which the whole band came in: phrases are counted from it, or from a section's first bar."""
    _set_up: int | None = None
    """The last bar that was set up as the first of a section."""

    def clear(self) -> None:
        """The music starts anew; the variation stays."""
        self.kept.clear()
        self._chosen.clear()
        self._fills.clear()
        self._promised = self._first_bar = self._set_up = self._recalled = None

    def forget_from(self, bar: int) -> None:
        """Bars from `bar` on are chosen again: the player has asked for another variation."""
        self._chosen = {chosen: variation for chosen, variation in self._chosen.items() if chosen < bar}
        self._promised = self._recalled = None

    def keep(self, bar: int, voicings: dict[Part, Voicing]) -> None:
        """The hands were so on the one of `bar`, which has begun."""
        self.kept[bar] = replace(self.kept[bar], voicings=dict(voicings))

    def begin(self, news: BarNews) -> Kept | None:
        """A bar begins, and has its variation; returns how its section began before, if it comes back here."""
        bar = news.bar
        if bar in self._chosen:
            self.variation = self._chosen[bar]
            return None
        recalled = self._recall(news)
        if news.wanted in VARIATIONS:
            self.variation = news.wanted
        elif recalled is not None:
            self.variation, self._recalled = recalled.variation, (bar, recalled)
        elif self._promised is not None and self._promised[0] == bar:
            self.variation = self._promised[1]
        elif not self._keeps_recalled(news):
            self._recalled = None
            wanted = self._by_energy(news.energy)
            if wanted < self.variation or not news.harmony:
                self.variation = wanted
        self._chosen = {kept: v for kept, v in self._chosen.items() if kept > bar - 4} | {bar: self.variation}
        self.kept[bar] = Kept(self.variation, news.energy, {})
        if len(self.kept) > MOST_BARS:
            del self.kept[min(self.kept)]
        return recalled

    def fill(self, news: BarNews, beat: int, beats_per_bar: int, style: Style, *, asked: bool) -> int | None:
        """Which of the style's fills is played on a beat: one that was asked for, is due, or has begun."""
        bar = news.bar
        if news.harmony and self._first_bar is None:
            self._first_bar = bar
        begun = self._fills.get(bar)
        if begun is not None and (asked or beat >= begun[1]):
            return begun[0]
        if not (asked or self._is_due(news, style) or self._rises(news, beat, beats_per_bar)):
            return None
        into = self._into(news)
        fitting = [index for index, fill in enumerate(style.fills) if into in (fill.into or into)]
        chosen = fitting or range(len(style.fills))
        which = chosen[int(self.chance.uniform(bar, "fill") * len(chosen))]
        self._fills = {kept: f for kept, f in self._fills.items() if kept > bar - 4} | {bar: (which, beat)}
        if news.landmarks.next_bar == bar + 1:
            self._set_up = bar + 1
        return which

    def begins_section(self, bar: int) -> bool:
        """Whether `bar` was led up to: the place for a crash."""
        return bar - 1 in self._fills

    def _is_due(self, news: BarNews, style: Style) -> bool:
        """Whether the bar is the last before a section that is sure to begin, or of so many that were counted."""
        bar, ahead = news.bar, news.landmarks.next_bar
        least = min(LEAST_BETWEEN, style.fill_every_bars)
        if ahead is not None and (self._set_up is None or ahead - self._set_up >= least):
            if ahead == bar + 1:
                return news.harmony
            if bar < ahead <= bar + 1 + RUN_UP_BARS:
                return False
        section = news.landmarks.section_bar
        first = self._first_bar if section is None else section
        if self._first_bar is None or first is None or bar < max(first, self._first_bar) or bar - 1 in self._fills:
            return False
        return (bar - first + 1) % style.fill_every_bars == 0

    def _rises(self, news: BarNews, beat: int, beats_per_bar: int) -> bool:
        """Whether the player has got louder by the middle of a bar; then the next bar's variation is promised."""
        if news.wanted in VARIATIONS or not news.harmony or beat != beats_per_bar // 2 or self._keeps_recalled(news):
            return False
        wanted = self._by_energy(news.energy)
        if wanted <= self.variation or {news.bar - 1, news.bar - 2} & self._fills.keys():
            return False
        self._promised = news.bar + 1, wanted
        return True

    def _into(self, news: BarNews) -> str:
        """The variation after this bar, as far as is known."""
        if news.wanted in VARIATIONS:
            return news.wanted
        if self._promised is not None and self._promised[0] == news.bar + 1:
            return self._promised[1]
        before = self.kept.get(news.landmarks.recalls + 1) if news.landmarks.recalls is not None else None
        return before.variation if before is not None and news.landmarks.next_bar == news.bar + 1 else self.variation

    def _recall(self, news: BarNews) -> Kept | None:
        """How the section that comes back in this bar began before."""
        marks = news.landmarks
        if marks.next_bar != news.bar or marks.recalls is None or not marks.is_other:
            return None
        return self.kept.get(marks.recalls)

    def _keeps_recalled(self, news: BarNews) -> bool:
        """Whether what was recalled still goes with how the player plays, and no new section has begun."""
        if self._recalled is None or news.landmarks.next_bar == news.bar:
            return False
        since, kept = self._recalled
        return news.bar < since + GRACE_BARS or abs(news.energy - kept.energy) < FAR_OFF

    def _by_energy(self, energy: float) -> str:
        """A to D with rising energy; near a border the present one stays."""
        present = VARIATIONS.index(self.variation)
        bounds = [step + (HYSTERESIS if index >= present else -HYSTERESIS) for index, step in enumerate(STEPS)]
        return VARIATIONS[sum(energy > bound for bound in bounds)]
