"""A piece as it came out: what was asked, what was chosen, the score, and everything that is told of it."""

from dataclasses import dataclass, field
from typing import Any, Final

from daemon.song.band import BandPlay
from daemon.song.continuation import Before
from daemon.song.harmony import Harmony
from daemon.song.melody import Melody
from daemon.song.midi import Labels
from daemon.song.request import SongRequest
from daemon.song.score import Score
from daemon.song.spelling import chord_name
from daemon.song.theory_section import explained
from daemon.song.voicing import VoicedChord
from daemon.theory import Analysis
from realtime.core.chart import Chart, written
from realtime.core.events import Part
from realtime.core.style import Style

STAGES: Final = ("chords", "theory", "melody", "band", "midi", "tokens", "audio")
_NAMES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(slots=True)
class Piece:
    """Grows stage by stage; `seconds` has how long each took, `notes` what was not done as wished."""

    request: SongRequest
    style: Style
    tempo: float
    seed: int
    harmony: Harmony
    voicings: list[VoicedChord]
    analysis: Analysis
    instruments: dict[Part, str]
    before: Before | None = None
    """What it goes on from."""
    melody: Melody | None = None
    band: BandPlay | None = None
    score: Score | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    audio: dict[str, Any] | None = None
    token_count: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def first_bar(self) -> int:
        """The bar, from 0, at which what is new begins."""
        return self.before.bars if self.before is not None else 0

    @property
    def offset_ticks(self) -> int:
        """The tick at which what is new begins."""
        return self.style.meter.start_of_bar(self.first_bar)

    def labels(self) -> Labels:
        """What is written into the MIDI file."""
        meter, offset = self.style.meter, self.offset_ticks
        harmony = self.harmony
        return Labels(
            title=self.title,
            key=harmony.key,
            chords=[(offset + meter.start_of_beat(c.beat), chord_name(c.chord, harmony.key)) for c in harmony.changes],
            sections=[(offset + meter.start_of_bar(s.first_bar), s.name) for s in harmony.sections],
        )

    @property
    def title(self) -> str:
        """As "gospel in C"."""
        return f"{self.request.genre} in {self.harmony.key.name}"

    @property
    def chart(self) -> str:
        """The chart that a band follows: sections and chords, bar by bar."""
        harmony = self.harmony
        sections = tuple((section.first_bar, section.name) for section in harmony.sections)
        return written(Chart(harmony.beats, harmony.beats_per_bar, sections))

    def description(self) -> dict[str, Any]:
        """Everything about the piece but its notes, as JSON has it."""
        melody, score = self.melody, self.score
        harmony, request = self.harmony, self.request
        return {
            "title": self.title,
            "request": {name: getattr(request, name) for name in request.__dataclass_fields__},
            "genre": request.genre,
            "key": harmony.key.name,
            "tempo": self.tempo,
            "meter": str(self.style.meter),
            "bars": harmony.bars,
            "bars_before": self.first_bar,
            "style": self.style.name,
            "seed": self.seed,
            "sections": [
                {"name": section.name, "first_bar": section.first_bar + 1, "bars": section.bars}
                for section in harmony.sections
            ],
            "chords": self.chord_rows(),
            "chart": self.chart,
            "melody": None if melody is None else _melody_row(melody),
            "tracks": [] if score is None else _tracks(score, self.instruments),
            "theory": explained(self.analysis),
            "tokens": self.token_count,
            "audio": self.audio,
            "files": self.files,
            "seconds": self.seconds,
            "notes": self.notes,
        }

    def chord_rows(self) -> list[dict[str, Any]]:
        """A row a change: where it stands, its symbol and numeral, and how it is voiced."""
        per_bar, key = self.harmony.beats_per_bar, self.harmony.key
        return [
            {
                "bar": voiced.change.beat // per_bar + 1,
                "beat": voiced.change.beat % per_bar + 1,
                "beats": voiced.change.beats,
                "symbol": chord_name(voiced.change.chord, key),
                "roman": read.figured,
                "function": read.reading.function,
                "voicing": list(voiced.pitches),
                "names": [pitch_name(pitch) for pitch in voiced.pitches],
            }
            for voiced, read in zip(self.voicings, self.analysis.chords, strict=True)
        ]

    def roll(self) -> list[list[Any]]:
        """The notes for a picture: part, pitch, start and length in beats, velocity."""
        score = self.score
        beat = self.style.meter.beat_ticks
        return [] if score is None else [
            [n.part, n.pitch, round(n.start / beat, 3), round((n.end - n.start) / beat, 3), n.velocity]
            for n in score.notes
        ]  # fmt: skip


def pitch_name(pitch: int) -> str:
    """As "C4" for middle C."""
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"


def _melody_row(melody: Melody) -> dict[str, Any]:
    found = melody.range
    return {
        "notes": len(melody.notes),
        "phrases": len(melody.phrase_beats),
        "range": None if found is None else [pitch_name(found[0]), pitch_name(found[1])],
        "range_semitones": None if found is None else found[1] - found[0],
    }


def _tracks(score: Score, instruments: dict[Part, str]) -> list[dict[str, Any]]:
    return [
        {"part": part, "instrument": instruments.get(part, ""), "notes": sum(note.part == part for note in score.notes)}
        for part in score.parts
    ]
