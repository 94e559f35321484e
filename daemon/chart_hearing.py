"""The chords that are played in a MIDI file: heard beat by beat as live, then joined with all of the file in view.

A chord that stands for one weak beat only is rarely one, so changes are dear there.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from daemon.midi_file import FileClock
from daemon.midi_grid import MidiGrid, Timed
from daemon.weights_folder import load_weights
from realtime.core.chord import Chord
from realtime.core.chord_tokens import TOKEN_COUNT, chord_of, token_of
from realtime.core.listener import Listener
from realtime.core.meter import Meter
from realtime.core.midi_codec import MidiParser
from realtime.core.oracle import Oracle
from realtime.core.timeline import micros_per_quarter
from realtime.core.units import DRUM_CHANNEL, MICROS_PER_MINUTE, Micros

Floats = NDArray[np.float64]
HeardBeat = tuple[Chord | None, Floats | None]
"""What the listener hears on a beat, and how likely it holds each token, where it says so."""

EARLY: Final = 0.08
"""Notes this much of a beat early belong to it: hands are not machines."""

CHANGE_COST: Final = (0.2, 0.5, 1.0)
"""Nats that a change of chord costs: at a bar line, in the middle of the bar, and elsewhere."""

LEAST_LIKELY: Final = 1e-3
LONGEST_REST_BARS: Final = 2
"""Within the music, a chord goes on through a silence this long."""


def played_chords(messages: Sequence[Timed], grid: MidiGrid) -> list[Chord | None]:
    """The chord on each beat, as it is heard; None where nothing is played for long."""
    return _joined(_heard(messages, grid), grid.meter)


def _heard(messages: Sequence[Timed], grid: MidiGrid) -> list[HeardBeat]:
    """What the listener hears on each beat, and how likely it holds each token, where it says so."""
    weights = load_weights()
    listener, parser = Listener(weights.recogniser), MidiParser()
    oracle = Oracle(grid.meter.beats_per_bar, weights.oracle)
    edges = grid.edges(messages)
    early = [int(EARLY * (end - start)) for start, end in pairwise(edges)]
    lines = [Micros(edge - lead) for edge, lead in zip(edges, [*early, early[-1]], strict=True)]
    notes = _notes(messages, grid)
    waiting = next(notes, None)
    heard: list[HeardBeat] = []
    for beat in range(grid.beats):
        while waiting is not None and waiting[0] < lines[beat + 1]:
            for message in parser.feed(waiting[1]):
                listener.take(message, waiting[0])
            waiting = next(notes, None)
        place = (beat % grid.meter.beats_per_bar, grid.meter.beats_per_bar)
        prior = oracle.foresee(1)[0].distribution
        hearing = listener.end_beat(lines[beat], lines[beat + 1], prior, place)
        oracle.observe(hearing.chord)
        heard.append((hearing.chord, hearing.distribution))
    return heard


def _notes(messages: Sequence[Timed], grid: MidiGrid) -> Iterator[tuple[Micros, bytes]]:
    """What hands and feet do, and when."""
    clock = FileClock(grid.ticks_per_quarter)
    for tick, message in messages:
        if message.type == "set_tempo":
            clock.set_tempo(tick, micros_per_quarter(MICROS_PER_MINUTE / max(1, message.tempo)))
        elif message.type in ("note_on", "note_off", "control_change") and message.channel != DRUM_CHANNEL:
            yield clock.at(tick), bytes(message.bytes())


def _joined(heard: Sequence[HeardBeat], meter: Meter) -> list[Chord | None]:
    """The likeliest course of chords through what was heard, changes being dear on weak beats (Viterbi)."""
    costs = [_change_cost(beat, meter) for beat in range(len(heard))]
    score, back = np.zeros(TOKEN_COUNT), []
    for (chord, distribution), cost in zip(heard, costs, strict=True):
        moved = int(score.argmax())
        came = np.where(score >= score[moved] - cost, np.arange(TOKEN_COUNT), moved)
        score = np.maximum(score, score[moved] - cost) + _evidence(chord, distribution)
        back.append(came)
    tokens = [int(score.argmax())]
    for came in reversed(back[1:]):
        tokens.append(int(came[tokens[-1]]))
    tokens.reverse()
    return _without_gaps(_shaded(heard, tokens), [chord for chord, _ in heard], meter)


def _change_cost(beat: int, meter: Meter) -> float:
    place = beat % meter.beats_per_bar
    if place == 0:
        return CHANGE_COST[0]
    return CHANGE_COST[1] if 2 * place == meter.beats_per_bar else CHANGE_COST[2]


def _evidence(chord: Chord | None, distribution: Floats | None) -> Floats:
    """How each token fits a beat, in nats; a silent beat fits all."""
    if chord is None:
        return np.zeros(TOKEN_COUNT)
    if distribution is None:
        distribution = np.full(TOKEN_COUNT, 0.1 / TOKEN_COUNT)
        distribution[token_of(chord)] += 0.9
    return np.asarray(np.log(distribution + LEAST_LIKELY))


def _shaded(heard: Sequence[HeardBeat], tokens: Sequence[int]) -> list[Chord | None]:
    """Each stretch of one token as the chord that was heard most in it, with its shade and its bass."""
    chords: list[Chord | None] = []
    for token, stretch in groupby(zip(tokens, heard, strict=True), key=lambda pair: pair[0]):
        beats = [chord for _, (chord, _) in stretch]
        counts = Counter(chord for chord in beats if chord is not None and token_of(chord) == token)
        chords += [counts.most_common(1)[0][0] if counts else chord_of(token)] * len(beats)
    return chords


def _without_gaps(beats: list[Chord | None], heard: list[Chord | None], meter: Meter) -> list[Chord | None]:
    """Silence before, after and for long within the music is no chord; a short rest goes on with the last one."""
    longest = LONGEST_REST_BARS * meter.beats_per_bar
    silent = len(heard)
    for beat, chord in enumerate(heard):
        silent = silent + 1 if chord is None else 0
        if silent > longest:
            beats[beat] = None
    for beat in range(len(heard) - 1, -1, -1):
        if heard[beat] is not None:
            break
        beats[beat] = None
    return beats
