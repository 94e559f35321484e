"""The critic: what a take costs, by how it fits the plan, closes, keeps to the motif, and how busy it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from realtime.core.phrase_events import PhraseWanted
from realtime.core.phrase_model.sampler import Take
from realtime.core.phrase_words import LineNote
from realtime.core.solo.motif import Motif, kinship

LEAST_NOTES: Final = 3
_EMPTY, _STRONG, _CLOSE, _KIN, _BUSY, _SURPRISE, _WIDE, _ECHO = 8.0, 2.5, 1.2, 1.2, 0.7, 0.4, 1.0, 2.0


@dataclass(frozen=True, slots=True)
class _Struck:
    start: int
    end: int
    pitch: int


def cost(take: Take, wanted: PhraseWanted) -> float:
    """What is wrong with a take; less is better."""
    notes = take.notes
    if len(notes) < LEAST_NOTES:
        return _EMPTY - len(notes)
    strong = [note for note in notes if note.onset % (2 * wanted.beat) == 0]
    foreign = sum(not _fits(note, wanted) for note in strong) / max(1, len(strong))
    beats = (wanted.end - wanted.start) / wanted.beat
    # A note and a half a beat where nothing else is asked for; twice as many where it is to be busy.
    busy = abs(len(notes) / beats - (0.3 + 2.4 * wanted.density))
    struck = [_Struck(note.onset, note.onset + note.duration, note.pitch) for note in notes]
    kin = kinship(Motif(wanted.rhythm, wanted.steps), struck, wanted.beat) if wanted.rhythm else 0.5
    wide = sum(max(0, abs(b.pitch - a.pitch) - 7) for a, b in pairwise(notes)) / len(notes)
    return (
        _STRONG * foreign
        + _CLOSE * (not _fits(notes[-1], wanted))
        + _KIN * (1.0 - kin)
        + _BUSY * busy
        + _SURPRISE * take.surprise
        + _WIDE * wide
        + _ECHO * _is_echo(notes, wanted)
    )


def _fits(note: LineNote, wanted: PhraseWanted) -> bool:
    """Whether a note is the chord's."""
    if not wanted.harmony:
        return True
    masks = wanted.harmony[min(note.onset // wanted.beat, len(wanted.harmony) - 1)]
    return bool(masks >> 24 >> note.pitch % 12 & 1)


def _is_echo(notes: Sequence[LineNote], wanted: PhraseWanted) -> bool:
    """Whether the line just says again what was heard last, note for note."""
    last = wanted.heard[-3 * len(notes) :]
    return tuple(note.pitch for note in notes) == tuple(last[2::3])
