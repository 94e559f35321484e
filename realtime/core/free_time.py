"""Free time: no beat runs, so what is foreseen is the chord after this one, whenever it comes.

Learns on the grid of chord changes. What is played for a moment on the way from one chord to the next is no chord.
"""

from dataclasses import dataclass, field
from typing import Final

from realtime.core.chord import Chord, is_same_harmony
from realtime.core.oracle import Expectation, Oracle
from realtime.core.units import Micros
from realtime.core.weights import Tensors

SHORTEST_CHORD: Final = 350_000
"""A chord that is another one after fewer microseconds was only its beginning."""


def _oracle() -> Oracle:
    return Oracle(grid="changes")


@dataclass(slots=True)
class FreeTime:
    """Hears chords whenever they come; owns an oracle of changes."""

    oracle: Oracle = field(default_factory=_oracle)
    _chord: Chord | None = None
    """The present chord: it is learnt when the next one comes, and it is certain what it was."""
    _since: Micros = Micros(0)

    @classmethod
    def trained(cls, tables: Tensors) -> "FreeTime":
        """With the trained oracle's tables, of which those of the changes are used."""
        return cls(Oracle(weights=tables, grid="changes"))

    def hear(self, chord: Chord, at: Micros) -> Expectation | None:
        """`chord` is heard at `at`; returns what comes after it, or nothing where it is no other than before."""
        if self._chord is not None and is_same_harmony(chord, self._chord):
            self._chord = chord
            return None
        if self._chord is not None and at - self._since >= SHORTEST_CHORD:
            self.oracle.observe(self._chord)
        if self._chord is None or at - self._since >= SHORTEST_CHORD:
            self._since = at
        self._chord = chord
        return self.oracle.foresee_after(chord, 1)[0]

    def leave(self, at: Micros) -> None:
        """A beat runs from now on: the present chord is over."""
        if self._chord is not None and at - self._since >= SHORTEST_CHORD:
            self.oracle.observe(self._chord)
        self._chord = None
