"""Draws a line from the model, word by word, and only words that may come: grammar, range, scale of the chord, and a
leap is answered by a step back. Every other take begins with the motif, as far as the plan lets it.
"""

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Final, Protocol

from realtime.core.chance import Chance
from realtime.core.phrase_events import PhraseWanted
from realtime.core.phrase_model.prompt import Prompt, chord_at
from realtime.core.phrase_words import (
    BAR,
    DURATIONS,
    FIRST_DURATION,
    FIRST_PITCH,
    FIRST_POSITION,
    HIGHEST_PITCH,
    LOWEST_PITCH,
    STEPS,
    LineNote,
)
from realtime.core.solo.motif import NEAR

TEMPERATURE: Final = 0.9
NUCLEUS: Final = 0.95
"""The least likely words, of this little mass together, are never drawn."""

LEAP: Final = 5
WIDEST: Final = 12
MOST_REPEATS: Final = 2
MOST_WORDS: Final = 400


class Kernel(Protocol):
    """What hears words and scores the next one: `realtime._dsp.PhraseKernel`."""

    def attune(self, tokens: Sequence[int]) -> int:
        """Has heard these, and nothing else."""
        ...

    def hear(self, tokens: Sequence[int]) -> None:
        """Hears more."""
        ...

    def roll_back(self, length: int) -> None:
        """Forgets what came after."""
        ...

    def logits(self) -> bytes:
        """Packed floats."""
        ...


Mix = Callable[[Sequence[float]], Sequence[float]]
"""Whoever knows this player adds to the scores."""


@dataclass(frozen=True, slots=True)
class Take:
    """A try: notes with onsets in steps from the phrase's start, and how surprised the model was, in nats a word."""

    notes: tuple[LineNote, ...]
    surprise: float


@dataclass(slots=True)
class Sampler:
    """Draws takes after a prompt that the kernel has heard."""

    kernel: Kernel
    wanted: PhraseWanted
    prompt: Prompt
    mix: Mix | None = None
    _chance: Chance = field(init=False)
    _draws: int = 0
    _take: int = 0
    _motif: list[int] = field(default_factory=list)
    """Where notes of the motif begin that this take states, in steps of the song."""
    _surprise: float = 0.0
    _words: int = 0

    def __post_init__(self) -> None:
        """Chance is the request's."""
        self._chance = Chance(self.wanted.seed)

    def take(self, number: int) -> Take:
        """Try `number`; the kernel then has heard the prompt and no more."""
        self._take, self._draws, self._surprise, self._words = number, 0, 0.0, 0
        notes = self._play()
        self.kernel.roll_back(len(self.prompt.words))
        return Take(tuple(notes), self._surprise / max(1, self._draws))

    def _play(self) -> list[LineNote]:
        wanted, writer, bar_start = self.wanted, copy(self.prompt.writer), self.prompt.bar_start
        length, latest = wanted.quarters * STEPS, wanted.end - max(wanted.unit, wanted.beat // 2)
        notes: list[LineNote] = []
        self._motif = [] if self._take % 2 else [onset for onset in motif_onsets(wanted) if onset < latest]
        earliest = wanted.start
        while self._words < MOST_WORDS:
            end = min(latest, bar_start + length)
            if len(notes) < len(self._motif):
                onset = self._motif[len(notes)] if self._motif[len(notes)] < end else None
            else:
                onset = self._next_onset(bar_start, earliest, end, first=not notes)
            if onset is None:
                bar_start += length
                if bar_start >= latest:
                    break
                self._hear(writer.bar(wanted.quarters))
                continue
            self._hear(writer.onset(onset - bar_start, chord_at(wanted, onset)))
            pitch = self._pitch(onset, notes)
            self._hear([FIRST_PITCH + pitch + wanted.shift - LOWEST_PITCH])
            duration = self._duration(onset, pitch)
            self._hear([FIRST_DURATION + DURATIONS.index(duration)])
            notes.append(LineNote(onset - wanted.start, pitch, duration))
            earliest = onset + wanted.unit
        return _apart(notes)

    def _next_onset(self, bar_start: int, earliest: int, end: int, *, first: bool) -> int | None:
        """When the next note begins; None: not in this bar."""
        wanted = self.wanted
        if first and wanted.prompt:
            return wanted.start
        begin = -(-max(earliest, bar_start) // wanted.unit) * wanted.unit
        choices = [FIRST_POSITION + step - bar_start for step in range(begin, end, wanted.unit)]
        word = self._draw([*choices, BAR]) if choices else BAR
        return None if word == BAR else bar_start + word - FIRST_POSITION

    def _pitch(self, onset: int, notes: Sequence[LineNote]) -> int:
        wanted = self.wanted
        beat, into = divmod(onset - wanted.start, wanted.beat)
        masks = self._masks(beat)
        low, high = max(wanted.low, LOWEST_PITCH - wanted.shift), min(wanted.high, HIGHEST_PITCH - wanted.shift)
        reach = list(range(low, high + 1)) or [LOWEST_PITCH - wanted.shift]
        allowed = masks if into else masks >> 12
        sane = [pitch for pitch in reach if allowed >> pitch % 12 & 1] or reach
        good = [pitch for pitch in sane if _follows(pitch, notes)] or sane
        if 1 <= len(notes) < len(self._motif) and len(notes) <= len(wanted.steps):
            step = wanted.steps[len(notes) - 1]
            good = [pitch for pitch in good if _is_like(pitch - notes[-1].pitch, step)] or good
        first = FIRST_PITCH + wanted.shift - LOWEST_PITCH
        return self._draw([first + pitch for pitch in good]) - first

    def _masks(self, beat: int) -> int:
        """What may sound on a beat of the phrase."""
        harmony = self.wanted.harmony
        return harmony[min(beat, len(harmony) - 1)] if harmony else -1

    def _duration(self, onset: int, pitch: int) -> int:
        wanted = self.wanted
        room = max(wanted.unit, wanted.end - onset - wanted.beat // 4)
        beat = (onset - wanted.start) // wanted.beat + 1
        while wanted.start + beat * wanted.beat < onset + room:
            if not self._masks(beat) >> pitch % 12 & 1:  # a chord to which it is foreign
                room = wanted.start + beat * wanted.beat - onset
            beat += 1
        choices = [FIRST_DURATION + place for place, steps in enumerate(DURATIONS) if steps <= room]
        steps: int = DURATIONS[self._draw(choices) - FIRST_DURATION]
        return steps

    def _hear(self, words: Sequence[int]) -> None:
        self._words += len(words)
        self.kernel.hear(words)

    def _draw(self, choices: Sequence[int]) -> int:
        """One of the words, as likely as the model has it among these."""
        scores: Sequence[float] = array("f", self.kernel.logits())
        if self.mix is not None:
            scores = self.mix(scores)
        number = self._draws
        self._draws += 1
        ranked = sorted(((_finite(scores[word]), word) for word in choices), key=lambda pair: (-pair[0], pair[1]))
        top = ranked[0][0]
        masses = [math.exp((score - top) / TEMPERATURE) for score, _ in ranked]
        left = self._chance.uniform("phrase", self._take, number) * NUCLEUS * sum(masses)
        place = 0
        while place + 1 < len(masses) and left >= masses[place]:
            left -= masses[place]
            place += 1
        score, word = ranked[place]
        self._surprise += math.log(sum(math.exp(score - top) for score, _ in ranked)) - (score - top)
        return word


def motif_onsets(wanted: PhraseWanted) -> list[int]:
    """Where the motif's notes begin if the phrase begins with it, on the grid; the first at once if it is to be."""
    onsets: list[int] = []
    for beat, marks in enumerate(wanted.rhythm):
        for place, mark in enumerate(marks):
            near = round((beat + place / len(marks)) * wanted.beat / wanted.unit) * wanted.unit
            if mark in "xX" and (not onsets or near > onsets[-1]):
                onsets.append(near)
    if onsets and wanted.prompt:
        onsets[0] = 0
    return [wanted.start + onset for onset in onsets]


def _is_like(step: int, wanted: int) -> bool:
    """Whether a step goes where the motif's does, about as far."""
    return step * wanted > 0 and abs(step - wanted) <= NEAR if wanted else step == 0


def _finite(score: float) -> float:
    """A score that can be compared, whatever a broken model says."""
    return max(-1e4, min(1e4, score)) if score == score else -1e4  # noqa: PLR0124 - only NaN is not itself


def _follows(pitch: int, notes: Sequence[LineNote]) -> bool:
    """Whether a pitch may come next: not too far, a leap answered by a step back, no key struck again and again."""
    if not notes:
        return True
    step = pitch - notes[-1].pitch
    if abs(step) > WIDEST:
        return False
    if len(notes) < 2:
        return True
    before = notes[-1].pitch - notes[-2].pitch
    if abs(before) >= LEAP:
        return before * step < 0 and abs(step) < LEAP
    return bool(step or before or len(notes) < MOST_REPEATS)


def _apart(notes: Iterable[LineNote]) -> list[LineNote]:
    """The notes, each ended where the next begins."""
    line: list[LineNote] = []
    for note in notes:
        if line and line[-1].onset + line[-1].duration > note.onset:
            line[-1] = LineNote(line[-1].onset, line[-1].pitch, note.onset - line[-1].onset)
        line.append(note)
    return line
