"""How the voices of a progression move: virtues and faults, in voicings that were played or in four plain parts.

The rules are those of part-writing (Aldwell and Schachter; Huron, "Tone and Voice", 2001, who derives them from
hearing): parallel fifths and octaves fuse two voices into one, a leading tone goes up and a seventh down, small steps
and common tones keep a line. Where nobody voiced the chords, the smoothest four parts are laid out and judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import Final

from realtime.core.chord import QUALITIES, Chord
from realtime.core.key_finder import Key

Voicing = tuple[int, ...]
"""MIDI pitches from the lowest up."""

BASS: Final = (36, 55)
UPPER: Final = (53, 77)
_MIDDLE: Final = 65
_KEPT: Final = 24


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` between chords `index` - 1 and `index`: parallel fifths, parallel octaves, unresolved leading tone,
    unresolved seventh or leap."""

    kind: str
    index: int


@dataclass(frozen=True, slots=True)
class VoiceLeading:
    """The voicings judged, and how they move."""

    voicings: tuple[Voicing, ...]
    is_own: bool
    """Whether we laid them out ourselves."""
    mean_motion: float
    """Semitones a voice a change, without the bass."""
    common_tones: float
    """0..1: the share of upper voices that stay."""
    stepwise: float
    """0..1: the share of upper voices that stay or move by at most a whole tone."""
    contrary: float
    """0..1: the share of changes in which the outer voices move in opposite directions."""
    faults: tuple[Fault, ...]


def judge(chords: Sequence[Chord], keys: Sequence[Key], voicings: Sequence[Voicing] | None = None) -> VoiceLeading:
    """How `voicings` of `chords` move; those of `lay_out` where there are none.

    Raises:
        ValueError: there are not as many voicings as chords, or one is empty.
    """
    if voicings is not None and (len(voicings) != len(chords) or not all(voicings)):
        raise ValueError(f"{len(chords)} chords need so many voicings, none empty, but {len(voicings)} were given")
    laid = tuple(tuple(sorted(voicing)) for voicing in voicings) if voicings is not None else lay_out(chords)
    motions = [motion for old, new in pairwise(laid) for motion in _motions(old[1:] or old, new[1:] or new)]
    outer = [(new[0] - old[0], new[-1] - old[-1]) for old, new in pairwise(laid)]
    moving = [(low, high) for low, high in outer if low and high]
    faults = [fault for index in range(1, len(laid)) for fault in _faults(chords, keys, laid, index)]
    return VoiceLeading(
        laid,
        voicings is None,
        sum(map(abs, motions)) / len(motions) if motions else 0.0,
        sum(motion == 0 for motion in motions) / len(motions) if motions else 1.0,
        sum(abs(motion) <= 2 for motion in motions) / len(motions) if motions else 1.0,
        sum(low * high < 0 for low, high in moving) / len(moving) if moving else 0.0,
        tuple(faults),
    )


def lay_out(chords: Sequence[Chord]) -> tuple[Voicing, ...]:
    """Four parts, the bass on the chord's bass, that move least and break the fewest rules (a search with a beam)."""
    paths: list[tuple[float, list[Voicing]]] = [(0.0, [])]
    for index, chord in enumerate(chords):
        reached = []
        for voicing in _candidates(chord):
            cost, path = min(
                ((so_far + _step_cost(chords, index, path, voicing), path) for so_far, path in paths),
                key=lambda each: each[0],
            )
            reached.append((cost + abs(sum(voicing[1:]) / 3 - _MIDDLE) * 0.15, [*path, voicing]))
        paths = sorted(reached, key=lambda each: each[0])[:_KEPT]
    return tuple(paths[0][1])


def _step_cost(chords: Sequence[Chord], index: int, path: Sequence[Voicing], voicing: Voicing) -> float:
    if not path:
        return 0.0
    old = path[-1]
    moves = sum(map(abs, _motions(old[1:], voicing[1:]))) + 0.3 * abs(voicing[0] - old[0])
    return moves + 12.0 * sum(1 for _ in _parallels(old, voicing)) + 6.0 * _falls_short(chords[index - 1], old, voicing)


def _candidates(chord: Chord) -> list[Voicing]:
    """Basses and three upper parts that hold what names the chord: third (or what stands for it), seventh, fifth."""
    intervals = QUALITIES[chord.quality].intervals
    fifth_last = sorted(intervals[1:], key=lambda step: step == 7 and len(intervals) > 4)
    upper = [(chord.root + step) % 12 for step in fifth_last[:3]]
    upper += [chord.root, *upper][: 3 - len(upper)]
    basses = [pitch for pitch in range(BASS[0], BASS[1] + 1) if pitch % 12 == chord.bass]
    places = [[pitch for pitch in range(UPPER[0], UPPER[1] + 1) if pitch % 12 == tone] for tone in upper]
    above = {tuple(sorted(choice)) for choice in product(*places) if max(choice) - min(choice) <= 14}
    return [(bass, *voices) for voices in sorted(above) for bass in basses if bass < voices[0]]


def _motions(old: Voicing, new: Voicing) -> list[int]:
    """How far each voice goes, paired from the highest down."""
    return [after - before for before, after in zip(reversed(old), reversed(new), strict=False)]


def _parallels(old: Voicing, new: Voicing) -> list[int]:
    """The interval, 0 or 7, of each pair of voices that both move and keep a fifth or an octave between them."""
    if len(old) != len(new):
        return []
    found = []
    for low, high in combinations(range(len(old)), 2):
        moved = old[low] != new[low] and old[high] != new[high]
        apart, still = (old[high] - old[low]) % 12, (new[high] - new[low]) % 12
        if moved and apart == still and apart in (0, 7) and (new[low] > old[low]) == (new[high] > old[high]):
            found.append(apart)
    return found


def _falls_short(chord: Chord, old: Voicing, new: Voicing) -> int:
    """How many sevenths of a chord that moves on go elsewhere than to the same note or down by a step."""
    sevenths = [(chord.root + step) % 12 for step in QUALITIES[chord.quality].intervals if step in (10, 11)]
    short = 0
    for pitch in old[1:]:
        if pitch % 12 in sevenths and not any(0 <= pitch - after <= 2 for after in new):
            short += 1
    return short


def _faults(chords: Sequence[Chord], keys: Sequence[Key], laid: Sequence[Voicing], index: int) -> list[Fault]:
    old, new, before, here = laid[index - 1], laid[index], chords[index - 1], chords[index]
    names = {0: "parallel octaves", 7: "parallel fifths"}
    found = [Fault(names[apart], index) for apart in sorted(set(_parallels(old, new)))]
    resolves = (here.root - before.root) % 12 in (5, 1) and before.family in ("dom", "dim")
    if resolves and _falls_short(before, old, new):
        found.append(Fault("unresolved seventh", index))
    leading = (keys[index].tonic - 1) % 12
    home = here.root == keys[index].tonic
    if home and before.family in ("dom", "dim") and old[-1] % 12 == leading and new[-1] - old[-1] != 1:
        found.append(Fault("unresolved leading tone", index))
    if any(abs(motion) > 9 for motion in _motions(old[1:] or old, new[1:] or new)):
        found.append(Fault("leap", index))
    return found
