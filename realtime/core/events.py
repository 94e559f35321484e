"""The vocabulary of the heart: everything that can happen to it, and everything it can ask for.

Rules. Events are frozen, and checked once, when they are made. Inputs are what the world did; outputs what it should
do. Both cross the boundary as `Stamped`, and all that cross are logged: a session log is a list of these.
"""

from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from realtime.core.phrase_events import PhraseGiven, PhraseWanted
from realtime.core.units import PITCH_COUNT, Micros

Part = Literal["player", "drums", "bass", "keys", "pad", "solo"]
"""Who plays a note: the musician (`player`), or one of the band."""

BAND_PARTS: Final[tuple[Part, ...]] = ("drums", "bass", "keys", "pad", "solo")
ALL_PARTS: Final[tuple[Part, ...]] = ("player", *BAND_PARTS)
CHANNEL_OF_PART: Final[dict[Part, int]] = {"player": 0, "bass": 1, "keys": 2, "pad": 3, "solo": 4, "drums": 9}
"""MIDI channels on the wire (0-based); people count them from 1."""

Value = float | int | bool | str
"""What a parameter can hold."""


def _check(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} must be {low}..{high}, but was {value}")


# ------------------------------------------------------------------------------------------------ inputs


@dataclass(frozen=True, slots=True)
class MidiReceived:
    """Bytes that arrived on a MIDI input; any bytes at all, whole messages or not."""

    port: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """Someone turned a knob. `path` and `value` come from `parameters.coerce`, so they are known and in range."""

    path: str
    value: Value
    source: str = ""


@dataclass(frozen=True, slots=True)
class ActionRequested:
    """Someone pressed a button: `transport/start`, `fill`, `plan/veto` …, from `parameters.ACTIONS`."""

    path: str
    arguments: tuple[Value, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class PortChanged:
    """A MIDI port appeared or went away. Notes held on a lost port are let go."""

    port: str
    present: bool


@dataclass(frozen=True, slots=True)
class StyleGiven:
    """A style was written, or written anew, while the band plays: its name, and its content as a JSON object."""

    name: str
    text: str


Input = MidiReceived | ParameterSet | ActionRequested | PortChanged | StyleGiven | PhraseGiven


# ----------------------------------------------------------------------------------------------- outputs


@dataclass(frozen=True, slots=True)
class NoteOn:
    """A note begins. `channel` 0..15, `pitch` 0..127, `velocity` 1..127."""

    part: Part
    channel: int
    pitch: int
    velocity: int

    def __post_init__(self) -> None:
        _check("channel", self.channel, 0, 15)
        _check("pitch", self.pitch, 0, PITCH_COUNT - 1)
        _check("velocity", self.velocity, 1, 127)


@dataclass(frozen=True, slots=True)
class NoteOff:
    """A note ends: the one begun by the `NoteOn` with the same part, channel and pitch."""

    part: Part
    channel: int
    pitch: int

    def __post_init__(self) -> None:
        _check("channel", self.channel, 0, 15)
        _check("pitch", self.pitch, 0, PITCH_COUNT - 1)


@dataclass(frozen=True, slots=True)
class ControlChange:
    """A MIDI controller moves: `controller` and `value` 0..127."""

    part: Part
    channel: int
    controller: int
    value: int

    def __post_init__(self) -> None:
        _check("channel", self.channel, 0, 15)
        _check("controller", self.controller, 0, 127)
        _check("value", self.value, 0, 127)


@dataclass(frozen=True, slots=True)
class PitchBend:
    """The pitch wheel stands at `value`, -8192..8191; 0 is the middle."""

    part: Part
    channel: int
    value: int

    def __post_init__(self) -> None:
        _check("channel", self.channel, 0, 15)
        _check("value", self.value, -8192, 8191)


@dataclass(frozen=True, slots=True)
class Beat:
    """A beat begins. `bar` counts from 1, `beat` from 1 within the bar, `number` from 0 since the start."""

    number: int
    bar: int
    beat: int
    tempo_bpm: float


@dataclass(frozen=True, slots=True)
class ChordHeard:
    """What the player plays on beat `number` (-1: no beat runs), as a chord symbol ("N" for no chord).

    `confidence` in 0..1. Told when it is first heard, when it turns out otherwise, and a little before the beat is
    over at the latest.
    """

    chord: str
    confidence: float
    number: int = -1


@dataclass(frozen=True, slots=True)
class ChordForeseen:
    """What the band expects on beat `number`, `beats_away` from now (0 or more). Committed: it is sure to play it.

    While no beat runs it is the chord after the present one, whenever that comes: `number` is -1.
    """

    chord: str
    probability: float
    beats_away: float
    number: int
    committed: bool


@dataclass(frozen=True, slots=True)
class KeyHeard:
    """The key the music seems to be in, as "Eb major". `confidence` in 0..1."""

    key: str
    confidence: float


@dataclass(frozen=True, slots=True)
class SongHeard:
    """The song or form known by heart that the player seems to be in ("": none), its next bar, how sure, 0..1."""

    song: str
    bar: int
    confidence: float


@dataclass(frozen=True, slots=True)
class SectionHeard:
    """A section of the song has begun, or come back: its letter, its first bar (from 1), how sure that is, 0..1."""

    section: str
    bar: int
    returns: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class TurnTaken:
    """Trading or answering, `part` ("player" or "solo") has the word, for `beats` from the next beat on (0: open)."""

    part: Part
    beats: int


@dataclass(frozen=True, slots=True)
class ParameterChanged:
    """A parameter now holds `value`. Everyone but `source` wants to know."""

    path: str
    value: Value
    source: str = ""


@dataclass(frozen=True, slots=True)
class ClockHeard:
    """How the clock that is followed does: "none", "locking", "locked", or "lost" (the music goes on without it).

    `port` is where it comes from ("player" for the player's own beat); `tempo_bpm` 0 before it is known.
    """

    state: str
    port: str
    tempo_bpm: float
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class TransportChanged:
    """The band stopped, started (`position` ticks into the song), or goes on in another meter (`position` None)."""

    playing: bool
    tempo_bpm: float
    meter: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class ControlBound:
    """A MIDI message (as "cc 21 ch 3", from `port`) turns or presses `target` from now on: see `midi_binding`."""

    target: str
    message: str
    port: str
    mode: str
    value: Value = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ControlForgotten:
    """A MIDI message from `port` is music again, and does nothing to `target`."""

    target: str
    message: str
    port: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something the world sent made no sense; it cost nothing. `reason` says what was seen and what is allowed."""

    reason: str
    source: str = ""


Output = (
    NoteOn
    | NoteOff
    | ControlChange
    | PitchBend
    | Beat
    | ChordHeard
    | ChordForeseen
    | KeyHeard
    | SectionHeard
    | SongHeard
    | TurnTaken
    | ParameterChanged
    | ClockHeard
    | TransportChanged
    | ControlBound
    | ControlForgotten
    | PhraseWanted
    | Rejected
)

E = TypeVar("E", covariant=True)


@dataclass(frozen=True, slots=True)
class Stamped(Generic[E]):
    """An event and when: when it happened (inputs), or when it must sound (outputs)."""

    at: Micros
    event: E
