"""The whole band plays with a tune; what it foresaw, was going to play and played is written down beat by beat.

The band is the real `Performer`, driven by `realtime.core.offline.play`. In the middle of each beat it is looked at
(its public snapshot); that changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from daemon.evaluation.bass_line import BassLine
from daemon.evaluation.comping import HeardBeat, HeardNotes
from daemon.evaluation.corpus import Tune, TuneNote
from daemon.evaluation.corruption import rough_notes
from daemon.evaluation.grid import Grid
from daemon.evaluation.playing import BeatClock, key_presses, performed_notes, start_of_play
from daemon.evaluation.rivals import Rival
from realtime.core.chord import Chord, parse_chord
from realtime.core.events import (
    ActionRequested,
    ChordForeseen,
    ChordHeard,
    Input,
    NoteOff,
    NoteOn,
    Output,
    Stamped,
    Value,
)
from realtime.core.offline import play
from realtime.core.oracle import Expectation, Oracle
from realtime.core.performer import Performer
from realtime.core.style import Style
from realtime.core.units import Micros
from realtime.core.weights import Weights

STRUCK_MICROS: Final = 40_000
"""A bass that is right this soon after the beat was foreseen; one that is right later has followed."""

JUST_BEFORE: Final = 0.02
"""So much before a beat, in beats, the band is looked at for what it is about to play."""

_LOOK: Final = ActionRequested("session/mark", (), "evaluation")
_LOOK_AHEAD: Final = ActionRequested("session/mark", (), "evaluation, ahead")


@dataclass(frozen=True, slots=True)
class BandOrder:
    """Which band is to play: styles, parameters, seed, trained weights; a reactive one foresees nothing."""

    styles: dict[str, Style]
    parameters: dict[str, Value]
    seed: int = 0
    reactive: bool = False
    weights: Weights = field(default_factory=Weights)
    corrupt: float = 0.0
    """The share of the input that is made wrong on purpose."""
    without: str = ""
    """An expert of the oracle that is not believed where symbols are predicted."""
    rival: Rival | None = None
    """Who predicts symbols in the oracle's place."""
    forms: dict[str, str] = field(default_factory=dict)
    """Charts that are known by heart."""
    memory: bytes = b""
    """What the band knows of songs."""
    phrase_model: str = ""
    """The folder of the phrase model; empty: the one that ships."""


@dataclass(frozen=True, slots=True)
class Foresight:
    """What was told, at least a beat ahead and before anything else, about one beat."""

    chord: Chord | None
    probability: float
    committed: bool


@dataclass(slots=True)
class Rehearsal:
    """What came of it, by the number of the beat."""

    guesses: dict[int, Foresight] = field(default_factory=dict)
    """The first word about each beat that was told a whole beat ahead or earlier."""
    commitments: dict[int, Foresight] = field(default_factory=dict)
    """The same, of those that were commitments."""
    arrivals: dict[int, Foresight] = field(default_factory=dict)
    """What the band is about to play on each beat, just before it: nothing of that beat is heard yet."""
    plans: dict[int, Chord | None] = field(default_factory=dict)
    """What the band was on in the middle of each beat, all corrections made."""
    struck: dict[int, int | None] = field(default_factory=dict)
    """The bass note that sounds when each beat is struck, before anybody could have heard what the player plays."""
    carrying: dict[int, int | None] = field(default_factory=dict)
    """The bass note that sounds longest in the first half of each beat."""
    ears: dict[int, Chord | None] = field(default_factory=dict)
    """The last word about what each beat was heard to be, where there was one."""
    heard: dict[int, HeardBeat] = field(default_factory=dict)
    """What bass, keys and pad are heard to play on each beat."""
    memory: bytes = b""
    """What the band knows of songs in the end."""


def played_notes(tune: Tune, grid: Grid, order: BandOrder, *, melody_only: bool = False) -> list[TuneNote]:
    """What the player plays to this band: as it is written, or as roughly as the order says."""
    notes = list(tune.melody if melody_only else performed_notes(tune, grid))
    return rough_notes(notes, order.corrupt, tune.name, order.seed) if order.corrupt else notes


class LastHeard(Oracle):
    """The reactive band's oracle: the chord of the last beat goes on, for sure."""

    _last: Chord | None = None

    def observe(self, chord: Chord | None) -> None:
        """Learns the chord of the next beat."""
        super().observe(chord)
        self._last = chord

    def foresee(self, beats: int) -> list[Expectation]:
        """The last chord, on each coming beat."""
        return self._held(super().foresee(1)[0], self._last, beats)

    def foresee_after(self, now: Chord | None, beats: int) -> list[Expectation]:
        """`now`, on each coming beat."""
        return self._held(super().foresee_after(now, 1)[0], now, beats)

    def _held(self, pattern: Expectation, chord: Chord | None, beats: int) -> list[Expectation]:
        sure = pattern.distribution * 0.0
        sure[self.place_of(chord)] = 1.0
        return [Expectation(chord, 1.0, sure)] * beats


class ReactivePerformer(Performer):
    """The same band without foresight: what was heard on the last finished beat is what it commits to."""

    def __init__(self, order: BandOrder) -> None:
        super().__init__(
            order.styles, seed=order.seed, parameters=order.parameters, weights=order.weights, forms=order.forms
        )
        self._band.planner.oracle, self._band.planner.guide = LastHeard(), None
        self._band.planner.begin(self._band.meter.beats_per_bar)


class _Watched:
    """A performer that is looked at in the middle of each beat, and just before it."""

    def __init__(self, performer: Performer, result: Rehearsal) -> None:
        self._performer = performer
        self._result = result
        self.advance = performer.advance
        self.next_wakeup = performer.next_wakeup
        self.silence = performer.silence

    def receive(self, event: Input, at: Micros) -> None:
        self._performer.receive(event, at)
        if event is not _LOOK and event is not _LOOK_AHEAD:
            return
        seen = self._performer.snapshot()
        number = seen.beat_number + (event is _LOOK_AHEAD)
        planned = next((beat for beat in seen.plan if beat.number == number), None)
        chord = None if planned is None else parse_chord(planned.chord)
        if event is _LOOK:
            self._result.plans[number] = chord
        elif planned is not None:
            self._result.arrivals[number] = Foresight(chord, planned.probability, planned.committed)


def rehearse(order: BandOrder, notes: Iterable[TuneNote], grid: Grid, tempo_bpm: float) -> Rehearsal:
    """The band plays with `notes`; returns what came of it."""
    clock = BeatClock(grid, tempo_bpm)
    result = Rehearsal()
    performer = (
        ReactivePerformer(order)
        if order.reactive
        else Performer(
            order.styles,
            seed=order.seed,
            parameters=order.parameters,
            weights=order.weights,
            memory=order.memory,
            forms=order.forms,
        )
    )
    looks: list[Stamped[Input]] = [
        Stamped(clock.at_beat(beat + late), look)
        for beat in range(grid.beats)
        for late, look in ((0.5, _LOOK), (1.0 - JUST_BEFORE, _LOOK_AHEAD))
    ]
    script = [*start_of_play(grid, tempo_bpm), *sorted(key_presses(notes, grid, clock) + looks, key=_time)]
    played: list[Stamped[Output]] = []
    for stamped in play(_Watched(performer, result), script, clock.at_beat(grid.beats)):
        match stamped.event:
            case ChordForeseen() as foreseen:
                _note_foresight(result, foreseen, in_time=stamped.at <= clock.at_beat(foreseen.number - 1))
            case ChordHeard(chord, _, number):
                result.ears[number] = parse_chord(chord)
            case NoteOn(part="bass" | "keys" | "pad") | NoteOff(part="bass" | "keys" | "pad"):
                played.append(stamped)
            case _:
                pass
    line, harmony = BassLine(played), HeardNotes.of(played)
    for beat in range(grid.beats):
        start, middle = clock.at_beat(beat), clock.at_beat(beat + 0.5)
        result.struck[beat] = line.at(Micros(start + STRUCK_MICROS))
        result.carrying[beat] = line.carrying(start, middle)
        result.heard[beat] = harmony.on_beat(start, Micros(start + STRUCK_MICROS), middle)
    result.memory = performer.memory()
    return result


def _time(stamped: Stamped[Input] | Stamped[Output]) -> int:
    return stamped.at


def _note_foresight(result: Rehearsal, told: ChordForeseen, *, in_time: bool) -> None:
    """Keeps what was told a whole beat ahead, if nothing was before."""
    if not in_time or told.number < 1:
        return
    foresight = Foresight(parse_chord(told.chord), told.probability, told.committed)
    result.guesses.setdefault(told.number, foresight)
    if told.committed:
        result.commitments.setdefault(told.number, foresight)
