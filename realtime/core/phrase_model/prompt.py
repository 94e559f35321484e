"""What is wanted as the beginning of a line, in the model's words: the same for the same bars, so that the model need
only hear what is new.
"""

from bisect import bisect_right
from dataclasses import dataclass

from realtime.core.chord_tokens import NO_CHORD_TOKEN
from realtime.core.phrase_events import PhraseWanted
from realtime.core.phrase_words import STEPS, PhraseWriter, prefix

WINDOW_BARS = 4
"""The line begins with one of the last windows but one: it moves seldom, and never as a turn of whole windows ends."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The words up to where the phrase begins, who goes on writing, and the bar that is open."""

    words: list[int]
    writer: PhraseWriter
    bar_start: int


def first_bar(bar: int) -> int:
    """The bar that a line begins with which has come to `bar`."""
    return max(0, (max(0, bar - 1) // WINDOW_BARS - 1) * WINDOW_BARS)


def chord_at(wanted: PhraseWanted, step: int) -> int:
    """The token of the chord at a step."""
    place = bisect_right(wanted.chords[::2], step)
    return wanted.chords[2 * place - 1] if place else NO_CHORD_TOKEN


def prompt_of(wanted: PhraseWanted) -> Prompt:
    """The line so far, up to the bar that `wanted.start` is in and its notes before that."""
    length = wanted.quarters * STEPS
    last = wanted.start // length
    words = prefix(wanted.genre, wanted.quarters, triple=wanted.triple)
    writer = PhraseWriter(wanted.quarters, wanted.shift)
    notes = list(zip(wanted.heard[::3], wanted.heard[1::3], wanted.heard[2::3], strict=True))
    place = 0
    for bar in range(first_bar(last), last + 1):
        words += writer.bar(wanted.quarters, wanted.role if bar == last and wanted.number else "")
        while place < len(notes) and notes[place][0] < min((bar + 1) * length, wanted.start):
            onset, duration, pitch = notes[place]
            place += 1
            if onset >= bar * length:
                words += writer.onset(onset - bar * length, chord_at(wanted, onset))
                words += writer.note(pitch, duration)
    return Prompt(words, writer, last * length)
