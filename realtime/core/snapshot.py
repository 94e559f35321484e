"""A picture of the heart at one moment: immutable, for OSC, the terminal and the log."""

from dataclasses import dataclass, field

from realtime.core.events import ControlBound, Value


@dataclass(frozen=True, slots=True)
class PlannedBeat:
    """What the band expects on one coming beat."""

    number: int
    chord: str
    probability: float
    committed: bool


@dataclass(frozen=True, slots=True)
class ComingNote:
    """A note the band is going to play, unless it thinks better of it: from `at` until `until`, µs, at this tempo."""

    part: str
    pitch: int
    velocity: int
    at: int
    until: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a person or a controller may want to see. Bars and beats count from 1."""

    playing: bool
    tempo_bpm: float
    meter: str
    bar: int
    beat: int
    beat_number: int
    chord: str
    chord_confidence: float
    key: str
    key_confidence: float
    energy: float
    style: str
    variation: str
    beats_per_bar: int = 4
    """Beats that are counted: 4 in 4/4 and in 12/8."""
    section: str = ""
    """The letter of the section the music is in; empty before the first bar is over."""
    loop_beats: int = 0
    """The period at which the music lately repeats; 0 where none is sure."""
    plan: tuple[PlannedBeat, ...] = ()
    coming: tuple[ComingNote, ...] = ()
    """The notes that are written and wait for their time."""
    sounding: dict[str, int] = field(default_factory=dict)
    """Notes sounding now, by part."""
    parameters: dict[str, Value] = field(default_factory=dict)
    controls: tuple[ControlBound, ...] = ()
    """What is bound to MIDI messages."""
    learning: str = ""
    """What MIDI learn waits to bind; empty for nothing."""
    troubles: tuple[str, ...] = ()
    """What is wrong around the band, for people: a cable, the clock, the log. Filled in by the process that plays."""
    latency: dict[str, float] = field(default_factory=dict)
    """How long inputs waited for the heart (`input_p50_ms`, `input_p99_ms`); MIDI `notes`, of these `late_notes`
    sent more than 5 ms after their time, the latest by `worst_late_ms`. Filled in likewise."""
    counters: dict[str, int] = field(default_factory=dict)
    """Since the start: inputs, rejected, notes_out, commitments, corrections, late."""
