"""`melody`: a melody and its chords so far; how many bits is the next note, and what does an answer sound like?

Bits a note of net and session memory together, of each alone, and of the second half; the note's waiting time, pitch
and duration in turn (the pitch is asked when the onset is known, the duration when both are). Then four bars are
improvised, twice a piece, over the chart's chords, and compared with what the tune has there.
"""

from collections.abc import Sequence
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from daemon.config import ConfigError
from daemon.evaluation.corpus import Tune
from daemon.evaluation.melody_answer import ANSWER_BARS, answer
from daemon.evaluation.melody_lines import line_of
from daemon.evaluation.melody_stages import Stage, stages
from daemon.evaluation.rehearsal import BandOrder
from daemon.evaluation.scores import LEAST_PROBABILITY, SHARE, Kind, Tally
from daemon.evaluation.task import Task
from daemon.models.phrase_key import KeyGuess
from daemon.models.phrase_lines import Line
from daemon.models.phrase_net import PhraseNet
from daemon.models.phrase_weights import BadPhraseModel, mix_file, read_phrase_model
from realtime.core.chord_tokens import chord_of
from realtime.core.key_finder import Key
from realtime.core.phrase_memory import PhraseMemory
from realtime.core.phrase_mixer import PhraseMixer
from realtime.core.phrase_words import STEPS, LineNote
from realtime.core.solo.chord_scale import chord_scale

Floats = NDArray[np.float64]

INTERVALS: Final = 25
DENSITIES: Final = 33
GRAM: Final = 4
TOLD: Final = {"wait": "ioi", "pitch": "pitch", "duration": "duration"}


def _distance(width: int, sums: Floats) -> Floats:
    """Half the summed difference of two histograms, each as shares: 0 alike, 1 nothing in common."""
    ours, theirs = sums[:, :width], sums[:, width:]
    shares = ours / ours.sum(axis=1, keepdims=True) - theirs / theirs.sum(axis=1, keepdims=True)
    return np.asarray(np.abs(shares).sum(axis=1) / 2)


FIGURES: Final[dict[str, Kind]] = {
    **{
        f"{who}.{what}": SHARE
        for who in ("bits_per_note", "net", "session")
        for what in ("all", "ioi", "pitch", "duration", "second_half")
    },
    "pitch_in_plan": SHARE,
    "notes_per_quarter": SHARE,
    "repetition": SHARE,
    "interval_distance": Kind(2 * INTERVALS, partial(_distance, INTERVALS)),
    "density_distance": Kind(2 * DENSITIES, partial(_distance, DENSITIES)),
    "played.pitch_in_plan": SHARE,
    "played.notes_per_quarter": SHARE,
    "played.repetition": SHARE,
}


@cache
def models(folder: str) -> tuple[PhraseNet, PhraseMixer]:
    """Net and mixer of a folder; of "" those that ship.

    Raises:
        ConfigError: there are none, or they are broken.
    """
    place = Path(folder) if folder else None
    try:
        net = PhraseNet(read_phrase_model(place))
        return net, PhraseMixer(load(mix_file(place).read_bytes()))
    except (BadPhraseModel, SafetensorError, OSError, ValueError) as problem:
        raise ConfigError([f"models.phrase: {problem}"]) from None


def judge(tune: Tune, order: BandOrder) -> Tally | None:
    """Marks what is foretold of a tune's melody, and what is improvised over it."""
    line = line_of(tune, "any")
    if line is None or not tune.bars_known:
        return None
    net, mixer = models(order.phrase_model)
    tally = Tally(FIGURES)
    tally.n = len(line.notes)
    bits: dict[str, Floats] = {who: np.zeros((len(line.notes), 3)) for who in ("bits_per_note", "net", "session")}
    for stage in stages(line, PhraseMemory(mixer.priors), net):
        for who, odds in _odds(stage, mixer).items():
            column = ("wait", "pitch", "duration").index(stage.kind)
            bits[who][stage.note, column] -= np.log2(max(float(odds[stage.target]), LEAST_PROBABILITY))
    for who, table in bits.items():
        for column, what in enumerate(TOLD.values()):
            tally.add(f"{who}.{what}", float(table[:, column].sum()), tally.n)
        tally.add(f"{who}.all", float(table.sum()), tally.n)
        half = tally.n // 2
        tally.add(f"{who}.second_half", float(table[half:].sum()), tally.n - half)
    rng = np.random.default_rng([order.seed, len(line.notes), line.notes[0].pitch])
    for at in answer_bars(line):
        played = [n for n in line.notes if line.bars[at].start <= n.onset < line.bars[at + ANSWER_BARS].start]
        _compare(tally, line, at, answer(line, at, net, mixer, rng), played)
    return tally


def _odds(stage: Stage, mixer: PhraseMixer) -> dict[str, Floats]:
    alone = {"session": mixer.mix(stage.kind, stage.guesses, stage.features, None)}
    if stage.net is not None:
        both = mixer.mix(stage.kind, stage.guesses, stage.features, stage.net)
        alone |= {"bits_per_note": both, "net": stage.net}
    return alone


def answer_bars(line: Line) -> list[int]:
    """Where answers begin: in the middle and at three quarters, on a fourth bar."""
    found = {len(line.bars) * part // 4 // ANSWER_BARS * ANSWER_BARS for part in (2, 3)}
    return sorted(at for at in found if at >= ANSWER_BARS and at + ANSWER_BARS < len(line.bars))


def _compare(tally: Tally, line: Line, at: int, ours: Sequence[LineNote], theirs: Sequence[LineNote]) -> None:
    before = [note for note in line.notes if note.onset < line.bars[at].start]
    known = _grams(before)
    key = KeyGuess()
    for note in before:
        key.note(note.pitch, note.duration)
    tonic = Key(-key.shift % 12, minor=False)
    quarters = sum(bar.quarters for bar in line.bars[at : at + ANSWER_BARS])
    histograms: dict[str, list[Floats]] = {"interval_distance": [], "density_distance": []}
    for prefix, notes in (("", ours), ("played.", theirs)):
        tally.add(f"{prefix}notes_per_quarter", len(notes), quarters)
        for note in notes:
            chord = chord_of(line.chord_at(note.onset))
            if chord is not None:
                tally.add(f"{prefix}pitch_in_plan", chord_scale(chord, tonic).has(note.pitch))
        grams = _grams([*before[-GRAM:], *notes])
        tally.add(f"{prefix}repetition", sum(gram in known for gram in grams), len(grams))
        steps = [b.pitch - a.pitch for a, b in pairwise(notes)]
        histograms["interval_distance"].append(_histogram([min(24, max(0, s + 12)) for s in steps], INTERVALS))
        in_bars = [
            sum(bar.start <= note.onset < bar.start + bar.quarters * STEPS for note in notes)
            for bar in line.bars[at : at + ANSWER_BARS]
        ]
        histograms["density_distance"].append(_histogram([min(DENSITIES - 1, n) for n in in_bars], DENSITIES))
    for name, (mine, other) in histograms.items():
        tally.sums[name] = tally.sums.get(name, np.zeros(2 * len(mine))) + np.concatenate([mine, other])


def _histogram(values: Sequence[int], width: int) -> Floats:
    return np.bincount(np.array(values, dtype=np.intp), minlength=width).astype(np.float64)


def _grams(notes: Sequence[LineNote]) -> list[tuple[tuple[int, int], ...]]:
    """Runs of notes as steps up or down and waits."""
    moves = [(b.pitch - a.pitch, b.onset - a.onset) for a, b in pairwise(notes)]
    return [tuple(moves[at : at + GRAM]) for at in range(len(moves) - GRAM + 1)]


MELODY: Final = Task("melody", "a melody of eight notes", FIGURES, judge)
