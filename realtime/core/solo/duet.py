"""The second voice of a duet: thirds and sixths to the player's melody, in contrary motion, and out of its way.

It moves where the melody falls on a beat, and holds while the melody moves on: second-species counterpoint turned
upside down, as second fiddles play.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from realtime.core.chord import Chord
from realtime.core.key_finder import Key
from realtime.core.solo.chord_scale import ChordScale, chord_scale
from realtime.core.units import Ticks

ON_BEAT: Final = 0.16
"""A note this near to a beat, in beats, is on it."""

LONGEST_BEATS: Final = 2
BELOW: Final = (3, 17)
"""How far under the melody it lies, in semitones."""

LOWEST: Final = 45
_SWEET: Final = frozenset((3, 4, 8, 9, 15, 16))
_PLAIN: Final = frozenset((5, 7, 10, 12))
HIGH_MELODY: Final = 66


@dataclass(slots=True)
class Partner:
    """Remembers where both voices were."""

    _own: int | None = None
    _melody: int = 0
    _moved: Ticks = Ticks(-(1 << 30))

    def rest(self) -> None:
        """Falls silent; the next note begins anew."""
        self._own = None

    def hold(self, beat_ticks: int) -> int:
        """How long it holds its note, if it does not move before, in ticks."""
        return LONGEST_BEATS * beat_ticks

    def move(self, melody: int, tick: Ticks, beat_ticks: int, chord: Chord | None, key: Key | None) -> int | None:
        """The pitch to move to with the `melody` note struck at `tick`; None: it stays where it is."""
        off = abs((tick + beat_ticks // 2) % beat_ticks - beat_ticks // 2) / beat_ticks
        if chord is None or off > ON_BEAT or tick - self._moved < beat_ticks * 0.8:
            return None
        scale = chord_scale(chord, key)
        choices = range(max(LOWEST, melody - BELOW[1]), melody - BELOW[0] + 1)
        if not choices:
            return None
        self._own = min(choices, key=lambda pitch: (self._cost(pitch, melody, scale), -pitch))
        self._melody, self._moved = melody, tick
        return self._own

    def _cost(self, pitch: int, melody: int, scale: ChordScale) -> float:
        apart, pitch_class = melody - pitch, pitch % 12
        cost = 0.0 if apart in _SWEET else 1.2 if apart in _PLAIN else 2.5
        if pitch_class not in scale.tones:
            cost += 1.7 if pitch_class in scale.scale and pitch_class not in scale.avoided else 6.0
        cost += 0.05 * max(0, apart - 9)
        if self._own is not None:
            step, led = pitch - self._own, melody - self._melody
            cost += 0.12 * max(0, abs(step) - 2) + 0.8 * (step == 0) + 0.6 * (step * led > 0)
            cost += 2.0 * (apart % 12 in (0, 7) and step * led > 0)  # hidden fifths and octaves
        return cost


def reach_beside(melody: Sequence[int]) -> range:
    """Where a fill is out of the way of a melody: under a high one, over a low one."""
    middle = round(median(melody))
    if middle >= HIGH_MELODY:
        return range(max(LOWEST, middle - 26), middle - 4)
    return range(middle + 5, middle + 27)
