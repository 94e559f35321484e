"""What the key finder learns from: sequences of beats put together from tunes, and from music that has no key.

A sequence goes on in another key here and there; some are melodies alone, some tunes are turned into another mode note
by note, and some stretches are random keys, clusters and chromatic runs.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.evaluation.keys import MODE_CHANGES
from daemon.training.key_net import NOISE, Floats
from realtime.core.key_filter import IS_MINOR, MODES, STATES, scales_of_states

IGNORED: Final = -1

MELODIES: Final = 0.3
"""The share of the sequences that are melodies alone, where there are any."""

NO_KEY: Final = 0.06
NO_KEY_BEATS: Final = (24, 48, 192)
SETTLING_BEATS: Final = 3
"""How often something without a key comes next, how long it lasts, and how much of its beginning is not judged."""

MOVES: Final = 0.5
"""How often a tune goes on in another key after a while."""

LEAST_BARS: Final = 4
MOST_BARS: Final = 40
GOES_ON: Final = 0.6
"""How often the same tune goes on there, and not another."""

FIFTHS: Final = 0.25
"""How often it goes on a fifth up or down, the most usual moves, and not anywhere."""

RECOLOURED: Final = 0.12
"""How often a tune is turned into another mode."""

FEWEST_BEATS: Final = 32
BEFORE_THE_END: Final = 48


@dataclass(frozen=True, slots=True)
class Lesson:
    """A tune as it was heard, and the keys it is in."""

    heard: Floats
    """Beats x 24: notes, basses."""
    melody: Floats | None
    """The same of its melody alone."""
    keys: NDArray[np.intp]
    """On each beat the tonic, and 12 more in a minor key."""
    modes_known: bool
    """Whether "major" means the major scale, and not mixolydian; and so on."""
    weight: float = 1.0
    """How often it is taken."""
    name: str = ""
    source: str = ""

    @property
    def beats(self) -> int:
        """How long it is."""
        return len(self.heard)


@dataclass(frozen=True, slots=True)
class Batch:
    """Sequences side by side: x beats."""

    heard: Floats
    wanted: Floats
    """… x 73: which states are right."""
    scales: Floats
    """… x 73: which have the right scale."""
    weight: Floats


def turned(rows: Floats, semitones: int) -> Floats:
    """Notes and basses, moved up."""
    return np.concatenate([np.roll(half, semitones, axis=1) for half in (rows[:, :12], rows[:, 12:24])], axis=1)


def recoloured(rows: Floats, tonic: int, mode: str) -> Floats:
    """Music on a tonic, its notes moved to where the mode has them."""
    there = turned(rows, -tonic)
    for half in (0, 12):
        for old, new in MODE_CHANGES[mode]:
            there[:, half + new] += there[:, half + old]
            there[:, half + old] = 0.0
    return turned(there, tonic)


class Sequences:
    """Draws sequences of beats."""

    def __init__(self, lessons: list[Lesson], noise: list[Floats], beats: int, rng: np.random.Generator) -> None:
        self._lessons = [lesson for lesson in lessons if lesson.beats >= FEWEST_BEATS]
        weights = np.array([lesson.weight for lesson in self._lessons])
        self._odds = weights / weights.sum()
        self._noise, self._beats, self._rng = noise, beats, rng
        self._wanted, self._scales = answers()

    def draw(self, count: int) -> Batch:
        """So many of them."""
        drawn = [self._sequence() for _ in range(count)]
        heard = np.stack([rows for rows, _ in drawn])
        labels = np.stack([labels for _, labels in drawn])
        return Batch(heard, self._wanted[labels], self._scales[labels], (labels != IGNORED).astype(np.float32))

    def _sequence(self) -> tuple[Floats, NDArray[np.intp]]:
        """Beats x 24, and the label of each beat."""
        rng, beats = self._rng, self._beats
        heard = np.zeros((beats, 24), dtype=np.float32)
        labels = np.full(beats, IGNORED)
        alone, up = rng.random() < MELODIES, int(rng.integers(12))
        lesson, place = self._lesson(), 0
        place = 0 if rng.random() < 0.5 else self._somewhere(lesson)
        at = 0
        while at < beats:
            if rng.random() < NO_KEY:
                noise = self._noise[rng.integers(len(self._noise))]
                length = min(int(rng.choice(NO_KEY_BEATS)), beats - at, len(noise))
                heard[at : at + length] = noise[:length]
                labels[at + SETTLING_BEATS : at + length] = NOISE
            else:
                rows, known = self._passage(lesson, place, up, alone=alone)
                length = min(len(rows), beats - at)
                if rng.random() < MOVES:
                    length = min(length, 4 * int(rng.integers(LEAST_BARS, MOST_BARS)))
                heard[at : at + length], labels[at : at + length] = rows[:length], known[:length]
                place += length
            at += length
            up = (up + int(rng.choice((5, 7)) if rng.random() < FIFTHS else rng.integers(12))) % 12
            if place + FEWEST_BEATS // 2 > lesson.beats or rng.random() > GOES_ON:
                lesson = self._lesson()
                place = self._somewhere(lesson)
        return heard, labels

    def _lesson(self) -> Lesson:
        return self._lessons[int(self._rng.choice(len(self._lessons), p=self._odds))]

    def _somewhere(self, lesson: Lesson) -> int:
        return int(self._rng.integers(max(1, lesson.beats - BEFORE_THE_END)))

    def _passage(self, lesson: Lesson, place: int, up: int, *, alone: bool) -> tuple[Floats, NDArray[np.intp]]:
        """The tune from there on, moved up, perhaps into some other mode; and its labels."""
        rng = self._rng
        rows = (lesson.melody if alone and lesson.melody is not None else lesson.heard)[place:]
        keys = lesson.keys[place:]
        tonics, minor = keys % 12, keys >= 12
        labels = 12 * (minor + (0 if lesson.modes_known else len(MODES))) + (tonics + up) % 12
        if rng.random() < RECOLOURED and len(set(keys.tolist())) == 1:
            mode = ("dorian", "phrygian")[rng.integers(2)] if minor[0] else ("mixolydian", "lydian")[rng.integers(2)]
            rows = recoloured(rows, int(tonics[0]), mode)
            labels = 12 * MODES.index(mode) + (tonics + up) % 12
        return turned(rows, up), _shifted(labels)


def _shifted(labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Labels of keys whose mode is open come after noise."""
    return np.where(labels >= STATES, labels + 1, labels)


def answers() -> tuple[Floats, Floats]:
    """Which states are right for each label, and which have the right scale.

    A label is a state, or noise, or from 73 on a tonic in any mode with a major third, then with a minor one; the last
    row is for beats that are not judged.
    """
    minor = np.array(IS_MINOR)
    wanted = np.zeros((STATES + 1 + 24 + 1, STATES + 1), dtype=np.float32)
    wanted[: STATES + 1] = np.eye(STATES + 1)
    scale = scales_of_states()
    scales = np.zeros_like(wanted)
    scales[NOISE, NOISE] = 1.0
    for state in range(STATES):
        scales[state, :STATES] = scale == scale[state]
    for third in range(2):
        for tonic in range(12):
            row = STATES + 1 + 12 * third + tonic
            for mode in np.flatnonzero(minor == bool(third)):
                wanted[row, 12 * mode + tonic] = 1.0
                scales[row] = np.maximum(scales[row], scales[12 * mode + tonic])
    return wanted, scales
