"""A motif: a short rhythm and the way it moves; remembered, turned round, and recognised in what was played."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol

MOST_BEATS: Final = 2
"""A motif is at most this long: longer ones nobody recognises when they come back changed."""

LEAST_NOTES: Final = 2
NEAR: Final = 2
"""A step this many semitones wider or narrower is still the motif's."""

_WIDEST: Final = 12


class Struck(Protocol):
    """A note with its place on the grid."""

    @property
    def start(self) -> int:
        """Ticks."""
        ...

    @property
    def end(self) -> int:
        """Ticks."""
        ...

    @property
    def pitch(self) -> int:
        """MIDI key."""
        ...


@dataclass(frozen=True, slots=True)
class Motif:
    """`rhythm` has a string a beat, as `idiom`'s cells; `steps` the semitones from each note to the next."""

    rhythm: tuple[str, ...]
    steps: tuple[int, ...]

    @property
    def inverted(self) -> "Motif":
        """Upside down."""
        return Motif(self.rhythm, tuple(-step for step in self.steps))

    def with_tail(self, beat: str) -> "Motif":
        """The same beginning with another last beat."""
        rhythm = (*self.rhythm[:-1], beat)
        return Motif(rhythm, self.steps[: max(0, strikes(rhythm) - 1)])

    @property
    def tail(self) -> "Motif":
        """Its last beat alone."""
        count = strikes(self.rhythm[-1:])
        return Motif(self.rhythm[-1:], self.steps[len(self.steps) - count + 1 :] if count else ())


def strikes(rhythm: Sequence[str]) -> int:
    """How many notes a rhythm has."""
    return sum(beat.count("x") + beat.count("X") for beat in rhythm)


def motif_of(notes: Sequence[Struck], beat_ticks: int, grid: int) -> Motif | None:
    """The motif that `notes` (a single line, in order) begin with, on `grid` steps a beat; None for too few notes."""
    if not notes:
        return None
    step_ticks = beat_ticks / grid
    first_beat = round(notes[0].start / step_ticks) // grid
    marks: dict[int, int] = {}
    held: set[int] = set()
    for note in notes:
        place = round(note.start / step_ticks) - first_beat * grid
        if place >= MOST_BEATS * grid:
            break
        marks.setdefault(place, note.pitch)
        last = round(note.end / step_ticks) - first_beat * grid
        held.update(range(place + 1, max(place + 1, last)))
    if len(marks) < LEAST_NOTES:
        return None
    signs = ["x" if place in marks else "-" if place in held else "." for place in range(MOST_BEATS * grid)]
    pitches = [marks[place] for place in sorted(marks)]
    steps = tuple(max(-_WIDEST, min(_WIDEST, b - a)) for a, b in pairwise(pitches))
    rhythm = tuple("".join(signs[beat * grid : (beat + 1) * grid]) for beat in range(MOST_BEATS))
    return Motif(rhythm, steps)


def kinship(motif: Motif, notes: Sequence[Struck], beat_ticks: int) -> float:
    """How much of `motif` is somewhere in `notes`, 0..1: half for its rhythm, half for its steps, bent or not."""
    gaps = _gaps(motif.rhythm)
    count = len(gaps)
    if not count or len(notes) <= count:
        return 0.0
    best = 0.0
    for begin in range(len(notes) - count):
        same = 0.0
        for index, (gap, step) in enumerate(zip(gaps, motif.steps, strict=False)):
            one, other = notes[begin + index], notes[begin + index + 1]
            same += 0.5 * (abs((other.start - one.start) / beat_ticks - gap) < 0.2)
            moved = other.pitch - one.pitch
            same += 0.5 * (_sign(moved) == _sign(step) and abs(moved - step) <= NEAR)
        best = max(best, same / count)
    return best


def _gaps(rhythm: Sequence[str]) -> list[float]:
    """The beats from each strike to the next."""
    places = [
        beat + place / len(marks)
        for beat, marks in enumerate(rhythm)
        for place, mark in enumerate(marks)
        if mark in "xX"
    ]
    return [b - a for a, b in pairwise(places)]


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
