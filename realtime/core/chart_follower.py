"""Follows the player through a chart: how far to believe it, and where in it the music is."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from realtime.core.chart import BadChart, Chart, parse_chart, written
from realtime.core.chord import Chord
from realtime.core.meter import Meter
from realtime.core.oracle import token_of
from realtime.core.returns import Landmarks

FIRST_TRUST: Final = 0.9
LEAST_TRUST: Final = 0.02
MOST_TRUST: Final = 0.98

SURE_OF_FORM: Final = 0.7
"""A chart that has so much of what was lately heard says where sections begin."""

_RIGHT_LIKELIHOOD: Final = 0.85
"""How often a player who reads the chart is heard to play what it says."""

_WINDOW_BEATS: Final = 16
_LOST_SHARE: Final = 0.4
_FOUND_SHARE: Final = 0.75


@dataclass(slots=True)
class ChartFollower:
    """A chart with a finger on it."""

    chart: Chart
    trust: float = FIRST_TRUST
    """How far it is believed against the oracle, 0..1."""
    _offset: int = 0
    """The beat of the chart on which the transport's beat 0 falls."""
    _heard: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=_WINDOW_BEATS))

    def start_at(self, number: int) -> None:
        """The chart's first beat will be the transport's beat `number`."""
        self._offset = -number

    def in_meter(self, meter: Meter, number: int) -> tuple["ChartFollower | None", str]:
        """The same chart in another meter, at the bar that beat `number` begins, which is beat 0 from then on.

        None, and why, where it has more chords in a bar than that meter has beats.
        """
        bar = (number + self._offset) // self.chart.beats_per_bar
        try:
            chart = parse_chart(written(self.chart), meter.beats_per_bar)
        except BadChart as problem:
            return None, f"chart: taken away, for it does not go in {meter}: {problem}"
        return ChartFollower(chart, self.trust, bar * meter.beats_per_bar), ""

    def expect(self, number: int) -> Chord | None:
        """What the chart has on the transport's beat `number`."""
        return self.chart.chord_at(number + self._offset)

    def landmarks(self, bar: int) -> Landmarks | None:
        """Where in the song's form a bar of the music is; None where the player is elsewhere, or before its top.

        Sections are those that the chart names, and its top. A bar repeats the one a chorus before it, or else that of
        an earlier section of the same name.
        """
        per_bar, bars = self.chart.beats_per_bar, self.chart.bars
        place = bar + self._offset // per_bar
        if place < 0 or (self._heard and self._share(self._offset) < SURE_OF_FORM):
            return None
        names = {0: "", **{first: name for first, name in self.chart.sections if first < bars}}
        here = place % bars
        start = max(first for first in names if first <= here)
        last = max(first for first in names if first < here) if here else max(names)
        ahead = min((first for first in names if first >= here), default=bars)
        earlier = [first for first in names if first < start and names[first] == names[start]]
        back = bars if place >= bars else start - earlier[-1] if earlier else 0
        return Landmarks(
            section_bar=bar - (here - last) % bars,
            next_bar=bar + ahead - here,
            recalls=bar - back if back else None,
            is_other=names[ahead % bars] != names[last],
        )

    def observe(self, number: int, chord: Chord | None, oracle_probability: float) -> None:
        """The player was on `chord`; the oracle alone had given it `oracle_probability`."""
        if chord is None:
            return
        token = token_of(chord)
        self._heard.append((number, token))
        agrees = token_of(self.expect(number)) == token
        likelihood = _RIGHT_LIKELIHOOD if agrees else (1.0 - _RIGHT_LIKELIHOOD) / 12
        ours, theirs = self.trust * likelihood, (1.0 - self.trust) * max(oracle_probability, 0.01)
        self.trust = min(max(ours / (ours + theirs), LEAST_TRUST), MOST_TRUST)
        if len(self._heard) == _WINDOW_BEATS and self._share(self._offset) < _LOST_SHARE:
            self._look_elsewhere()

    def _share(self, offset: int) -> float:
        """How much of what was lately heard the chart has, were beat 0 at `offset`."""
        right = sum(token_of(self.chart.chord_at(number + offset)) == token for number, token in self._heard)
        return right / len(self._heard)

    def _look_elsewhere(self) -> None:
        """The player has jumped, a bar was left out, or it never was this song: tries every bar of the chart."""
        per_bar = self.chart.beats_per_bar
        offsets = [self._offset + bar * per_bar for bar in range(self.chart.bars)]
        best = max(offsets, key=lambda offset: (self._share(offset), -offset))
        if self._share(best) >= _FOUND_SHARE:
            self._offset = best
            self.trust = FIRST_TRUST
