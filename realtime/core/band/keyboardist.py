"""Keys and pad: chords in the groove's rhythm, each led from the one before."""

from typing import Final

from realtime.core.band.note import BandNote, Moment
from realtime.core.band.voicing import Voicing, lead, leading_tone, tones_for
from realtime.core.chord import Chord, is_same_harmony
from realtime.core.events import Part
from realtime.core.key_finder import Key
from realtime.core.register import NOBODY
from realtime.core.style import HIT_LEVELS, PUSH, PUSH_LEVEL
from realtime.core.units import Ticks

THIN: Final = 0.25
THICK: Final = 0.75
THICKEST: Final = 0.9
"""Densities from which a pad has fewer or more voices than its style gives it."""

LOOKS_AHEAD: Final = 2
"""How many changes to come a voicing is chosen for."""


def play_chords(moment: Moment, part: Part, row: str, before: Voicing) -> tuple[list[BandNote], Voicing]:
    """The notes that `part` plays in one beat of `row`, and the voicing its hand is left on."""
    if moment.chord is None:
        return [], before
    voicing, hand = before, moment.style.hands[part]
    if moment.chord_changes or moment.hedge is not None or not before:
        voicing = _voicing(moment, part, [moment.chord, *moment.changes_to_come(LOOKS_AHEAD)], before)
    notes: list[BandNote] = []
    plays = bool(row.strip(".-"))  # a row of rests is a part that is silent, new chord or not
    for step in range(moment.first_step, moment.first_step + moment.style.steps_per_beat):
        mark = moment.mark(row, step)
        if mark not in HIT_LEVELS and hand.on_change and plays and moment.states_chord(step, mark):
            mark = "o"  # the change is heard even where the row rests or holds
        if mark == PUSH:
            ahead = moment.changes_to_come(1 + LOOKS_AHEAD)
            if ahead and is_same_harmony(ahead[0], moment.chord_after):
                voicing = _voicing(moment, part, ahead, voicing)
            notes += _chord(moment, part, row, step, voicing, PUSH_LEVEL)
        if mark in HIT_LEVELS and _wanted(moment, part, mark, step):
            struck = _weighed(moment, voicing) if part == "pad" else voicing
            notes += _chord(moment, part, row, step, struck, HIT_LEVELS[mark])
    return notes, voicing


def _voicing(moment: Moment, part: Part, chords: list[Chord], before: Voicing) -> Voicing:
    hand = moment.style.hands[part]
    crowd = moment.crowd if part == "keys" else NOBODY
    if moment.hedge is not None and moment.hedge.tones:
        return lead([moment.hedge.tones[:4]], before, hand)
    likes = moment.energy > 0.35 and moment.chance.uniform(moment.bar, moment.beat_in_bar, "colour") < 0.5
    colour = hand.colours and (likes or hand.voicing in ("rootless", "quartal"))
    scale = moment.key.scale if moment.key else tuple(range(12))
    tones = [tones_for(chord, hand, colour=colour, scale=scale, spared=_spared(chord, moment.key)) for chord in chords]
    return lead(tones, before, hand, crowd)


def _spared(chord: Chord, key: Key | None) -> int | None:
    """What the bass has, and nobody doubles: a leading tone."""
    return chord.bass if chord.bass == leading_tone(chord, key) else None


def _weighed(moment: Moment, voicing: Voicing) -> Voicing:
    """A pad's density is how many voices it has: below a quarter no fifth nor root, above three quarters doubled."""
    density = moment.density.get("pad", 0.5)
    chord = moment.chord
    if density < THIN and chord is not None and len(voicing) > 2:
        told = [pitch for pitch in voicing if (pitch - chord.root) % 12 not in (0, 7)]
        return tuple(told) if len(told) > 1 else (voicing[0], voicing[-1])
    if density > THICK and voicing:
        return tuple(sorted({*voicing, voicing[0] + 12, *([voicing[1] + 12] if density > THICKEST else [])}))
    return voicing


def _wanted(moment: Moment, part: Part, mark: str, step: int) -> bool:
    """Hits are left out when the part should be sparse, soft ones first; the chord's first hit never is."""
    density = moment.density.get(part, 0.5)
    if step == moment.first_step and moment.chord_changes:
        return True
    if mark == "X":
        return density >= 0.5 or step == 0 or moment.chance.uniform(moment.bar, step, part) < 2.0 * density
    keep = {"x": 0.75, "o": 0.45, "?": 0.0, "g": 0.2}[mark] + density
    return moment.chance.uniform(moment.bar, step, part) < keep


def _chord(moment: Moment, part: Part, row: str, step: int, voicing: Voicing, level: float) -> list[BandNote]:
    length = moment.steps_held(row, step)
    feel = moment.style.feel_of(part)
    start = moment.tick_of(step)
    lag = moment.harmony_lag(feel, step, part)
    # Fingers do not land together: each note of a chord comes a little after the one below it.
    spread = round(1000 * moment.style.hands[part].strum_ms)
    return [
        BandNote(
            part=part,
            pitch=pitch,
            velocity=moment.loudness(level * (1.0 if index == len(voicing) - 1 else 0.9), feel, step, part, pitch),
            start=start,
            end=Ticks(start + length * moment.step_ticks - moment.step_ticks // 8),
            lag_micros=lag + index * spread,
            passing=moment.is_added,
        )
        for index, pitch in enumerate(voicing)
    ]
