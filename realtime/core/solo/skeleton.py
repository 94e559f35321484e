"""The skeleton of a phrase: when its notes come, how strong they are, and how the motif would have them move.

A phrase is put together from blocks of two beats: the motif, its sequence, variation, inversion or tail, runs, rests,
and a cadence. What follows what is chosen from templates, as players learn them: state, repeat higher, run on, close.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from realtime.core.solo.idiom import RUNS, TEMPLATES, Cells, Manner
from realtime.core.solo.motif import Motif, strikes

BLOCK_BEATS: Final = 2
MOST_BLOCKS: Final = 4

LIFT: Final = {"S": 3, "T": 2}
"""How many semitones such a block lies higher, or lower, than where the arc has it."""

ARCS: Final[tuple[tuple[float, ...], ...]] = (
    (-0.3, 0.3, 1.0, 0.1), (0.6, 1.0, 0.2, -0.6), (-0.8, -0.2, 0.5, 0.9), (0.7, 0.2, -0.3, -0.9), (0.3, -0.6, 0.4, 0.0),
)  # fmt: skip
"""How a phrase rises and falls: heights at its beginning, thirds and end, as shares of the range round its middle."""

EARLY_CLOSE: Final = 0.4
HELD_CLOSE: Final = 0.75
"""How often a phrase closes a beat early, and how often it does that or holds its last note: the rest is cut short."""

Pick = Callable[..., float]
"""Chance, 0..1, for what it is asked."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A note to be found: `start` and `end` in ticks from the beginning of the phrase."""

    start: int
    end: int
    height: float
    """Where the arc has it, -1..1, and the block's lift in semitones is added by `lift`."""
    lift: int
    level: float
    """How hard it is struck, as a share."""
    want: int | None
    """The step from the note before, in semitones, that the motif would take."""
    kin: bool
    """Whether it is the motif's."""
    approach: bool = False
    """Whether it is to be a semitone from the next."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Beats and their swing: how a mark within a beat becomes a tick."""

    beat_ticks: int
    steps_per_beat: int
    swing: float

    def tick(self, beat: int, place: int, parts: int) -> int:
        """When the mark at `place` of `parts` in a beat sounds; where the style swings its pairs, so do these."""
        late = 0.0
        if parts % 2 == 0 and parts == self.steps_per_beat and place % 2:
            late = self.beat_ticks / parts / 3 * self.swing
        return beat * self.beat_ticks + round(place * self.beat_ticks / parts + late)


@dataclass(frozen=True, slots=True)
class _Block:
    name: str
    motif: Motif
    lift: int = 0


def template_for(beats: int, manner: Manner, pick: Pick) -> str:
    """Which blocks a phrase of `beats` has."""
    choices = TEMPLATES[manner][max(1, min(MOST_BLOCKS, -(-beats // BLOCK_BEATS)))]
    return choices[int(pick("template") * len(choices))]


def fresh_motif(cells: Cells, density: float, shapes: Sequence[tuple[int, ...]], pick: Pick) -> Motif:
    """A motif that has not been heard: a cell, and a shape to move in."""
    movable = [cell for cell in cells if strikes(cell.split()) >= 2]
    rhythm = tuple(_cell(movable, density, pick("motif")).split())
    shape = shapes[int(pick("shape") * len(shapes))]
    count = strikes(rhythm) - 1
    return Motif(rhythm, tuple(shape[index % len(shape)] for index in range(count)))


def build(beats: int, template: str, motif: Motif, cells: Cells, grid: Grid, density: float, pick: Pick) -> list[Slot]:
    """The slots of a phrase of `beats`; its last note leaves room to breathe."""
    arc = ARCS[int(pick("arc") * len(ARCS))]
    blocks = [_block(name, motif, cells, density, pick, index) for index, name in enumerate(template)]
    marks = [(block, beat, wants) for block in blocks for beat, wants in _beats_of(block)][:beats]
    marks = _closed(marks, beats)
    slots: list[Slot] = []
    for number, (block, text, wants) in enumerate(marks):
        wanted = iter(wants)
        for place, mark in enumerate(text):
            start = grid.tick(number, place, len(text))
            stop = grid.tick(number, place + 1, len(text)) if place + 1 < len(text) else (number + 1) * grid.beat_ticks
            if mark == "-" and slots and slots[-1].end == start:
                slots[-1] = replace(slots[-1], end=stop)
            if mark in "xX":
                height = _height(arc, start / (beats * grid.beat_ticks))
                accent = 1.0 if mark == "X" or (place == 0 and number % 2 == 0) else 0.9 if place == 0 else 0.82
                want = next(wanted, None) if slots else None
                slots.append(Slot(start, stop, height, block.lift, accent, want, block.name in "MSVIT"))
    return slots


def with_approaches(slots: Sequence[Slot], beat_ticks: int, share: float, pick: Pick) -> list[Slot]:
    """Off-beat notes that run into a strong one are to lead there by a semitone; some, from the other side of it."""
    led = list(slots)
    for index in range(1, len(slots) - 1):
        slot, onward = slots[index], slots[index + 1]
        joined = onward.start - slot.end < beat_ticks // 8 and slot.end - slot.start < beat_ticks
        leads = onward.start % beat_ticks == 0 and slot.start % beat_ticks and not (slot.kin and onward.kin)
        again = index > 1 and led[index - 2].approach
        if leads and joined and not again and pick(index, "lead") < share:
            around = -3 if pick(index, "side") < 0.6 else 2
            enclosed = pick(index, "around") < 0.5 and slot.start - slots[index - 1].end < beat_ticks // 8
            led[index] = replace(slot, approach=True, want=around if enclosed else None)
            led[index + 1] = replace(onward, want=None)
    return led


def _block(name: str, motif: Motif, cells: Cells, density: float, pick: Pick, index: int) -> _Block:
    chosen, lift = motif, LIFT.get(name, 0) * (1 if pick(index, "lift") < 0.5 else -1)
    if name == "V":
        chosen = motif.with_tail(_cell(cells, density, pick(index, "vary")).split()[-1])
    elif name == "I":
        chosen = motif.inverted
    elif name == "T":
        chosen = Motif((*motif.tail.rhythm, *motif.tail.rhythm), motif.tail.steps)
    elif name == "R":
        run, way = _cell(cells, min(1.0, density + 0.3), pick(index, "run")), int(pick(index, "way") * len(RUNS))
        chosen = Motif(tuple(run.split()), RUNS[way])
    elif name == "C":
        chosen = Motif(_cadence(cells, density, pick(index, "close")), ())
    elif name == "_":
        chosen = Motif((".", "."), ())
    return _Block(name, chosen, lift)


def _cell(cells: Sequence[str], density: float, chance: float) -> str:
    """A cell about as busy as asked: near `density` of the way through the table, give or take a quarter."""
    place = density + 0.5 * (chance - 0.5)
    return cells[max(0, min(len(cells) - 1, int(place * len(cells))))]


def _cadence(cells: Cells, density: float, chance: float) -> tuple[str, ...]:
    """A note to rest on, after a beat of movement or at once; it is held, or short and then there is silence."""
    movement = _cell(cells, density, chance).split()[0]
    how = chance * 7 % 1.0
    if how < EARLY_CLOSE:
        return ("x-", ".")
    return (movement, "x-" if how < HELD_CLOSE else "x." if len(movement) < 4 else "x...")


def _beats_of(block: _Block) -> list[tuple[str, tuple[int | None, ...]]]:
    """Its beats, each with the steps that lead to its notes; the way into the block is free."""
    steps: list[int | None] = [None, *block.motif.steps]
    beats: list[tuple[str, tuple[int | None, ...]]] = []
    for text in block.motif.rhythm:
        count = strikes((text,))
        beats.append((text, tuple(steps[:count])))
        steps = steps[count:]
    return beats


_Marks = list[tuple[_Block, str, tuple[int | None, ...]]]


def _closed(marks: _Marks, beats: int) -> _Marks:
    """As many beats as asked: what is missing is rest."""
    silent = _Block("_", Motif((), ()))
    return [*marks, *((silent, ".", ()) for _ in range(beats - len(marks)))]


def _height(arc: Sequence[float], share: float) -> float:
    place = min(share, 0.999) * (len(arc) - 1)
    low = int(place)
    return arc[low] + (arc[low + 1] - arc[low]) * (place - low)
