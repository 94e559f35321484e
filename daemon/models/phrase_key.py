"""Which key a melody seems to be in, by the notes and chords so far: how far it is moved to be read in C."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.chord_tokens import NO_CHORD_TOKEN, chord_of

Floats = NDArray[np.float64]

_MAJOR: Final = np.array([1.0, -1.2, 0.8, -1.2, 0.9, 0.6, -1.0, 1.0, -1.0, 0.8, -0.7, 0.5])
"""How well each degree of the major scale speaks for it; its relative minor has the same notes."""

CHORD_WEIGHT: Final = 6.0
"""A chord's note counts as so many steps of melody."""

FORGETS: Final = 0.995
"""What is left of a note or chord after the next."""


class KeyGuess:
    """Weights of the twelve pitch classes so far, and what they say."""

    def __init__(self) -> None:
        self._heard: Floats = np.zeros(12)

    def note(self, pitch: int, steps: int) -> None:
        """A note of the melody."""
        self._heard *= FORGETS
        self._heard[pitch % 12] += min(steps, 24)

    def chord(self, token: int) -> None:
        """A chord that has begun."""
        chord = chord_of(token) if token != NO_CHORD_TOKEN else None
        if chord is not None:
            self._heard *= FORGETS
            self._heard[list(chord.pitch_classes)] += CHORD_WEIGHT

    @property
    def shift(self) -> int:
        """How many semitones, -6..5, bring its scale to that of C; 0 while nothing has been heard."""
        if not self._heard.any():
            return 0
        fits = [float(_MAJOR @ np.roll(self._heard, -tonic)) for tonic in range(12)]
        return (6 - int(np.argmax(fits))) % 12 - 6
