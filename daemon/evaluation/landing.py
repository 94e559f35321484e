"""`landing`: the notes go through the whole band; is it where the player goes when the player gets there?

`next_beat` is what the band is about to play just before each beat, with all of the beat before heard and nothing of
this one; `committed` is the share of beats of which it is sure, `sure` is marked on these alone. `ahead` is stricter:
the first word that was told of a beat at least a whole beat before it, where that was a commitment (`committed`: the
share of beats that had one); `guess` is the same for the first word told, sure or not. `bar_line` and `change` (of the
chart's chord) are `ahead` at those places, `arrival` is `next_beat` there. The first chord of the chart cannot be
foreseen and is left out.

What is heard of it is the bass: at `bass_struck` it has the chart's root or bass when the beat is struck, at
`bass_right` (`sounding`, for all beats) over the first half of the beat. Both are shares of the beats with any bass,
which are `bass_sounds` of all; fifths and passing notes count as wrong.
`playing` is the share of beats in whose middle the band is on the chart's root, all corrections made.
"""

from typing import Final

from daemon.evaluation.chart import ChartChord, chart_token, same_family, same_majmin, same_root
from daemon.evaluation.comping import comping_figures, mark_comping
from daemon.evaluation.corpus import Tune
from daemon.evaluation.grid import chart_on_beats, grid_of
from daemon.evaluation.lanes import lanes_of
from daemon.evaluation.playing import tempo_of
from daemon.evaluation.rehearsal import BandOrder, Foresight, Rehearsal, played_notes, rehearse
from daemon.evaluation.scores import ECE, MEAN, MEDIAN, SHARE, TOTAL, Kind, Tally
from daemon.evaluation.task import Task

PLACES: Final = ("ahead", "bar_line", "change")
_MARKS: Final = ("root", "majmin", "family")
FIGURES: Final[dict[str, Kind]] = {
    **{f"next_beat.{name}": SHARE for name in (*_MARKS, "committed", "sure.root", "sure.majmin")},
    **{
        f"{place}.{name}": SHARE
        for place in PLACES
        for name in (
            *_MARKS,
            "committed",
            "guess.root",
            "guess.majmin",
            "arrival.root",
            "arrival.majmin",
            "bass_struck",
            "bass_right",
        )
    },
    **comping_figures(PLACES),
    "next_beat.ece": ECE,
    "recovery_beats": MEAN,
    "recovery_beats_median": MEDIAN,
    "playing": SHARE,
    "sounding": SHARE,
    "bass_sounds": SHARE,
    "excluded": TOTAL,
}


def judge(tune: Tune, order: BandOrder) -> Tally | None:
    """Marks how the band lands in a tune."""
    grid = grid_of(tune)
    charts = chart_on_beats(tune, grid)
    first = next((beat for beat, chart in enumerate(charts) if chart), None)
    notes = played_notes(tune, grid, order)
    if first is None or not notes:
        return None
    result = rehearse(order, notes, grid, tempo_of(tune))
    tally = Tally(FIGURES, lanes=lanes_of(tune.name, grid, charts, result))
    bars = set(grid.bars) if tune.bars_known else set()
    for beat in range(max(1, first + 1), grid.beats):
        chart = charts[beat]
        if chart is None:
            tally.add("excluded", 1)
            continue
        tally.n += 1
        _mark_arrival(tally, chart, result.arrivals.get(beat))
        places = ["ahead"] + ["bar_line"] * (beat in bars)
        if chart_token(charts[beat - 1]) != chart_token(chart):
            places.append("change")
        told = {"": result.commitments, "guess.": result.guesses, "arrival.": result.arrivals}
        for place in places:
            tally.add(f"{place}.committed", beat in result.commitments)
            for kind, foresights in told.items():
                _mark(tally, f"{place}.{kind}", chart, foresights.get(beat))
        _mark_bass(tally, places, chart, result, beat)
        made = result.arrivals.get(beat)
        mark_comping(tally, places, chart, result.heard[beat], sure=made is not None and made.committed)
        tally.add("playing", same_root(chart, result.plans.get(beat)))
        _mark_recovery(tally, charts, result, beat)
    return tally


def _mark_arrival(tally: Tally, chart: ChartChord, about: Foresight | None) -> None:
    """What the band is about to play; nothing is wrong, too."""
    about = about or Foresight(None, 0.0, committed=False)
    tally.add("next_beat.committed", about.committed)
    tally.trust("next_beat.ece", about.probability, right=same_root(chart, about.chord))
    _mark(tally, "next_beat.", chart, about)
    if about.committed:
        _mark(tally, "next_beat.sure.", chart, about)


def _mark(tally: Tally, prefix: str, chart: ChartChord, told: Foresight | None) -> None:
    """Those marks that the report has of this kind."""
    if told is None:
        return
    marks = {
        "root": same_root(chart, told.chord),
        "majmin": same_majmin(chart, told.chord),
        "family": same_family(chart, told.chord),
    }
    for name, right in marks.items():
        if right is not None and prefix + name in FIGURES:
            tally.add(prefix + name, right)


def _mark_bass(tally: Tally, places: list[str], chart: ChartChord, result: Rehearsal, beat: int) -> None:
    """The bass that is heard: when the beat is struck, and over its first half."""
    right = (chart.chord.root, chart.chord.bass)
    struck, carrying = result.struck.get(beat), result.carrying.get(beat)
    tally.add("bass_sounds", carrying is not None)
    if carrying is None:
        return
    tally.add("sounding", carrying % 12 in right)
    for place in places:
        tally.add(f"{place}.bass_struck", struck is not None and struck % 12 in right)
        tally.add(f"{place}.bass_right", carrying % 12 in right)


def _mark_recovery(tally: Tally, charts: list[ChartChord | None], result: Rehearsal, beat: int) -> None:
    """After a wrong commitment: beats until the band is on the chart's root again; 0 is within the beat itself."""
    chart, made = charts[beat], result.commitments.get(beat)
    if chart is None or made is None or same_root(chart, made.chord):
        return
    for later in range(beat, len(charts)):
        there = charts[later]
        if there is not None and same_root(there, result.plans.get(later)):
            for name in ("recovery_beats", "recovery_beats_median"):
                tally.lasted(name, later - beat)
            return
    # The tune ends first: nobody knows how long it would have lasted.


LANDING: Final = Task("landing", "notes or a chart to play from, and a chart", FIGURES, judge)
