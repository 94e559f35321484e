"""The melody: phrases of a singable range over the chords, on motifs that come back with their sections.

Phrases are made as the live soloist makes them (`realtime.core.solo`); whoever answers as a `Phraser` may be asked
first. A section that comes back has its melody again, fitted anew where its chords differ; the last note is the tonic.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import fmean
from typing import Final

from daemon.song.form import SectionPlan
from daemon.song.genre import Genre
from daemon.song.harmony import Harmony
from daemon.song.score import SHORTEST_TICKS, SongNote
from realtime.core.chance import Chance
from realtime.core.chord import Chord
from realtime.core.solo.idiom import idiom_of
from realtime.core.solo.motif import Motif
from realtime.core.solo.phrase import Phrase, Phraser, PhraseRequest, RulePhraser, refit
from realtime.core.solo.skeleton import Grid
from realtime.core.style import Style

MOST_BEATS: Final = 8
"""Of a phrase."""

PHRASES_A_MOTIF: Final = 3
RANGES: Final = {"V": range(60, 75), "C": range(64, 79), "B": range(63, 78)}
USUAL_RANGE: Final = range(61, 77)
"""An octave and a third or less, between C4 and F#5, which most voices sing in their octave; choruses lie higher."""

TRIES: Final = 4
"""Phrases found for each that is sung: the one that goes most by step is taken."""

STEP, LEAP = 2, 7
BREATH: Final = 0.5
"""Beats that a phrase leaves to breathe at its end."""

REMEMBERED: Final = 4
LOUDEST: Final = 106


@dataclass(frozen=True, slots=True)
class Melody:
    """The notes, and where each phrase begins, in beats."""

    notes: tuple[SongNote, ...]
    phrase_beats: tuple[int, ...]

    @property
    def range(self) -> tuple[int, int] | None:
        """The lowest and the highest pitch; None where nothing is sung."""
        pitches = [note.pitch for note in self.notes]
        return (min(pitches), max(pitches)) if pitches else None


@dataclass(slots=True)
class Melodist:
    """Composes a melody phrase by phrase; `first` is asked before the rules are."""

    harmony: Harmony
    style: Style
    genre: Genre
    complexity: int
    chance: Chance
    first: Phraser | None = None
    _rules: RulePhraser = field(default_factory=RulePhraser)
    _said: list[Phrase] = field(default_factory=list)
    _made: dict[tuple[str, int, int], Phrase] = field(default_factory=dict)
    _motifs: dict[str, Motif] = field(default_factory=dict)

    def compose(self) -> Melody:
        """The whole melody."""
        notes: list[SongNote] = []
        begins: list[int] = []
        for section in self.harmony.sections:
            for first, beats in self._phrases_of(section):
                phrase = self._phrase(section, first, beats)
                if phrase is not None:
                    self._said = [*self._said, phrase][-REMEMBERED:]
                    begins.append(first)
                    notes += self._placed(phrase, first)
        return Melody(tuple(self._closed(notes)), tuple(begins))

    def _phrases_of(self, section: SectionPlan) -> list[tuple[int, int]]:
        """The first beat and the beats of each phrase; the last bar of the piece belongs to the last note."""
        per_bar = self.harmony.beats_per_bar
        end = (section.first_bar + section.bars - section.is_last) * per_bar
        size = max(1, MOST_BEATS // per_bar) * per_bar
        begin = section.first_bar * per_bar
        return [(start, min(size, end - start)) for start in range(begin, end, size)]

    def _phrase(self, section: SectionPlan, first: int, beats: int) -> Phrase | None:
        place = first - section.first_bar * self.harmony.beats_per_bar
        chords = self.harmony.beats[first : first + beats]
        known = self._made.get((section.letter, place, beats))
        if known is not None:
            return known if known.request.chords == chords else refit(known, chords, self.harmony.key, 0)
        number = place // max(1, beats)
        keeps = number % (PHRASES_A_MOTIF + 1) != PHRASES_A_MOTIF - 1
        motif = self._motifs.get(section.letter) if keeps else None
        phrase = self._asked(self._request(section, first, chords, motif))
        if phrase is not None:
            self._made[section.letter, place, beats] = phrase
            self._motifs.setdefault(section.letter, phrase.motif)
        return phrase

    def _request(self, section: SectionPlan, first: int, chords: Sequence[Chord], motif: Motif | None) -> PhraseRequest:
        last = self._said[-1].notes[-1].pitch if self._said and self._said[-1].notes else None
        meter, lift = self.style.meter, 0.06 * (section.letter == "C")
        return PhraseRequest(
            first_beat=first,
            beats_per_bar=self.harmony.beats_per_bar,
            chords=tuple(chords),
            key=self.harmony.key,
            genre=self.genre.idiom,
            grid=Grid(meter.beat_ticks, self.style.steps_per_beat, self.style.swing),
            density=min(1.0, max(0.0, self.genre.melody_density + 0.035 * (self.complexity - 5) + lift)),
            motif=motif,
            last_pitch=last,
            reach=RANGES.get(section.letter, USUAL_RANGE),
            chance=self.chance,
        )

    def _asked(self, request: PhraseRequest) -> Phrase | None:
        offered = self.first.compose(request, self._said) if self.first is not None else None
        if offered is not None:
            return offered
        seeds = [self.chance.seed + number * 7919 for number in range(TRIES)]
        tries = [self._rules.compose(replace(request, chance=Chance(seed)), self._said) for seed in seeds]
        return min((phrase for phrase in tries if phrase is not None), key=awkwardness, default=None)

    def _placed(self, phrase: Phrase, first: int) -> list[SongNote]:
        origin = self.style.meter.start_of_beat(first)
        lag = round(idiom_of(self.genre.idiom).lag_ms * 1000)
        breath = origin + round((phrase.request.beats - BREATH) * self.style.meter.beat_ticks)
        return [
            SongNote(
                "solo",
                note.pitch,
                max(
                    1,
                    min(
                        127, round(LOUDEST * note.level * (0.88 + 0.04 * self.chance.bell(origin + note.start, "solo")))
                    ),
                ),
                origin + note.start,
                min(origin + note.end, breath),
                lag,
            )
            for note in phrase.notes
            if origin + note.start < breath - SHORTEST_TICKS
        ]

    def _closed(self, notes: Sequence[SongNote]) -> list[SongNote]:
        """The notes with the last one: the tonic, or the chord's nearest, on the last bar's one, held."""
        meter = self.style.meter
        start = meter.start_of_bar(self.harmony.bars - 1)
        kept = [replace(note, end=min(note.end, start)) for note in notes if note.start < start - meter.beat_ticks // 8]
        section = self.harmony.sections[-1]
        reach = RANGES.get(section.letter, USUAL_RANGE)
        before = kept[-1].pitch if kept else (reach.start + reach.stop) // 2
        chord = self.harmony.beats[-1]
        tonic = self.harmony.key.tonic
        goals = [tonic] if tonic in chord.pitch_classes else [chord.root]
        pitch = min((p for p in reach if p % 12 in goals), key=lambda p: (abs(p - before), p))
        end = start + round(meter.bar_ticks * 0.9)
        return [*kept, SongNote("solo", pitch, 92, start, end, kept[-1].lag_micros if kept else 0)]


def awkwardness(phrase: Phrase) -> float:
    """How hard a phrase is to sing: what it moves by more than a step, and far more by leaps."""
    intervals = [abs(after.pitch - note.pitch) for note, after in pairwise(phrase.notes)]
    if not intervals:
        return 1.0
    return phrase.cost / 4 + fmean((moved > STEP) + 2.0 * (moved > LEAP) + 0.05 * moved for moved in intervals)
