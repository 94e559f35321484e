"""A tune and the band, beat by beat, as four lanes: the chart, what was heard, what was foreseen, what was played."""

from dataclasses import dataclass

from daemon.evaluation.chart import ChartChord
from daemon.evaluation.grid import Grid
from daemon.evaluation.rehearsal import Rehearsal
from realtime.core.chord import Chord
from realtime.core.chord_tokens import chord_of, token_of

LANES = ("chart", "heard", "foreseen", "bass")


@dataclass(frozen=True, slots=True)
class LaneBeat:
    """What stands in a lane on one beat: a chord's root (None: nothing), its name, and whether the band was sure."""

    root: int | None = None
    name: str = ""
    is_minor: bool = False
    is_sure: bool = True
    is_right: bool = True


NOTHING = LaneBeat()


@dataclass(frozen=True, slots=True)
class Lanes:
    """A piece: its name, the beats on which its bars begin, and a row of beats for each of `LANES`."""

    name: str
    bars: tuple[int, ...]
    rows: dict[str, list[LaneBeat]]


def lanes_of(name: str, grid: Grid, charts: list[ChartChord | None], result: Rehearsal) -> Lanes:
    """The lanes of a rehearsal, as far as the chart goes."""
    rows: dict[str, list[LaneBeat]] = {lane: [] for lane in LANES}
    heard: Chord | None = None
    end = max((beat + 1 for beat, chart in enumerate(charts) if chart), default=len(charts))
    for beat in range(end):
        chart = charts[beat]
        heard = result.ears.get(beat, heard)
        rows["chart"].append(_chord(None if chart is None else chart.chord, chart))
        rows["heard"].append(_chord(heard, chart))
        told = result.commitments.get(beat) or result.guesses.get(beat)
        sure = told is not None and told.committed
        rows["foreseen"].append(_chord(told.chord if told else None, chart, is_sure=sure))
        rows["bass"].append(_bass(result.carrying.get(beat), chart))
    return Lanes(name, tuple(bar for bar in grid.bars if bar < end), rows)


def _chord(chord: Chord | None, chart: ChartChord | None, *, is_sure: bool = True) -> LaneBeat:
    if chord is None:
        return NOTHING
    plain = chord_of(token_of(chord)) or chord
    is_right = chart is None or chart.chord.root == chord.root
    return LaneBeat(
        chord.root, plain.name(), plain.quality.startswith(("m", "dim")) and plain.quality != "maj7", is_sure, is_right
    )


def _bass(pitch: int | None, chart: ChartChord | None) -> LaneBeat:
    if pitch is None:
        return NOTHING
    root = pitch % 12
    is_right = chart is None or root in (*chart.chord.pitch_classes, chart.chord.bass)
    return LaneBeat(root, Chord(root, "", root).name(), is_right=is_right)
