"""Plays chord charts the way hands do: blocks, arpeggios, shells, rootless voicings, stride, power, pedal points."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from daemon.training.recogniser_data import Note, Piece, with_notes

INTERVALS: Final = {
    "maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10),
    "hdim7": (0, 3, 6, 10), "dim7": (0, 3, 6, 9), "dim": (0, 3, 6), "aug": (0, 4, 8), "sus4": (0, 5, 7),
    "sus2": (0, 2, 7), "7sus4": (0, 5, 7, 10), "9sus4": (0, 2, 5, 7, 10), "maj6": (0, 4, 7, 9), "min6": (0, 3, 7, 9),
    "add9": (0, 2, 4, 7), "minadd9": (0, 2, 3, 7), "9": (0, 2, 4, 7, 10), "maj9": (0, 2, 4, 7, 11),
    "min9": (0, 2, 3, 7, 10), "7b9": (0, 1, 4, 7, 10), "7#9": (0, 3, 4, 7, 10), "7#5": (0, 4, 8, 10),
    "13": (0, 4, 7, 9, 10), "minmaj7": (0, 3, 7, 11), "5": (0, 7), "7b5": (0, 4, 6, 10), "maj69": (0, 2, 4, 7, 9),
    "11": (0, 2, 5, 7, 10),
}  # fmt: skip

STYLES: Final = ("block", "arpeggio", "shell", "rootless", "stride", "oneHand", "spread", "alberti", "power")

Random = np.random.Generator


def _close(root: int, steps: tuple[int, ...], middle: int, turn: int) -> list[int]:
    """The chord's notes close together round `middle`, in the inversion `turn`."""
    keys = sorted((root + step) % 12 for step in steps)
    keys = keys[turn % len(keys) :] + [key + 12 for key in keys[: turn % len(keys)]]
    shift = 12 * round((middle - sum(keys) / len(keys)) / 12)
    return sorted(key + shift for key in keys)


def _shell(steps: tuple[int, ...]) -> tuple[int, ...]:
    """Root, third (or what stands for it) and seventh or sixth; of a triad, root and third."""
    third = next((step for step in steps if step in (3, 4)), steps[1])
    top = next((step for step in reversed(steps) if step in (9, 10, 11)), None)
    return (0, third) if top is None else (0, third, top)


def _rootless(steps: tuple[int, ...]) -> tuple[int, ...]:
    """Third, fifth, seventh and ninth, as over another's bass; a triad keeps its root."""
    if len(steps) < 4:
        return steps
    ninth = () if any(step in (1, 2, 3) and steps.index(step) == 1 and len(steps) > 4 for step in steps) else (2,)
    return tuple(step for step in steps if step != 0) + ninth


def _keys(root: int, bass: int, steps: tuple[int, ...], style: str, rng: Random) -> tuple[list[int], list[int]]:
    """The left and the right hand's keys."""
    low = 36 + bass if rng.random() < 0.7 else 48 + bass
    turn, middle = int(rng.integers(4)), int(rng.integers(55, 70))
    if style == "shell":
        shell = _close(root, _shell(steps)[1:], 56, turn)
        return [low], shell
    if style == "rootless":
        return [], _close(root, _rootless(steps), int(rng.integers(54, 64)), turn)
    if style == "oneHand":
        return [], _close(root, steps, middle, turn if bass == root else 0)
    if style == "power":
        return [low], [low + (root - bass) % 12 + step for step in (7 if 7 in steps else steps[-1], 12)]
    if style == "spread":
        fifth = root + (7 if 7 in steps else steps[-1])
        return [low, low + (fifth - bass) % 12], [key + 12 for key in _close(root, steps[1:], 60, turn)]
    return ([low, low + 12] if rng.random() < 0.3 else [low]), _close(root, steps, middle, turn)


def _pattern(left: list[int], right: list[int], beats: float, style: str, rng: Random) -> list[Note]:
    """One chord of `beats` quarter notes, from zero."""
    loud = int(rng.integers(45, 105))
    if style in ("arpeggio", "alberti"):
        return _broken(left, right, beats, style, loud, rng)
    if style == "stride":
        return [
            (float(beat), min(1.0, beats - beat) * 0.8, key, loud)
            for beat in range(max(1, int(np.ceil(beats))))
            for key in ((left or right[:1]) if beat % 2 == 0 else right)
        ]
    every = float(rng.choice([beats, 2.0, 1.0, 0.5]))
    gate = float(rng.choice([0.5, 0.9, 1.0]))
    notes: list[Note] = [(0.0, beats * 0.97, key, loud) for key in left]
    begin = float(rng.choice([0.0, 0.0, 0.0, 0.5])) if beats >= 2 else 0.0
    while begin < beats - 0.01:
        length = min(every, beats - begin)
        notes += [(begin, length * gate, key, loud) for key in right]
        begin += every
    return notes


def _broken(left: list[int], right: list[int], beats: float, style: str, loud: int, rng: Random) -> list[Note]:
    """One note after the other: up and down, or as Alberti did; over a held bass or not."""
    keys = sorted(left + right)
    step = float(rng.choice([0.25, 0.5, 1 / 3]))
    order = keys + keys[-2:0:-1] if style == "arpeggio" else [keys[i % len(keys)] for i in (0, -1, 1, -1)]
    held = float(rng.choice([step, 1.0, beats]))
    notes: list[Note] = [
        (index * step, min(held, beats - index * step), order[index % len(order)], loud)
        for index in range(max(1, int(beats / step + 1e-6)))
    ]
    if style == "arpeggio" and left and rng.random() < 0.5:
        notes += [(0.0, beats, key, loud) for key in left]
    return notes


def voiced(record: dict[str, Any], rng: Random, *, melody: bool = True, styles: tuple[str, ...] = STYLES) -> Piece:
    """The record's chart, played in one or two of `styles`, with its melody on top where it has one."""
    drawn = [str(style) for style in rng.choice(styles, 2)]
    notes: list[Note] = []
    pedal = int(rng.integers(12)) if rng.random() < 0.06 else None
    for index, (start, length, root, name, *rest) in enumerate(record["chords"]):
        if root is None or name not in INTERVALS:
            continue
        style = drawn[(index // 16) % 2]
        bass = rest[0] if rest and rest[0] is not None else root
        left, right = _keys(root, int(bass), INTERVALS[name], style, rng)
        if pedal is not None and left:
            left = [36 + pedal]
        notes += [(start + note[0], *note[1:]) for note in _pattern(left, right, float(length), style, rng)]
    if melody and record.get("melody") and rng.random() < 0.8:
        notes += [(float(n[0]), float(n[1]), int(n[2]), int(n[3]) if len(n) > 3 else 80) for n in record["melody"]]
    return with_notes(record, notes)


# ------------------------------------------------------------------------------------------- what goes wrong


def humanised(piece: Piece, rng: Random) -> None:
    """Nobody plays on the grid: every note early or late, chords rolled, touch uneven."""
    spread = rng.uniform(0.005, 0.03) * piece.tempo / 60
    roll = rng.uniform(0.0, 0.02) * piece.tempo / 60 if rng.random() < 0.3 else 0.0
    moved = []
    for start, length, pitch, velocity in piece.notes:
        late = float(rng.normal(0.0, spread)) + roll * (pitch - 48) / 12
        moved.append(
            (max(0.0, start + late), max(0.05, length), pitch, int(np.clip(velocity + rng.normal(0, 10), 20, 127)))
        )
    piece.notes = sorted(moved)


def _pedalled(piece: Piece, rng: Random) -> None:
    """The pedal is down and changes with the chord, a little late."""
    changes = np.array(sorted({chord[0] for chord in piece.chords} | {float(piece.beats)}))
    late = rng.uniform(0.0, 0.15)
    longer = []
    for start, length, pitch, velocity in piece.notes:
        following = changes[min(len(changes) - 1, int(np.searchsorted(changes, start + 1e-6, side="right")))]
        longer.append((start, max(length, min(8.0, float(following) + late - start)), pitch, velocity))
    piece.notes = longer


def _thinned(piece: Piece, rng: Random) -> None:
    """One hand only, or notes left out."""
    kind = rng.integers(4)
    if kind == 0:
        piece.notes = [note for note in piece.notes if note[2] >= 55] or piece.notes
    elif kind == 1:
        piece.notes = [note for note in piece.notes if note[2] < 64] or piece.notes
    else:
        keep = rng.uniform(0.4, 0.9)
        piece.notes = [note for note in piece.notes if rng.random() < keep] or piece.notes


def _moved(piece: Piece, rng: Random) -> None:
    """Everything an octave elsewhere, or everything as high as a right hand."""
    shift = int(rng.choice([-12, 12, 12, 24]))
    piece.notes = [(s, d, p + shift if 24 <= p + shift <= 104 else p, v) for s, d, p, v in piece.notes]


def _fumbled(piece: Piece, rng: Random) -> None:
    """Wrong notes: a neighbouring key now and then."""
    share = rng.uniform(0.01, 0.08)
    piece.notes = [
        (s, d, p + int(rng.choice([-2, -1, 1, 2])) if rng.random() < share else p, v) for s, d, p, v in piece.notes
    ]


def _meaningless(piece: Piece, rng: Random) -> None:
    """Stretches of noise: clusters, cats, random keys and lines that go nowhere, which are no chord."""
    begin = float(rng.integers(0, max(1, piece.beats - 16)))
    end = begin + float(rng.integers(6, 24))
    piece.notes = sorted([note for note in piece.notes if not begin <= note[0] < end] + noise(begin, end, rng))
    outside = []
    for start, length, root, name, bass in piece.chords:
        if start < begin:
            outside.append((start, min(length, begin - start), root, name, bass))
        if start + length > end:
            outside.append((max(start, end), start + length - max(start, end), root, name, bass))
    piece.chords = sorted([*outside, (begin, end - begin, None, "N", None)], key=lambda chord: chord[0])


def noise(begin: float, end: float, rng: Random) -> list[Note]:
    """Keys without sense, of one kind."""
    kind = str(rng.choice(("clusters", "handfuls", "handfuls", "cat", "line")))
    gaps = {
        "clusters": (0.5, 1.0, 2.0), "handfuls": (0.125, 0.25, 0.5, 1.0, 1.0), "cat": (0.1, 0.17, 0.25),
        "line": (0.25, 0.33, 0.5),
    }  # fmt: skip
    now, key = begin, int(rng.integers(40, 84))
    notes: list[Note] = []
    while now < end:
        key = int(np.clip(key + rng.integers(-9, 10), 30, 96))
        if kind == "clusters":
            low = int(rng.integers(30, 80))
            keys = [low + step for step in range(int(rng.integers(4, 10)))]
        elif kind == "handfuls":
            keys = [int(one) for one in rng.integers(28, 100, size=int(rng.integers(3, 9)))]
        else:
            keys = [int(one) for one in rng.integers(28, 100, size=2)] if kind == "cat" else [key]
        gap = float(rng.choice(gaps[kind]))
        notes += [(now, gap * float(rng.uniform(0.7, 1.5)), one, int(rng.integers(30, 120))) for one in keys]
        now += gap
    return notes


_ACCIDENTS: Final[tuple[tuple[Callable[[Piece, Random], None], float], ...]] = (
    (_pedalled, 0.35), (_thinned, 0.3), (_moved, 0.12), (_fumbled, 0.25), (_meaningless, 0.22), (humanised, 0.8),
)  # fmt: skip


def roughened(piece: Piece, rng: Random) -> Piece:
    """The piece as a player on a bad day plays it, in place; the accidents are drawn by `rng`."""
    piece.tempo = float(np.clip(piece.tempo * rng.uniform(0.7, 1.4), 50, 190))
    for accident, chance in _ACCIDENTS:
        if rng.random() < chance:
            accident(piece, rng)
    return piece
