"""Between the soloist's phrases and the model's: a request in steps and masks, an answer as a phrase."""

from collections.abc import Sequence
from itertools import pairwise

from realtime.core.chord import Chord
from realtime.core.chord_tokens import token_of
from realtime.core.key_finder import Key
from realtime.core.meter import Meter
from realtime.core.phrase_events import PhraseGiven, PhraseWanted
from realtime.core.phrase_words import STEPS, bar_quarters, is_triple, shift_to_c
from realtime.core.solo.chord_scale import chord_scale
from realtime.core.solo.idiom import Idiom, idiom_of
from realtime.core.solo.phrase import HALF_REACH, Phrase, PhraseRequest, SoloNote
from realtime.core.solo.skeleton import Grid, Slot
from realtime.core.units import TICKS_PER_QUARTER, Micros

STEP_TICKS = TICKS_PER_QUARTER // STEPS
_ON_BEAT, _OFF_BEAT, _PEAK = 0.86, 0.76, 0.1
"""How hard notes are struck, as a share, and how much harder the highest."""

Line = Sequence[tuple[int, int, int]]
"""Onset in steps since the song began, duration, pitch."""


def listening(line: Line, chords: Sequence[tuple[int, int]], meter: Meter, key: Key | None, genre: str) -> PhraseWanted:
    """What is heard, for the model to listen along; `chords` are steps and tokens."""
    return PhraseWanted(
        number=0,
        role="answer",
        genre=genre,
        quarters=bar_quarters(meter),
        triple=is_triple(meter),
        shift=shift_to_c(key.tonic, minor=key.minor) if key else 0,
        heard=tuple(number for note in line for number in note),
        chords=_told(chords),
        start=line[-1][0] + 1 if line else 0,
        end=line[-1][0] + 1 if line else 0,
    )


def wanted(
    request: PhraseRequest, heard: PhraseWanted, beat_ticks: int, *, number: int, is_answer: bool, due: Micros
) -> PhraseWanted:
    """What `request` asks, after what was `heard`."""
    beat, idiom, grid = beat_ticks // STEP_TICKS, idiom_of(request.genre), request.grid
    start = request.first_beat * beat
    reach = request.reach or range(idiom.home - HALF_REACH, idiom.home + HALF_REACH + 1)
    coming = [(start + place * beat, token_of(chord)) for place, chord in enumerate(request.chords)]
    before = zip(heard.chords[::2], heard.chords[1::2], strict=True)
    plan = [*(chord for chord in before if chord[0] < start), *coming]
    motif = request.motif
    return PhraseWanted(
        number=number,
        role="answer" if is_answer else "continue",
        genre=heard.genre,
        quarters=heard.quarters,
        triple=heard.triple,
        shift=heard.shift,
        heard=heard.heard,
        chords=_told(plan),
        start=start,
        end=start + request.beats * beat,
        beat=beat,
        unit=beat // grid.steps_per_beat if beat % grid.steps_per_beat == 0 else beat,
        low=max(0, reach.start),
        high=min(127, reach.stop - 1),
        harmony=tuple(_masks(chord, request.key) for chord in request.chords),
        rhythm=motif.rhythm if motif else (),
        steps=motif.steps if motif else (),
        density=min(1.0, max(0.0, request.density + 0.4 * (request.energy - 0.5))),
        prompt=request.prompt,
        seed=int(request.chance.uniform(request.first_beat, number, "wanted") * (1 << 52)),
        due=due,
    )


def _told(chords: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Where a chord is another than the one before, and which."""
    news = [chord for before, chord in pairwise([(0, -1), *chords]) if chord[1] != before[1]]
    return tuple(number for chord in news for number in chord)


def _masks(chord: Chord | None, key: Key | None) -> int:
    """What may sound over a chord, what may on strong places, and what is the chord's, twelve bits each."""
    if chord is None:
        return (1 << 36) - 1
    scale = chord_scale(chord, key)
    kinds = (scale.scale | scale.tones, scale.scale - scale.avoided | scale.tones, scale.tones)
    return sum(1 << pitch_class + 12 * place for place, kind in enumerate(kinds) for pitch_class in kind)


def phrase_of(given: PhraseGiven, asked: Phrase) -> Phrase:
    """The notes given as a phrase in the place of `asked`, swung as the style swings."""
    request, idiom = asked.request, asked.idiom
    grid, notes = request.grid, list(given.threes)
    starts = [_swung(onset, grid) for onset, *_ in notes]
    ends = [*starts[1:], request.beats * grid.beat_ticks]
    top = max((pitch for *_, pitch in notes), default=0)
    slots, found = [], []
    moves = [None, *(after[2] - before[2] for before, after in pairwise(notes))]
    for (_, duration, pitch), start, until, want in zip(notes, starts, ends, moves, strict=False):
        level = (_OFF_BEAT if start % grid.beat_ticks else _ON_BEAT) + _PEAK * (pitch == top)
        end = min(until, start + duration * STEP_TICKS)
        slots.append(Slot(start, end, _height(pitch, request, idiom), 0, level, want, kin=False))
        sounds = max(30, round((end - start) * idiom.legato))
        found.append(SoloNote(start, start + sounds, pitch, level))
    return Phrase(request, idiom, asked.motif, tuple(slots), tuple(found))


def _swung(onset: int, grid: Grid) -> int:
    """The tick of a step: where it is one of the style's places it swings with them."""
    beat, into = divmod(onset, grid.beat_ticks // STEP_TICKS)
    place, off = divmod(into * STEP_TICKS * grid.steps_per_beat, grid.beat_ticks)
    return onset * STEP_TICKS if off else grid.tick(beat, place, grid.steps_per_beat)


def _height(pitch: int, request: PhraseRequest, idiom: Idiom) -> float:
    middle = (request.reach.start + request.reach.stop - 1) / 2 if request.reach else idiom.home
    return max(-1.0, min(1.0, (pitch - middle) / HALF_REACH))
