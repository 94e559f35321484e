"""Which key the music is in: a fading histogram of pitch classes against the profiles of 24 keys.

Profiles: D. Temperley, "What's Key for Key?" (Music Perception 17, 1999), as log-likelihoods of a multinomial.
"""

import math
from dataclasses import dataclass
from typing import Final

from realtime.core.evidence import Evidence
from realtime.core.units import PITCH_CLASS_NAMES_FLAT, PITCH_CLASS_NAMES_SHARP

_MAJOR: Final = (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0)
_MINOR: Final = (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0)
_SHARP_KEYS: Final = {(tonic, False) for tonic in (7, 2, 9, 4, 11, 6)} | {(tonic, True) for tonic in (4, 11, 6, 1, 8)}

MEMORY: Final = 0.955
"""What is left of a beat's evidence one beat later: half is gone after about 15 beats."""

STRENGTH: Final = 1.4


def _log_profile(profile: tuple[float, ...]) -> tuple[float, ...]:
    total = sum(profile)
    return tuple(math.log(value / total) for value in profile)


_LOG_PROFILES: Final = {False: _log_profile(_MAJOR), True: _log_profile(_MINOR)}


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
        self._weights = [0.0] * 12
        self.key: Key | None = None
        self.confidence = 0.0

    def take(self, evidence: Evidence) -> None:
        """Adds a beat of evidence and judges again."""
        for pitch_class, weight in enumerate(evidence.weights):
            self._weights[pitch_class] = self._weights[pitch_class] * MEMORY + weight
        total = sum(self._weights)
        if total < 1.0:
            return
        scores = {Key(t, m): self._score(t, minor=m, total=total) for m in (False, True) for t in range(12)}
        best = max(scores.values())
        mass = {key: math.exp(score - best) for key, score in scores.items()}
        shares = {key: value / sum(mass.values()) for key, value in mass.items()}
        winner = max(shares, key=lambda key: shares[key])
        if self.key is None or shares[winner] > 1.6 * shares[self.key]:
            self.key = winner
        self.confidence = shares[self.key]

    def _score(self, tonic: int, *, minor: bool, total: float) -> float:
        profile = _LOG_PROFILES[minor]
        likelihood = sum(w * profile[(pc - tonic) % 12] for pc, w in enumerate(self._weights))
        return STRENGTH * likelihood * min(1.0, 12.0 / total) + (-0.3 if minor else 0.0)
