"""The soloist: asks for phrases, plays them a beat at a time, and moves what is left of one when the plan moves.

It commits no further than the beat that is about to begin; until then a phrase is only an intention. A phrase model may
be put in front (`Soloist.first`): where it has no answer ready, the rules have one.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from realtime.core.band.note import BandNote
from realtime.core.chance import Chance
from realtime.core.chord import Chord
from realtime.core.key_finder import Key
from realtime.core.meter import Meter
from realtime.core.register import Crowd
from realtime.core.solo.chord_scale import chord_scale
from realtime.core.solo.idiom import idiom_of
from realtime.core.solo.motif import Motif
from realtime.core.solo.phrase import Phrase, Phraser, PhraseRequest, RulePhraser, refit
from realtime.core.solo.skeleton import Grid
from realtime.core.style import Style
from realtime.core.units import Ticks

REMEMBERED: Final = 8
"""Phrases, for the next not to be one of them."""

PHRASES_A_MOTIF: Final = 3
"""So many phrases develop a motif before there is another."""

FULL_VELOCITY: Final = 104
_SPREAD_MICROS: Final = 3_500


@dataclass(frozen=True, slots=True)
class Scene:
    """What a soloist knows of the band around it."""

    style: Style
    meter: Meter
    key: Key | None
    energy: float
    density: float
    swing: float
    crowd: Crowd
    chance: Chance

    @property
    def grid(self) -> Grid:
        """Beats and swing."""
        return Grid(self.meter.beat_ticks, self.style.steps_per_beat, self.swing)


@dataclass(slots=True)
class Soloist:
    """Owns the phrase that is being played, and remembers the last ones."""

    first: Phraser | None = None
    """Who is asked before the rules are."""
    phrase: Phrase | None = None
    first_beat: int = 0
    _rules: RulePhraser = field(default_factory=RulePhraser)
    _said: deque[Phrase] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _of_motif: int = 0
    _playing: list[BandNote] = field(default_factory=list)
    """What was handed out and may still sound."""

    @property
    def end_beat(self) -> int:
        """The first beat after the phrase; 0 where there is none."""
        return self.first_beat + self.phrase.request.beats if self.phrase else 0

    def begin(
        self, beat: int, chords: Sequence[Chord | None], scene: Scene, motif: Motif | None, reach: range | None = None
    ) -> None:
        """A phrase over `chords`, one a beat, from `beat` on; on `motif`, at once, or on what was played last."""
        prompt = motif is not None
        last = self._said[-1] if self._said else None
        if motif is not None:
            self._of_motif = 0
        elif last is not None and self._of_motif < PHRASES_A_MOTIF:
            motif = last.motif
        else:
            self._of_motif = 0
        self._of_motif += 1
        request = PhraseRequest(
            first_beat=beat,
            beats_per_bar=scene.meter.beats_per_bar,
            chords=_without_gaps(chords),
            key=scene.key,
            genre=scene.style.genre,
            grid=scene.grid,
            density=scene.density,
            energy=scene.energy,
            motif=motif,
            last_pitch=last.notes[-1].pitch if last and last.notes else None,
            crowd=scene.crowd,
            reach=reach,
            prompt=prompt,
            chance=scene.chance,
        )
        said = tuple(self._said)
        offered = self.first.compose(request, said) if self.first is not None else None
        self.phrase = offered or self._rules.compose(request, said)
        self.first_beat = beat
        if self.phrase is not None:
            self._said.append(self.phrase)

    def play(self, beat: int, scene: Scene, since: Ticks | None = None) -> list[BandNote]:
        """The notes of a beat, those from `since` on if that is given."""
        if self.phrase is None or not self.first_beat <= beat < self.end_beat:
            return []
        origin, begin = scene.meter.start_of_beat(self.first_beat), scene.meter.start_of_beat(beat)
        from_tick = begin if since is None else max(begin, since)
        lag = idiom_of(scene.style.genre).lag_ms * 1000
        notes = []
        for note in self.phrase.notes:
            start = origin + note.start
            if from_tick <= start < begin + scene.meter.beat_ticks:
                uneven = scene.chance.bell(start, "solo")
                loud = FULL_VELOCITY * note.level * (0.66 + 0.34 * scene.energy) * (1.0 + 0.04 * uneven)
                late = round(lag + _SPREAD_MICROS * scene.chance.bell(start, "late"))
                end = Ticks(origin + note.end)
                velocity = max(1, min(127, round(loud)))
                notes.append(BandNote("solo", note.pitch, velocity, Ticks(start), end, max(0, late)))
        self._playing = [note for note in self._playing if note.end > begin] + notes
        return notes

    def replan(self, chords: Sequence[Chord | None], now: Ticks, scene: Scene) -> bool:
        """The plan has changed: what has not begun by `now` is found anew; returns whether anything changed."""
        phrase = self.phrase
        if phrase is None or tuple(chords) == phrase.request.chords:
            return False
        origin = scene.meter.start_of_beat(self.first_beat)
        self.phrase = refit(phrase, chords, scene.key, max(0, now - origin))
        self._playing = [note for note in self._playing if note.start < now]
        if self._said and self._said[-1] is phrase:
            self._said[-1] = self.phrase
        return True

    def clashes(self, chord: Chord | None, now: Ticks, scene: Scene) -> bool:
        """Whether what sounds at `now`, and goes on, is foreign to `chord` or rubs against it."""
        if chord is None:
            return False
        scale, margin = chord_scale(chord, scene.key), scene.meter.beat_ticks // 8
        sounding = [note for note in self._playing if note.start <= now < note.end - margin]
        return any(n.pitch % 12 not in scale.scale or n.pitch % 12 in scale.avoided for n in sounding)

    def take_over(self, phrase: Phrase) -> None:
        """Plays `phrase` instead of the one that was begun, in its place."""
        if self._said and self._said[-1] is self.phrase:
            self._said[-1] = phrase
        self.phrase = phrase
        self._playing.clear()

    def stop(self) -> None:
        """Plays no more of the phrase."""
        self.phrase = None
        self._playing.clear()

    def forget(self) -> None:
        """A new start."""
        self.stop()
        self._said.clear()
        self._of_motif = 0


def _without_gaps(chords: Sequence[Chord | None]) -> tuple[Chord | None, ...]:
    """Where nothing is planned the chord before goes on."""
    return tuple(accumulate(chords, lambda before, chord: before if chord is None else chord))
