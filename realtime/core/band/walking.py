"""A walking bass line: each note is the first of the cheapest way to the next chord's bass.

What a bass player weighs: steps and thirds before leaps, no note soon again, chord tones on the way, a step of the
scale or a semitone into the new root, and a line that goes on the way it went (Goldsby, The Jazz Bass Book, on target
notes).
"""

from collections.abc import Callable, Sequence
from typing import Final

from realtime.core.chord import Chord

LOOKS_AHEAD: Final = 3
"""Beats of the same chord after this one; further on nothing changes what is played now."""

BEAM: Final = 8
"""How many lines are followed at once."""

HOME: Final = 38
_LEAPS: Final = (3.0, 0.1, 0.1, 0.3, 0.4, 0.7, 1.6, 0.9, 1.8, 1.8, 2.2, 2.6, 1.2)
"""What it costs to move so many semitones; an octave is cheap again."""

_ARRIVALS: Final = (3.0, 0.0, 0.0, 1.2, 1.4, 0.5, 1.8)
"""What it costs to come to the next chord's bass from a note so far from it, in either direction."""

_OF_THE_SCALE: Final = 0.45
_HOME_COST: Final = 0.04
_TURN: Final = 0.35
_AGAIN: Final = 1.0
_MOOD: Final = 0.7
"""How much chance has to say: lines over the same chord should differ."""

Line = tuple[int, ...]


def next_step(
    chord: Chord,
    scale: Sequence[int],
    before: Line,
    beats: int,
    target: Chord | None,
    reach: range,
    mood: Callable[[int], float],
) -> int:
    """The pitch out of `reach` to play now, over `chord`, after the line `before` (one pitch or more, the last last).

    `beats` more beats of the same chord follow; then `target` comes, if that is known. `scale` is the key's pitch
    classes. `mood` gives each pitch 0..1, by chance.
    """
    length = min(beats, LOOKS_AHEAD) + 1
    aim = target if beats <= LOOKS_AHEAD else None
    start = before[-2:]
    lines: list[tuple[float, Line]] = [(0.0, start)]
    for left in reversed(range(length)):
        lines = sorted(
            (cost + _step(line, pitch, colour) + (_arrival(pitch, aim) if left == 0 else 0.0), (*line, pitch))
            for cost, line in lines
            for pitch, colour in _choices(chord, scale, line[-1], reach, aim if left == 0 else None)
        )
        if left == length - 1:
            lines = sorted((cost + _MOOD * mood(line[-1]), line) for cost, line in lines)
        lines = lines[:BEAM]
    return lines[0][1][len(start)]


def _choices(chord: Chord, scale: Sequence[int], last: int, reach: range, aim: Chord | None) -> list[tuple[int, float]]:
    """What a hand gets to from `last`, a fifth either way, and what each costs: chord, scale, leading notes."""
    low, high = max(reach[0], min(last, reach[-1]) - 7), min(reach[-1], max(last, reach[0]) + 7)
    tones, leads = chord.pitch_classes, ((aim.bass + 1) % 12, (aim.bass - 1) % 12) if aim else ()
    foreign = [tone for tone in tones if tone not in scale]  # and the scale's own note beside each makes room for it
    scale = [one for one in scale if not any((one - tone) % 12 in (1, 11) for tone in foreign)]
    return [
        (pitch, 0.0 if pitch % 12 in tones else _OF_THE_SCALE)
        for pitch in range(low, high + 1)
        if pitch % 12 in tones or pitch % 12 in scale or pitch % 12 in leads
    ]


def _step(line: Line, pitch: int, colour: float) -> float:
    last = line[-1]
    cost = colour + _LEAPS[min(abs(pitch - last), 12)] + _HOME_COST * abs(pitch - HOME)
    if len(line) > 1:
        cost += _AGAIN * (pitch in line[:-1])
        cost += _TURN * ((pitch - last) * (last - line[-2]) < 0 and abs(last - line[-2]) < 5)
    return cost


def _arrival(pitch: int, target: Chord | None) -> float:
    if target is None:
        return 0.0
    return _ARRIVALS[min((target.bass - pitch) % 12, (pitch - target.bass) % 12)]
