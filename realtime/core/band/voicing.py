"""How to lay a chord on the keys: a search for the voicing that moves least, sits well and leads on to what comes.

A family says which notes of a chord are played and what distances between them sound like it: rootless and quartal
voicings are jazz piano's (Levine, The Jazz Piano Book, chapters 7 and 13), drop 2 is the guitarist's and arranger's.
"""

from collections.abc import Sequence
from typing import Final

from realtime._dsp import lead_voices
from realtime.core.chord import QUALITIES, Chord
from realtime.core.key_finder import Key
from realtime.core.register import NOBODY, Crowd
from realtime.core.style import Hand

Voicing = tuple[int, ...]
"""Pitches from the lowest up."""

_NINTH: Final = {"": 2, "m": 2, "7": 2, "maj7": 2, "m7": 2, "6": 2, "m6": 2, "7sus4": 2, "13": 2}
_SIXTH: Final = {"": 9, "maj7": 9, "7": 9, "9": 9, "maj9": 9}
"""Colours a comping player adds by themselves, in semitones above the root, where they fit the quality."""

_GAPS: Final[dict[str, tuple[int, int, int]]] = {
    "close": (1, 9, 19), "triad": (3, 9, 16), "shell": (3, 12, 16), "rootless": (1, 7, 14), "quartal": (4, 7, 20),
    "drop2": (2, 10, 19), "spread": (4, 14, 24),
}  # fmt: skip
"""The smallest and largest distance between neighbours that sound like the family, and the widest span."""

_QUARTAL: Final = {"min": (5, 10, 3, 7), "maj": (4, 9, 2, 7), "dom": (10, 4, 9, 2), "sus": (0, 5, 10, 2)}


def tones_of(chord: Chord, *, colour: bool = False) -> tuple[int, ...]:
    """Pitch classes for comping: the third and seventh (or what stands for them) first; the bass has the root."""
    intervals = list(QUALITIES[chord.quality].intervals)
    if colour and chord.quality in _NINTH and _NINTH[chord.quality] not in intervals:
        intervals.append(_NINTH[chord.quality])
    order = sorted(intervals, key=lambda i: (i in (0, 7), i == 0))  # guide tones, then the fifth, then the root
    return tuple((chord.root + interval) % 12 for interval in order)


_ALL: Final = tuple(range(12))
_LEAST: Final = 3
"""Notes of a hand that plays so many, where the chord has them: with two a triad is nothing but its third and fifth."""


def leading_tone(chord: Chord, key: Key | None) -> int | None:
    """The pitch class that wants to go up to the next root; None where the chord has none.

    A dominant's third, or the key's seventh degree in a chord on its fifth or seventh.
    """
    if chord.family == "dom":
        return (chord.root + 4) % 12
    if key is not None and (chord.root - key.tonic) % 12 in (7, 11):
        below_home = (key.tonic - 1) % 12
        return below_home if below_home in chord.pitch_classes else None
    return None


def tones_for(
    chord: Chord,
    hand: Hand,
    *,
    colour: bool = False,
    scale: Sequence[int] = tuple(range(12)),
    spared: int | None = None,
) -> tuple[int, ...]:
    """The pitch classes that `hand` plays of `chord`, the most telling first; two at least.

    What is added to the chord is of `scale` (pitch classes); `spared` is left out, if two others are left.
    """
    tones = _tones_for(chord, hand, scale, colour=colour)
    left = tuple(tone for tone in tones if tone != spared)
    return left if len(left) > 1 else tones


def _tones_for(chord: Chord, hand: Hand, scale: Sequence[int], *, colour: bool) -> tuple[int, ...]:
    intervals = QUALITIES[chord.quality].intervals
    if hand.voicing in ("close", "drop2", "spread"):
        tones = tones_of(chord, colour=colour)
        return tuple(t for t in tones if (t - chord.root) % 12 in intervals or t in scale)[: hand.notes]
    picked = _FAMILIES[hand.voicing](chord)
    added = {i for i in picked if colour and i not in (6, 7, 8) and (chord.root + i) % 12 in scale}
    wanted = [i for i in dict.fromkeys(picked) if i in intervals or i in added]
    wanted += [i for i in intervals if i not in wanted][: max(0, min(_LEAST, hand.notes) - len(wanted))]
    return tuple((chord.root + interval) % 12 for interval in wanted[: hand.notes])


def _triad(chord: Chord) -> list[int]:
    intervals = QUALITIES[chord.quality].intervals
    third = [i for i in intervals if i in (3, 4)] or [i for i in intervals if i in (2, 5)]
    fifth = [i for i in intervals if i in (6, 7, 8)]
    return [0, *third[:1], *fifth[:1]]


def _guides(chord: Chord) -> list[int]:
    intervals = QUALITIES[chord.quality].intervals
    third = [i for i in intervals if i in (3, 4)] or [i for i in intervals if i == 5]
    seventh = [i for i in intervals if i in (10, 11)] or [i for i in intervals if i == 9]
    return third[:1] + seventh[:1]


def _ninth(chord: Chord) -> list[int]:
    return [i for i in QUALITIES[chord.quality].intervals if i in (1, 2)] or [
        _NINTH[quality] for quality in (chord.quality,) if quality in _NINTH
    ]


def _shell(chord: Chord) -> list[int]:
    return [*_guides(chord), *_ninth(chord), 7]


def _rootless(chord: Chord) -> list[int]:
    sixth = [_SIXTH[chord.quality]] if chord.quality in _SIXTH else []
    return [*_guides(chord), *_ninth(chord), *sixth, 6, 7, 8]


def _quartal(chord: Chord) -> list[int]:
    quality = QUALITIES[chord.quality]
    return list(_QUARTAL.get(quality.family, quality.intervals))


_FAMILIES: Final = {"triad": _triad, "shell": _shell, "rootless": _rootless, "quartal": _quartal}


def lead(chords: Sequence[tuple[int, ...]], before: Voicing, hand: Hand, crowd: Crowd = NOBODY) -> Voicing:
    """The voicing of the first of `chords` (pitch classes) on the cheapest way through all of them.

    Viterbi over the best placed voicings of each chord. Cost: how far the voices move (paired from the lowest up), how
    far the middle is from the middle of the range, what is not like the family, and the keys of the player (`crowd`).
    """
    keys = () if crowd is NOBODY else crowd
    return lead_voices(chords, before, _GAPS[hand.voicing], hand.voicing == "drop2", (hand.low, hand.high), keys)
