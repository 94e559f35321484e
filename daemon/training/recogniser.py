"""Remakes the chord recogniser's weights from pieces: examples, net, calibration, eight-bit weights, figures.

The pieces are JSONL files, gzipped or not, one piece a line: `notes` in tracks and a melody, `chords`, `meter`, `key`
and `tempo`, times in quarter notes. Pieces with an accompaniment are played as they are; charts are voiced.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors.numpy import save_file

from daemon.training.recogniser_data import (
    BEGINNING,
    IGNORED,
    WHOLE,
    Examples,
    Piece,
    Window,
    is_kept_aside,
    joined,
    listen,
    played,
    read_pieces,
)
from daemon.training.recogniser_drills import drill
from daemon.training.recogniser_learn import learn, scores_of
from daemon.training.recogniser_net import Layers, Sizes, new_layers
from daemon.training.recogniser_quantise import quantised
from daemon.training.recogniser_voicing import roughened, voiced
from realtime.core.chord_tokens import FAMILY_COUNT, NO_CHORD_TOKEN

Say = Callable[[str], None]

SIZES: Final = Sizes()
EPOCHS: Final = 5.0
EARLY_MICROS: Final = 80_000
"""Notes this much before a beat belong to it, as the accompanist listens."""

EARLIEST: Final = 0.25
"""But no more than this part of a beat."""

VOICED_TIMES: Final = 2
"""How often each chart with a melody is voiced anew; one without is voiced once."""

MOST_VOICED_BEATS: Final = 300
"""Longer charts are cut here, so that a few do not outweigh the rest."""

DRILLS: Final = 600
DRILLS_APART: Final = 909_909
"""Keeps the drills' dice from those of the pieces."""

DRILL_WEIGHT: Final = 1.5
PLAYED_WEIGHT: Final = 1.0
VOICED_WEIGHT: Final = 0.7
DERIVED_WEIGHT: Final = 0.3
"""How much a beat counts: one that was played and labelled by people, one voiced by a program, one labelled by one."""

DERIVED_SHARE: Final = 0.5
"""The share of the pieces labelled by a program that are listened to at all."""

_PLAIN_TRIADS: Final = np.array([0, 1, 0, 0, 1, 2, 3])


def _window(piece: Piece, rng: np.random.Generator) -> Window:
    """Some way of listening: the first part of the beat that is judged, and how early notes may come."""
    first = 0.125 if rng.random() < 0.6 else float(rng.uniform(0.04, 0.8))
    usual = EARLY_MICROS * piece.tempo / 60e6
    early = float(rng.choice([0.0, usual, usual, rng.uniform(0.0, usual)]))
    return Window(early=min(early, EARLIEST), beginning=first, know_place=bool(rng.random() < 0.85))


def _cut(record: dict[str, Any]) -> dict[str, Any]:
    chords = [chord for chord in record["chords"] if chord[0] + chord[1] <= MOST_VOICED_BEATS]
    return {**record, "chords": chords or record["chords"][:1]}


def _may_teach(record: dict[str, Any]) -> bool:
    """Whether a piece has chords to learn, and its licence lets weights that are given away learn from it."""
    return bool(record.get("chords")) and record.get("tier", "ship") == "ship"


def _performances(record: dict[str, Any], rng: np.random.Generator) -> list[tuple[Piece, float]]:
    """The ways in which a piece is heard in training, and how much the beats of each count."""
    if record.get("chords_derived"):
        # Labels that a program read off these very notes: some of them, once, are enough to learn from.
        if rng.random() >= DERIVED_SHARE:
            return []
        return [(roughened(played(record), rng) if rng.random() < 0.5 else played(record), DERIVED_WEIGHT)]
    if record.get("tracks"):
        return [(played(record), PLAYED_WEIGHT), (roughened(played(record), rng), PLAYED_WEIGHT)]
    times = VOICED_TIMES if record.get("melody") else 1
    return [(roughened(voiced(_cut(record), rng), rng), VOICED_WEIGHT) for _ in range(times)]


def _gather(files: Sequence[Path], drills: int, seed: int, say: Say) -> tuple[Examples, Examples]:
    """What is trained on, and what is kept aside to calibrate on."""
    train: list[Examples] = []
    aside: list[Examples] = []
    index = 0
    for path in files:
        before = len(train)
        for record in filter(_may_teach, read_pieces(path)):
            rng = np.random.default_rng([seed, index])
            kept = is_kept_aside(record["id"])
            for number, (piece, weight) in enumerate(_performances(record, rng)):
                if kept and number > 0:
                    continue
                heard = listen(piece, index * VOICED_TIMES + number, _window(piece, rng), weight)
                (aside if kept else train).append(heard)
            index += 1
        say(f"{path.name}: {sum(len(one.label) for one in train[before:])} beats")
    train += _drilled(drills, index * VOICED_TIMES, seed)
    return joined(train), joined(aside or train)


def _drilled(count: int, first: int, seed: int) -> list[Examples]:
    """So many drills, as performances from number `first` on."""
    heard = []
    for number in range(count):
        rng = np.random.default_rng([seed, DRILLS_APART, number])
        piece = drill(number, rng)
        heard.append(listen(piece, first + number, _window(piece, rng), DRILL_WEIGHT))
    return heard


def figures(logs: np.ndarray[Any, Any], label: np.ndarray[Any, Any]) -> dict[str, float]:
    """Shares of beats right: root, root with the plain triad, all 85; and the nats a beat. Without "no chord"."""
    known = (label != IGNORED) & (label != NO_CHORD_TOKEN)
    said, true = logs[known].argmax(axis=1), label[known].astype(int)
    root = (said // FAMILY_COUNT == true // FAMILY_COUNT) & (said != NO_CHORD_TOKEN)
    triad = root & (_PLAIN_TRIADS[said % FAMILY_COUNT] == _PLAIN_TRIADS[true % FAMILY_COUNT])
    simple = _PLAIN_TRIADS[true % FAMILY_COUNT] < 2
    return {
        "beats": len(true),
        "root": round(float(root.mean()), 4),
        "triad": round(float(triad.mean()), 4),
        "majmin": round(float(triad[simple].mean()), 4),
        "all85": round(float((said == true).mean()), 4),
        "nats": round(float(-logs[known][np.arange(len(true)), true].mean()), 4),
    }


def _temperature(logs: np.ndarray[Any, Any], label: np.ndarray[Any, Any]) -> float:
    """The sharpness at which the confidence is honest: least nats on the pieces kept aside."""
    known = label != IGNORED
    best = (np.inf, 1.0)
    for sharpness in np.arange(0.7, 1.5, 0.02):
        scaled = logs[known] * sharpness
        scaled = scaled - np.log(np.exp(scaled - scaled.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))
        scaled = scaled - logs[known].max(axis=1, keepdims=True) * sharpness
        best = min(best, (float(-scaled[np.arange(known.sum()), label[known]].mean()), float(sharpness)))
    return best[1]


def train_recogniser(
    files: Sequence[Path],
    output: Path,
    *,
    seed: int,
    say: Say,
    epochs: float = EPOCHS,
    sizes: Sizes = SIZES,
    drills: int = DRILLS,
) -> dict[str, float]:
    """Learns from `files`, writes the weights to `output`, and tells how right they are on pieces kept aside."""
    train, aside = _gather(files, drills, seed, say)
    rng = np.random.default_rng(seed)
    layers: Layers = learn(new_layers(rng, sizes), train, epochs, rng, say)
    logs = scores_of(layers, aside)
    sharpness = _temperature(logs.reshape(-1, logs.shape[2]), np.repeat(aside.label, 2))
    say(f"sharpness {sharpness:.2f}")
    output.parent.mkdir(parents=True, exist_ok=True)
    save_file(quantised(layers, train, sharpness), output)
    begun = figures(logs[:, BEGINNING], aside.label)
    return {**figures(logs[:, WHOLE], aside.label), **{f"begun.{name}": begun[name] for name in ("root", "all85")}}
