"""Prepared rows as the chats in which a large model is asked for melodies, with the melody that was played as answer.

A row of words is cut into phrases of a few bars. A model learns in the form in which it is asked later: the same
question (`messages_for`), the same JSON, in plain text of its own tokens; no words are added to its vocabulary.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from daemon.models.melody_text import SIXTEENTHS_A_BEAT, MelodyNote, MelodyOrder, messages_for
from daemon.models.phrase_key import KeyGuess
from realtime.core.chord import Chord
from realtime.core.chord_tokens import FAMILY_COUNT, chord_of
from realtime.core.key_finder import Key
from realtime.core.phrase_words import (
    BAR,
    CHORD_IDS,
    FIRST_CHORD,
    FIRST_METER,
    FIRST_POSITION,
    ID_OF,
    POSITION_IDS,
    STEPS,
    STYLES,
    LineNote,
    read_notes,
)

BARS: Final = 8
"""In a phrase, at most."""
FEWEST_NOTES: Final = 4
USUAL_LOW: Final = 60
USUAL_HIGH: Final = 84
"""The range that is asked for, unless the melody leaves it."""
SIXTEENTH: Final = STEPS // SIXTEENTHS_A_BEAT


@dataclass(slots=True)
class Score:
    """A row read: the style, the bars' starts and quarters, the chords told and when, and the notes; in steps."""

    style: str
    bars: list[tuple[int, int]]
    chords: list[tuple[int, int]]
    notes: list[LineNote]
    key: Key

    def chord_at(self, step: int) -> Chord | None:
        """What was told last at `step`, or else is told first."""
        told = [token for start, token in self.chords if start <= step] or [token for _, token in self.chords[:1]]
        return chord_of(told[-1]) if told else None


def read_score(row: str) -> Score:
    """The music of a row of words.

    Raises:
        KeyError: a word is none of ours.
    """
    ids = [ID_OF[word] for word in row.split()]
    style = next((name for name in STYLES if f"Style_{name}" in row.split()), "any")
    score = Score(style, [], [], list(read_notes(ids)), Key(0, minor=False))
    quarters, start, place = 4, 0, 0
    for number in ids:
        if number >= FIRST_METER:
            quarters = number - FIRST_METER + 2
            if score.bars:
                score.bars[-1] = (start, quarters)
        elif number == BAR:
            start = place = max((begin + STEPS * length for begin, length in score.bars[-1:]), default=0)
            score.bars.append((start, quarters))
        elif number in POSITION_IDS:
            place = start + number - FIRST_POSITION
        elif number in CHORD_IDS:
            family, root = divmod(number - FIRST_CHORD, 12)
            score.chords.append((place, root * FAMILY_COUNT + family))
    score.key = _key(score)
    return score


def _key(score: Score) -> Key:
    """The major key whose scale it keeps to; its relative minor's where the first and the last chord say so."""
    guess = KeyGuess()
    for note in score.notes:
        guess.note(note.pitch, note.duration)
    for _, token in score.chords:
        guess.chord(token)
    tonic = -guess.shift % 12
    ends = [chord_of(token) for _, token in (*score.chords[:1], *score.chords[-1:])]
    relative = (tonic + 9) % 12
    is_minor = bool(ends) and all(chord is not None and chord.root == relative for chord in ends)
    return Key(relative if is_minor else tonic, minor=is_minor)


def phrases_in(row: str) -> Iterator[tuple[MelodyOrder, list[MelodyNote]]]:
    """The phrases of a row that can be asked for: in one meter, on sixteenths, with some notes."""
    score = read_score(row)
    for begin, end in _spans(score.bars):
        quarters = score.bars[begin][1]
        start, stop = score.bars[begin][0], score.bars[end - 1][0] + STEPS * quarters
        inside = [note for note in score.notes if start <= note.onset < stop]
        if len(inside) < FEWEST_NOTES or any(note.onset % SIXTEENTH for note in inside):
            continue
        beats = [score.chord_at(step + STEPS - 1) for step in range(start, stop, STEPS)]
        pitches = [note.pitch for note in inside]
        order = MelodyOrder(
            tuple(tuple(beats[at : at + quarters]) for at in range(0, len(beats), quarters)),
            score.key,
            quarters,
            min(USUAL_LOW, *pitches),
            max(USUAL_HIGH, *pitches),
            "pop" if score.style == "any" else score.style,
        )
        yield order, _melody(inside, start, order.length)


def _spans(bars: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Runs of bars of one meter, `BARS` at most."""
    begin = 0
    for place in range(1, len(bars) + 1):
        if place == len(bars) or bars[place][1] != bars[begin][1] or place - begin == BARS:
            yield begin, place
            begin = place


def _melody(notes: Iterable[LineNote], start: int, length: int) -> list[MelodyNote]:
    """One note at a time, in sixteenths; of notes that begin together the highest."""
    top: dict[int, LineNote] = {}
    for note in notes:
        at = (note.onset - start) // SIXTEENTH
        if at not in top or top[at].pitch < note.pitch:
            top[at] = note
    return [
        MelodyNote(top[at].pitch, at, max(1, min(round(top[at].duration / SIXTEENTH), after - at)))
        for at, after in pairwise([*sorted(top), length])
    ]


def chat_row(order: MelodyOrder, notes: Sequence[MelodyNote], *, has_template: bool) -> dict[str, Any]:
    """A row of mlx-lm's data: a chat, or the text that a model without a chat template is asked in."""
    answer = json.dumps({"notes": [[n.pitch, n.start, n.length] for n in notes]}, separators=(",", ":"))
    messages = [*messages_for(order), {"role": "assistant", "content": answer}]
    return {"messages": messages} if has_template else {"text": "\n".join(m["content"] for m in messages)}


def write_chats(rows: Path, output: Path, most: int, *, has_template: bool) -> tuple[int, int]:
    """Writes the phrases of a file of rows, `most` at most; how many there are, and how many rows gave none."""
    count = barren = 0
    with rows.open(encoding="utf-8") as source, output.open("w", encoding="utf-8") as target:
        for line in source:
            try:
                found = list(phrases_in(json.loads(line)["text"]))
            except (ValueError, KeyError, TypeError, AttributeError, IndexError):
                found = []
            barren += not found
            for order, notes in found[: most - count]:
                target.write(json.dumps(chat_row(order, notes, has_template=has_template)) + "\n")
                count += 1
    return count, barren
