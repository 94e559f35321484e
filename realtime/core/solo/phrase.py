"""A phrase of the soloist: what it is asked for, several tries, and the best of them.

Each try has another development of the motif and another arc; its notes are searched (`line`), and it is graded by how
the notes fit the plan, how much of the motif is heard, and whether it says what was said before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np

from realtime.core.chance import Chance
from realtime.core.chord import Chord, is_same_harmony
from realtime.core.key_finder import Key
from realtime.core.register import NOBODY, Crowd
from realtime.core.solo.chord_scale import ChordScale, chord_scale
from realtime.core.solo.idiom import SHAPES, Idiom, cells_of, idiom_of
from realtime.core.solo.line import Floats, Spot, find_line
from realtime.core.solo.motif import Motif, kinship
from realtime.core.solo.skeleton import Grid, Slot, build, fresh_motif, template_for, with_approaches

TRIES: Final = 2
"""Candidates a phrase: six are a tenth better than two, but each costs most of a millisecond on the beat."""

HALF_REACH: Final = 12
"""How far from its home a soloist goes at most, in semitones."""

_TRILL: Final = 5.0
"""What chance is made to dislike a note by that would go to and fro for the second time."""

_KINSHIP, _AGAIN = 1.2, 3.0
"""What a phrase without its motif costs, and one that was played before."""


@dataclass(frozen=True, slots=True)
class SoloNote:
    """A note of a phrase: ticks from its beginning, MIDI pitch, and how hard it is struck as a share."""

    start: int
    end: int
    pitch: int
    level: float


@dataclass(frozen=True, slots=True)
class PhraseRequest:
    """What is wanted: `beats` from beat `first_beat` on, over `chords` (one a beat; None: nothing is known of it)."""

    first_beat: int
    beats_per_bar: int
    chords: tuple[Chord | None, ...]
    key: Key | None
    genre: str
    grid: Grid
    density: float = 0.5
    energy: float = 0.5
    motif: Motif | None = None
    """What it is to be about: the player's call, or what the soloist played last."""
    last_pitch: int | None = None
    crowd: Crowd = NOBODY
    reach: range | None = None
    """Where it may play; None: round the idiom's home."""
    prompt: bool = False
    """Whether it must begin on its first beat: an answer that is waited for."""
    chance: Chance = field(default_factory=Chance)

    @property
    def beats(self) -> int:
        """How long it is to be, the breath at its end included."""
        return len(self.chords)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as it was found: its notes, the slots they fill, and the motif it develops."""

    request: PhraseRequest
    idiom: Idiom
    """The genre's, as this phrase has it: on the blues scale (`blue` 1) or off it (0)."""
    motif: Motif
    slots: tuple[Slot, ...]
    notes: tuple[SoloNote, ...]
    cost: float = 0.0


class Phraser(Protocol):
    """Who can be asked for a phrase. It answers at once or not at all; None: ask somebody else."""

    def compose(self, request: PhraseRequest, said: Sequence[Phrase]) -> Phrase | None:
        """A phrase over the request's chords; `said` are the last ones, the last one last."""
        ...


class RulePhraser:
    """Finds phrases by rules and search."""

    def compose(self, request: PhraseRequest, said: Sequence[Phrase]) -> Phrase | None:
        """The best of a few; None where no chord is known."""
        if not any(request.chords):
            return None
        tries = [_try(request, said, number) for number in range(TRIES)]
        return min(tries, key=lambda phrase: phrase.cost)


def _try(request: PhraseRequest, said: Sequence[Phrase], number: int) -> Phrase:
    chance, cells = request.chance, cells_of(request.genre, request.grid.steps_per_beat)
    where = request.first_beat

    def pick(*what_for: int | str) -> float:
        return chance.uniform(where, number, *what_for)

    density = min(1.0, max(0.0, request.density + 0.4 * (request.energy - 0.5)))
    motif = request.motif or fresh_motif(cells, density, SHAPES, pick)
    idiom = idiom_of(request.genre)
    idiom = replace(idiom, blue=float(chance.uniform(where, "blue") < idiom.blue))
    slots = build(
        request.beats, template_for(request.beats, idiom.manner, pick), motif, cells, request.grid, density, pick
    )
    if request.prompt and slots:
        slots[0] = replace(slots[0], start=0)
    led = with_approaches(slots, request.grid.beat_ticks, idiom.approach, pick)
    phrase = _filled(Phrase(request, idiom, motif, tuple(led), ()), number)
    kin = kinship(motif, phrase.notes, request.grid.beat_ticks)
    again = any(_is_same(phrase, other) for other in said)
    sparse = max(0.0, 1.0 - len(phrase.notes) / (1.0 + request.beats * 0.5))
    return replace(phrase, cost=phrase.cost + _KINSHIP * (1.0 - kin) + _AGAIN * again + 2.0 * sparse)


def refit(phrase: Phrase, chords: Sequence[Chord | None], key: Key | None, from_tick: int) -> Phrase:
    """The same phrase over other chords: its rhythm and motif stay; what begins before `from_tick` is kept."""
    request = replace(phrase.request, chords=tuple(chords), key=key)
    return _filled(replace(phrase, request=request), 0, from_tick)


def _filled(phrase: Phrase, number: int, from_tick: int = 0) -> Phrase:
    """The phrase with the cheapest notes for its slots from `from_tick` on."""
    request, idiom = phrase.request, phrase.idiom
    kept = tuple(note for note in phrase.notes if note.start < from_tick)
    slots = [slot for slot in phrase.slots if slot.start >= from_tick and chord_at(request, slot.start, slot.end)]
    reach = request.reach or range(idiom.home - HALF_REACH, idiom.home + HALF_REACH + 1)
    spots = _spots(slots, request, reach)
    last = kept[-1].pitch if kept else request.last_pitch
    mood = _mood(request, number, len(spots), len(reach))
    pitches, cost = find_line(spots, reach, idiom, request.crowd, mood, last)
    trills = [place for place in range(3, len(pitches)) if _to_and_fro(pitches[place - 3 : place + 1])]
    if trills:
        mood[trills, [pitches[place] - reach.start for place in trills]] += _TRILL
        pitches, cost = find_line(spots, reach, idiom, request.crowd, mood, last)
    found = [
        SoloNote(slot.start, _end(slot, idiom.legato), pitch, slot.level)
        for slot, pitch in zip(slots, pitches, strict=True)
    ]
    return replace(phrase, notes=(*kept, *found), cost=cost)


def _to_and_fro(pitches: Sequence[int]) -> bool:
    """Whether four notes are two, twice."""
    return tuple(pitches[:2]) == tuple(pitches[2:])


def _end(slot: Slot, legato: float) -> int:
    """Where a note ends: as long as it is written, a little short of the next."""
    return slot.start + max(30, round((slot.end - slot.start) * legato))


def _mood(request: PhraseRequest, number: int, rows: int, columns: int) -> Floats:
    """Chance's own likes: a number for each note and pitch, the same for the same phrase."""
    seed = int(request.chance.uniform(request.first_beat, number, "mood") * (1 << 30)) + 1
    grid = np.arange(1, rows * columns + 1, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(seed * 40503)
    grid ^= grid >> np.uint64(13)
    grid *= np.uint64(0x9E3779B1)
    return np.asarray((grid >> np.uint64(7) & np.uint64(0xFFFF)) / 65536.0, dtype=np.float64).reshape(rows, columns)


def chord_at(request: PhraseRequest, start: int, end: int) -> Chord | None:
    """The chord that a note belongs to: where it is tied over a beat line, that of the beat it pushes to."""
    beat_ticks = request.grid.beat_ticks
    beat, into = divmod(start, beat_ticks)
    pushes = into >= beat_ticks / 2 and end > (beat + 1) * beat_ticks + beat_ticks // 8
    return _on(request, beat + pushes)


def _on(request: PhraseRequest, beat: int) -> Chord | None:
    """The chord of a beat; past the last one known that goes on."""
    return request.chords[min(beat, len(request.chords) - 1)]


def _spots(slots: Sequence[Slot], request: PhraseRequest, reach: range) -> list[Spot]:
    spots: list[Spot] = []
    middle, span = (reach.start + reach.stop - 1) / 2, HALF_REACH * (0.55 + 0.35 * request.energy)
    before: Chord | None = None
    for index, slot in enumerate(slots):
        chord = chord_at(request, slot.start, slot.end)
        if chord is None:
            continue
        into = slot.start % request.grid.beat_ticks
        beat = request.first_beat + slot.start // request.grid.beat_ticks
        arrives = not is_same_harmony(chord, before) and into < request.grid.beat_ticks / 3
        last = index + 1 == len(slots) or slots[index + 1].start - slot.end > request.grid.beat_ticks / 2
        spots.append(
            Spot(
                scale=chord_scale(chord, request.key),
                onward=_onward(request, slot, chord),
                strength=_strength(slot, request, beat, into, arrives=arrives or last),
                arrives=arrives,
                last=last,
                height=middle + span * slot.height + slot.lift,
                want=slot.want,
                approach=slot.approach,
                fresh=index > 0 and slot.start - slots[index - 1].end > request.grid.beat_ticks / 2,
            )
        )
        before = chord
    return spots


def _onward(request: PhraseRequest, slot: Slot, chord: Chord) -> ChordScale | None:
    """The next chord, where the note sounds on well into it."""
    over = _on(request, max(0, slot.end - request.grid.beat_ticks // 3) // request.grid.beat_ticks)
    return None if over is None or over == chord else chord_scale(over, request.key)


def _strength(slot: Slot, request: PhraseRequest, beat: int, into: int, *, arrives: bool) -> int:
    long = slot.end - slot.start >= request.grid.beat_ticks
    if long or (into == 0 and (arrives or (beat % request.beats_per_bar) % 2 == 0)):
        return 2
    return 1 if into == 0 else 0


def _is_same(one: Phrase, other: Phrase) -> bool:
    """Whether two phrases have the same notes at the same places."""
    return [(n.start, n.pitch) for n in one.notes] == [(n.start, n.pitch) for n in other.notes]
