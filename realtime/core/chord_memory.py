"""Chord memory: what the band plays while the player's hands rest; it gives way when they come back.

`off` plays on as foreseen, and rests when the player seems to have left. `hold` stays on the last chord heard. `loop`
goes on with the chords as they have been going round (where no round is sure, as foreseen), until the player returns.
A melody alone over what goes on is no return.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from realtime.core.chord import Chord
from realtime.core.events import Value
from realtime.core.oracle import token_of
from realtime.core.planner import KEEP_BEATS, Commitment, Planner

LONGEST_ROUND = 256
"""Beats remembered, to go round in."""


@dataclass(slots=True)
class ChordMemory:
    """Pins the plan's beats while the hands rest. Beats are numbered as the planner numbers them."""

    planner: Planner
    parameters: Mapping[str, Value]
    """Read live, never written."""
    is_playing: bool = False
    """Whether the band plays from memory now."""
    _chord: Chord | None = None
    _round: list[Chord | None] = field(default_factory=list)
    """The chords that go round, the one of beat `_first` first; empty where none is sure."""
    _first: int = 0
    _past: deque[Chord | None] = field(default_factory=lambda: deque(maxlen=LONGEST_ROUND))

    @property
    def is_on(self) -> bool:
        """Whether the band is to go on when the hands rest."""
        return self.parameters["hold/memory"] != "off"

    def learn(self, chord: Chord | None) -> None:
        """The next beat was `chord`."""
        self._past.append(chord)

    def rest(self, number: int, last: Chord | None) -> list[int]:
        """Nothing was heard on beat `number`, and `last` is the last chord heard.

        Returns the beats planned after it that are now others.
        """
        if not self.is_on or last is None:
            self.wake(number + 1)
        if not self.is_on or last is None or self.is_playing:
            return []
        period = self.planner.oracle.loop_beats
        self.is_playing, self._chord, self._first = True, last, number
        self._round = list(self._past)[-period:] if 0 < period <= len(self._past) else []
        return [beat for beat in sorted(self.planner.committed) if beat > number and self._pin(beat)]

    def chord_for(self, number: int) -> Chord | None:
        """What is remembered for beat `number`."""
        if self.parameters["hold/memory"] == "hold":
            return self._chord
        return self._round[(number - self._first) % len(self._round)] if self._round else self.planner.chord_on(number)

    def keep(self, made: Sequence[Commitment]) -> None:
        """Commitments just made are to what is remembered, for sure."""
        if self.is_playing:
            for commitment in made:
                self._pin(commitment.number)
            last = max((commitment.number for commitment in made), default=0)
            self.planner.pinned = {beat for beat in self.planner.pinned if beat >= last - KEEP_BEATS}

    def wake(self, number: int) -> None:
        """The player is back: beat `number` and those after it are free again."""
        if self.is_playing:
            self.is_playing = False
            self.planner.pinned = {beat for beat in self.planner.pinned if beat < number}

    def begin(self) -> None:
        """Nothing is remembered."""
        self.is_playing = False
        self._past.clear()

    def _pin(self, beat: int) -> bool:
        """Beat `beat` is as remembered; whether that is another chord than was planned."""
        chord, planned = self.chord_for(beat), self.planner.playing.get(beat)
        self.planner.playing[beat] = chord
        self.planner.pinned.add(beat)
        return token_of(chord) != token_of(planned)
