"""The form of the song so far: sections, heard as they return and as they end.

A bar is known by the chords on its beats. When the last bars agree with bars heard before, a section has come back,
and has its name; when they stop agreeing, something new begins. Online: a boundary is told once it can be known,
`LOOK_BARS` late, and then stands.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from realtime.core.returns import Landmarks, Returns

LOOK_BARS: Final = 4
"""How many bars must agree before a return is believed."""

LEAST_BARS: Final = 3
"""After something new, this many are enough; and no section is shorter."""

RETURN_SHARE: Final = 0.75
"""Beats of those bars that must agree."""

LEAVE_SHARE: Final = 0.5
"""Below this, over the last two bars, a return is over."""

MOST_LAG_BARS: Final = 192
"""How far back a section is known again; songs are shorter, and a long evening must not slow the music down."""

MAX_BARS: Final = 1024
FORGOTTEN_BARS: Final = 256
"""So many bars are remembered; when they are full, so many of the oldest are forgotten."""

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the song: its first bar (from 0), its letter, and whether it had been heard before."""

    first_bar: int
    letter: str
    returns: bool
    confidence: float


@dataclass(slots=True)
class Form:
    """Listens a bar at a time."""

    sections: list[Section] = field(default_factory=list)
    returns: Returns = field(default_factory=Returns)
    """What is sure enough to play by."""
    offset: int = 0
    """The bar of the music, from 0, that was the first to be heard."""
    _beats: list[int] = field(default_factory=list)
    _bars: list[tuple[int, ...]] = field(default_factory=list)
    _new_since: int = 0
    """The bar since which nothing has been recognised."""
    _lag: int = 0
    """How many bars ago what is played now was played before; 0 while it is new."""

    @property
    def bar_count(self) -> int:
        """Bars remembered."""
        return len(self._bars)

    @property
    def section(self) -> Section | None:
        """Where the music is now."""
        return self.sections[-1] if self.sections else None

    def hear_beat(self, number: int, token: int, beats_per_bar: int) -> tuple[Section, int] | None:
        """Hears the chord token of beat `number`; a section that begins, and its bar counted from the start, from 0."""
        self._beats.append(token)
        if (number + 1) % beats_per_bar:
            return None
        tokens, self._beats = tuple(self._beats[-beats_per_bar:]), []
        section = self.take(tokens)
        self.offset = (number + 1) // beats_per_bar - self.bar_count
        return (section, section.first_bar + self.offset) if section is not None else None

    def landmarks(self, bar: int) -> Landmarks:
        """What is known of bar `bar` of the music, from what was heard before it."""
        return self.returns.landmarks(bar - self.offset).moved(self.offset)

    def take(self, tokens: tuple[int, ...]) -> Section | None:
        """Hears a bar, the chord tokens of its beats; returns the section if one turns out to have begun."""
        if len(self._bars) >= MAX_BARS:
            self._forget(FORGOTTEN_BARS)
        self._bars.append(tokens)
        self.returns.take(tokens)
        if len(self._bars) == 1:
            return self._begin(Section(0, LETTERS[0], returns=False, confidence=1.0))
        if self._lag and self._agreement(self._lag, 2) < LEAVE_SHARE:
            return self._leave()
        if not self._lag:
            return self._look_back()
        return self._next_round()

    def _forget(self, bars: int) -> None:
        """The oldest bars are forgotten, and the others count from those that are left."""
        del self._bars[:bars]
        self.returns.forget(bars)
        self._new_since = max(0, self._new_since - bars)
        moved = [replace(section, first_bar=section.first_bar - bars) for section in self.sections]
        begun = [section for section in moved if section.first_bar <= 0][-1:]
        self.sections = [replace(section, first_bar=0) for section in begun] + [s for s in moved if s.first_bar > 0]

    def _begin(self, section: Section) -> Section:
        self.sections.append(section)
        return section

    def _agreement(self, lag: int, bars: int) -> float:
        """The share of the beats of the last `bars` bars that were the same `lag` bars before."""
        now = [token for bar in self._bars[-bars:] for token in bar]
        then = [token for bar in self._bars[-bars - lag : len(self._bars) - lag] for token in bar]
        if len(then) < len(now) or not now:
            return 0.0
        return sum(a == b for a, b in zip(now, then, strict=False)) / len(now)

    def _look_back(self) -> Section | None:
        """Whether what has been played since it was last known has been played before."""
        count = len(self._bars)
        window = min(LOOK_BARS, count - self._new_since)
        if window < LEAST_BARS:
            return None
        lags = range(LOOK_BARS, min(MOST_LAG_BARS, count - window) + 1)
        shares = {lag: share for lag in lags if (share := self._agreement(lag, window)) >= RETURN_SHARE}
        best = max(shares, key=lambda lag: (shares[lag], self._agreement(lag, 8), -lag), default=0)
        share = self._agreement(best, window) if best else 0.0
        if share < RETURN_SHARE:
            return None
        self._lag = best
        first = next(bar for bar in range(count - window, count) if self._agreement_of(bar) >= RETURN_SHARE)
        if len(self.sections) > 1 and first - self.sections[-1].first_bar < 2:
            self.sections.pop()  # what seemed new was an old acquaintance
        return self._begin(Section(first, self._letter_at(first - best), returns=True, confidence=share))

    def _next_round(self) -> Section | None:
        """Within a return: where the section it repeats gave way to another, this one does too."""
        bar = len(self._bars) - 1
        earlier = next((s for s in self.sections if s.first_bar == bar - self._lag), None)
        share = self._agreement_of(bar)
        if earlier is None or share < RETURN_SHARE or bar - self.sections[-1].first_bar < LEAST_BARS:
            return None
        return self._begin(Section(bar, earlier.letter, returns=True, confidence=share))

    def _leave(self) -> Section | None:
        """What is played is new again: since the last bar but one, or the last."""
        count = len(self._bars)
        first = count - 2 if self._agreement_of(count - 2) < LEAVE_SHARE else count - 1
        self._lag, self._new_since = 0, first
        used = {section.letter for section in self.sections}
        letter = next((letter for letter in LETTERS if letter not in used), LETTERS[-1])
        if first <= self.sections[-1].first_bar:
            self.sections.pop()
        return self._begin(Section(first, letter, returns=False, confidence=0.5))

    def _agreement_of(self, bar: int) -> float:
        """How far one bar agrees with the bar `_lag` before it; 0 if there is none."""
        if not self._lag or bar - self._lag < 0:
            return 0.0
        now, then = self._bars[bar], self._bars[bar - self._lag]
        return sum(a == b for a, b in zip(now, then, strict=False)) / max(1, len(now))

    def _letter_at(self, bar: int) -> str:
        """The letter of the section that a bar belongs to."""
        return next(section.letter for section in reversed(self.sections) if section.first_bar <= bar)
