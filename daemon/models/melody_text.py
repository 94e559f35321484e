"""A melody as a language model is asked for it and writes it: compact JSON, checked, mended, or refused.

The model is asked for `{"notes": [[pitch, start, length], ...]}` with times in sixteenths from the phrase's start.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from realtime.core.chord import Chord, name_of
from realtime.core.key_finder import Key

SIXTEENTHS_A_BEAT: Final = 4
MOST_NOTES: Final = 512
LEAST_GOOD: Final = 0.5
"""A melody of which less than this share can be used is refused."""
MOST_CHARACTERS: Final = 100_000


class BadMelody(ValueError):
    """An answer that is no melody; the text says what was seen."""


@dataclass(frozen=True, slots=True)
class MelodyNote:
    """One note: a MIDI pitch; start and length in sixteenths."""

    pitch: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class MelodyOrder:
    """What is wanted: chords a bar, the key, the range (lowest and highest pitch) and how it should be."""

    bars: tuple[tuple[Chord | None, ...], ...]
    """The chords of each bar, which share it evenly."""
    key: Key
    beats_per_bar: int = 4
    low: int = 60
    high: int = 84
    style: str = "pop"
    tempo_bpm: float = 120.0

    @property
    def length(self) -> int:
        """In sixteenths."""
        return len(self.bars) * self.beats_per_bar * SIXTEENTHS_A_BEAT


def messages_for(order: MelodyOrder) -> list[dict[str, str]]:
    """The chat that asks for the melody."""
    bars = " | ".join(" ".join(name_of(chord, flats=order.key.uses_flats) for chord in bar) for bar in order.bars)
    system = (
        "You write singable melodies. Answer with one JSON object and nothing else: "
        '{"notes": [[pitch, start, length], ...]}. pitch is a MIDI number, start and length count sixteenth notes, '
        "start from 0 at the first bar line. One note at a time, in order of start."
    )
    user = (
        f"A {order.style} melody in {order.key.name} at {order.tempo_bpm:.0f} bpm, {len(order.bars)} bars of "
        f"{order.beats_per_bar} beats ({order.length} sixteenths). Chords: | {bars} |. Pitches {order.low} to "
        f"{order.high}. Chord tones on strong beats, a motif that returns varied, rests between phrases, an ending on "
        "a note of the last chord."
    )
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def read_melody(text: str, order: MelodyOrder) -> list[MelodyNote]:
    """The melody in a model's answer, mended: octaves moved into the range, overlaps cut, what is outside left out.

    Raises:
        BadMelody: there is no JSON with notes in it, or less than half of them can be used.
    """
    if len(text) > MOST_CHARACTERS:
        raise BadMelody(f"an answer of {len(text)} characters; at most {MOST_CHARACTERS} are read")
    raw = _notes_in(text)
    if not raw:
        raise BadMelody(f"no notes in {text!r:.60}")
    if len(raw) > MOST_NOTES:
        raise BadMelody(f"{len(raw)} notes; at most {MOST_NOTES} are read")
    good = [note for note in map(_note, raw) if note is not None and 0 <= note.start < order.length]
    if len(good) < LEAST_GOOD * len(raw):
        raise BadMelody(f"only {len(good)} of {len(raw)} notes can be used")
    return _mended(good, order)


def _notes_in(text: str) -> list[Any]:
    """The list of notes in the first JSON object, or list, that has one; a cut-off end is closed."""
    decoder = json.JSONDecoder()
    for begin in (place for place, sign in enumerate(text) if sign in "{["):
        for candidate in (text[begin:], *_closed(text[begin:])):
            try:
                value, _ = decoder.raw_decode(candidate)
            except (ValueError, RecursionError):
                continue
            notes = value.get("notes") if isinstance(value, dict) else value
            if isinstance(notes, list) and notes and isinstance(notes[0], (list, dict)):
                return notes
        if begin > 2_000:  # a model that begins so late talks about music and writes none
            break
    return []


def _closed(text: str) -> Iterable[str]:
    """An answer that was cut off, ended after its last whole note."""
    last = max(text.rfind("]"), text.rfind("}"))
    if last > 0:
        yield text[: last + 1] + "]}"
        yield text[: last + 1] + "]"


def _note(raw: object) -> MelodyNote | None:
    """A note as a list or an object of three numbers; None where it is none."""
    if isinstance(raw, dict):
        values: Sequence[object] = [
            next((raw[name] for name in names if name in raw), None)
            for names in (("pitch", "p"), ("start", "s"), ("length", "duration", "d", "l"))
        ]
    elif isinstance(raw, list):
        values = raw[:3]
    else:
        return None
    numbers = [round(value) for value in values if isinstance(value, (int, float)) and abs(value) < 1e6]
    if len(numbers) != 3 or not 0 <= numbers[0] <= 127 or numbers[2] < 1:
        return None
    return MelodyNote(*numbers)


def _mended(notes: Iterable[MelodyNote], order: MelodyOrder) -> list[MelodyNote]:
    mended: list[MelodyNote] = []
    for note in sorted(notes, key=lambda each: (each.start, -each.pitch)):
        if mended and mended[-1].start == note.start:
            continue
        if mended and mended[-1].start + mended[-1].length > note.start:
            before = mended[-1]
            mended[-1] = MelodyNote(before.pitch, before.start, note.start - before.start)
        length = min(note.length, order.length - note.start)
        mended.append(MelodyNote(_into_range(note.pitch, order.low, order.high), note.start, length))
    return mended


def _into_range(pitch: int, low: int, high: int) -> int:
    """The nearest octave of a pitch that lies in the range; the range holds every pitch class."""
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch if pitch >= low else min(max(pitch, low), high)
