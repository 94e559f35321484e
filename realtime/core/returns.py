"""Returns: how long what is played now has been what was played so many bars before, and what follows from that.

Where six bars or more have come back, the music is taken to go on as it did, and where something began then something
begins now: at the top of what comes back, and where after eight bars the chords turn to others.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Self

LEAST_LAG: Final = 8
"""Bars; what comes round sooner is a loop, and no form."""

MOST_LAG: Final = 128
SURE_BARS: Final = 6
"""So many bars must have come back for the music to be expected to go on so."""

BAR_SHARE: Final = 0.75
"""Beats of a bar that must agree for it to be the same."""

MOST_MISSED: Final = 0.25
"""The share of the bars that come back that may be others (or one of them), and never two in a row."""

PHRASE_BARS: Final = 8
GRID_BARS: Final = 4
TURN_SHARE: Final = 0.5
"""Four bars that agree less than this with those of the phrase before are something else."""

Bar = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What is sure of the form around a bar. Bars count from 0."""

    section_bar: int | None = None
    """The last bar, before this one, at which something was known to begin."""
    next_bar: int | None = None
    """The first, this one or after it, at which something begins."""
    recalls: int | None = None
    """The bar that this one repeats."""
    is_other: bool = False
    """Whether what begins at `next_bar` is something else than what is played before it."""

    def moved(self, bars: int) -> Self:
        """The same, counted from `bars` earlier on."""

        def move(bar: int | None) -> int | None:
            return None if bar is None else bar + bars

        return replace(
            self, section_bar=move(self.section_bar), next_bar=move(self.next_bar), recalls=move(self.recalls)
        )


@dataclass(slots=True)
class _Run:
    """What has come back at one lag: since which bar, and how much of it did not."""

    start: int
    missed: int = 0
    last_missed: bool = False


@dataclass(slots=True)
class Returns:
    """Listens a bar at a time: the chord tokens of its beats."""

    _bars: list[Bar] = field(default_factory=list)
    _runs: dict[int, _Run] = field(default_factory=dict)
    """By lag."""
    _top: int = 0
    """The last bar at which what came back began; before anything does, the first of all."""

    def take(self, tokens: Bar) -> None:
        """Hears a bar."""
        number = len(self._bars)
        self._bars.append(tokens)
        for lag in range(LEAST_LAG, min(number, MOST_LAG) + 1):
            self._follow(lag, number)
        came_back = self._lag()
        if came_back is not None:
            start = self._start(came_back)
            self._top = start + (number - start) // came_back * came_back

    def forget(self, bars: int) -> None:
        """The oldest bars are forgotten; the others count from those that are left."""
        del self._bars[:bars]
        for run in self._runs.values():
            run.start = max(0, run.start - bars)
        self._top = max(0, self._top - bars)

    def landmarks(self, bar: int) -> Landmarks:
        """What is sure of `bar`, which is not yet over."""
        lag = self._lag()
        if lag is None or bar > len(self._bars) + LEAST_LAG:
            return Landmarks(self._top)
        start = self._start(lag)
        following = self._begins(bar, start, lag)
        return Landmarks(
            section_bar=start + max(0, bar - 1 - start) // lag * lag,
            next_bar=following,
            recalls=bar - lag if bar >= lag else None,
            is_other=self._is_turn(following - lag, following - PHRASE_BARS),
        )

    def _follow(self, lag: int, number: int) -> None:
        run = self._runs.get(lag)
        if self._share(number, number - lag) >= BAR_SHARE:
            if run is None:
                self._runs[lag] = _Run(number)
            else:
                run.last_missed = False
            return
        if run is None:
            return
        run.missed += 1
        if run.last_missed or run.missed > max(1.0, MOST_MISSED * (number + 1 - run.start)):
            del self._runs[lag]
        else:
            run.last_missed = True

    def _lag(self) -> int | None:
        """The lag at which most has come back, the longest of them, if that is enough."""
        count = len(self._bars)
        lengths = [(count - run.start, lag) for lag, run in self._runs.items() if not run.last_missed]
        length, lag = max(lengths, default=(0, 0))
        return lag if length >= SURE_BARS else None

    def _start(self, lag: int) -> int:
        """Where what comes back at `lag` began: a bar that only happened to be the same before it does not count."""
        start = self._runs[lag].start
        return start + 1 if start % GRID_BARS == GRID_BARS - 1 else start

    def _begins(self, bar: int, start: int, lag: int) -> int:
        """The first bar, from `bar` on, at which something begins."""
        top = start + max(0, -(-(bar - start) // lag)) * lag
        phrases = range(top - lag + PHRASE_BARS, top, PHRASE_BARS) if lag % PHRASE_BARS == 0 else ()
        for place in phrases:
            if place >= bar and self._is_turn(place - lag, place - lag - PHRASE_BARS):
                return place
        return top

    def _is_turn(self, one: int, other: int) -> bool:
        """Whether the four bars from `one` on are others than those from `other` on, as far as both were heard."""
        if min(one, other) < 0:
            return False
        count = min(GRID_BARS, len(self._bars) - max(one, other))
        shares = [self._share(one + bar, other + bar) for bar in range(count)]
        return bool(shares) and sum(shares) / len(shares) < TURN_SHARE

    def _share(self, one: int, other: int) -> float:
        """The share of the beats of two bars that are the same."""
        now, then = self._bars[one], self._bars[other]
        return sum(a == b for a, b in zip(now, then, strict=False)) / max(1, len(now))
