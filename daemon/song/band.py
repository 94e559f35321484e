"""The band plays a piece that it knows: the same players as live, with the melody to keep clear of, and an ending."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from daemon.song.genre import Genre
from daemon.song.harmony import Harmony
from daemon.song.melody import Melody
from daemon.song.score import SongNote
from realtime.core.band.note import BandNote
from realtime.core.bandleader import BandLeader, BeatPlan
from realtime.core.chance import Chance
from realtime.core.events import Part, Value
from realtime.core.parameters import DEFAULTS
from realtime.core.register import Register
from realtime.core.style import VARIATIONS, Style

LOOKAHEAD: Final = 8
HIGHEST_HAND: Final = 69
LOWEST_HAND: Final = 46
"""Pitches: under a melody that is sung from C4 up, hands stay below A4, but not so low that they are mud."""

ENDING_BARS: Final = 2
LEAST_BARS: Final = 4
"""Shorter pieces have no ending of their own."""

_VARIATION: Final = {"V": 0, "C": 2, "B": 2}
ENERGIES: Final = (0.35, 0.5, 0.68, 0.85)
BUSY_FROM, CALM_TO = 8, 2
"""From and to what complexity the band plays its next busier, or quieter, variation."""


@dataclass(frozen=True, slots=True)
class BandPlay:
    """What the band played, and the tempo of each beat as a share of the piece's, where it is another."""

    notes: tuple[SongNote, ...]
    slowing: tuple[tuple[int, float], ...]
    variations: tuple[str, ...]
    """Of each section."""


@dataclass(slots=True)
class Band:
    """A band at work on one piece."""

    harmony: Harmony
    style: Style
    genre: Genre
    complexity: int
    seed: int
    melody: Melody

    def play(self) -> BandPlay:
        """Every bar of the piece."""
        meter, bars = self.style.meter, self.harmony.bars
        leader = BandLeader(_under(self.style) if self.melody.notes else self.style, Chance(self.seed))
        if bars >= LEAST_BARS:
            leader.cues.ask("ending", bars - ENDING_BARS)
        beats: list[tuple[bool, list[BandNote]]] = []
        slowing: list[tuple[int, float]] = []
        for plan, variation in self._plans():
            notes = leader.play(plan, meter, self._parameters(variation))
            beats.append((leader.is_new_harmony(plan), notes))
            bar, beat = divmod(plan.number, meter.beats_per_bar)
            share = leader.cues.tempo_share(bar, beat, meter.beats_per_bar)
            if self.genre.slows and share < 1.0:
                slowing.append((meter.start_of_beat(plan.number), share))
        variations = tuple(VARIATIONS[self._variation(number)] for number in range(len(self.harmony.sections)))
        return BandPlay(tuple(self._heard(beats)), tuple(slowing), variations)

    def _plans(self) -> Iterator[tuple[BeatPlan, str]]:
        """What the band knows of each beat, and the variation it plays."""
        chords, per_bar = self.harmony.beats, self.harmony.beats_per_bar
        register, struck = Register(), self._struck()
        for number, section in enumerate(self.harmony.sections):
            variation = self._variation(number)
            end = (section.first_bar + section.bars) * per_bar
            for beat in range(section.first_bar * per_bar, end):
                for pitch in struck.get(beat, ()):
                    register.strike(pitch)
                plan = BeatPlan(
                    number=beat,
                    chord=chords[beat],
                    chord_before=chords[beat - 1] if beat else None,
                    coming=chords[beat + 1 : beat + 1 + LOOKAHEAD],
                    key=self.harmony.key,
                    energy=ENERGIES[variation],
                    crowd=register.crowd,
                    harmony=True,
                    fill_now=end - beat <= per_bar and section.bars >= LEAST_BARS and not section.is_last,
                )
                yield plan, VARIATIONS[variation]
                register.end_beat()

    def _struck(self) -> dict[int, list[int]]:
        """The melody's pitches by the beat they are struck on."""
        struck: dict[int, list[int]] = {}
        for note in self.melody.notes:
            struck.setdefault(self.style.meter.beat_of(note.start), []).append(note.pitch)  # type: ignore[arg-type]
        return struck

    def _variation(self, number: int) -> int:
        section = self.harmony.sections[number]
        base = _VARIATION.get(section.letter, 1) + (section.returns and section.is_last)
        return max(0, min(3, base + (self.complexity >= BUSY_FROM) - (self.complexity <= CALM_TO)))

    def _parameters(self, variation: str) -> dict[str, Value]:
        density = min(1.0, 0.25 + 0.05 * self.complexity)
        parts = {f"part/{part}/density": density for part in ("drums", "bass", "keys", "pad")}
        return {**DEFAULTS, **parts, "variation": variation, "creativity": 0.0, "complexity": 1}

    def _heard(self, beats: list[tuple[bool, list[BandNote]]]) -> Iterator[SongNote]:
        """The notes, each ended where the harmony moves on."""
        until = self.style.meter.start_of_bar(self.harmony.bars)
        for number in reversed(range(len(beats))):
            moves, notes = beats[number]
            for note in notes:
                if note.part != "drums" or self.genre.drums:
                    end = note.end if note.part == "drums" else min(note.end, until)
                    yield SongNote(note.part, note.pitch, note.velocity, note.start, end, note.lag_micros)
            if moves:
                until = self.style.meter.start_of_beat(number)


def _under(style: Style) -> Style:
    """The style with its hands lower, where they would reach into the melody."""
    hands = {}
    for part, hand in style.hands.items():
        drop = max(0, min(hand.high - HIGHEST_HAND, hand.low - LOWEST_HAND))
        hands[part] = replace(hand, low=hand.low - drop, high=hand.high - drop)
    return replace(style, hands=hands)


def only(play: BandPlay, *, chords: bool) -> BandPlay:
    """The band; without chords only bass and drums play."""
    silent: tuple[Part, ...] = () if chords else ("keys", "pad")
    return replace(play, notes=tuple(note for note in play.notes if note.part not in silent))
