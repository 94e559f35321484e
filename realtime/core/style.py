"""A style: how a band of five plays one kind of music, as data a musician can read.

Rows are written a character a step, bars divided by `|` for the eye; spaces are ignored:

    .  rest    -  hold what sounds    g  ghost    o  soft    x  normal    X  accent    ?  perhaps

Bass rows name what to play instead, a degree of the chord: `1 2 3 4 5 6 7 8`, `b` the chord's bass, `a` an approach to
the next chord's bass, `w` the next note of a walking line, and what lies between the degrees by its solfège name,
exact over any chord: `r` (ra) the flat second, `m` (me) the flat third, `f` (fi) the sharp fourth, `l` (le) the flat
sixth, `t` (te) the flat seventh. Capitals do not exist there, and accents fall on the one and the middle of the bar.
Keys and pad rows may also push, `>`: the chord of the next beat, already now.
A row may last several bars; it then repeats every that many bars.

Beside its four grooves a style may write passages, numbered from 1: intros, breaks and endings, with the chords the
band plays there by itself. Their rows count from the passage's first bar, and a held note may go over a bar line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from realtime.core.chord import Chord
from realtime.core.meter import Meter

VARIATIONS: Final = ("A", "B", "C", "D")
HIT_LEVELS: Final[dict[str, float]] = {"g": 0.34, "o": 0.55, "x": 0.78, "X": 1.0, "?": 0.66}
"""How hard each kind of hit is, as a share of the part's full velocity."""

EXACT_STEPS: Final[dict[str, int]] = {"r": 1, "m": 3, "f": 6, "l": 8, "t": 10}
"""Semitones above the root, whatever the chord."""

BASS_STEPS: Final = frozenset("12345678baw") | {*EXACT_STEPS}
PUSH: Final = ">"
PUSH_LEVEL: Final = 0.85
"""A push is a little harder than a normal hit."""

DRUM_VOICES: Final[dict[str, int]] = {
    "kick": 36, "snare": 38, "rim": 37, "clap": 39, "hat": 42, "pedal": 44, "open": 46, "ride": 51, "bell": 53,
    "crash": 49, "tom_low": 45, "tom_mid": 47, "tom_high": 50, "tambourine": 54, "shaker": 70, "cowbell": 56,
    "conga_low": 64, "conga_high": 63, "conga_mute": 62, "claves": 75, "triangle": 81, "brush_tap": 38,
    "brush_swish": 40,
}  # fmt: skip
"""General MIDI percussion keys."""


@dataclass(frozen=True, slots=True)
class Feel:
    """How a voice sits on the grid: `lag_ms` late (early if negative), `spread_ms` uneven, `accent` loud at most."""

    lag_ms: float = 0.0
    spread_ms: float = 4.0
    velocity: int = 100


@dataclass(frozen=True, slots=True)
class Touch:
    """How people play a drum voice: a number for each step of the bar."""

    lag_ms: tuple[float, ...]
    """Late of the grid, negative if early: the mean."""
    spread_ms: tuple[float, ...]
    """The standard deviation of that, without the drift that all voices share."""
    loudness: tuple[float, ...]
    """How loud against the voice's other strokes, about 1."""
    unevenness: tuple[float, ...]
    """The standard deviation of that."""


VOICINGS: Final = ("close", "triad", "shell", "rootless", "quartal", "drop2", "spread")
"""Families of voicings: how the notes of a chord are chosen and laid out (see `band/voicing.py`)."""

KITS: Final = ("standard", "brushes")

PASSAGES: Final = ("intro", "break", "ending")
"""What a style may write beside its grooves."""

MOST_PASSAGES: Final = 9
"""Of each kind, numbered from 1."""

OPTIONS: Final[dict[str, str]] = {
    "approach": "the next chord from a semitone above or below, on the beat before it",
    "passing_diminished": "between two basses a whole tone apart, the diminished chord between them",
    "walk_up": "up to the chord a fourth above, over the second and the third, as in gospel",
    "secondary_dominant": "the next chord's dominant on the beat before it",
    "tritone_substitute": "the dominant seventh a semitone above the next chord on the beat before it",
    "two_five": "the next chord's second and fifth degrees on the two beats before it",
    "turnaround": "at home in a section's last bar: one, six, two, five",
}
"""What a style may allow the band to add to the player's chords, and what it is."""

MOST_COMPLEXITY: Final = 10


@dataclass(frozen=True, slots=True)
class Hand:
    """How a chord-playing part voices: a family, a range of MIDI pitches, how many notes, and how it rolls them."""

    voicing: str
    low: int
    high: int
    notes: int
    strum_ms: float = 0.0
    colours: bool = True
    """Whether ninths and thirteenths may be added to what the player plays."""
    on_change: bool = True
    """Whether a new chord is struck on its beat even where the row rests or holds."""


HANDS: Final[dict[str, Hand]] = {
    "keys": Hand("close", 52, 74, 4, strum_ms=5.0),
    "pad": Hand("close", 51, 72, 3, colours=False),
}
"""For parts of which a style says nothing."""


@dataclass(frozen=True, slots=True)
class Groove:
    """What one variation plays: a row for each drum voice, for the bass, the keys and the pad."""

    drums: Mapping[str, str]
    bass: str
    keys: str
    pad: str


@dataclass(frozen=True, slots=True)
class Fill:
    """A drum fill of a bar; `into` has the variations it leads into, all of them if it is empty."""

    rows: Mapping[str, str]
    into: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """An intro, a break or an ending that a style writes out: what everybody plays for `bars` bars."""

    bars: int
    groove: Groove
    chords: tuple[Chord | None, ...] = ()
    """One a beat, as in C major: what the band plays while the player plays nothing; none if there are none."""
    minor: tuple[Chord | None, ...] = ()
    """The same as in C minor."""
    ritardando: float = 1.0
    """The share of the tempo that it slows down to in its last bar but one; the last bar stays there."""


@dataclass(frozen=True, slots=True)
class Style:
    """A whole style. `steps_per_beat` is the grid of its rows; `swing` 0..1 delays the second half of each pair."""

    name: str
    title: str
    meter: Meter
    steps_per_beat: int
    tempo_bpm: tuple[float, float]
    swing: float
    fill_every_bars: int
    grooves: Mapping[str, Groove]
    fills: tuple[Fill, ...]
    feel: Mapping[str, Feel] = field(default_factory=dict)
    genre: str = "pop"
    kit: str = "standard"
    hands: Mapping[str, Hand] = field(default_factory=lambda: dict(HANDS))
    feel_from: str = ""
    """The family of drummers whose feel it has; what that is, is looked up where styles are read from files."""
    touch: Mapping[str, Touch] = field(default_factory=dict)
    """What was learnt of those drummers, by voice."""
    drift_ms: float = 0.0
    """The standard deviation of the slow wandering that the whole band shares."""
    passages: Mapping[str, Mapping[int, Passage]] = field(default_factory=dict)
    """By kind (`PASSAGES`) and number; kinds that are not written are made by rule (see `band/cue.py`)."""
    options: Mapping[str, int] = field(default_factory=dict)
    """Which of `OPTIONS` the band may use, and from which complexity on, 1..`MOST_COMPLEXITY`."""

    steps_per_bar: int = field(init=False, repr=False, compare=False)
    """Grid steps a bar."""

    def __post_init__(self) -> None:
        """Counts the steps."""
        object.__setattr__(self, "steps_per_bar", self.steps_per_beat * self.meter.beats_per_bar)

    @property
    def default_tempo_bpm(self) -> float:
        """The middle of its tempo range."""
        return sum(self.tempo_bpm) / 2

    def feel_of(self, voice: str) -> Feel:
        """The feel of a drum voice or part."""
        return self.feel.get(voice, Feel())


def step_at(row: str, bar: int, step: int, steps_per_bar: int) -> str:
    """The character of a row at a step of a bar; rows shorter than the song repeat."""
    return row[(bar * steps_per_bar + step) % len(row)] if row else "."
