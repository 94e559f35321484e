"""A beam of guesses at the beat: each holds that the last onset stood at one place of a beat of one length.

Rhythm is a hidden score and a hidden tempo, of which onsets are the noisy sight (Cemgil and Kappen, "Monte Carlo
Methods for Tempo Tracking and Rhythm Quantization", 2003). Given the places of the onsets in the score, time and length
of the beat are a Kalman filter; so each guess at the places carries one, and branches where an onset comes: it stood on
the nearest quarter of a beat, on the nearest third, or nowhere (a slip, an ornament). What is likely is kept. Places in
the bar, and what is struck there, are judged by how people play (`beat_tables`), and so are places passed in silence:
that is what tells a beat from its half and its double, and a bar line from the other beats.

Deterministic; arrays of bounded size, whatever is played. Inside, times are seconds since the first onset.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from realtime.core.beat_tables import KEY_KINDS, TWELFTHS, Floats, Places, rests, strikes
from realtime.core.onset import Kind, Onset
from realtime.core.units import MICROS_PER_SECOND, Micros

SLOWEST_BPM: Final = 40.0
FASTEST_BPM: Final = 220.0
"""Beats a minute that are looked for."""

WIDTH: Final = 150
CONSIDERED: Final = 300
"""Guesses that are kept, and branches that are compared."""

STEP: Final = 0.05
"""First guesses at the length of the beat are this far apart, and this unsure, as logarithms."""

STRIKE_SECONDS: Final = 0.022
"""How far from its place an onset is struck (standard deviation)."""

WANDER_SECONDS: Final = 0.003
STEADY: Final = 0.012
FREE: Final = 0.05
"""How far the beat wanders from one to the next, and the share by which its length does: with who plays steadily, and
with who slows down or hurries on."""

TURNS: Final = 12
TURNING: Final = 3.0
"""So many of the best guesses also turn from steady to free, or back; nats that speak against it."""

LONGEST_DRIFT: Final = 4.0
"""Beats: over a longer rest the beat gets no more uncertain than over this."""

SLIPS: Final = tuple(np.log(0.4 * share) for share in (0.5, 0.2, 0.1, 0.1, 0.1, 0.6, 0.25, 0.1, 0.05))
"""By kind: how often, in a second, something is struck that stands nowhere."""

SHARPNESS: Final = 0.6
"""How much a likelihood counts: onsets of one song are like each other, and no independent witnesses."""

LONGEST_REST: Final = 2.0
"""Nats: a rest, however long, speaks no more against a guess than this."""

OFF_BEAT_RESTS: Final = 0.4
"""How much a rest off the beat counts: who plays no sixteenths in one bar plays none in the next, either."""

MEMORY: Final = 0.995
"""What evidence still counts an onset later."""

PRIOR: Final = 0.2
"""How much of the tempo expected is believed anew at each onset."""

FIRST_PRIOR: Final = 3.0
"""How much it is believed of a new guess."""

UNLIKELY: Final = 2.0
"""Nats: what speaks against triplets."""

NEWCOMER: Final = 7.0
"""Nats below the best: where guesses begin that come in later."""

HOPELESS: Final = 25.0
"""Nats below the best: what is given up."""

STRONG: Final = frozenset((Kind.BASS, Kind.NEW_BASS, Kind.KICK, Kind.CRASH))
LOOKS_BACK: Final = 5
"""An onset of such a kind, and so many before it, are looked at for a beat."""

ALIKE_LENGTH: Final = 0.04
ALIKE_PLACE: Final = 0.1
"""Two guesses nearer than this, in length (logarithm) and place (beats), are one."""

SAME_LENGTH: Final = 0.08
SAME_PLACE: Final = 0.15
"""Guesses within this are of one mind."""

EDGE: Final = 2.0
"""Nats: by so much must another beat be likelier than the one that was believed."""

MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """The beat as it seems: `time` is when a bar began, `length` how long a beat lasts, microseconds."""

    time: float
    length: float
    share: float
    """How much of the belief is with it, 0..1."""
    bar_share: float
    """How much of the belief is with it, and with that beat being the first of a bar."""
    kin: float
    """How much of the belief is with the same beat counted twice as fast, or half as fast, 0..1."""

    def beats_at(self, at: float) -> float:
        """How many beats after that bar line `at` is."""
        return (at - self.time) / self.length

    def agrees(self, other: "Estimate", at: float, tolerance: float) -> bool:
        """Whether both have a beat at the same time near `at`, and as long, give or take a share of a beat."""
        away = self.beats_at(at) - other.beats_at(at)
        return bool(abs(away - round(away)) < tolerance and abs(self.length / other.length - 1.0) < tolerance)


TIME, LENGTH, PLACE, FEEL, MOOD, V_TIME, V_BOTH, V_LENGTH, BELIEF = range(9)
"""Rows of a beam: when the last believed onset was, how long a beat is, the onset's place in its bar in twelfths of a
beat, 0 even or 1 in triplets, 0 steady or 1 free, the covariance of the first two, and the logarithm of how likely it
all is."""


class BeatBeam:
    """The guesses, a column each; none before the first onset."""

    def __init__(self, beats_per_bar: int = 4) -> None:
        self._range = float(np.log(SLOWEST_BPM)), float(np.log(FASTEST_BPM)), 1.0
        self.begin(beats_per_bar)

    def begin(self, beats_per_bar: int) -> None:
        """Nothing was heard; bars have so many beats."""
        self._beats = beats_per_bar
        table = strikes(beats_per_bar)
        heed = np.where(np.arange(table.shape[2]) % TWELFTHS, OFF_BEAT_RESTS, 1.0)
        self._struck, silence = np.log(table), np.cumsum(rests(table) * heed, axis=2)
        self._silence = np.concatenate([np.zeros((2, 2, 1)), silence], axis=2)
        self._begin, self._now = Micros(0), 0.0
        self._strong: list[float] = []
        self._beam: Floats = np.zeros((9, 0))

    def expect(self, low_bpm: float, high_bpm: float, spread: float) -> None:
        """Beats a minute within this range are likely; outside it, by a bell as wide as `spread` (logarithm)."""
        self._range = float(np.log(low_bpm)), float(np.log(high_bpm)), spread

    @property
    def is_empty(self) -> bool:
        """Whether nothing was heard yet."""
        return self._beam.size == 0

    def hear(self, onset: Onset) -> None:
        """The next onset."""
        if self.is_empty:
            self._begin = onset.at
        self._now = (onset.at - self._begin) / MICROS_PER_SECOND
        if self.is_empty:
            self._beam = self._first()
        else:
            parts = self._branches(onset.kind)
            if onset.kind in STRONG and self._strong:
                parts.append(self._newcomers(max(float(part[BELIEF].max()) for part in parts)))
            self._beam = self._kept(np.concatenate(parts, axis=1))
        if onset.kind in STRONG:
            self._strong = [*self._strong[-LOOKS_BACK + 1 :], self._now]

    def estimate(self, before: Estimate | None = None) -> Estimate | None:
        """What most of the belief is with; None before the first onset. What goes on as `before` is given an edge."""
        if self.is_empty:
            return None
        beam, place = self._beam, self._places(self._beam)
        bonus = np.zeros(0) if before is None else self._goes_on(before, place)
        best = int(np.argmax(beam[BELIEF] + bonus if before is not None else beam[BELIEF]))
        weights = np.exp(beam[BELIEF] - beam[BELIEF, best])
        away = place - place[best]
        off_beat, off_bar = away - np.rint(away), away - self._beats * np.rint(away / self._beats)
        same = (np.abs(np.log(beam[LENGTH] / beam[LENGTH, best])) < SAME_LENGTH) & (np.abs(off_beat) < SAME_PLACE)
        ours = weights * same
        total, everything = float(ours.sum()), float(weights.sum())
        length = float((ours * beam[LENGTH]).sum()) / total
        bar = float((ours * (np.abs(off_bar) < SAME_PLACE)).sum())
        into = float(place[best] + (ours * off_beat).sum() / total)
        time = self._begin + (self._now - into * length) * MICROS_PER_SECOND
        kin = float((weights * self._kin(place[best] + off_beat[best], length, place)).sum())
        return Estimate(time, length * MICROS_PER_SECOND, total / everything, bar / everything, kin / everything)

    def _kin(self, into: float, length: float, places: Floats) -> Floats:
        """Which guesses count the same beat in another way; the beat is `into` a bar now, and so long (seconds)."""
        ratio = self._beam[LENGTH] / length
        slower, faster = (np.abs(np.log(ratio / other)) < SAME_LENGTH for other in (2.0, 0.5))
        since = (places % 1.0) * ratio  # the beats of ours since their last one
        away = (into - since) * np.where(faster, 2.0, 1.0)
        return np.asarray((slower | faster) & (np.abs(away - np.rint(away)) < SAME_PLACE))

    def _goes_on(self, before: Estimate, places: Floats) -> Floats:
        """The edge of those guesses that hold what was held before."""
        present = before.beats_at(self._begin + self._now * MICROS_PER_SECOND)
        away = places - present
        same = np.abs(away - np.rint(away)) < SAME_PLACE
        same &= np.abs(np.log(self._beam[LENGTH] * (MICROS_PER_SECOND / before.length))) < SAME_LENGTH
        return np.asarray(EDGE * same)

    def _places(self, beam: Floats) -> Floats:
        """How many beats into a bar each guess takes the present to be."""
        return np.asarray((beam[PLACE] / TWELFTHS + (self._now - beam[TIME]) / beam[LENGTH]) % self._beats)

    def _expected(self, lengths: Floats, feel: Floats | float) -> Floats:
        tempi, (low, high, spread) = np.log(MINUTE / lengths), self._range
        away = np.maximum(0.0, np.maximum(low - tempi, tempi - high)) / spread
        return np.asarray(-0.5 * away**2 - UNLIKELY * feel)

    def _guesses(self, lengths: Floats, place: float, feel: int, belief: float) -> Floats:
        beam = np.zeros((9, len(lengths)))
        beam[TIME], beam[LENGTH], beam[PLACE], beam[FEEL] = self._now, lengths, place, feel
        beam[V_TIME], beam[V_LENGTH] = STRIKE_SECONDS**2, (STEP * lengths) ** 2
        beam[BELIEF] = belief + FIRST_PRIOR * self._expected(lengths, feel)
        return beam

    def _first(self) -> Floats:
        """Every length; the onset on a beat, or half a beat before one."""
        lengths = np.exp(np.arange(np.log(MINUTE / FASTEST_BPM), np.log(MINUTE / SLOWEST_BPM), STEP))
        whole = [
            self._guesses(lengths, place * TWELFTHS, feel, -float(place > 0))
            for place in range(self._beats)
            for feel in (0, 1)
        ]
        return np.concatenate([*whole, self._guesses(lengths, (self._beats - 0.5) * TWELFTHS, 0, -2.0)], axis=1)

    def _newcomers(self, best: float) -> Floats:
        """This onset is a beat, and so was an earlier one: what was given up, or never thought of, gets its chance."""
        since = self._now - np.array(self._strong)
        lengths = np.concatenate([since / count for count in range(1, self._beats + 1)])
        lengths = lengths[(lengths > MINUTE / FASTEST_BPM) & (lengths < MINUTE / SLOWEST_BPM)]
        return np.concatenate([self._guesses(lengths, 0.0, feel, best - NEWCOMER) for feel in (0, 1)], axis=1)

    def _branches(self, kind: Kind) -> list[Floats]:
        """The onset is on the nearest quarter of a beat, on the nearest third, or nowhere."""
        beam = self._beam
        beam[BELIEF] = MEMORY * beam[BELIEF] + PRIOR * self._expected(beam[LENGTH], beam[FEEL])
        x = beam[PLACE] / TWELFTHS + (self._now - beam[TIME]) / beam[LENGTH]
        quarters, thirds = 3.0 * np.rint(4.0 * x), 4.0 * np.rint(3.0 * x)
        nowhere = beam.copy()
        nowhere[BELIEF] += SHARPNESS * SLIPS[kind]
        onto_quarters, onto_thirds = self._onto(quarters, kind), self._onto(thirds, kind)
        onto_thirds[BELIEF, quarters == thirds] = -np.inf
        return [onto_quarters, onto_thirds, nowhere]

    def _onto(self, places: Floats, kind: Kind) -> Floats:
        """The beam if this onset stands `places` twelfths after the bar line before the last."""
        beam = self._beam.copy()
        before, feel = beam[PLACE], beam[FEEL].astype(np.intp)
        beats = np.maximum(places - before, 0.0) / TWELFTHS
        drift = np.minimum(beats, LONGEST_DRIFT)
        v_time = beam[V_TIME] + 2 * beats * beam[V_BOTH] + beats**2 * beam[V_LENGTH] + WANDER_SECONDS**2 * drift
        v_both = beam[V_BOTH] + beats * beam[V_LENGTH]
        v_length = beam[V_LENGTH] + (np.where(beam[MOOD], FREE, STEADY) * beam[LENGTH]) ** 2 * drift
        expected = beam[TIME] + beats * beam[LENGTH]
        error, v_error = self._now - expected, v_time + STRIKE_SECONDS**2
        gain, turn = v_time / v_error, v_both / v_error
        beam[TIME], beam[LENGTH] = expected + gain * error, beam[LENGTH] + turn * error
        beam[V_TIME], beam[V_BOTH], beam[V_LENGTH] = (1 - gain) * v_time, (1 - gain) * v_both, v_length - turn * v_both
        bar, place = self._beats * TWELFTHS, places.astype(np.intp)
        silence = self._silence[int(kind >= KEY_KINDS)]
        rested = _rests(silence, feel, place, bar) - _rests(silence, feel, before.astype(np.intp) + 1, bar)
        near = -0.5 * (error**2 / v_error + np.log(2 * np.pi * v_error))
        struck = self._struck[feel, kind, place % bar]
        beam[BELIEF] += SHARPNESS * (struck + np.maximum(rested, -LONGEST_REST) + near)
        beam[BELIEF, places <= before] = -np.inf
        beam[BELIEF, (beam[LENGTH] < MINUTE / FASTEST_BPM) | (beam[LENGTH] > MINUTE / SLOWEST_BPM)] = -np.inf
        beam[PLACE] = places % bar
        return beam

    def _kept(self, beam: Floats) -> Floats:
        """The best of each kind, and of those the best."""
        order = np.argsort(-beam[BELIEF], kind="stable")[:CONSIDERED]
        beam = beam[:, order]
        turned = beam[:, :TURNS].copy()
        turned[MOOD], turned[BELIEF] = 1.0 - turned[MOOD], turned[BELIEF] - TURNING
        beam = np.concatenate([beam, turned], axis=1)
        beam = beam[:, np.argsort(-beam[BELIEF], kind="stable")]
        beam = beam[:, beam[BELIEF] > beam[BELIEF, 0] - HOPELESS]
        lengths, places = np.rint(np.log(beam[LENGTH]) / ALIKE_LENGTH), np.rint(self._places(beam) / ALIKE_PLACE)
        _, first = np.unique((lengths * 1024 + places) * 4 + beam[FEEL] * 2 + beam[MOOD], return_index=True)
        kept = beam[:, np.sort(first)[:WIDTH]]
        kept[BELIEF] -= kept[BELIEF, 0]
        return kept


def _rests(silence: Floats, feel: Places, places: Places, bar: int) -> Floats:
    """The logarithm of how likely it is that nothing is struck on any of so many twelfths from a bar line on."""
    whole, rest = np.divmod(places, bar)
    return np.asarray(whole * silence[feel, bar] + silence[feel, rest])
