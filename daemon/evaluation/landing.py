"""`landing`: the notes go through the whole band; is it where the player goes when the player gets there?

For every beat, for bar lines and for the chart's changes: does the first commitment made a whole beat ahead or
earlier agree with the chart? `guess` is the same for the first word told, sure or not. Shares are of the beats that
had one; `committed` says how many had. The first chord of the chart cannot be foreseen and is left out.

What is heard of it is the bass: at `bass_struck` it has the chart's root or bass when the beat is struck, at
`bass_right` (`sounding`, for all beats) over the first half of the beat. Both are shares of the beats with any bass,
which are `bass_sounds` of all; fifths and passing notes count as wrong.
`playing` is the share of beats in whose middle the band is on the chart's root, all corrections made.
"""

from typing import Final

from daemon.evaluation.chart import ChartChord, chart_token, same_family, same_majmin, same_root
from daemon.evaluation.corpus import Tune
from daemon.evaluation.grid import chart_on_beats, grid_of
from daemon.evaluation.playing import tempo_of
from daemon.evaluation.rehearsal import BandOrder, Foresight, Rehearsal, played_notes, rehearse
from daemon.evaluation.scores import MEAN, MEDIAN, SHARE, TOTAL, Kind, Tally
from daemon.evaluation.task import Task

PLACES: Final = ("next_beat", "bar_line", "change")
FIGURES: Final[dict[str, Kind]] = {
    **{
        f"{place}.{name}": SHARE
        for place in PLACES
        for name in (
            "root",
            "majmin",
            "family",
            "committed",
            "guess.root",
            "guess.majmin",
            "bass_struck",
            "bass_right",
        )
    },
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
    tally = Tally(FIGURES)
    bars = set(grid.bars) if tune.bars_known else set()
    for beat in range(max(1, first + 1), grid.beats):
        chart = charts[beat]
        if chart is None:
            tally.add("excluded", 1)
            continue
        tally.n += 1
        places = ["next_beat"] + ["bar_line"] * (beat in bars)
        if chart_token(charts[beat - 1]) != chart_token(chart):
            places.append("change")
        for place in places:
            _mark(tally, place, chart, result.commitments.get(beat), result.guesses.get(beat))
        _mark_bass(tally, places, chart, result, beat)
        tally.add("playing", same_root(chart, result.plans.get(beat)))
        _mark_recovery(tally, charts, result, beat)
    return tally


def _mark(tally: Tally, place: str, chart: ChartChord, made: Foresight | None, guess: Foresight | None) -> None:
    tally.add(f"{place}.committed", made is not None)
    for prefix, told in ((place, made), (f"{place}.guess", guess)):
        if told is None:
            continue
        tally.add(f"{prefix}.root", same_root(chart, told.chord))
        mode_right = same_majmin(chart, told.chord)
        if mode_right is not None:
            tally.add(f"{prefix}.majmin", mode_right)
    if made is not None:
        tally.add(f"{place}.family", same_family(chart, made.chord))


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
