"""A MIDI file that a piece goes on from: its notes, its chords, and the key and tempo that it ends in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from daemon.chart_from_midi import find_chart
from daemon.midi_file import MidiFileError, merged, parse_file, read_file
from daemon.song.request import METERS
from daemon.song.score import SongNote
from realtime.core.chord import Chord
from realtime.core.events import Part
from realtime.core.key_finder import Key
from realtime.core.units import DRUM_CHANNEL, MICROS_PER_MINUTE, TICKS_PER_QUARTER

_PART_OF_NAME: Final[dict[str, Part]] = {
    "melody": "solo", "solo": "solo", "keys": "keys", "pad": "pad", "bass": "bass", "drums": "drums",
}  # fmt: skip
_KEYS: Final = tuple(Key(tonic, minor) for minor in (False, True) for tonic in range(12))
HOME_BONUS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Before:
    """What was played before a piece: its notes, bars, the chord of every beat, and its key, tempo and meter."""

    notes: tuple[SongNote, ...]
    bars: int
    beats: tuple[Chord | None, ...]
    key: Key
    tempo: float
    meter: str

    @property
    def changes(self) -> tuple[Chord, ...]:
        """The chords in order, each once."""
        chords = [chord for chord in self.beats if chord is not None]
        return tuple(chord for place, chord in enumerate(chords) if place == 0 or chord != chords[place - 1])


def read_before(path: Path) -> Before:
    """What a MIDI file plays.

    Raises:
        MidiFileError: it cannot be read, has no chords, or its meter is none we play in.
    """
    return read_file(path, parse_before)


def parse_before(data: bytes) -> Before:
    """What the bytes of a MIDI file play.

    Raises:
        MidiFileError: as `read_before`.
    """
    found = find_chart(data)
    if str(found.meter) not in METERS:
        raise MidiFileError(f"is in {found.meter}; pieces are in {', '.join(METERS)}")
    file = parse_file(data)
    scale = TICKS_PER_QUARTER / file.ticks_per_beat
    notes = [note for track in file.tracks for note in _notes(track, scale)]
    end = max((note.end for note in notes), default=0)
    bars = max(found.chart.bars, -(-(end - found.meter.beat_ticks // 4) // found.meter.bar_ticks))
    return Before(
        tuple(notes),
        bars,
        found.chart.beats,
        key_of(found.chart.beats),
        _tempo(file, round(end / scale)),
        str(found.meter),
    )


def _notes(track: Any, scale: float) -> list[SongNote]:  # noqa: ANN401 - mido has no types
    """A track's notes, each by the part of its name or channel."""
    name = str(getattr(track, "name", "")).strip().lower()
    held: dict[tuple[int, int], tuple[int, int]] = {}
    notes: list[SongNote] = []
    tick = 0
    for message in track:
        tick += message.time
        if message.type not in ("note_on", "note_off"):
            continue
        key = (message.channel, message.note)
        begun = held.pop(key, None)
        if begun is not None:
            part = "drums" if message.channel == DRUM_CHANNEL else _PART_OF_NAME.get(name, "player")
            start, end = round(begun[0] * scale), round(tick * scale)
            notes.append(SongNote(part, message.note, begun[1], start, max(end, start + 1)))
        if message.type == "note_on" and message.velocity:
            held[key] = (tick, message.velocity)
    return notes


def _tempo(file: Any, end: int) -> float:  # noqa: ANN401 - mido has no types
    """The tempo that stands longest: endings slow down."""
    changes = [(tick, message.tempo) for tick, message in merged(file.tracks) if message.type == "set_tempo"]
    standing: dict[int, int] = {}
    for (tick, tempo), (until, _) in zip(changes, [*changes[1:], (max(end, 1), 0)], strict=True):
        standing[tempo] = standing.get(tempo, 0) + until - tick
    return round(MICROS_PER_MINUTE / max(1, max(standing, key=lambda t: standing[t], default=500_000)), 3)


def key_of(beats: Sequence[Chord | None]) -> Key:
    """The likeliest key, by how many of the chords' notes it has, and whether it is home at both ends."""
    chords = [chord for chord in beats if chord is not None]

    def fits(key: Key) -> float:
        scale = key.scale
        inside = sum(sum(pitch in scale for pitch in chord.pitch_classes) for chord in chords)
        home = sum(c.root == key.tonic and (c.family == "min") == key.minor for c in (chords[0], chords[-1]))
        return inside / len(chords) + HOME_BONUS * home / 4 + 0.1 * (chords[0].root == key.tonic)

    return max(_KEYS, key=fits)
