"""The words of the phrase model: MidiTok REMI without velocities, a chord told with the first note over it.

A line is `BOS_None Style_x Role_melody TimeSig_n/4 [Feel_triple]`, then bars: `Bar_None [TimeSig_n/4] [Role_x]`, then
notes: `Position_p [Chord_r:f] Pitch_m Duration_d`. Time is in twelfths of a quarter (`STEPS`). A chord is written when
it is another than the one told last, between the position of a note and its pitch: so nothing in a line tells what
comes after it, and a chord that passes under a held note is not written. Pitches and roots are written transposed, so
that the key's major tonic (of a minor key: its relative's) is C (`shift_to_c`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN, TOKEN_FAMILIES
from realtime.core.meter import Meter
from realtime.core.units import PITCH_CLASS_NAMES_SHARP

STEPS: Final = 12
"""Steps in a quarter."""

PLACES: Final = (0, 3, 4, 6, 8, 9)
"""Where in a quarter a note may begin: on sixteenths and on triplets."""

EARLY: Final = 1 / 12
"""What begins so much of a quarter before it belongs to it: hands are not machines."""

CLEARLY: Final = 0.8
"""Steps by which triplets must lie better than sixteenths."""

LOWEST_PITCH: Final = 36
HIGHEST_PITCH: Final = 96
LONGEST_BAR: Final = 8
FINE_DURATION: Final = 4 * STEPS
LONGEST_DURATION: Final = 8 * STEPS
COARSE: Final = STEPS // 2
"""Durations are in steps up to `FINE_DURATION`, from there on in halves of a quarter."""

STYLES: Final = ("any", "pop", "jazz", "classical", "gospel", "blues", "rock", "funk", "latin", "folk")
ROLES: Final = ("melody", "answer", "trade", "duet", "harmonise", "continue")
SPECIAL: Final = (
    "PAD_None",
    "BOS_None",
    "EOS_None",
    *(f"Style_{style}" for style in STYLES),
    *(f"Role_{role}" for role in ROLES),
    "Feel_triple",
)


def duration_word(steps: int) -> str:
    """The word of a duration, which must be one of `DURATIONS`."""
    quarters, rest = divmod(steps, STEPS)
    if steps < FINE_DURATION:
        return f"Duration_{quarters}.{rest}.{STEPS}"
    return f"Duration_{quarters}.{rest // COARSE}.2"


def chord_word(token: int) -> str:
    """The word of a chord, as `realtime.core.chord_tokens` counts them, but for no chord."""
    root, family = divmod(token, FAMILY_COUNT)
    return f"Chord_{PITCH_CLASS_NAMES_SHARP[root]}:{TOKEN_FAMILIES[family]}"


DURATIONS: Final = (*range(1, FINE_DURATION), *range(FINE_DURATION, LONGEST_DURATION + 1, COARSE))
WORDS: Final = (
    *SPECIAL,
    "Bar_None",
    *(f"Pitch_{pitch}" for pitch in range(LOWEST_PITCH, HIGHEST_PITCH + 1)),
    *(duration_word(steps) for steps in DURATIONS),
    *(f"Position_{place}" for place in range(LONGEST_BAR * STEPS)),
    *(chord_word(root * FAMILY_COUNT + family) for family in range(FAMILY_COUNT) for root in range(12)),
    *(f"TimeSig_{quarters}/4" for quarters in range(2, LONGEST_BAR + 1)),
)
ID_OF: Final = {word: number for number, word in enumerate(WORDS)}
PAD, BOS, EOS, BAR = (ID_OF[word] for word in ("PAD_None", "BOS_None", "EOS_None", "Bar_None"))
FIRST_PITCH: Final = ID_OF[f"Pitch_{LOWEST_PITCH}"]
FIRST_DURATION: Final = ID_OF[duration_word(1)]
FIRST_POSITION: Final = ID_OF["Position_0"]
FIRST_CHORD: Final = ID_OF[chord_word(0)]
FIRST_METER: Final = ID_OF["TimeSig_2/4"]
PITCH_IDS: Final = range(FIRST_PITCH, FIRST_DURATION)
DURATION_IDS: Final = range(FIRST_DURATION, FIRST_POSITION)
POSITION_IDS: Final = range(FIRST_POSITION, FIRST_CHORD)
CHORD_IDS: Final = range(FIRST_CHORD, FIRST_METER)
_DURATION_ID: Final = {steps: FIRST_DURATION + number for number, steps in enumerate(DURATIONS)}


@dataclass(frozen=True, slots=True, order=True)
class LineNote:
    """A note of a line: `onset` and `duration` in steps."""

    onset: int
    pitch: int
    duration: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: where it starts, in steps, and how many quarters it has, 2..8."""

    start: int
    quarters: int


def bar_quarters(meter: Meter) -> int:
    """In bars of how many quarters, 2..8, a meter is written: two short bars as one, a long one as several."""
    eighths = 8 * meter.numerator // meter.denominator
    if eighths % 2 == 0:
        quarters = eighths // 2
        parts = (quarters // part for part in (1, 2, 3, 4) if quarters % part == 0)
        return 2 if quarters < 2 else next((whole for whole in parts if whole <= LONGEST_BAR), 4)
    if eighths % 3 == 0:
        return 3
    return eighths if 2 <= eighths <= LONGEST_BAR else 4


def is_triple(meter: Meter) -> bool:
    """Whether its beats have three parts, as in 6/8."""
    return meter.denominator >= 8 and meter.numerator % 3 == 0


def onset_steps(quarters: float) -> int:
    """The nearest place on the grid."""
    whole, part = divmod(quarters * STEPS, STEPS)
    place = min((*PLACES, STEPS), key=lambda candidate: (abs(candidate - part), candidate % 3))
    return int(whole) * STEPS + place


def steps_of_beats(onsets: Sequence[float]) -> list[int]:
    """The places of what was played by hand, in quarters: each quarter's onsets on sixteenths, or all on triplets.

    On triplets only where they lie clearly better, so that a late sixteenth is one still.
    """
    by_beat: dict[int, list[float]] = {}
    for onset in onsets:
        by_beat.setdefault(int(onset + EARLY), []).append(onset * STEPS)
    triple = {}
    for beat, places in by_beat.items():
        off = [sum(abs(place / unit - round(place / unit)) * unit for place in places) for unit in (3, 4)]
        triple[beat] = off[1] + CLEARLY < off[0]
    units = [4 if triple[int(onset + EARLY)] else 3 for onset in onsets]
    return [round(onset * STEPS / unit) * unit for onset, unit in zip(onsets, units, strict=True)]


def duration_steps(quarters: float) -> int:
    """The nearest duration: in sixteenths or triplet eighths up to four quarters, in eighths up to eight."""
    steps = max(quarters * STEPS, 1.0)
    if steps < FINE_DURATION:
        near = {max(1, round(steps / unit)) * unit for unit in (3, 4)}
        return min(near, key=lambda candidate: (abs(candidate - steps), candidate % 3))
    return min(LONGEST_DURATION, round(steps / COARSE) * COARSE)


def shift_to_c(tonic: int, *, minor: bool) -> int:
    """How many semitones, -6..5, bring the key's major tonic to C."""
    return (-(tonic + 3 * minor) + 6) % 12 - 6


def pitch_id(pitch: int) -> int:
    """The number of a pitch; one too high or low is folded into the range."""
    while pitch < LOWEST_PITCH:
        pitch += 12
    while pitch > HIGHEST_PITCH:
        pitch -= 12
    return FIRST_PITCH + pitch - LOWEST_PITCH


def chord_id(token: int, shift: int = 0) -> int:
    """The number of a chord's word, moved `shift` semitones."""
    root, family = divmod(token, FAMILY_COUNT)
    return FIRST_CHORD + family * 12 + (root + shift) % 12


def duration_id(steps: int) -> int:
    """The number of a duration's word; one of `DURATIONS`."""
    return _DURATION_ID[steps]


def meter_id(quarters: int) -> int:
    """The number of a bar's word, 2..8 quarters."""
    return FIRST_METER + quarters - 2


def style_id(style: str) -> int:
    """The number of a style's word; of `any` where the style has none."""
    return ID_OF.get(f"Style_{style}", ID_OF["Style_any"])


def prefix(style: str, quarters: int, *, triple: bool, role: str = "melody") -> list[int]:
    """What a line begins with."""
    feel = [ID_OF["Feel_triple"]] if triple else []
    return [BOS, style_id(style), ID_OF[f"Role_{role}"], meter_id(quarters), *feel]


@dataclass(slots=True)
class PhraseWriter:
    """Writes a line note by note, as numbers of words; what it has written does not change any more."""

    quarters: int
    """Of the bars so far; 0 before the first, if the prefix has not said."""
    shift: int = 0
    chord: int = NO_CHORD_TOKEN
    """The chord told last."""
    bars: int = field(default=0)

    def bar(self, quarters: int, role: str = "") -> list[int]:
        """A bar begins; with a `role` the line's part changes hands there."""
        self.bars += 1
        meter = [meter_id(quarters)] if quarters != self.quarters else []
        self.quarters = quarters
        return [BAR, *meter, *([ID_OF[f"Role_{role}"]] if role else [])]

    def onset(self, position: int, chord: int) -> list[int]:
        """A note begins `position` steps into the bar, over a chord."""
        told = chord not in (self.chord, NO_CHORD_TOKEN)
        if told:
            self.chord = chord
        return [FIRST_POSITION + position, *([chord_id(chord, self.shift)] if told else [])]

    def note(self, pitch: int, duration: int) -> list[int]:
        """The note itself."""
        return [pitch_id(pitch + self.shift), duration_id(duration)]


def transposed(number: int, shift: int) -> int:
    """The number of the same word `shift` semitones higher: pitches and chords move, the rest stays."""
    if number in PITCH_IDS:
        return pitch_id(number - FIRST_PITCH + LOWEST_PITCH + shift)
    if number in CHORD_IDS:
        family, root = divmod(number - FIRST_CHORD, 12)
        return FIRST_CHORD + family * 12 + (root + shift) % 12
    return number


def read_notes(numbers: list[int]) -> Iterator[LineNote]:
    """The notes that a line tells, from its first bar on; what is out of order is passed over."""
    start, length, position, pitch = 0, 0, -1, -1
    quarters, seen = 4, False
    for number in numbers:
        if number >= FIRST_METER:
            quarters = number - FIRST_METER + 2
            length = quarters * STEPS if seen else 0
        elif number == BAR:
            start, length, seen, position = start + length, quarters * STEPS, True, -1
        elif number in POSITION_IDS:
            position, pitch = number - FIRST_POSITION, -1
        elif number in PITCH_IDS and position >= 0:
            pitch = number - FIRST_PITCH + LOWEST_PITCH
        elif number in DURATION_IDS and pitch >= 0:
            yield LineNote(start + position, pitch, DURATIONS[number - FIRST_DURATION])
            pitch = -1
