"""The chords that a style writes for an intro or an ending: laid over the plan while the player plays nothing.

The player's own chords win: a chord that is not the written one takes the plan back, until the player has been silent
for a while again. Who plays what is written is accompanied by what is written.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from realtime.core.band.cue import Cues
from realtime.core.chart import Chart
from realtime.core.chord import Chord, is_same_harmony
from realtime.core.key_finder import Key
from realtime.core.planner import Planner

QUIET_BEATS: Final = 2
"""So many beats without a chord, and the player plays nothing."""

_KEYS: Final = tuple(Key(tonic, minor) for minor in (False, True) for tonic in range(12))
_HOME: Final = 2.0
"""How much a chart that begins or ends on the key's own chord speaks for that key, in chords that fit."""


@dataclass(slots=True)
class CuedChords:
    """Lays them, and takes them away."""

    planner: Planner
    cues: Cues
    _laid: set[int] = field(default_factory=set)
    """Beats that are on a written chord, pinned by us."""
    _heard: tuple[int, Chord] | None = None
    """The last beat in which a chord was heard."""

    def clear(self) -> None:
        """Beats count from 0 again."""
        self._laid.clear()
        self._heard = None

    def is_laid(self, number: int) -> bool:
        """Whether beat `number` is on a written chord."""
        return number in self._laid

    def hear(self, number: int, chord: Chord, key: Key | None) -> None:
        """The player is on `chord` in beat `number`; if another is written, the plan is theirs from there on."""
        self._heard = number, chord
        if self._gives_way(number, key):
            self._free(number)

    def lay(self, number: int, key: Key | None) -> list[int]:
        """Puts beats from `number` on where they belong; returns those already planned that are now others."""
        quiet = not self._gives_way(number, key)
        planner, changed = self.planner, []
        self._laid = {beat for beat in self._laid if beat >= number - planner.beats_per_bar}
        last = planner.first_ahead + len(planner.ahead)
        for beat in range(number, max(last, max(planner.committed, default=-1) + 1)):
            written = self._written(beat, key) if quiet else None
            if beat in planner.pinned and beat not in self._laid:
                continue  # held, or kept, by the player
            if beat in planner.committed and self._move(beat, written):
                changed.append(beat)
            place = beat - planner.first_ahead
            if written is not None and 0 <= place < len(planner.ahead):
                planner.ahead[place] = replace(planner.ahead[place], chord=written, probability=1.0)
        return changed

    def _move(self, beat: int, written: Chord | None) -> bool:
        """A planned beat goes to its written chord, or back to what is foreseen; whether that is another."""
        planner, before = self.planner, self.planner.chord_on(beat)
        if written is not None:
            self._laid.add(beat)
            planner.pinned.add(beat)
            planner.playing[beat] = written
            return not is_same_harmony(written, before)
        if beat not in self._laid:
            return False
        self._laid.discard(beat)
        planner.pinned.discard(beat)
        place = beat - planner.first_ahead
        if 0 <= place < len(planner.ahead):
            planner.playing[beat] = planner.ahead[place].chord
        return not is_same_harmony(planner.chord_on(beat), before)

    def _free(self, number: int) -> None:
        """Beats from `number` on may be anything; what they are on now stays until somebody says otherwise."""
        freed = {beat for beat in self._laid if beat >= number}
        self._laid -= freed
        self.planner.pinned -= freed

    def _gives_way(self, number: int, key: Key | None) -> bool:
        """Whether the player plays, and something else than is written."""
        if self._heard is None or number - self._heard[0] > QUIET_BEATS:
            return False
        beat, chord = self._heard
        written = self._written(beat, key)
        return written is None or written.root != chord.root

    def _written(self, number: int, key: Key | None) -> Chord | None:
        beats_per_bar = self.planner.beats_per_bar
        cue = self.cues.on(number // beats_per_bar)
        return cue.chord_on(number, beats_per_bar, key) if cue is not None and key is not None else None


@lru_cache(maxsize=8)
def key_of_chart(chart: Chart) -> Key:
    """The key whose scale has most of a chart's chords; home is where it begins and ends."""
    chords = [chord for chord in chart.beats if chord is not None]

    def fits(key: Key) -> float:
        at_home = sum(chord.root == key.tonic and (chord.family == "min") == key.minor for chord in chords[:1])
        at_home += sum(chord.root == key.tonic and (chord.family == "min") == key.minor for chord in chords[-1:])
        inside = sum(all(pitch in key.scale for pitch in chord.pitch_classes[:3]) for chord in chords)
        return inside + _HOME * at_home

    return max(_KEYS, key=fits)
