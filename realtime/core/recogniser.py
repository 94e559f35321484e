"""Names the chord in a piece of evidence without trained weights: Bayes over roots and qualities, from counts.

Every chord quality has a profile, the share of what is heard that falls on each step above its root, and a bass
profile. A chord's score is the log-likelihood of the weights and of the bass under them, plus what was expected
before listening (the last chord, the key, the oracle). No network and no training at run time.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.chord import QUALITIES, Chord
from realtime.core.evidence import Evidence

Floats = NDArray[np.float64]

HEARD_QUALITIES: Final = (
    "",
    "m",
    "7",
    "maj7",
    "m7",
    "m7b5",
    "dim7",
    "aug",
    "sus4",
    "sus2",
    "7sus4",
    "6",
    "add9",
)
"""What the recogniser tells apart; colours beyond are heard as their plainer relative."""

LEAST_EVIDENCE: Final = 0.15
"""Below this total weight there is no chord to hear."""

LIKELIHOOD_WEIGHT: Final = 6.0
BASS_WEIGHT: Final = 0.7
STAY_BONUS: Final = 0.9
"""How many nats a chord gains for having been there on the beat before."""

KEY_WEIGHT: Final = 0.5

_QUALITY_PRIOR: Final = {
    "": 0.0, "m": -0.2, "7": -1.3, "maj7": -1.3, "m7": -1.0, "m7b5": -2.5, "dim7": -3.2, "aug": -3.2, "sus4": -2.2,
    "sus2": -2.2, "7sus4": -2.2, "6": -2.8, "add9": -2.2,
}  # fmt: skip


def profile(quality: str) -> list[float]:
    """The share of the evidence on each step above the root: chord notes, then steps of the scale, then the rest."""
    tones = QUALITIES[quality].intervals
    minor = 3 in tones
    scale = {0, 2, 3, 5, 7, 8, 9, 10} if minor else {0, 2, 4, 5, 7, 9, 11 if 11 in tones else 10}
    raw = [0.012] * 12
    for step in scale:
        raw[step] = 0.03
    raw[2] = 0.05
    for tone in tones:
        raw[tone] = 0.75
    raw[0] = 1.0
    raw[7] = 0.85 if 7 in tones else raw[7]
    return raw


def _bass_profile(quality: str) -> list[float]:
    tones = QUALITIES[quality].intervals
    raw = [0.015] * 12
    for tone in tones:
        raw[tone] = 0.08
    raw[0] = 1.0
    return raw


def log_table(profiles: list[list[float]]) -> Floats:
    """Log-probabilities of the twelve pitch classes, a row a chord: roots from C up, then qualities."""
    rows = [np.roll(profile, root) for root in range(12) for profile in profiles]
    table = np.array(rows, dtype=np.float64)
    logs: Floats = np.log(table / table.sum(axis=1, keepdims=True))
    return logs


CHORDS: Final = tuple(Chord(root, quality, root) for root in range(12) for quality in HEARD_QUALITIES)
"""Every chord that can be heard, in the order of the tables below."""

_NOTES: Final = log_table([profile(quality) for quality in HEARD_QUALITIES])
_BASSES: Final = log_table([_bass_profile(quality) for quality in HEARD_QUALITIES])
_PRIOR: Final = np.array([_QUALITY_PRIOR[chord.quality] for chord in CHORDS])
_MEMBERS: Final = np.array([[pc in chord.pitch_classes for pc in range(12)] for chord in CHORDS], dtype=np.float64)
_ROOTS: Final = np.array([chord.root for chord in CHORDS])
_FAMILIES: Final = np.array([chord.family for chord in CHORDS])


@dataclass(frozen=True, slots=True)
class Hearing:
    """A chord (or None for silence and noise) and how sure we are, 0..1."""

    chord: Chord | None
    confidence: float
    distribution: Floats | None = field(default=None, compare=False, repr=False)
    """How likely each of the 85 tokens is (`chord_tokens`); there only with trained weights."""


def scores(evidence: Evidence) -> Floats:
    """The log score of every one of `CHORDS`, from the notes alone."""
    weights = np.array(evidence.weights) / max(evidence.total, 1.0)
    bass = np.array(evidence.bass) / (sum(evidence.bass) or 1.0)
    # Sums over an axis, not a matrix product: the same on every machine, whatever its linear algebra library.
    likelihood = (_NOTES * weights).sum(axis=1)
    under = (_BASSES * bass).sum(axis=1)
    total: Floats = LIKELIHOOD_WEIGHT * likelihood + BASS_WEIGHT * under + _PRIOR
    return total


def recognise(evidence: Evidence, before: Chord | None, key: tuple[int, bool] | None = None) -> Hearing:
    """The chord in `evidence`, expecting `before` to go on; `key` is (tonic, is minor) where one is known."""
    if evidence.total < LEAST_EVIDENCE:
        return Hearing(None, 0.0)
    total = scores(evidence)
    if before is not None:
        total = total + STAY_BONUS * ((before.root == _ROOTS) & (before.family == _FAMILIES))
    if key is not None:
        total = total + KEY_WEIGHT * _fits_key(key)
    best = int(np.argmax(total))
    mass = np.exp(total - total[best])
    same = (_ROOTS[best] == _ROOTS) & (_FAMILIES[best] == _FAMILIES)
    chord = CHORDS[best]
    heard = Chord(chord.root, chord.quality, bass_of(evidence, chord.root, chord.quality))
    return Hearing(heard, float(mass[same].sum() / mass.sum()))


@cache
def _fits_key(key: tuple[int, bool]) -> Floats:
    """For each chord: 1 where all its notes lie in the key's scale, less by one for each that does not."""
    tonic, minor = key
    steps = (0, 2, 3, 5, 7, 8, 10, 11) if minor else (0, 2, 4, 5, 7, 9, 11)
    outside = np.ones(12)
    outside[[(tonic + step) % 12 for step in steps]] = 0.0
    fits: Floats = 1.0 - (_MEMBERS * outside).sum(axis=1)
    return fits


def bass_of(evidence: Evidence, root: int, quality: str) -> int:
    """The bass if it is clearly another note than the root, else the root."""
    lowest = max(range(12), key=lambda pitch_class: evidence.bass[pitch_class])
    if evidence.bass[lowest] < 2.0 * evidence.bass[root] or evidence.bass[lowest] < 0.3:
        return root
    in_chord = (lowest - root) % 12 in QUALITIES[quality].intervals
    return lowest if in_chord or evidence.bass[lowest] > 0.6 else root
