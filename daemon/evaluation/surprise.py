"""Surprises: a chord nobody could foresee, in the middle of a round that the band knows; how the band takes it.

A round of four chords, one a bar, is played until the band is sure of it; then in every third bar another chord comes
instead, on the one, on the third beat, or an eighth before the one, and is held to the end of its bar. Judged are the
notes that sound, not what the band says.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from daemon.evaluation.practice import LIFT, LOOPS, Practice, Sounded, sounded
from realtime.core.band.voicing import tones_for
from realtime.core.chord import Chord, parse_chord
from realtime.core.style import Style
from realtime.core.weights import Weights

ROUNDS_BEFORE: Final = 3
SURPRISES: Final = 12
EVERY_BARS: Final = 3
FAMILIES: Final = ("", "m", "7", "m7", "maj7")
LATENESS: Final = (0.0, 0.02, -0.02)
"""Hands are not clocks: so much of a beat late."""

CLIP_MICROS: Final = 60_000
"""A note shorter than this, where no style writes such, is heard as a click."""


@dataclass(frozen=True, slots=True)
class Surprise:
    """A chord at `beat`, until `end`."""

    beat: float
    end: float
    chord: Chord
    symbol: str


@dataclass(frozen=True, slots=True)
class Taken:
    """How a surprise was taken. Beats."""

    agreed: float
    """From the strike until the bass is on the new root and nobody starts a note of the old chord."""
    relapses: int
    """Notes of keys and pad that begin later, in the surprise, and are not of its chord."""
    clipped: int
    """Notes about it shorter than `CLIP_MICROS`."""


def surprises(style: Style, seed: int) -> tuple[Practice, list[Surprise]]:
    """A round with surprises, for a style."""
    chance, player = random.Random(f"{style.name} {seed}"), Practice(style)
    loop, per_bar = LOOPS[seed % len(LOOPS)], player.beats_per_bar
    known = ROUNDS_BEFORE * len(loop)
    bars = known + SURPRISES * EVERY_BARS
    found: list[Surprise] = []
    player.start()
    strikes: list[tuple[float, str]] = []
    for bar in range(bars):
        symbol, line = loop[bar % len(loop)], bar * per_bar
        if bar < known or (bar - known) % EVERY_BARS != 1:
            strikes.append((line, symbol))
            continue
        place = chance.choice((0.0, 0.0, per_bar // 2, -0.5))
        beat, other = line + place + chance.choice(LATENESS), _foreign(chance, loop)
        if place > 0:
            strikes.append((line, symbol))
        strikes.append((beat, other))
        chord = parse_chord(other)
        assert chord is not None
        found.append(Surprise(beat, line + per_bar, chord, other))
    for (beat, symbol), (end, _) in pairwise([*strikes, (bars * per_bar, "N")]):
        player.chord(beat, symbol, end - beat)
    return player, found


def _foreign(chance: random.Random, loop: tuple[str, ...]) -> str:
    """A chord whose root is none of the round's."""
    roots = {chord.root for symbol in loop if (chord := parse_chord(symbol)) is not None}
    root = chance.choice([root for root in range(12) if root not in roots])
    return ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")[root] + chance.choice(FAMILIES)


def taken(style: Style, seed: int, weights: Weights | None = None) -> Iterator[Taken]:
    """How a band of `style` takes each surprise."""
    player, found = surprises(style, seed)
    notes = sounded(player.played(found[-1].end + player.beats_per_bar, weights))
    for surprise in found:
        yield _judge(surprise, player, notes)


def _judge(surprise: Surprise, player: Practice, notes: list[Sounded]) -> Taken:
    begin, end = player.at(surprise.beat), player.at(surprise.end - LIFT)
    beat_micros = player.at(1)
    about = [note for note in notes if note.part != "drums" and begin <= note.start < end]
    arrival = min(
        (note.start for note in about if note.part == "bass" and note.pitch % 12 == surprise.chord.bass), default=end
    )
    wrong = [
        note.start
        for note in about
        if note.part in ("keys", "pad")
        and note.start < end - beat_micros // 2
        and not _fits(note, surprise.chord, player.style)
    ]
    agreed = arrival
    relapses = sum(1 for start in wrong if start > begin + beat_micros)
    clipped = sum(1 for note in about if note.end - note.start < CLIP_MICROS)
    return Taken((agreed - begin) / beat_micros, relapses, clipped)


def _fits(note: Sounded, chord: Chord, style: Style) -> bool:
    """Whether a note may belong: the chord's, the ninth and sixth that comping players add, or the style's voicing."""
    voiced = tones_for(chord, style.hands[note.part], colour=True)
    return note.pitch % 12 in (*chord.pitch_classes, *voiced) or (note.pitch - chord.root) % 12 in (2, 9)
