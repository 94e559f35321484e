"""What the heart asks of the phrase model, and what it is told: the two events between them.

Time is in steps, twelfths of a quarter, as the model's words have it (`realtime.core.phrase_words`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from realtime.core.units import PITCH_COUNT, Micros

MOST_NOTES: Final = 256
LONGEST_STEPS: Final = 1 << 12


@dataclass(frozen=True, slots=True)
class PhraseWanted:
    """A phrase is wanted from step `start` of the song up to `end`, by `due`; `number` 0: nobody waits, just listen.

    Everything that an answer may depend on is in it.
    """

    number: int
    role: str
    """"answer" after the player's phrase, "continue" where the band goes on."""
    genre: str
    quarters: int
    """Of a bar, as the model has bars."""
    triple: bool
    shift: int
    """Semitones to C."""
    heard: tuple[int, ...]
    """The line so far, player's and band's: onset, duration, pitch of each note, in order of onset."""
    chords: tuple[int, ...]
    """Step and token (`chord_tokens`) of each chord, from before the line to the end of the phrase."""
    start: int
    end: int
    beat: int = 12
    """Steps of a beat."""
    unit: int = 6
    """Notes begin on multiples of so many steps."""
    low: int = 0
    high: int = 127
    harmony: tuple[int, ...] = ()
    """For each beat of the phrase which pitch classes may sound (bits 0..11), on strong places (12..23), and which are
    the chord's (24..35)."""
    rhythm: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    """The motif (`realtime.core.solo.motif`)."""
    density: float = 0.5
    prompt: bool = False
    """Whether it must begin at `start`."""
    seed: int = 0
    due: Micros = Micros(0)


@dataclass(frozen=True, slots=True)
class PhraseGiven:
    """The phrase that was wanted as `number`: onset in steps from its start, duration, and pitch of each note."""

    number: int
    notes: tuple[int, ...]
    candidates: int = 1
    """How many it was chosen from."""
    took_micros: int = 0

    def __post_init__(self) -> None:
        """Checks that the notes are notes, in order."""
        if len(self.notes) % 3 or len(self.notes) > 3 * MOST_NOTES:
            raise ValueError(f"notes must be at most {MOST_NOTES} threes, but were {len(self.notes)} numbers")
        before = -1
        for onset, duration, pitch in self.threes:
            if not (before < onset < LONGEST_STEPS and 1 <= duration < LONGEST_STEPS and 0 <= pitch < PITCH_COUNT):
                raise ValueError(f"notes must be in order, with pitches 0..127, but one was {onset, duration, pitch}")
            before = onset

    @property
    def threes(self) -> Iterator[tuple[int, int, int]]:
        """The notes one by one."""
        return zip(self.notes[::3], self.notes[1::3], self.notes[2::3], strict=True)
