"""Improvises some bars after a melody over the chords of its chart: net and session memory weighed, each note drawn."""

from typing import Final

import numpy as np

from daemon.evaluation.melody_stages import PITCHES, Table, duration_table, pitch_table, stages, wait_table
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


def answer(line: Line, at: int, net: PhraseNet, mixer: PhraseMixer, rng: np.random.Generator) -> list[LineNote]:
    """Four bars from bar `at` on, of what came before it and the chords that are to come."""
    heard = _until(line, at)
    memory = PhraseMemory(mixer.priors)
    for _ in stages(heard, memory, None):
        pass
    key = KeyGuess()
    for note in heard.notes:
        key.note(note.pitch, note.duration)
    words = written(heard)
    start = next((s for s in words.starts if len(words.ids) - s <= CONTEXT_WORDS), words.starts[-1])
    thread = Thread()
    head = prefix("any", words.quarters, triple=words.triple)
    net.read([*head, *(transposed(word, key.shift) for word in words.ids[start:])], thread)
    writer = PhraseWriter(line.bars[at - 1].quarters, key.shift, line.chord_at(heard.notes[-1].onset), at)
    phase = heard.notes[-1].onset - max(b.start for b in line.bars if b.start <= heard.notes[-1].onset)
    return _improvise(line, at, _Draw(net, mixer, rng, memory, thread, writer), heard.notes[-1].onset, phase)


def _until(line: Line, at: int) -> Line:
    end = line.bars[at].start
    notes = tuple(note for note in line.notes if note.onset < end)
    return Line(line.name, line.style, notes, line.chords, line.bars[:at], line.triple, line.shift)


class _Draw:
    """What an improvisation is made with."""

    def __init__(
        self,
        net: PhraseNet,
        mixer: PhraseMixer,
        rng: np.random.Generator,
        memory: PhraseMemory,
        thread: Thread,
        writer: PhraseWriter,
    ) -> None:
        self.memory, self.writer = memory, writer
        self._net, self._mixer, self._rng, self._thread = net, mixer, rng, thread

    def read(self, ids: list[int]) -> Floats:
        """The net reads on; its logits of what comes next."""
        return np.asarray(self._net.read(ids, self._thread)[-1])

    def choose(self, table: Table, row: Floats) -> int:
        """The place of the candidate that is drawn."""
        odds = self._mixer.mix(table.kind, table.guesses, table.features, table.net_odds(row))
        return int(self._rng.choice(len(odds), p=odds))


def _improvise(line: Line, at: int, draw: _Draw, last: int, phase: int) -> list[LineNote]:
    notes: list[LineNote] = []
    memory, writer = draw.memory, draw.writer
    waits = memory.ask("wait", phase)
    for bar in line.bars[at : at + ANSWER_BARS]:
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
