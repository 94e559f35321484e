"""Surprises: chords that were not planned. The band stays on one to the end of its bar, and hears one struck early.

What the round would have been matters little once the player has left it: until the bar line, or until something else
is heard, the player's chord goes on. And a chord struck late in a beat is meant for the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from realtime.core.chord import Chord
from realtime.core.oracle import token_of
from realtime.core.planner import Commitment, Planner

SURE: Final = 0.75
UNHEARD_OF: Final = 0.05
"""The band is shocked by a chord less likely than this where it was so sure of another: then its memory of the song
is worth less, for the moment, than the player's hands."""


@dataclass(slots=True)
class Surprises:
    """Pins the plan's beats, as the planner numbers them."""

    planner: Planner
    chord: Chord | None = None
    """The chord that is stayed on."""
    since: int = -1
    last: int = -1
    """The first beat that is wholly its, and the last."""
    early: tuple[int, Chord] | None = None
    """A beat that has not begun, and the chord that was struck for it already."""

    def stay(self, number: int, until: int, chord: Chord, beats_per_bar: int) -> list[int]:
        """`chord` has surprised the band on beat `number`; it is stayed on to the end of the bar of beat `until`.

        Returns the planned beats after `number` that are now others.
        """
        self.chord, self.since, self.last = chord, until, until - until % beats_per_bar + beats_per_bar - 1
        return [beat for beat in sorted(self.planner.committed) if number < beat <= self.last and self._pin(beat)]

    def keep(self, made: Sequence[Commitment]) -> None:
        """Commitments just made, on beats that are stayed on, are to that chord."""
        for commitment in made:
            if self.chord is not None and commitment.number <= self.last:
                self._pin(commitment.number)

    def hear(self, number: int, chord: Chord | None) -> None:
        """Beat `number` is, or was, `chord`: if that is another than is stayed on, all is open again from it on."""
        if self.chord is not None and chord is not None and token_of(chord) != token_of(self.chord):
            self.planner.pinned = {beat for beat in self.planner.pinned if not number <= beat <= self.last}
            self.clear()

    def clear(self) -> None:
        """Nothing is stayed on."""
        self.chord, self.since, self.last, self.early = None, -1, -1, None

    def expect(self, number: int, chord: Chord) -> bool:
        """`chord` has been struck for beat `number`, which is to come; whether it was planned otherwise."""
        is_news = token_of(self.planner.playing.get(number)) != token_of(chord)
        self.early = (number, chord) if is_news else None
        self.planner.playing[number] = chord
        self.planner.pinned.add(number)
        return is_news

    def arrive(self, number: int) -> Chord | None:
        """Beat `number` is about to begin: the chord that was struck early for it."""
        if self.early is None or self.early[0] != number:
            return None
        self.planner.pinned.discard(number)
        return self.early[1]

    def is_shock(self, number: int, chord: Chord) -> bool:
        """Whether `chord` is what the band least expected on beat `number`, and it was sure of another."""
        prior = self.planner.prior(number)
        if prior is None:
            return False
        return float(prior.max()) >= SURE and self.planner.oracle.mass_of(prior, chord) <= UNHEARD_OF

    def _pin(self, beat: int) -> bool:
        planned = self.planner.playing.get(beat)
        self.planner.playing[beat] = self.chord
        self.planner.pinned.add(beat)
        return token_of(planned) != token_of(self.chord)
