"""A hedge: what to play when either of two chords may come, so that neither makes it wrong.

Keys and pad take the notes that both chords have; the bass a pedal that belongs to both. What a listener hears is a
chord that is not all there yet, and not a wrong one.
"""

from dataclasses import dataclass
from typing import Final

from realtime.core.chord import Chord

LEAST_SHARED: Final = 2
"""With fewer notes in common there is nothing for two hands to play."""


@dataclass(frozen=True, slots=True)
class Hedge:
    """Pitch classes: `tones` for keys and pad (none: they play the likelier chord), `bass` for the bass (or None)."""

    tones: tuple[int, ...]
    bass: int | None


def hedge_between(likely: Chord, other: Chord) -> Hedge | None:
    """What `likely` and `other` share; None where that is nothing."""
    shared = tuple(pitch for pitch in likely.pitch_classes if pitch in other.pitch_classes)
    bass = _pedal(likely, other, shared)
    tones = shared if len(shared) >= LEAST_SHARED else ()
    return Hedge(tones, bass) if tones or bass is not None else None


def _pedal(likely: Chord, other: Chord, shared: tuple[int, ...]) -> int | None:
    """A bass for both: the likelier one's own, the other's own, the likelier one's fifth; None if none is shared."""
    for bass in (likely.bass, other.bass, (likely.root + 7) % 12):
        if bass in shared or (bass == likely.bass == other.bass):
            return bass
    return None
