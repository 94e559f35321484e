"""A melody taken apart into what is foretold of it: step by step what net and memory held likely, and what came.

A note is up to four kinds of steps: whether it begins in this bar and where (or another bar passes), its pitch, its
duration. Streamed: at each step only what came before it is known, and the chord that has begun; the key in which the
net reads is guessed from that, too.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.models.phrase_key import KeyGuess
from daemon.models.phrase_lines import Line, Written, written
from daemon.models.phrase_net import PhraseNet, Thread
from realtime.core.phrase_memory import LONGEST_WAIT, Guess, Kind, PhraseMemory
from realtime.core.phrase_mixer import features_of
from realtime.core.phrase_words import (
    BAR,
    CHORD_IDS,
    DURATION_IDS,
    DURATIONS,
    FIRST_POSITION,
    PLACES,
    POSITION_IDS,
    STEPS,
    Bar,
    LineNote,
    duration_id,
    pitch_id,
    prefix,
    transposed,
)

Floats = NDArray[np.float64]

WINDOW_WORDS: Final = 250
REGION_WORDS: Final = 72
"""The net reads so many words at once at most, and is asked of at most so many new ones, in one key."""

EARLY_REGIONS: Final = (1, 2, 4, 8)
"""At these bars the key is guessed anew whatever has been read."""

PITCHES: Final = range(24, 109)
FAINT: Final = 1e-9
"""Added to what an expert holds impossible, so that odds can be made of it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step: the candidates' odds by each expert, the prior last, and by the net; which came (`target`)."""

    kind: Kind
    target: int
    guesses: list[Floats]
    features: Floats
    net: Floats | None
    note: int
    """The note's number in the line."""


def net_rows(line: Line, words: Written, net: PhraseNet) -> tuple[list[Floats], list[int]]:
    """For each word of the line the logits before it came, and the shift they were read with."""
    logits: list[Floats] = []
    shifts: list[int] = []
    head = prefix("any", words.quarters, triple=words.triple)
    for first, after, shift in _regions(line, words):
        start, end = words.starts[first], words.starts[after] if after < len(words.starts) else len(words.ids)
        earliest = bisect_right(words.starts, end - WINDOW_WORDS + len(head) - 1)
        context = words.starts[min(earliest, first)]
        ids = [*head, *(transposed(number, shift) for number in words.ids[context:end])]
        rows = net.read(ids, Thread())
        at = len(head) + start - context - 1
        logits += list(rows[at : at + end - start])
        shifts += [shift] * (end - start)
    return logits, shifts


def _regions(line: Line, words: Written) -> Iterator[tuple[int, int, int]]:
    """Bars to be read at once, from and up to, each with the shift that what came before asks for."""
    key, note, chord, bar = KeyGuess(), 0, 0, 0
    while bar < len(words.starts):
        while note < len(line.notes) and line.notes[note].onset < line.bars[bar].start:
            key.note(line.notes[note].pitch, line.notes[note].duration)
            note += 1
        while chord < len(line.chords) and line.chords[chord][0] < line.bars[bar].start:
            key.chord(line.chords[chord][1])
            chord += 1
        after = bar + 1
        while after < len(words.starts) and after not in EARLY_REGIONS:
            end = words.starts[after + 1] if after + 1 < len(words.starts) else len(words.ids)
            if end - words.starts[bar] > REGION_WORDS:
                break
            after += 1
        yield bar, after, key.shift
        bar = after


def stages(line: Line, memory: PhraseMemory, net: PhraseNet | None) -> Iterator[Stage]:
    """Every step of a line, in order; `memory` learns each note when it has come."""
    words = written(line)
    rows, shifts = net_rows(line, words, net) if net is not None else ([], [])
    bars, notes = iter(line.bars), iter(line.notes)
    last, heard, place = line.bars[0].start, 0, 0
    bar, position = Bar(0, 0), -1
    waits = memory.ask("wait", 0)
    while place < len(words.ids):
        word = words.ids[place]
        is_onset = word in POSITION_IDS
        if is_onset or (word == BAR and bar.quarters):
            table = wait_table(bar, position, last, waits, memory)
            yield table.stage(word, rows[place] if rows else None, heard)
        if word == BAR:
            bar, position = next(bars), -1
        if not is_onset:
            place += 1
            continue
        position, note = word - FIRST_POSITION, next(notes)
        place += 2 if words.ids[place + 1] in CHORD_IDS else 1
        wait = min(note.onset - last, LONGEST_WAIT) if heard else 0
        yield from _note_stages(
            line, note, position, wait, rows[place : place + 2], shifts[place] if rows else 0, memory
        )
        place, heard, last = place + 2, heard + 1, note.onset
        waits = memory.ask("wait", position)


@dataclass(frozen=True, slots=True)
class Table:
    """Candidates, as words that the net knows, and what the memory's experts hold of each, the prior last."""

    kind: Kind
    words: list[int]
    guesses: list[Floats]
    features: Floats

    def net_odds(self, row: Floats) -> Floats:
        """The net's odds, of its logits for all words."""
        return _softmax(row[self.words])

    def stage(self, word: int, row: Floats | None, note: int) -> Stage:
        """The step at which `word` came."""
        net = None if row is None else self.net_odds(row)
        return Stage(self.kind, self.words.index(word), self.guesses, self.features, net, note)


def wait_table(bar: Bar, position: int, last: int, waits: list[Guess], memory: PhraseMemory) -> Table:
    """Another bar, or a place in this one after `position`; the last note began at step `last`."""
    places = [p for p in range(position + 1, bar.quarters * STEPS) if (bar.start + p) % STEPS in PLACES]
    away = np.minimum(np.array([bar.start + p - last for p in places], dtype=np.intp), LONGEST_WAIT)
    line_away = min(LONGEST_WAIT, max(0, bar.start + bar.quarters * STEPS - last))
    tables = [*(guess.odds for guess in waits), memory.prior("wait", max(0, position))]
    guesses = [np.concatenate([[table[line_away:].sum()], table[away]]) + FAINT for table in tables]
    words = [BAR, *(FIRST_POSITION + p for p in places)]
    return Table("wait", words, guesses, features_of(waits, len(memory.notes)))


def pitch_table(memory: PhraseMemory, phase: int, wait: int, chord: int, shift: int) -> Table:
    """The pitches of `PITCHES`, as words in the net's key."""
    asked = memory.ask("pitch", phase, wait, chord=chord)
    tables = [*(guess.odds for guess in asked), memory.prior("pitch", phase)]
    words = [pitch_id(pitch + shift) for pitch in PITCHES]
    guesses = [table[PITCHES[0] : PITCHES[-1] + 1] + FAINT for table in tables]
    return Table("pitch", words, guesses, features_of(asked, len(memory.notes)))


def duration_table(memory: PhraseMemory, phase: int, wait: int, pitch: int) -> Table:
    """All durations."""
    asked = memory.ask("duration", phase, wait, pitch)
    guesses = [*(guess.odds for guess in asked), memory.prior("duration", phase)]
    return Table("duration", list(DURATION_IDS), guesses, features_of(asked, len(memory.notes)))


def _note_stages(
    line: Line, note: LineNote, phase: int, wait: int, rows: list[Floats], shift: int, memory: PhraseMemory
) -> Iterator[Stage]:
    chord, heard = line.chord_at(note.onset), len(memory.notes)
    pitch = min(max(note.pitch, PITCHES[0]), PITCHES[-1])
    table = pitch_table(memory, phase, wait, chord, shift)
    net = table.net_odds(rows[0]) if rows else None
    yield Stage("pitch", pitch - PITCHES[0], table.guesses, table.features, net, heard)
    table = duration_table(memory, phase, wait, pitch)
    yield table.stage(duration_id(note.duration), rows[1] if rows else None, heard)
    memory.learn((wait, pitch, DURATIONS.index(note.duration)), phase, chord)


def _softmax(logits: Floats) -> Floats:
    odds = np.exp(logits.astype(np.float64) - float(logits.max()))
    return np.asarray(odds / odds.sum())
