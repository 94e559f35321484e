"""A player made of nothing but chords, to practise with: any style, any meter, whatever is asked of the band."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from realtime.core.chord import parse_chord
from realtime.core.events import (
    ActionRequested,
    Input,
    MidiReceived,
    NoteOff,
    NoteOn,
    Output,
    ParameterSet,
    Part,
    Stamped,
    Value,
)
from realtime.core.offline import play
from realtime.core.performer import Performer
from realtime.core.style import Style
from realtime.core.timeline import Timeline, micros_per_quarter
from realtime.core.units import Micros, Ticks
from realtime.core.weights import Weights

PORT: Final = "player"
BASS_FROM: Final = 36
CHORD_FROM: Final = 55
"""Where the hands are: a bass in the left, the chord about middle C in the right."""

LIFT: Final = 0.06
"""How long before the next chord the keys rise, in beats."""

LOOPS: Final = (
    ("C", "Am", "F", "G"), ("Dm7", "G7", "Cmaj7", "A7"), ("Am", "F", "C", "G"), ("Bb", "Gm", "Eb", "F"),
    ("Em7", "A7", "Dmaj7", "Bm7"), ("Fm", "Db", "Ab", "Eb"),
)  # fmt: skip
"""Rounds that bands play, a chord a bar."""


@dataclass(frozen=True, slots=True)
class Sounded:
    """A note of the band's: when it began and ended, µs."""

    part: Part
    pitch: int
    velocity: int
    start: int
    end: int


@dataclass(slots=True)
class Practice:
    """A script in the making; places are in beats from the start of the music."""

    style: Style
    script: list[Stamped[Input]] = field(default_factory=list)

    @property
    def beats_per_bar(self) -> int:
        """Beats a bar."""
        return self.style.meter.beats_per_bar

    def at(self, beat: float) -> Micros:
        """When a place comes."""
        line = Timeline(micros_per_quarter=micros_per_quarter(self.style.default_tempo_bpm))
        return line.micros_at(Ticks(round(beat * self.style.meter.beat_ticks)))

    def start(self) -> None:
        """The tempo and the meter are set, and the music starts."""
        meter = self.style.meter
        self.script += [
            Stamped(Micros(0), ParameterSet("transport/tempo", self.style.default_tempo_bpm)),
            Stamped(Micros(0), ActionRequested("transport/meter", (meter.numerator, meter.denominator))),
            Stamped(Micros(0), ActionRequested("transport/start")),
        ]

    def chord(self, beat: float, symbol: str, beats: float, velocity: int = 80) -> None:
        """A chord struck at `beat` and held until just before `beats` later."""
        chord = parse_chord(symbol)
        if chord is None:
            return
        pitches = [BASS_FROM + chord.bass, *(CHORD_FROM + (pc - CHORD_FROM) % 12 for pc in chord.pitch_classes)]
        for pitch in pitches:
            self.note(beat, pitch, beats - LIFT, velocity)

    def note(self, beat: float, pitch: int, beats: float, velocity: int = 80) -> None:
        """A key struck at `beat` and held for `beats`."""
        self._message(self.at(beat), bytes([0x90, pitch, velocity]))
        self._message(self.at(beat + beats), bytes([0x80, pitch, 0]))

    def comp(self, symbols: Iterable[str], first_bar: int = 0, velocity: int = 80) -> None:
        """A chord a bar."""
        for bar, symbol in enumerate(symbols, start=first_bar):
            self.chord(bar * self.beats_per_bar, symbol, self.beats_per_bar, velocity)

    def ask(self, beat: float, event: Input) -> None:
        """A knob turned or a button pressed."""
        self.script.append(Stamped(self.at(beat), event))

    def _message(self, at: Micros, data: bytes) -> None:
        self.script.append(Stamped(at, MidiReceived(PORT, data)))

    def played(
        self, beats: float, weights: Weights | None = None, parameters: Mapping[str, Value] | None = None, seed: int = 0
    ) -> list[Stamped[Output]]:
        """All that a band of this style does in so many beats."""
        values: dict[str, Value] = {"style": self.style.name, **(parameters or {})}
        heart = Performer({self.style.name: self.style}, seed=seed, parameters=values, weights=weights)
        script = sorted(self.script, key=lambda stamped: stamped.at)
        return list(play(heart, script, self.at(beats)))


def sounded(outputs: Iterable[Stamped[Output]]) -> list[Sounded]:
    """The band's notes, in the order of their beginnings."""
    notes: list[Sounded] = []
    began: dict[tuple[Part, int, int], tuple[int, int]] = {}
    for stamped in sorted(outputs, key=lambda one: one.at):
        match stamped.event:
            case NoteOn(part, channel, pitch, velocity) if part != "player":
                began[part, channel, pitch] = stamped.at, velocity
            case NoteOff(part, channel, pitch) if (part, channel, pitch) in began:
                start, velocity = began.pop((part, channel, pitch))
                notes.append(Sounded(part, pitch, velocity, start, stamped.at))
            case _:
                pass
    return sorted(notes, key=lambda note: (note.start, note.part, note.pitch))
