"""Names the chord in a piece of evidence: Bayes over roots and qualities, from counts.

Every chord quality has a profile, the share of what is heard that falls on each step above its root, and a bass
profile. A chord's score is the log-likelihood of the weights and of the bass under them, plus what was expected
before listening (the last chord, the key, the oracle). No network and no training at run time.
"""

import math
from dataclasses import dataclass
from typing import Final

from realtime.core.chord import QUALITIES, Chord
from realtime.core.evidence import Evidence

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

LIKELIHOOD_WEIGHT: Final = 3.0
BASS_WEIGHT: Final = 0.7
STAY_BONUS: Final = 0.9
"""How many nats a chord gains for having been there on the beat before."""

KEY_WEIGHT: Final = 0.5

_QUALITY_PRIOR: Final = {
    "": 0.0, "m": -0.2, "7": -1.3, "maj7": -1.3, "m7": -1.0, "m7b5": -2.5, "dim7": -3.2, "aug": -3.2, "sus4": -2.2,
    "sus2": -2.2, "7sus4": -2.2, "6": -2.8, "add9": -2.2,
}  # fmt: skip


def _profile(quality: str) -> tuple[float, ...]:
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
    total = sum(raw)
    return tuple(math.log(value / total) for value in raw)


def _bass_profile(quality: str) -> tuple[float, ...]:
    tones = QUALITIES[quality].intervals
    raw = [0.015] * 12
    for tone in tones:
        raw[tone] = 0.08
    raw[0] = 1.0
    total = sum(raw)
    return tuple(math.log(value / total) for value in raw)


_PROFILES: Final = {quality: _profile(quality) for quality in HEARD_QUALITIES}
_BASS_PROFILES: Final = {quality: _bass_profile(quality) for quality in HEARD_QUALITIES}


@dataclass(frozen=True, slots=True)
class Hearing:
    """A chord (or None for silence) and how sure we are, 0..1."""

    chord: Chord | None
    confidence: float


def score_table(evidence: Evidence) -> list[tuple[float, int, str]]:
    """(log score, root, quality) of every chord, from the notes alone."""
    table = []
    total = max(evidence.total, 1.0)
    bass_total = sum(evidence.bass)
    weights = [weight / total for weight in evidence.weights]
    bass = [weight / bass_total if bass_total > 0 else 0.0 for weight in evidence.bass]
    for root in range(12):
        turned = weights[root:] + weights[:root]
        turned_bass = bass[root:] + bass[:root]
        for quality in HEARD_QUALITIES:
            likelihood = sum(w * p for w, p in zip(turned, _PROFILES[quality], strict=True))
            under = sum(w * p for w, p in zip(turned_bass, _BASS_PROFILES[quality], strict=True))
            score = LIKELIHOOD_WEIGHT * likelihood * 2 + BASS_WEIGHT * under + _QUALITY_PRIOR[quality]
            table.append((score, root, quality))
    return table


def recognise(evidence: Evidence, before: Chord | None, key: tuple[int, bool] | None = None) -> Hearing:
    """The chord in `evidence`, expecting `before` to go on; `key` is (tonic, is minor) where one is known."""
    if evidence.total < LEAST_EVIDENCE:
        return Hearing(None, 0.0)
    scored = []
    for score, root, quality in score_table(evidence):
        total = score
        if before is not None and before.root == root and before.family == QUALITIES[quality].family:
            total += STAY_BONUS
        if key is not None:
            total += KEY_WEIGHT * _fits_key(root, quality, key)
        scored.append((total, -root, quality))
    best, negative_root, quality = max(scored)
    root = -negative_root
    family = QUALITIES[quality].family
    mass = sum(math.exp(score - best) for score, _, _ in scored)
    same = sum(math.exp(s - best) for s, r, q in scored if -r == root and QUALITIES[q].family == family)
    return Hearing(Chord(root, quality, _bass_of(evidence, root, quality)), same / mass)


def _fits_key(root: int, quality: str, key: tuple[int, bool]) -> float:
    """1 where every note of the chord lies in the key's scale, less for each that does not."""
    tonic, minor = key
    scale = (0, 2, 3, 5, 7, 8, 10, 11) if minor else (0, 2, 4, 5, 7, 9, 11)
    inside = {(tonic + step) % 12 for step in scale}
    outside = sum((root + interval) % 12 not in inside for interval in QUALITIES[quality].intervals)
    return 1.0 - outside


def _bass_of(evidence: Evidence, root: int, quality: str) -> int:
    """The bass if it is clearly another note than the root, else the root."""
    lowest = max(range(12), key=lambda pitch_class: evidence.bass[pitch_class])
    if evidence.bass[lowest] < 2.0 * evidence.bass[root] or evidence.bass[lowest] < 0.3:
        return root
    in_chord = (lowest - root) % 12 in QUALITIES[quality].intervals
    return lowest if in_chord or evidence.bass[lowest] > 0.6 else root
