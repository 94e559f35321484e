"""Arranges a piano piece for the band: its melody stays, the genre enriches its chords, the band plays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from daemon.midi_file import MidiFileError
from daemon.song.colour import Change, Colourist
from daemon.song.continuation import Before, parse_before
from daemon.song.form import plan_form
from daemon.song.genre import Genre
from daemon.song.harmony import Harmony, joined, palette_of
from daemon.song.melody import Melody
from daemon.song.request import HIGHEST_TEMPO, LOWEST_TEMPO, MAX_BARS
from daemon.song.score import SongNote
from realtime.core.chance import Chance
from realtime.core.chord import Chord
from realtime.core.key_finder import Key
from realtime.core.meter import Meter
from realtime.core.solo.chord_scale import chord_scale

LOWEST_MELODY: Final = 57
"""A piano's notes from A3 up may be its melody, where they are the highest that sound."""

MOST_APART: Final = 12
"""Semitones: a highest note so far below the last one of the melody belongs to the chords."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is arranged: its melody, and the chord it has on each beat."""

    melody: Melody
    beats: tuple[Chord, ...]
    bars: int
    key: Key
    tempo: float
    meter: Meter


def read_source(data: bytes) -> Source:
    """The piece in the bytes of a MIDI file.

    Raises:
        MidiFileError: it is none, has no chords, is too long, or in a meter that we do not play.
    """
    before = parse_before(data)
    if before.bars > MAX_BARS:
        raise MidiFileError(f"has {before.bars} bars; at most {MAX_BARS} are arranged")
    meter = Meter(*map(int, before.meter.split("/")))
    home = Chord(before.key.tonic, "m" if before.key.minor else "", before.key.tonic)
    first = next((chord for chord in before.beats if chord is not None), home)
    beats: list[Chord] = []
    for beat in range(before.bars * meter.beats_per_bar):
        heard = before.beats[beat] if beat < len(before.beats) else None
        beats.append(heard or (beats[-1] if beats else first))
    notes = tuple(_melody_of(before))
    return Source(Melody(notes, (0,)), tuple(beats), before.bars, before.key, before.tempo, meter)


def arranged_as(source: Source) -> dict[str, object]:
    """The fields of a request that the piece itself decides."""
    tempo = min(HIGHEST_TEMPO, max(LOWEST_TEMPO, source.tempo))
    return {"key": source.key.name, "tempo": tempo, "meter": str(source.meter), "bars": source.bars}


def _melody_of(before: Before) -> list[SongNote]:
    """The notes of a track called melody, or else the highest that are struck, one at a time."""
    named = [note for note in before.notes if note.part == "solo"]
    if named:
        return _one_voice(named)
    tops: dict[int, SongNote] = {}
    for note in before.notes:
        if note.part in ("player", "keys") and note.pitch >= LOWEST_MELODY:
            grid = round(note.start / 60)
            if grid not in tops or note.pitch > tops[grid].pitch:
                tops[grid] = note
    line: list[SongNote] = []
    for _, note in sorted(tops.items()):
        covered = line and line[-1].end > note.start + 60 and line[-1].pitch > note.pitch
        if covered or (line and line[-1].pitch - note.pitch > MOST_APART):
            continue
        line.append(replace(note, part="solo"))
    return _one_voice(line)


def _one_voice(notes: Sequence[SongNote]) -> list[SongNote]:
    """Each note ended where the next begins."""
    ordered = sorted(notes, key=lambda note: (note.start, -note.pitch))
    line: list[SongNote] = []
    for note in ordered:
        if line and note.start - line[-1].start < 60:
            continue
        if line:
            line[-1] = replace(line[-1], end=min(line[-1].end, note.start))
        line.append(note)
    return line


def reharmonised(source: Source, genre: Genre, complexity: int, seed: int, form: str) -> Harmony:
    """The chords as heard, shaded as the genre does, with what leads from one to the next where the melody allows."""
    per_bar = source.meter.beats_per_bar
    tonic = source.key.tonic
    plain = joined([Change(beat, 1, chord.transposed(-tonic)) for beat, chord in enumerate(source.beats)])
    colourist = Colourist(palette_of(genre, source.key, complexity), Chance(seed), "A")
    changes: list[Change] = []
    for place, change in enumerate(plain):
        after = plain[place + 1] if place + 1 < len(plain) else None
        split = colourist.between(change, after, change.beat) if 0 < place < len(plain) - 2 else [change]
        coloured = [colourist.shaded(part, part.beat) for part in split]
        whole = [replace(part, chord=part.chord.transposed(tonic)) for part in coloured]
        kept = [replace(change, chord=change.chord.transposed(tonic))]
        changes += whole if all(_agrees(part, source) for part in whole) else kept
    return Harmony(source.key, per_bar, source.bars, tuple(joined(changes)), plan_form(form, source.bars))


def _agrees(change: Change, source: Source) -> bool:
    """Whether what the melody sounds on the beats of a chord is of its scale, and nothing it should avoid."""
    beat_ticks = source.meter.beat_ticks
    scale = chord_scale(change.chord, source.key)
    start, end = change.beat * beat_ticks, (change.beat + change.beats) * beat_ticks
    heard = [n.pitch % 12 for n in source.melody.notes if start <= n.start < end and n.start % beat_ticks < 60]
    return all(pitch in scale.scale and pitch not in scale.avoided for pitch in heard)
