"""The choir: each note of the player's melody gets its harmony at once, and loses it with the key.

The chord is the plan's. A melody note that is in the chord, or colours it, has the chord's next notes below it; one
that only passes has a diminished chord or the scale's thirds under it, as section writing does (Wright, Inside the
Score, on block voicing and passing notes).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from realtime.core.chord import Chord
from realtime.core.key_finder import Key
from realtime.core.solo.chord_scale import chord_scale
from realtime.core.units import Micros

Layout = Literal["close", "drop2"]

LOWEST: Final = 43
"""Below this a choir is mud."""

NEAREST: Final = 3
"""Semitones between the melody and the next voice, at least."""

TOGETHER: Final = 40_000
"""A higher key struck so soon after another belongs to the same chord, and is its melody."""

_STANDS_FOR: Final = {2: (0,), 1: (0,), 3: (2, 4), 6: (7,), 5: (4, 3), 9: (7, 10), 8: (7,)}
"""Which of the chord's notes a colour takes the place of, by their semitones above the root."""


def harmony_under(
    melody: int, chord: Chord | None, key: Key | None, voices: int, layout: Layout, passing: str
) -> tuple[int, ...]:
    """The pitches under a melody note, from the top down; as many of `voices` as there is room for."""
    if chord is None and key is None:
        found = [melody - 12]
    elif chord is None and key is not None:
        found = _thirds(melody, frozenset(key.scale), voices)
    elif chord is not None:
        found = _of_the_chord(melody, chord, key, voices, passing)
    if layout == "drop2" and len(found) > 1:
        found[0] -= 12
    return tuple(sorted({pitch for pitch in found if pitch >= LOWEST}, reverse=True))


def _of_the_chord(melody: int, chord: Chord, key: Key | None, voices: int, passing: str) -> list[int]:
    scale = chord_scale(chord, key)
    pitch_class, above = melody % 12, (melody - chord.root) % 12
    if pitch_class in scale.tones:
        return _below(melody, scale.tones - {pitch_class}, voices)
    if pitch_class in scale.scale and pitch_class not in scale.avoided:
        replaced = {(chord.root + step) % 12 for step in _STANDS_FOR.get(above, ())}
        return _below(melody, scale.tones - replaced, voices)
    if passing == "diminished" or pitch_class not in scale.scale:
        return [melody - 3 * (1 + voice) for voice in range(voices)]
    return _thirds(melody, scale.scale, voices)


def _below(melody: int, tones: Iterable[int], voices: int) -> list[int]:
    classes = set(tones)
    return [pitch for pitch in range(melody - NEAREST, melody - 24, -1) if pitch % 12 in classes][:voices]


def _thirds(melody: int, scale: frozenset[int], voices: int) -> list[int]:
    """Every other note of the scale, down from the melody."""
    steps = [pitch for pitch in range(melody - NEAREST, melody - 24, -1) if pitch % 12 in scale]
    return steps[::2][:voices]


@dataclass(slots=True)
class Choir:
    """Which voices are held for which of the player's keys."""

    _down: dict[int, Micros] = field(default_factory=dict)
    """Keys that are down, since when."""
    _voices: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _pedal: bool = False
    _ringing: set[int] = field(default_factory=set)
    """Keys that are up, whose voices the pedal holds."""

    def is_melody(self, pitch: int, lowest: int) -> bool:
        """Whether a key about to be struck is on top of what is held, and no bass."""
        return pitch >= lowest and all(other <= pitch for other in self._down)

    def strike(self, pitch: int, at: Micros) -> list[int]:
        """A key goes down; returns the voices that end: a struck chord's lower notes, what a pedal or the key held."""
        freed = self._free(pitch)
        for other in list(self._ringing):
            freed += self._free(other)
        for other, since in self._down.items():
            if other < pitch and at - since < TOGETHER:
                freed += self._free(other)
        self._down[pitch] = at
        return freed

    def sing(self, pitch: int, voices: tuple[int, ...]) -> list[int]:
        """Holds `voices` for a key that is down; returns those that must begin. One that sounds already is shared."""
        sounding = {voice for held in self._voices.values() for voice in held}
        self._voices[pitch] = voices
        return [voice for voice in voices if voice not in sounding]

    def lift(self, pitch: int) -> list[int]:
        """A key comes up; returns the voices that end."""
        self._down.pop(pitch, None)
        if self._pedal and pitch in self._voices:
            self._ringing.add(pitch)
            return []
        return self._free(pitch)

    def pedal(self, *, down: bool) -> list[int]:
        """The sustain pedal moves; returns the voices that end."""
        self._pedal = down
        return [] if down else [voice for pitch in list(self._ringing) for voice in self._free(pitch)]

    def stop_singing(self) -> None:
        """Nothing is held any more, though keys may be down: the voices were ended by somebody else."""
        self._voices.clear()
        self._ringing.clear()

    def clear(self) -> list[int]:
        """The keyboard has gone; returns the voices that end."""
        freed = sorted({voice for held in self._voices.values() for voice in held})
        self.stop_singing()
        self._down.clear()
        self._pedal = False
        return freed

    def _free(self, pitch: int) -> list[int]:
        """A key's voices, but for those that another key has, too."""
        held = self._voices.pop(pitch, ())
        self._ringing.discard(pitch)
        kept = {voice for others in self._voices.values() for voice in others}
        return [voice for voice in held if voice not in kept]
