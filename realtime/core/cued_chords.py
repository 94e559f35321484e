"""The chords that a style writes for an intro or an ending: laid over the plan while the player plays nothing.

The player's own chords win: while they play, the plan is what it would be anyway. Only who has played two of the
written chords, one after the other, is taken to play the rest, too; and an ending's last bar is expected to be as it is
written until something else is heard in it.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from realtime.core.band.cue import Cues
from realtime.core.chart import Chart
from realtime.core.chord import Chord, is_same_harmony
from realtime.core.key_finder import Key
from realtime.core.planner import Planner

QUIET_BEATS: Final = 1
"""More beats than this without a chord, and the player plays nothing."""

FOLLOWED: Final = 2
"""So many of the written chords, one after another, and the player plays what is written."""

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
    _followed: set[Chord] = field(default_factory=set)
    """The written chords that the player has lately played."""

    def clear(self) -> None:
        """Beats count from 0 again."""
        self._laid.clear()
        self._heard = None
        self._followed.clear()

    def is_laid(self, number: int) -> bool:
        """Whether beat `number` is on a written chord."""
        return number in self._laid

    def hear(self, number: int, chord: Chord, key: Key | None) -> None:
        """The player is on `chord` in beat `number`; unless it is what is written, the plan is theirs from there on."""
        self._heard = number, chord
        written = self._written(number, key)
        if written is None or not _is_as_written(chord, written):
            self._followed.clear()
        else:
            self._followed.add(written)
        if self._gives_way(number) and not self._closes(number, written):
            self._free(number)

    def lay(self, number: int, key: Key | None) -> list[int]:
        """Puts beats from `number` on where they belong; returns those already planned that are now others."""
        quiet = not self._gives_way(number)
        planner, changed = self.planner, []
        self._laid = {beat for beat in self._laid if beat >= number - planner.beats_per_bar}
        last = planner.first_ahead + len(planner.ahead)
        for beat in range(number, max(last, max(planner.committed, default=-1) + 1)):
            written = self._written(beat, key)
            if not quiet and not self._closes(beat, written):
                written = None
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

    def _gives_way(self, number: int) -> bool:
        """Whether the player plays, and something else than is written, as far as can be told."""
        if self._heard is None or number - self._heard[0] > QUIET_BEATS:
            return False
        return len(self._followed) < FOLLOWED

    def _closes(self, number: int, written: Chord | None) -> bool:
        """Whether beat `number` is of an ending's last bar, and the player has not yet been elsewhere in that."""
        bar, per_bar = number // self.planner.beats_per_bar, self.planner.beats_per_bar
        cue = self.cues.on(bar)
        if written is None or cue is None or cue.name != "ending" or bar != cue.end_bar - 1:
            return False
        return self._heard is None or self._heard[0] < bar * per_bar or _is_as_written(self._heard[1], written)

    def _written(self, number: int, key: Key | None) -> Chord | None:
        beats_per_bar = self.planner.beats_per_bar
        cue = self.cues.on(number // beats_per_bar)
        return cue.chord_on(number, beats_per_bar, key) if cue is not None and key is not None else None


def _is_as_written(chord: Chord, written: Chord) -> bool:
    """Whether the roots are one, and major is not played for minor."""
    plain = ({"maj": "dom", "sus": "dom"}.get(family, family) for family in (chord.family, written.family))
    return chord.root == written.root and len(set(plain)) == 1


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
