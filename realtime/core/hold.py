"""The player's "stay here": the band keeps to the present chord, whatever is foreseen and whatever is heard."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from realtime.core.chord import Chord
from realtime.core.oracle import token_of
from realtime.core.planner import KEEP_BEATS, Commitment, Planner

UNTIL_RELEASED: Final = 2**31
"""A beat that no music reaches."""


@dataclass(slots=True)
class Hold:
    """Pins the plan's beats to one chord. Beats are numbered as the planner numbers them."""

    planner: Planner
    chord: Chord | None = None
    last: int = -1
    """The last beat that is held; -1 if none is."""

    def is_on(self, number: int) -> bool:
        """Whether beat `number` is held."""
        return number <= self.last

    def begin(self, number: int, beats: int) -> list[int]:
        """Stays on the chord of beat `number` for `beats` beats more (below 0: until released).

        Returns the beats already planned that are now others.
        """
        planner = self.planner
        self.chord = planner.chord_on(number)
        self.last = UNTIL_RELEASED if beats < 0 else number + beats
        changed = []
        for beat in sorted(beat for beat in planner.committed if number <= beat <= self.last):
            if token_of(planner.chord_on(beat)) != token_of(self.chord):
                changed.append(beat)
            planner.playing[beat] = self.chord
            planner.pinned.add(beat)
        return changed

    def keep(self, made: Sequence[Commitment]) -> list[Commitment]:
        """New commitments as they are while the hold lasts: to its chord, for sure."""
        kept = []
        for commitment in made:
            if self.is_on(commitment.number):
                held = replace(commitment, chord=self.chord, probability=1.0, sure=True)
                self.planner.committed[held.number] = held
                self.planner.playing[held.number] = self.chord
                self.planner.pinned.add(held.number)
                kept.append(held)
            else:
                kept.append(commitment)
                self.clear()
        if kept:
            self.planner.pinned = {beat for beat in self.planner.pinned if beat >= kept[-1].number - KEEP_BEATS}
        return kept

    def release(self, number: int) -> list[int]:
        """Beat `number` and those after it are free again; returns the planned ones that are now others."""
        planner = self.planner
        changed = []
        for beat in sorted(beat for beat in planner.committed if number <= beat <= self.last):
            planner.pinned.discard(beat)
            place = beat - planner.first_ahead
            if beat == number or not 0 <= place < len(planner.ahead):
                continue  # what sounds now goes on until the player moves
            foreseen = planner.ahead[place].chord
            if token_of(foreseen) != token_of(planner.chord_on(beat)):
                planner.playing[beat] = foreseen
                changed.append(beat)
        self.clear()
        return changed

    def clear(self) -> None:
        """Nothing is held."""
        self.chord, self.last = None, -1
