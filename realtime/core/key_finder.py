"""Which key the music is in: what was played over the last half minute, weighed for 24 keys; and a watch for change.

The scales were fitted (multinomial logistic regression) to 707 annotated songs of POP909 (MIT licence), to the roots of
the shares of twelve pitch classes and to the shares of twelve basses. They are right, but slow to let go of a key; a
second, quick judge, a hidden Markov model over the beats, tells when the past no longer counts.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.evidence import Evidence
from realtime.core.units import PITCH_CLASS_NAMES_FLAT, PITCH_CLASS_NAMES_SHARP

Floats = NDArray[np.float64]

_MAJOR: Final = (7.5, -3.8, 2.3, -6.1, 7.2, 2.6, -9.4, 7.8, 0.5, -0.9, -9.9, 1.8)
_MINOR: Final = (8.1, -8.6, 3.8, 6.3, -6.9, 0.4, -2.8, 6.4, 1.0, -9.0, -0.5, 2.3)
_MAJOR_BASS: Final = (2.1, -0.8, -1.5, -1.8, -2.6, 0.9, 2.1, 0.1, 4.4, -0.1, 3.4, 0.0)
_MINOR_BASS: Final = (3.1, -2.6, -4.3, -2.2, 0.2, 1.1, -0.5, 0.2, 0.0, -1.0, 1.7, -1.5)
"""What the root of a pitch class's share, and a bass's share, speak for a key; from the tonic up."""

_SHARES: Final = (
    (0.216, 0.002, 0.124, 0.001, 0.150, 0.087, 0.003, 0.207, 0.005, 0.127, 0.005, 0.073),
    (0.236, 0.001, 0.091, 0.156, 0.002, 0.111, 0.001, 0.206, 0.067, 0.003, 0.118, 0.008),
)
_BASS_SHARES: Final = (
    (0.276, 0.002, 0.081, 0.001, 0.079, 0.149, 0.004, 0.201, 0.005, 0.156, 0.009, 0.037),
    (0.369, 0.002, 0.023, 0.087, 0.000, 0.108, 0.001, 0.143, 0.122, 0.002, 0.139, 0.003),
)
"""How often each pitch class, and each bass, is heard in a major and in a minor key of those songs."""

_SHARP_KEYS: Final = {(tonic, False) for tonic in (7, 2, 9, 4, 11, 6)} | {(tonic, True) for tonic in (4, 11, 6, 1, 8)}

MEMORY: Final = 0.98
"""What is left of a beat's evidence one beat later: half is gone after about 34 beats."""

SHORT_MEMORY: Final = 0.9
"""The same of what is kept when the key has changed."""

LOUDEST: Final = 1.5
"""More of one pitch class in a beat does not count."""

ENOUGH: Final = 24.0
"""From this much evidence on, the judgement is at its sharpest."""

CHANGE_OF_MIND: Final = 1.6
"""How many times likelier than the present key another must be."""

_WATCH_NOTES, _WATCH_BASS = 2.0, 0.3
_CHANGES: Final = 0.0003
"""How often a beat begins another key, to the quick judge."""

_RELATIVE: Final = 10.0
"""How much more often that is the relative key than any other."""

LEAST_HEARD: Final = 0.15
"""A beat with less than this tells the quick judge nothing."""

SURE_OF_CHANGE: Final = 0.93
BEATS_OF_CHANGE: Final = 3
"""The quick judge must be this sure of one other scale for so many beats."""


def _table(major: Floats, minor: Floats) -> Floats:
    """A row a key: the major keys from C up, then the minor ones."""
    return np.array([np.roll(profile, tonic) for profile in (major, minor) for tonic in range(12)])


def _switches() -> Floats:
    """How likely each key is to follow each on the next beat."""
    scales = np.array([_scale_of(key) for key in range(24)])
    odds = 1.0 + (_RELATIVE - 1.0) * (scales[:, None] == scales[None, :])
    np.fill_diagonal(odds, 0.0)
    switches: Floats = _CHANGES * odds / odds.sum(axis=1, keepdims=True)
    np.fill_diagonal(switches, 1.0 - _CHANGES)
    return switches


def _scale_of(key: int) -> int:
    """The tonic of the major key with the same scale."""
    return key if key < 12 else (key + 3) % 12


_NOTES: Final = _table(np.array(_MAJOR), np.array(_MINOR))
_BASSES: Final = _table(np.array(_MAJOR_BASS), np.array(_MINOR_BASS))
_LOG_NOTES: Final = np.log(_table(*np.array(_SHARES)) + 0.004)
_LOG_BASSES: Final = np.log(_table(*np.array(_BASS_SHARES)) + 0.01)
_SWITCHES: Final = _switches()
_SCALES: Final = np.array([_scale_of(key) for key in range(24)])


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic, 0..11, and a mode."""

    tonic: int
    minor: bool

    @property
    def uses_flats(self) -> bool:
        """Whether its notes are written with flats."""
        return (self.tonic, self.minor) not in _SHARP_KEYS

    @property
    def scale(self) -> tuple[int, ...]:
        """Its seven pitch classes (natural minor)."""
        steps = (0, 2, 3, 5, 7, 8, 10) if self.minor else (0, 2, 4, 5, 7, 9, 11)
        return tuple((self.tonic + step) % 12 for step in steps)

    @property
    def name(self) -> str:
        """As "Eb major"."""
        names = PITCH_CLASS_NAMES_FLAT if self.uses_flats else PITCH_CLASS_NAMES_SHARP
        return f"{names[self.tonic]} {'minor' if self.minor else 'major'}"


class BadKey(ValueError):
    """A key name that cannot be read."""


def parse_key(text: str) -> Key:
    """The key that "Eb major", "F# minor", "Am" or "C" names.

    Raises:
        BadKey: it names none.
    """
    words = text.strip().replace("♭", "b").replace("♯", "#").split()
    tonic = words[0] if words else ""
    minor = len(words) == 2 and words[1].lower() in ("minor", "min")
    if len(words) == 1 and tonic.endswith("m"):
        tonic, minor = tonic[:-1], True
    known = {
        name: index for names in (PITCH_CLASS_NAMES_FLAT, PITCH_CLASS_NAMES_SHARP) for index, name in enumerate(names)
    }
    if (
        tonic not in known
        or len(words) > 2
        or (len(words) == 2 and words[1].lower() not in ("major", "maj", "minor", "min"))
    ):
        raise BadKey(f"a key is a note with 'major' or 'minor', as 'Eb major', but was {text!r:.40}")
    return Key(known[tonic], minor)


class KeyFinder:
    """Listens a beat at a time; changes its mind only for good reasons."""

    def __init__(self) -> None:
        self._long = np.zeros((2, 12))
        self._short = np.zeros((2, 12))
        self._watch = np.full(24, 1.0 / 24)
        self._other = -1
        self._beats_of_other = 0
        self.key: Key | None = None
        self.confidence = 0.0

    def take(self, evidence: Evidence) -> None:
        """Adds a beat of evidence and judges again."""
        heard = np.array([np.minimum(evidence.weights, LOUDEST), np.minimum(evidence.bass, 1.0)])
        self._long = self._long * MEMORY + heard
        self._short = self._short * SHORT_MEMORY + heard
        self._look_out(heard)
        if self._long[0].sum() < 1.0:
            return
        shares = _shares(self._long)
        if self.key is not None and self._has_changed(_index(self.key)):
            self._long = self._short.copy()
            shares = _shares(self._long)
            self.key = _as_key(int(np.argmax(shares * (self._other == _SCALES))))
        winner = int(np.argmax(shares))
        if self.key is None or shares[winner] > CHANGE_OF_MIND * shares[_index(self.key)]:
            self.key = _as_key(winner)
        self.confidence = float(shares[_index(self.key)])

    def _look_out(self, heard: Floats) -> None:
        """The quick judge hears a beat."""
        total, bass = heard.sum(axis=1)
        if total < LEAST_HEARD:
            return
        likelihood = _WATCH_NOTES * (_LOG_NOTES * (heard[0] / max(total, 0.5))).sum(axis=1)
        likelihood += _WATCH_BASS * (_LOG_BASSES * (heard[1] / max(bass, 0.3))).sum(axis=1)
        watch = (self._watch[:, None] * _SWITCHES).sum(axis=0) * np.exp(likelihood - likelihood.max())
        self._watch = watch / watch.sum()

    def _has_changed(self, present: int) -> bool:
        """Whether the quick judge has been sure of another scale for long enough, and the last beats agree."""
        scales = _by_scale(self._watch)
        likeliest = int(np.argmax(scales))
        certain = likeliest != _SCALES[present] and scales[likeliest] > SURE_OF_CHANGE
        self._beats_of_other = self._beats_of_other + 1 if certain and likeliest == self._other else int(certain)
        self._other = likeliest if certain else -1
        if self._beats_of_other < BEATS_OF_CHANGE:
            return False
        lately = _by_scale(_shares(self._short))
        return bool(lately[likeliest] > lately[_SCALES[present]])


def _shares(memory: Floats) -> Floats:
    """How likely each key is, given pitch classes and basses."""
    notes, bass = memory
    total = float(notes.sum())
    scores = (_NOTES * np.sqrt(notes / total)).sum(axis=1) + (_BASSES * (bass / max(bass.sum(), 1e-9))).sum(axis=1)
    shares = np.exp((scores - scores.max()) * min(1.0, total / ENOUGH))
    result: Floats = shares / shares.sum()
    return result


def _by_scale(shares: Floats) -> Floats:
    """The shares of a major key and its relative minor together, by the major tonic."""
    result: Floats = shares[:12] + np.roll(shares[12:], 3)
    return result


def _as_key(index: int) -> Key:
    return Key(index % 12, index >= 12)


def _index(key: Key) -> int:
    """The key's row in the table."""
    return key.tonic + 12 * key.minor
