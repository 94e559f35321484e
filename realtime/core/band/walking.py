"""A walking bass line: each note is the first of the cheapest way to the next chord's bass.

What a bass player weighs: steps and thirds before leaps, no note soon again, chord tones on the way, a step of the
scale or a semitone into the new root, and a line that goes on the way it went (Goldsby, The Jazz Bass Book, on target
notes).
"""

from collections.abc import Sequence

from realtime._dsp import walk
from realtime.core.chance import Chance
from realtime.core.chord import Chord

Line = tuple[int, ...]
Mood = tuple[Chance, tuple[int | str, ...]]
"""Chance, and what it is asked for."""


def next_step(
    chord: Chord,
    scale: Sequence[int],
    before: Line,
    beats: int,
    target: Chord | None,
    reach: range,
    mood: Mood,
) -> int:
    """The pitch out of `reach` to play now, over `chord`, after the line `before` (one pitch or more, the last last).

    `beats` more beats of the same chord follow; then `target` comes, if that is known. `scale` is the key's pitch
    classes. Lines over the same chord differ by mood.
    """
    aim = target.bass if target is not None else None
    return walk(chord.pitch_classes, scale, before, beats, aim, (reach[0], reach[-1]), *mood)
