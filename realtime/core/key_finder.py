"""Keys, their names, and the one the music is in: the key filter's states, told with hysteresis and honest confidence.

First the scale is told, by the sum of the keys that share it, then which of its keys. Each changes only for one that
is clearly likelier. A mode other than plain major or minor is told only when it has long been clear. How sure the
filter is becomes a confidence that was fitted to how often such keys were right (`daemon.training.key`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core import key_tables as tables
from realtime.core.evidence import Evidence
from realtime.core.key_filter import IS_MINOR, MODES, STATES, TO_MAJOR, KeyFilter
from realtime.core.units import PITCH_CLASS_NAMES_FLAT, PITCH_CLASS_NAMES_SHARP

Floats = NDArray[np.float64]

_STEPS: Final = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}

CHANGE_OF_MIND: Final = 1.3
"""How many times likelier than the present scale, or the present key in it, another must be."""

LEAST_SURE: Final = 0.25
"""A scale less likely than this is not told."""

SURE_OF_MODE: Final = 0.75
LEAST_OF_MODE: Final = 0.5
BEATS_OF_MODE: Final = 16
"""A mode is told when it has been so likely, of all with its tonic and third, for so many beats; until it is not."""

BASS_MEMORY: Final = 0.97
"""And only where its tonic is the bass most heard; what is left of a bass a beat later."""

_SHARP_KEYS: Final = {(tonic, False) for tonic in (7, 2, 9, 4, 11, 6)} | {(tonic, True) for tonic in (4, 11, 6, 1, 8)}


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic, 0..11, major or minor, and the mode where it is another of that kind ("dorian" …; "" for plain)."""

    tonic: int
    minor: bool
    mode: str = ""

    @property
    def mode_name(self) -> str:
        """One of `MODES`."""
        return self.mode or ("minor" if self.minor else "major")

    @property
    def uses_flats(self) -> bool:
        """Whether its notes are written with flats."""
        if not self.mode:
            return (self.tonic, self.minor) not in _SHARP_KEYS
        return ((self.tonic + TO_MAJOR[MODES.index(self.mode)]) % 12, False) not in _SHARP_KEYS

    @property
    def scale(self) -> tuple[int, ...]:
        """Its seven pitch classes (natural minor)."""
        return tuple((self.tonic + step) % 12 for step in _STEPS[self.mode_name])

    @property
    def name(self) -> str:
        """As "Eb major" or "D dorian"."""
        names = PITCH_CLASS_NAMES_FLAT if self.uses_flats else PITCH_CLASS_NAMES_SHARP
        return f"{names[self.tonic]} {self.mode_name}"


class BadKey(ValueError):
    """A key name that cannot be read."""


def parse_key(text: str) -> Key:
    """The key that "Eb major", "F# minor", "D dorian", "Am" or "C" names.

    Raises:
        BadKey: it names none.
    """
    words = text.strip().replace("♭", "b").replace("♯", "#").split()
    tonic, mode = words[0] if words else "", words[1].lower() if len(words) == 2 else "major"
    mode = {"min": "minor", "maj": "major"}.get(mode, mode)
    if len(words) == 1 and tonic.endswith("m"):
        tonic, mode = tonic[:-1], "minor"
    names = (PITCH_CLASS_NAMES_FLAT, PITCH_CLASS_NAMES_SHARP)
    known = {name: index for spelling in names for index, name in enumerate(spelling)}
    if tonic not in known or len(words) > 2 or mode not in MODES:
        raise BadKey(f"a key is a note with 'major', 'minor' or a mode, as 'Eb major', but was {text!r:.40}")
    return _key_in(known[tonic], MODES.index(mode))


class KeyFinder:
    """Listens a beat at a time; changes its mind only for good reasons. Constant memory."""

    def __init__(self) -> None:
        self._filter = KeyFilter()
        self._thirds = by_third(self._filter.states)
        self._basses = [0.0] * 12
        self._mode = 0
        self._beats_of_mode = 0
        self.key: Key | None = None
        self.confidence = 0.0

    @property
    def shares(self) -> Floats:
        """How likely each key is if it is one at all: the major ones from C up, then the minor ones."""
        shares = np.array(self._thirds) + 1e-4
        return shares / float(shares.sum())

    def take(self, evidence: Evidence) -> None:
        """Adds a beat of evidence and judges again."""
        basses = self._filter.hear(evidence.weights, evidence.bass)
        self._basses = [BASS_MEMORY * old + new for old, new in zip(self._basses, basses, strict=True)]
        states = self._filter.states
        shares = self._thirds = by_third(states)
        before = None if self.key is None else self.key.tonic + 12 * self.key.minor
        present = told_key(shares, before)
        if present is None:
            return
        tonic, minor = present % 12, present >= 12
        if present != before:
            self._mode, self._beats_of_mode = int(minor), 0
        self.confidence = trust(shares[present])
        rests = self._basses.index(max(self._basses)) == tonic
        self._judge_mode(states[tonic:STATES:12], minor=minor, rests=rests)
        self.key = _key_in(tonic, self._mode)

    def _judge_mode(self, odds: Sequence[float], *, minor: bool, rests: bool) -> None:
        """Which mode of its kind the present key is in; `odds` has one for each; `rests`: on its tonic."""
        alike = [its if kind == minor else 0.0 for its, kind in zip(odds, IS_MINOR, strict=True)]
        total = max(sum(alike), 1e-12)
        share = [its / total for its in alike]
        likeliest = share.index(max(share))
        if self._mode > 1 and share[self._mode] < LEAST_OF_MODE:
            self._mode, self._beats_of_mode = int(minor), 0
        certain = rests and likeliest > 1 and likeliest != self._mode and share[likeliest] > SURE_OF_MODE
        self._beats_of_mode = self._beats_of_mode + 1 if certain else 0
        if self._beats_of_mode >= BEATS_OF_MODE:
            self._mode, self._beats_of_mode = likeliest, 0


def by_third(states: Sequence[float]) -> list[float]:
    """How likely all major-like modes on each tonic are, then all minor-like ones."""
    modes = [states[12 * mode : 12 * mode + 12] for mode in range(len(MODES))]
    kinds = [[row for row, minor in zip(modes, IS_MINOR, strict=True) if minor == kind] for kind in (False, True)]
    return [float(sum(shares)) for kind in kinds for shares in zip(*kind, strict=True)]


def told_key(shares: Sequence[float], before: int | None) -> int | None:
    """Which of the 24 keys is told, where `before` was told a beat ago; None until one is likely enough."""
    scales = [shares[tonic] + shares[12 + (tonic - 3) % 12] for tonic in range(12)]
    likeliest = scales.index(max(scales))
    scale = None if before is None else (before + 3 * (before >= 12)) % 12
    if scale is None or scales[likeliest] > CHANGE_OF_MIND * scales[scale]:
        scale = likeliest if scales[likeliest] > LEAST_SURE else scale
    if scale is None:
        return None
    major, minor = scale, 12 + (scale - 3) % 12
    if before not in (major, minor):
        return major if shares[major] >= shares[minor] else minor
    other = minor if before == major else major
    return other if shares[other] > CHANGE_OF_MIND * shares[before] else before


def trust(share: float) -> float:
    """How likely a key that is told is right, where the filter has it so likely."""
    share = min(max(share, 1e-6), 1.0 - 1e-6)
    odds = tables.TRUST[0] + tables.TRUST[1] * math.log(share / (1.0 - share))
    return 1.0 / (1.0 + math.exp(-odds))


def _key_in(tonic: int, mode: int) -> Key:
    return Key(tonic, IS_MINOR[mode], MODES[mode] if mode > 1 else "")
