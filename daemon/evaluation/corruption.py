"""Rough playing and mishearing, on purpose: what is left of a figure when a share of the input is wrong.

The chart that is judged against stays as it is. The dice are thrown in order of time, the same number for each note,
so what comes later changes nothing before it.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from daemon.evaluation.corpus import TuneNote
from daemon.evaluation.symbols import Symbols
from realtime.core.chord_tokens import TOKEN_COUNT

SMEAR_QUARTERS: Final = 0.3
"""How far off the grid notes fall (standard deviation) if all were wrong; at a tenth, 18 ms at 100 a minute."""

WRONG_BY: Final = (-2, -1, 1, 2)
"""Semitones: the keys beside the right one."""


def rough_notes(notes: Iterable[TuneNote], share: float, name: str, seed: int) -> list[TuneNote]:
    """The notes as played roughly: a share of them missed, wrong or with a neighbour struck too, all a little off."""
    random = _dice(name, seed)
    played: list[TuneNote] = []
    for note in sorted(notes, key=lambda note: (note.start, note.pitch)):
        fate, key, late = random.random(), random.random(), float(random.standard_normal())
        start = max(0.0, note.start + late * SMEAR_QUARTERS * share)
        other = min(127, max(0, note.pitch + WRONG_BY[int(key * len(WRONG_BY))]))
        pitches = [note.pitch]
        if fate < share:
            pitches = ([], [other], [note.pitch, other])[int(fate / share * 3)]
        played += [TuneNote(start, note.length, pitch, note.velocity) for pitch in pitches]
    return played


def rough_tokens(tokens: Sequence[int], share: float, name: str, seed: int) -> list[int]:
    """The chords as misheard: a share of them is any other chord."""
    random = _dice(name, seed)
    heard = []
    for token in tokens:
        fate, other = random.random(), int(random.integers(1, TOKEN_COUNT))
        heard.append((token + other) % TOKEN_COUNT if fate < share else token)
    return heard


def misheard(symbols: Symbols, share: float, name: str, seed: int) -> Symbols:
    """Symbols as misheard: a wrong one is wrong for all its beats, and so is a share of the others within bars."""
    tokens = rough_tokens(symbols.tokens, share, name, seed)
    if not symbols.starts:
        return replace(symbols, tokens=tokens)
    beats = rough_spans(symbols.beats, share, f"{name}/within", seed)
    for true, heard, start, end in zip(
        symbols.tokens, tokens, symbols.starts, [*symbols.starts[1:], len(symbols.beats)], strict=True
    ):
        for beat in range(start, end):
            if symbols.beats[beat] == true:
                beats[beat] = heard
    return replace(symbols, tokens=tokens, beats=beats)


def rough_spans(beats: Sequence[int], share: float, name: str, seed: int) -> list[int]:
    """The chords on beats as misheard; a chord that goes on is heard as it began."""
    rough = rough_tokens(beats, share, name, seed)
    for beat in range(1, len(beats)):
        if beats[beat] == beats[beat - 1]:
            rough[beat] = rough[beat - 1]
    return rough


def _dice(name: str, seed: int) -> np.random.Generator:
    """Dice of its own for each tune, whoever judges it and when."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
