"""What comes next: a distribution over the chords of the coming beats, learnt from this player in this session.

The thinking is done in Rust (`rust_dsp/src/oracle`): experts that know what chords do in general, and experts that
know what this session has done, are weighed by a small trained net and multiplied. Here chords become tokens, tokens
become chords again, with the shade and the bass they were last played with.

Deterministic; the memory never grows.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from realtime import _dsp
from realtime.core.chord import QUALITIES, Chord
from realtime.core.chord_tokens import FAMILY_COUNT, FAMILY_QUALITIES, NO_CHORD_TOKEN, TOKEN_COUNT, chord_of
from realtime.core.chord_tokens import token_of as fine_token_of
from realtime.core.harmony_prior import CHANGE_PERCENT, CHANGES_PER_THOUSAND, FAMILIES
from realtime.core.weights import Tensors

Floats = NDArray[np.float64]
GridName = Literal["beats", "changes", "bars"]

SILENCE: Final = 60
"""The coarse token of "no chord"."""

MEMORY_BEATS: Final = 8192
MAX_HORIZON_BEATS: Final = 64
LONGEST_SILENCE: Final = 64
"""Beats without a chord that are remembered in a row: an empty evening must not push the songs out of the memory."""

EXPERTS: Final = (
    "interval", "degree", "chords", "match", "tolerant", "period", "transposed", "cache", "recall", "hold",
)  # fmt: skip
"""The experts' names: what chords do in general (by interval, by degree of the key, by the last chords), what this
session did, and who holds the chord."""

SHADE_BEATS: Final = 64
"""How far back the fine shade of a chord is looked up."""

FIRST_TRUST: Final = 0.1
FORGETTING: Final = 0.01
LEAST_MASS: Final = 1e-3
"""How far the songs before are believed when another begins, how fast that returns, and what nobody can rule out."""

LOOP_CONFIDENCE: Final = 0.8
"""From what share of agreeing beats a period counts as a loop."""

_COARSE: Final = np.array(
    [
        root * len(FAMILIES) + FAMILIES.index(QUALITIES[qualities[0]].family)
        for root in range(12)
        for qualities in FAMILY_QUALITIES
    ]
    + [SILENCE]
)
"""The coarse token of each fine one."""

_COARSE_BYTES: Final = bytes(_COARSE.tolist())
_ALIKE: Final = tuple(coarse == _COARSE for coarse in _COARSE)
"""For each fine token which have the same coarse one."""

_SHADES: Final = {0: (0.8, 0, 3), 1: (0.7, 1, 4), 2: (1.0, 2, 2), 3: (1.0, 5, 5), 4: (1.0, 6, 6)}
"""How the five families of the counts fall into the seven: the share of the first, the first, the second."""


def token_of(chord: Chord | None) -> int:
    """The coarse name of a chord, 0..60: harmony is the same where these are equal."""
    return SILENCE if chord is None else chord.root * len(FAMILIES) + FAMILIES.index(chord.family)


def _habit() -> list[float]:
    """The counts of `harmony_prior` as the kernel wants them."""
    counts = np.array(CHANGES_PER_THOUSAND, dtype=np.float64).reshape(5, 12, 5)
    follow = np.full((FAMILY_COUNT, TOKEN_COUNT), 0.3)
    for family, row in enumerate(("maj", "min", "dom", "maj", "min", "dim", "sus")):
        for kind, (share, first, second) in _SHADES.items():
            column = counts[FAMILIES.index(row), :, kind]
            follow[family, first:NO_CHORD_TOKEN:FAMILY_COUNT] += column * share
            follow[family, second:NO_CHORD_TOKEN:FAMILY_COUNT] += column * (1.0 - share)
        follow[family, family] = 0.0
    return [*follow.ravel().tolist(), *(np.array(CHANGE_PERCENT).ravel() / 100).tolist()]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected on one coming beat: the likeliest chord, its probability, and the whole distribution.

    The distribution is over the tokens of `realtime.core.chord_tokens`; the probability is that of the chord's root
    and family, whatever the shade.
    """

    chord: Chord | None
    probability: float
    distribution: Floats = field(repr=False)


class Oracle:
    """Learns a token an event (a beat, a chord change or a bar), foresees the next ones."""

    def __init__(self, beats_per_bar: int = 4, weights: Tensors | None = None, grid: GridName = "beats") -> None:
        tables = (weights or {}).get(grid)
        self._grid: GridName = grid
        self._beats_per_bar = beats_per_bar if grid == "beats" else 1
        self._tables = None if tables is None else tables.tobytes()
        self._kernel = self._fresh_kernel()
        self._song: _dsp.OracleKernel | None = None
        self._trust = FIRST_TRUST
        self._next_beat = 0
        self._chords: deque[tuple[int, Chord | None]] = deque(maxlen=SHADE_BEATS)
        self._silence = 0
        self._withheld = 0

    @property
    def next_beat(self) -> int:
        """The number of the first beat not yet learnt."""
        return self._next_beat

    @property
    def loop(self) -> tuple[int, float]:
        """The period at which the music lately repeats, in beats, and the share of late beats that agreed with it."""
        return self._kernel.period()

    @property
    def loop_beats(self) -> int:
        """The period at which the music lately repeats, in beats; 0 where none is sure."""
        beats, confidence = self._kernel.period()
        return beats if confidence > LOOP_CONFIDENCE else 0

    def set_meter(self, beats_per_bar: int) -> None:
        """Counts bars anew; on grids other than that of beats there are none. What was learnt stays."""
        if self._grid != "beats":
            return
        self._withheld = 0
        self._beats_per_bar = beats_per_bar
        for kernel in self._kernels():
            kernel.set_meter(beats_per_bar, self._next_beat % beats_per_bar)

    def observe(self, chord: Chord | None) -> None:
        """Learns the chord of the next beat. A long silence is remembered as a shorter one, by whole bars."""
        token = fine_token_of(chord)
        self._silence = self._silence + 1 if chord is None else 0
        if self._silence > LONGEST_SILENCE:
            self._withheld += 1
        else:
            for _ in range(self._withheld % self._beats_per_bar):
                self._learn(NO_CHORD_TOKEN)
            self._withheld = 0
            self._judge(token)
            self._learn(token)
        self._chords.append((token, chord))
        self._next_beat += 1

    def elapse(self, beats: Sequence[Chord | None], beats_per_bar: int, position: int = 0) -> None:
        """Tells, on the grids of changes and of bars, what passed since the last event began: the chord of each beat.

        The next event begins now, on the beat `position` of a bar of `beats_per_bar` (1..64) beats. Where nobody tells,
        the oracle goes by the order of the chords alone.
        """
        if self._grid == "beats":
            return
        self._kernel.elapse(bytes(map(fine_token_of, beats)), beats_per_bar)
        if self._grid == "changes":
            self._kernel.set_meter(beats_per_bar, position % beats_per_bar)

    def leave_out(self, expert: str) -> None:
        """An expert is not believed from now on: to find out what it is worth.

        Raises:
            ValueError: there is none of this name; the text names all.
        """
        self._kernel.leave_out(expert)

    def foresee(self, beats: int) -> list[Expectation]:
        """What is expected on the next `beats` (1..64) beats, the nearest first."""
        rows = self._mixed([kernel.foresee(_in_range(beats)) for kernel in self._kernels()])
        return self._expectations(rows, self._next_beat)

    def foresee_after(self, now: Chord | None, beats: int) -> list[Expectation]:
        """What would be expected on the `beats` beats after the next one, were the next one `now`. Learns nothing."""
        token, steps = fine_token_of(now), _in_range(beats)
        rows = self._mixed([kernel.foresee_after(token, steps) for kernel in self._kernels()])
        return self._expectations(rows, self._next_beat + 1)

    def foresee_cold(self) -> Expectation:
        """What is expected on the next beat by those experts who know nothing of the session but the last chords."""
        return self.expectation(_rows(self._kernel.foresee_cold())[0], self._next_beat)

    def place_of(self, chord: Chord | None) -> int:
        """Where a chord stands in a distribution."""
        return fine_token_of(chord)

    def mass_of(self, distribution: Floats, chord: Chord | None) -> float:
        """How likely a distribution holds a chord, in whatever shade; 0 in an empty one."""
        return float(distribution[_ALIKE[fine_token_of(chord)]].sum()) if len(distribution) else 0.0

    def without(self, distribution: Floats, chord: Chord | None) -> Floats:
        """A distribution in which a chord, in whatever shade, is impossible. No longer sums to 1."""
        rest = distribution.copy()
        rest[_ALIKE[fine_token_of(chord)]] = 0.0
        return rest

    def begin_song(self) -> None:
        """Another song begins. What was heard stays known; bars count from here.

        From now on two minds are asked, one that knows all songs and one that knows only this one; each is believed
        as far as it has been right (Bayes), so that songs that are not played do not get in the way.
        """
        self._kernel.end_song()
        self._song, self._trust = self._fresh_kernel(), FIRST_TRUST
        self._withheld = 0
        for kernel in self._kernels():
            kernel.set_meter(self._beats_per_bar, self._next_beat % self._beats_per_bar)

    def save(self) -> bytes:
        """Everything that was heard, to be kept with the song or the set list."""
        return self._kernel.save()

    def load(self, saved: bytes) -> None:
        """Knows what was saved, and nothing else; the next beat continues it.

        Raises:
            ValueError: These bytes are no oracle's memory; nothing has changed.
        """
        self._kernel.load(saved)
        self._chords.clear()
        self._silence = self._withheld = 0
        self._song = None
        if self._grid == "beats":
            self._kernel.set_meter(self._beats_per_bar, self._next_beat % self._beats_per_bar)

    def merge(self, saved: bytes) -> None:
        """Learns the songs of another memory that are not known yet, as if they had been heard before all others.

        Raises:
            ValueError: These bytes are no oracle's memory; nothing has changed.
        """
        self._kernel.merge(saved)

    def expectation(self, distribution: Floats, beat: int) -> Expectation:
        """The likeliest chord of a distribution for beat number `beat`, with its probability."""
        return self._expectations(distribution[None, :], beat)[0]

    # -------------------------------------------------------------------------------------------- inside

    def _expectations(self, rows: Floats, first_beat: int) -> list[Expectation]:
        found = _dsp.likeliest_chords(rows.tobytes(), _COARSE_BYTES)
        named = enumerate(zip(rows, found, strict=True), start=first_beat)
        return [Expectation(self._shade(fine, beat), mass, row) for beat, (row, (mass, fine)) in named]

    def _fresh_kernel(self) -> _dsp.OracleKernel:
        habit = _habit() if self._tables is None else None
        return _dsp.OracleKernel(self._grid, self._beats_per_bar, self._tables, habit)

    def _kernels(self) -> list[_dsp.OracleKernel]:
        """The one that knows everything, and the one that knows this song, once there has been another."""
        return [self._kernel] if self._song is None else [self._kernel, self._song]

    def _learn(self, token: int) -> None:
        for kernel in self._kernels():
            kernel.observe(token)

    def _judge(self, token: int) -> None:
        """The next beat is `token`: who expected it is believed more."""
        if self._song is None:
            return
        everything, song = (float(_rows(kernel.foresee(1))[0, token]) + LEAST_MASS for kernel in self._kernels())
        trust = self._trust * everything / (self._trust * everything + (1.0 - self._trust) * song)
        self._trust = trust + FORGETTING * (FIRST_TRUST - trust)

    def _mixed(self, packed: list[bytes]) -> Floats:
        """The rows of one kernel, or of both as far as each is believed."""
        rows = [_rows(one) for one in packed]
        return rows[0] if len(rows) == 1 else self._trust * rows[0] + (1.0 - self._trust) * rows[1]

    def _shade(self, fine: int, beat: int) -> Chord | None:
        """The chord for a token: as last played at this place in the bar, else as last played, else plain."""
        if fine == NO_CHORD_TOKEN:
            return None
        played: Chord | None = None
        for back, (token, chord) in enumerate(reversed(self._chords), start=1):
            if token != fine:
                continue
            if (beat - self._next_beat + back) % self._beats_per_bar == 0:
                return chord
            played = played or chord
        return played or chord_of(fine)


def _in_range(beats: int) -> int:
    return max(1, min(beats, MAX_HORIZON_BEATS))


def _rows(packed: bytes) -> Floats:
    return np.frombuffer(packed, dtype="<f4").reshape(-1, TOKEN_COUNT).astype(np.float64)
