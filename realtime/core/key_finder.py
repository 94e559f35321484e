"""Which key the music is in: a fading histogram of pitch classes against the profiles of 24 keys.

Profiles: D. Temperley, "What's Key for Key?" (Music Perception 17, 1999), as log-likelihoods of a multinomial.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.evidence import Evidence
from realtime.core.units import PITCH_CLASS_NAMES_FLAT, PITCH_CLASS_NAMES_SHARP

Floats = NDArray[np.float64]

_MAJOR: Final = (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0)
_MINOR: Final = (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0)
_SHARP_KEYS: Final = {(tonic, False) for tonic in (7, 2, 9, 4, 11, 6)} | {(tonic, True) for tonic in (4, 11, 6, 1, 8)}

MEMORY: Final = 0.955
"""What is left of a beat's evidence one beat later: half is gone after about 15 beats."""

STRENGTH: Final = 1.4

CHANGE_OF_MIND: Final = 1.6
"""How many times likelier than the present key another must be."""


def _log_table() -> Floats:
    """Log-probabilities of the twelve pitch classes, a row a key: the major keys from C up, then the minor ones."""
    table = np.array([np.roll(profile, tonic) for profile in (_MAJOR, _MINOR) for tonic in range(12)])
    logs: Floats = np.log(table / table.sum(axis=1, keepdims=True))
    return logs


_LOG_PROFILES: Final = _log_table()
_MINOR_PENALTY: Final = np.repeat([0.0, -0.3], 12)


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
        self._weights = np.zeros(12)
        self.key: Key | None = None
        self.confidence = 0.0

    def take(self, evidence: Evidence) -> None:
        """Adds a beat of evidence and judges again."""
        self._weights = self._weights * MEMORY + np.array(evidence.weights)
        total = float(self._weights.sum())
        if total < 1.0:
            return
        likelihood = (_LOG_PROFILES * self._weights).sum(axis=1)
        scores = STRENGTH * min(1.0, 12.0 / total) * likelihood + _MINOR_PENALTY
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        winner = int(np.argmax(shares))
        if self.key is None or shares[winner] > CHANGE_OF_MIND * shares[_index(self.key)]:
            self.key = Key(winner % 12, winner >= 12)
        self.confidence = float(shares[_index(self.key)])


def _index(key: Key) -> int:
    """The key's row in the table."""
    return key.tonic + 12 * key.minor
