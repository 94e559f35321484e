"""Improvises some bars after a melody over the chords of its chart: net and session memory weighed, each note drawn."""

from typing import Final

import numpy as np

from daemon.evaluation.melody_stages import (
    PITCHES,
    WINDOW_WORDS,
    Table,
    duration_table,
    pitch_table,
    stages,
    wait_table,
)
from daemon.models.phrase_key import KeyGuess
from daemon.models.phrase_lines import Line, written
from daemon.models.phrase_net import PhraseNet, Thread
from realtime.core.phrase_memory import LONGEST_WAIT, Floats, PhraseMemory
from realtime.core.phrase_mixer import PhraseMixer
from realtime.core.phrase_words import (
    BAR,
    DURATIONS,
    FIRST_DURATION,
    FIRST_POSITION,
    LineNote,
    PhraseWriter,
    prefix,
    transposed,
)

ANSWER_BARS: Final = 4
CONTEXT_WORDS: Final = 150


def answer(
    line: Line,
    at: int,
    net: PhraseNet,
    mixer: PhraseMixer,
    rng: np.random.Generator,
    *,
    bars: int = ANSWER_BARS,
    alone: bool = False,
) -> list[LineNote]:
    """Some bars from bar `at` on, of what came before it and the chords that are to come; `alone`: by the net alone."""
    heard = _until(line, at)
    memory = PhraseMemory(mixer.priors)
    for _ in stages(heard, memory, None):
        pass
    key = KeyGuess()
    for note in heard.notes:
        key.note(note.pitch, note.duration)
    words = written(heard)
    start = next((s for s in words.starts if len(words.ids) - s <= CONTEXT_WORDS), words.starts[-1])
    writer = PhraseWriter(line.bars[at - 1].quarters, key.shift, line.chord_at(heard.notes[-1].onset), at)
    phase = heard.notes[-1].onset - max(b.start for b in line.bars if b.start <= heard.notes[-1].onset)
    head = prefix("any", words.quarters, triple=words.triple)
    draw = _Draw(net, None if alone else mixer, rng, memory, head)
    draw.read([transposed(word, key.shift) for word in words.ids[start:]])
    return _improvise(line, range(at, at + bars), draw, writer, heard.notes[-1].onset, phase)


def _until(line: Line, at: int) -> Line:
    end = line.bars[at].start
    notes = tuple(note for note in line.notes if note.onset < end)
    return Line(line.name, line.style, notes, line.chords, line.bars[:at], line.triple, line.shift)


class _Draw:
    """What an improvisation is made with."""

    def __init__(
        self, net: PhraseNet, mixer: PhraseMixer | None, rng: np.random.Generator, memory: PhraseMemory, head: list[int]
    ) -> None:
        self.memory = memory
        self._net, self._mixer, self._rng = net, mixer, rng
        self._head, self._words = head, list[int]()
        self._thread = Thread()

    def read(self, ids: list[int]) -> Floats:
        """The net reads on; its logits of what comes next. A full window begins anew with the last bars."""
        self._words += ids
        if not self._thread.length or self._thread.length + len(ids) > WINDOW_WORDS:
            bars = [place for place, word in enumerate(self._words) if word == BAR]
            room = CONTEXT_WORDS - len(self._head)
            start = next((place for place in bars if len(self._words) - place <= room), max(0, len(self._words) - room))
            self._words, self._thread = self._words[start:], Thread()
            ids = [*self._head, *self._words]
        return np.asarray(self._net.read(ids, self._thread)[-1])

    def choose(self, table: Table, row: Floats) -> int:
        """The place of the candidate that is drawn."""
        odds = table.net_odds(row)
        if self._mixer is not None:
            odds = self._mixer.mix(table.kind, table.guesses, table.features, odds)
        return int(self._rng.choice(len(odds), p=odds))


def _improvise(line: Line, numbers: range, draw: _Draw, writer: PhraseWriter, last: int, phase: int) -> list[LineNote]:
    notes: list[LineNote] = []
    memory = draw.memory
    waits = memory.ask("wait", phase)
    for bar in (line.bars[number] for number in numbers):
        row, position = draw.read(writer.bar(bar.quarters)), -1
        while True:
            table = wait_table(bar, position, last, waits, memory)
            word = table.words[draw.choose(table, row)]
            if word == BAR:
                break
            position = word - FIRST_POSITION
            onset = bar.start + position
            chord, wait = line.chord_at(onset), min(onset - last, LONGEST_WAIT)
            row = draw.read(writer.onset(position, chord))
            table = pitch_table(memory, position, wait, chord, writer.shift)
            pitch = draw.choose(table, row) + PITCHES[0]
            row = draw.read([table.words[pitch - PITCHES[0]]])
            table = duration_table(memory, position, wait, pitch)
            place = draw.choose(table, row)
            row = draw.read([FIRST_DURATION + place])
            memory.learn((wait, pitch, place), position, chord)
            notes.append(LineNote(onset, pitch, DURATIONS[place]))
            last, waits = onset, memory.ask("wait", position)
    return notes
