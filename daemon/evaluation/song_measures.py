"""What can be counted in a piece that was made: is it valid, at home, in key, singable; how rich, and how it moves."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from statistics import fmean
from typing import Any, Final

from daemon.midi_file import MidiFileError, parse_file
from daemon.song.genre import genre_of
from daemon.song.midi import midi_bytes
from daemon.song.piece import Piece
from daemon.song.spelling import degree_name
from realtime.core.chord import Chord
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN, TOKEN_FAMILIES, token_of
from realtime.core.key_finder import Key
from realtime.core.solo.chord_scale import chord_scale

STEP: Final = 2
LEAP: Final = 7
"""Semitones: what a voice takes in its stride, and from where on it is hard."""

SINGABLE_RANGE: Final = 19
"""Semitones, an octave and a fifth: what popular songs keep within."""

LONGEST_BREATH_SECONDS: Final = 8.0
REST_BEATS: Final = 0.45


@dataclass(frozen=True, slots=True)
class Marks:
    """The measures of one piece."""

    valid: bool
    cadence: bool
    in_key: float
    """The share of the chords' notes, by their length, that are in the key's scale."""
    melody_fits: float
    """The share of the melody's notes that are in the scale of the chord, or blue."""
    changes_per_bar: float
    chord_size: float
    """Notes a chord, by length."""
    distinct: int
    melody_range: int
    steps: float
    leaps: float
    """Of the melody's intervals, the share that are steps or none, and that are more than a fifth."""
    notes_per_bar: float
    breath_seconds: float
    """The longest stretch without a rest."""

    @property
    def singable(self) -> bool:
        """Whether a voice could: its range, and breaths in time."""
        return self.melody_range <= SINGABLE_RANGE and self.breath_seconds <= LONGEST_BREATH_SECONDS


def mark(piece: Piece) -> Marks:
    """The measures of a piece with a melody."""
    harmony = piece.harmony
    lengths = [change.beats for change in harmony.changes]
    total = sum(lengths)
    scale = set(harmony.key.scale) | ({(harmony.key.tonic + 11) % 12} if harmony.key.mode_name == "minor" else set())
    inside = size = 0.0
    for change in harmony.changes:
        pitches = change.chord.pitch_classes
        inside += change.beats * fmean(pitch in scale for pitch in pitches)
        size += change.beats * len(pitches)
    melody = piece.melody
    steps, leaps = moves([note.pitch for note in melody.notes] if melody else [])
    found = melody.range if melody else None
    return Marks(
        valid=is_valid(piece),
        cadence=ends_at_home(piece),
        in_key=inside / total,
        melody_fits=_melody_fits(piece),
        changes_per_bar=len(harmony.changes) / harmony.bars,
        chord_size=size / total,
        distinct=len({change.chord for change in harmony.changes}),
        melody_range=found[1] - found[0] if found else 0,
        steps=steps,
        leaps=leaps,
        notes_per_bar=(len(melody.notes) if melody else 0) / harmony.bars,
        breath_seconds=_breath(piece),
    )


def is_valid(piece: Piece) -> bool:
    """Whether mido, which did not write it, reads every note of the file again, each ended once."""
    assert piece.score is not None
    played = piece.score.played()
    try:
        file = parse_file(midi_bytes(played, piece.labels(), piece.instruments))
    except MidiFileError:
        return False
    held: Counter[tuple[int, int]] = Counter()
    count = 0
    for message in (message for track in file.tracks for message in track):
        if message.type == "note_on" and message.velocity:
            held[message.channel, message.note] += 1
            count += 1
        elif message.type in ("note_on", "note_off"):
            held[message.channel, message.note] -= 1
    return count == len(played.notes) and not any(held.values())


def ends_at_home(piece: Piece) -> bool:
    """Whether the last two chords are a cadence of the genre, and the melody ends on the tonic."""
    key, chords = piece.harmony.key, [change.chord for change in piece.harmony.changes]
    grammar = genre_of(piece.request.genre).grammars[key.mode_name]
    distinct = [chord for chord, after in zip(chords, [*chords[1:], None], strict=True) if _root(chord) != _root(after)]
    ends = [degree_name(chord, key).upper() for chord in distinct[-2:]]
    allowed = [cadence.upper().split() for cadence in grammar.cadences]
    is_cadence = ends in allowed or (len(distinct) == 1 and ["I", "I"] in allowed)
    melody = piece.melody
    return is_cadence and (melody is None or not melody.notes or melody.notes[-1].pitch % 12 == key.tonic)


def _root(chord: Chord | None) -> int | None:
    return None if chord is None else chord.root


def _melody_fits(piece: Piece) -> float:
    if piece.melody is None or not piece.melody.notes:
        return 1.0
    beats, beat_ticks = piece.harmony.beats, piece.style.meter.beat_ticks
    fits = []
    for note in piece.melody.notes:
        first = min(len(beats) - 1, note.start // beat_ticks)
        scales = [chord_scale(beats[beat], piece.harmony.key) for beat in (first, min(len(beats) - 1, first + 1))]
        fits.append(any(note.pitch % 12 in scale.scale | scale.blues for scale in scales))
    return fmean(fits)


def moves(pitches: Sequence[int]) -> tuple[float, float]:
    """Of a line's intervals, the share that are steps or none, and that are more than a fifth."""
    intervals = [abs(after - pitch) for pitch, after in pairwise(pitches)]
    if not intervals:
        return 0.0, 0.0
    return fmean(interval <= STEP for interval in intervals), fmean(interval > LEAP for interval in intervals)


def _breath(piece: Piece) -> float:
    """The longest stretch of singing without a rest, in seconds."""
    notes = piece.melody.notes if piece.melody else ()
    rest = REST_BEATS * piece.style.meter.beat_ticks
    longest = since = 0
    for note, after in pairwise(notes):
        longest = max(longest, note.end - (since or notes[0].start))
        if after.start - note.end > rest:
            since = after.start
    quarters = longest / 960
    return quarters * 60 / piece.tempo


def vocabulary(chords: Sequence[tuple[Chord, float]], key: Key) -> Counter[int]:
    """How long each chord sounds, counted from the tonic: 84 tokens."""
    found: Counter[int] = Counter()
    for chord, length in chords:
        found[token_of(chord.transposed(-key.tonic))] += length  # type: ignore[assignment]
    found.pop(NO_CHORD_TOKEN, None)
    return found


def roots_of(vocabulary_of: Mapping[int, float]) -> Counter[int]:
    """The same without sevenths: the root and whether the third is minor."""
    found: Counter[int] = Counter()
    for token, length in vocabulary_of.items():
        root, family = divmod(token, FAMILY_COUNT)
        found[root * 2 + TOKEN_FAMILIES[family].startswith(("min", "dim"))] += length  # type: ignore[assignment]
    return found


def divergence(one: Mapping[int, float], other: Mapping[int, float]) -> float:
    """The Jensen-Shannon divergence of two counts, in bits: 0 the same, 1 nothing in common."""
    total, others = sum(one.values()) or 1.0, sum(other.values()) or 1.0
    result = 0.0
    for name in {*one, *other}:
        p, q = one.get(name, 0.0) / total, other.get(name, 0.0) / others
        middle = (p + q) / 2
        result += sum(0.5 * share * log2(share / middle) for share in (p, q) if share)
    return result


def likeness(one: Piece, other: Piece) -> float:
    """The share of the beats on which two pieces of one length have the same chord."""
    pairs = list(zip(one.harmony.beats, other.harmony.beats, strict=False))
    return fmean(a == b for a, b in pairs) if pairs else 0.0


def tune_of(piece: Piece) -> tuple[Any, ...]:
    """What makes a piece this one: its chords and its melody."""
    melody = piece.melody.notes if piece.melody else ()
    return piece.harmony.beats, tuple((note.pitch, note.start) for note in melody)
