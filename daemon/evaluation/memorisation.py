"""`memorisation`: does the phrase model play what it has learnt from by heart?

The net alone goes on from the first bars of tunes that it has not learnt from. Every run of eight notes, as steps up
and down with the times between, is looked up in the tunes that it has learnt from (`--fit`); so are the runs of the
melodies that people wrote in the same bars. People repeat each other by chance; a model may not more often.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from daemon.evaluation.corpus import Corpus
from daemon.evaluation.melody import models
from daemon.evaluation.melody_answer import answer
from daemon.evaluation.melody_lines import line_of
from daemon.evaluation.scores import SHARE, Kind, Tally, marks
from daemon.models.phrase_lines import Line
from realtime.core.phrase_words import LineNote

RUN: Final = 8
PROMPT_NOTES: Final = 24
ANSWER_BARS: Final = 16
FIGURES: Final[dict[str, Kind]] = {
    f"{who}.{what}": SHARE for who in ("played", "written") for what in ("runs", "melodies")
}


def runs_of(notes: Sequence[LineNote], *, timed: bool) -> list[int]:
    """Runs of eight notes as steps, and with the times between; hashed, for there are millions."""
    moves = [(b.pitch - a.pitch, b.onset - a.onset if timed else 0) for a, b in pairwise(notes)]
    return [hash(tuple(moves[at : at + RUN - 1])) for at in range(len(moves) - RUN + 2)]


def known_runs(tunes: Iterable[Any], *, timed: bool) -> set[int]:
    """Every run of some tunes."""
    found: set[int] = set()
    for tune in tunes:
        line = line_of(tune, "any")
        found |= set(runs_of(line.notes, timed=timed)) if line else set()
    return found


def _prompted(line: Line) -> int | None:
    """The bar from which on the model plays; None where the tune is too short."""
    early = line.notes[min(PROMPT_NOTES, len(line.notes)) - 1].onset
    at = next((number for number, bar in enumerate(line.bars) if bar.start > early), len(line.bars))
    return at if at + ANSWER_BARS < len(line.bars) else None


def measure(tunes: Corpus, learnt: Corpus, folder: str, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    """The shares of runs, and of melodies (runs of steps alone), that the learnt tunes have: `played` by the model,
    and `written` by people in the same bars."""
    began = time.perf_counter()
    net, mixer = models(folder)
    known = {"runs": known_runs(learnt, timed=True), "melodies": known_runs(learnt, timed=False)}
    say(f"{len(known['runs'])} runs of {RUN} notes are known")
    tallies: list[Tally] = []
    for tune in tunes:
        line = line_of(tune, "any")
        at = None if line is None else _prompted(line)
        if line is None or at is None:
            continue
        start, end = line.bars[at].start, line.bars[at + ANSWER_BARS].start
        rng = np.random.default_rng([seed, len(line.notes), line.notes[0].pitch])
        played = answer(line, at, net, mixer, rng, bars=ANSWER_BARS, alone=True)
        written = [note for note in line.notes if start <= note.onset < end]
        tally = Tally(FIGURES)
        for who, notes in (("played", played), ("written", written)):
            for what, table in known.items():
                found = runs_of(notes, timed=what == "runs")
                tally.add(f"{who}.{what}", sum(run in table for run in found), len(found))
        tally.n = len(played)
        tallies.append(tally)
    return {
        "task": "memorisation",
        "pieces": len(tallies),
        "n": sum(tally.n for tally in tallies),
        **marks(FIGURES, tallies, seed),
        "skipped": tunes.skipped,
        "unsuited": 0,
        "seconds": round(time.perf_counter() - began, 3),
    }
