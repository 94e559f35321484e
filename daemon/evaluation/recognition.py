"""`recognition`: the notes go in, on the true beats; which chord is heard on each beat, against the chart's.

A beat is judged when it is over, and once before, an eighth of it in (`onset`). The ear is told what the oracle, which
learns from what this ear has heard, expected of the beat; `unaided` is the ear by itself. Beats on which the chart has
no chord are left out, and counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from daemon.evaluation.chart import ChartChord, same_family, same_majmin, same_root
from daemon.evaluation.corpus import Tune
from daemon.evaluation.grid import chart_on_beats, grid_of
from daemon.evaluation.playing import BeatClock, key_presses, tempo_of
from daemon.evaluation.predictors import Floats, OraclePredictor
from daemon.evaluation.rehearsal import BandOrder, played_notes
from daemon.evaluation.scores import SHARE, TOTAL, Kind, Tally
from daemon.evaluation.task import Task
from realtime.core.accompanist import EARLY_MICROS
from realtime.core.chord import Chord
from realtime.core.chord_tokens import chord_of, token_of
from realtime.core.events import Input, MidiReceived, Stamped
from realtime.core.listener import Listener
from realtime.core.midi_codec import MidiParser
from realtime.core.trained_ear import Place
from realtime.core.units import Micros
from realtime.core.weights import Weights

ONSET_SHARE: Final = 0.125
"""The part of a beat that counts as its beginning."""

FIGURES: Final[dict[str, Kind]] = {
    **{
        prefix + name: SHARE
        for prefix in ("", "onset.", "unaided.", "unaided.onset.")
        for name in ("root", "majmin", "family")
    },
    "excluded": TOTAL,
}


@dataclass(frozen=True, slots=True)
class HeardBeat:
    """What was heard on a beat: at its beginning, and when it was over."""

    onset: Chord | None
    chord: Chord | None


def hear(tune: Tune, order: BandOrder, *, aided: bool = True) -> Iterator[HeardBeat]:
    """Listens to a tune as it is played, `aided` by an oracle or not; yields each beat when it is over."""
    grid = grid_of(tune)
    clock = BeatClock(grid, tempo_of(tune))
    presses = iter(key_presses(played_notes(tune, grid, order), grid, clock))
    ears = _Ears(order.weights, grid.meter.beats_per_bar, aided=aided)
    waiting = next(presses, None)
    for beat in range(grid.beats):
        start, soon, end = clock.at_beat(beat), clock.at_beat(beat + ONSET_SHARE), clock.at_beat(beat + 1)
        ears.begin(grid.place_in_bar(beat))
        onset: Chord | None = None
        for until in (soon, end):
            while waiting is not None and waiting.at < until:
                ears.take(waiting)
                waiting = next(presses, None)
            if until == soon:
                onset = ears.at_onset(start, soon)
        yield HeardBeat(onset, ears.at_end(start, end))


class _Ears:
    """A listener, asked as the accompanist asks it, and an oracle that learns from it."""

    def __init__(self, weights: Weights, beats_per_bar: int, *, aided: bool) -> None:
        self._listener = Listener(weights=weights.recogniser)
        self._parser = MidiParser()
        self._oracle = OraclePredictor("beats", beats_per_bar, weights.oracle) if aided else None
        self._prior: Floats | None = None
        self._place: Place = (0, beats_per_bar)

    def begin(self, place: Place) -> None:
        """A beat begins; `place` is where it stands in its bar."""
        self._place = place
        self._prior = None if self._oracle is None else self._oracle.distribution()

    def take(self, stamped: Stamped[Input]) -> None:
        if isinstance(stamped.event, MidiReceived):
            for message in self._parser.feed(stamped.event.data):
                self._listener.take(message, stamped.at)

    def at_onset(self, start: Micros, now: Micros) -> Chord | None:
        """What the beat seems to be: as heard, as likely where nothing was struck, else the last chord still."""
        heard = self._listener.hear_now(Micros(start - EARLY_MICROS), now, self._prior, self._place)
        if heard.chord is None and heard.distribution is not None:
            return chord_of(int(heard.distribution.argmax()))
        return heard.chord or self._listener.chord

    def at_end(self, start: Micros, end: Micros) -> Chord | None:
        """What the beat was."""
        since, until = Micros(start - EARLY_MICROS), Micros(end - EARLY_MICROS)
        heard = self._listener.end_beat(since, until, self._prior, self._place).chord
        if self._oracle is not None:
            self._oracle.observe(token_of(heard or self._listener.chord))
        return heard


def judge(tune: Tune, order: BandOrder) -> Tally | None:
    """Marks what is heard of a tune."""
    if not any(span.chord for span in tune.chart):
        return None
    tally = Tally(FIGURES)
    charts = chart_on_beats(tune, grid_of(tune))
    for chart, aided, unaided in zip(charts, hear(tune, order), hear(tune, order, aided=False), strict=True):
        if chart is None:
            tally.add("excluded", 1)
            continue
        tally.n += 1
        for prefix, heard in (("", aided), ("unaided.", unaided)):
            _mark(tally, prefix, chart, heard.chord)
            _mark(tally, prefix + "onset.", chart, heard.onset)
    return tally


def _mark(tally: Tally, prefix: str, chart: ChartChord, told: Chord | None) -> None:
    tally.add(prefix + "root", same_root(chart, told))
    tally.add(prefix + "family", same_family(chart, told))
    mode_right = same_majmin(chart, told)
    if mode_right is not None:
        tally.add(prefix + "majmin", mode_right)


RECOGNITION: Final = Task("recognition", "a chart", FIGURES, judge)
