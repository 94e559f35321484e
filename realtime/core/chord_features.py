"""What the chord net sees of a beat, or of its beginning, as channels of twelve pitch classes each.

A channel holds one kind of evidence for every pitch class: sounding in the second quarter of the beat, struck in it,
being the lowest note of its first half. The net looks at all of it from each of the twelve roots in turn, so a
transposed performance gives exactly the transposed answer. The beats before are the net's to remember.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.core.evidence import Span
from realtime.core.units import MICROS_PER_SECOND, Micros

Floats = NDArray[np.float32]

SLOTS: Final = 4
"""Parts of a beat."""

_STRUCK: Final = SLOTS
"""Channels from here: struck in the first quarter, the second, the second half."""
_BANDS: Final = _STRUCK + 3
"""Low, middle and high keys."""
_LOWEST: Final = _BANDS + 3
"""The lowest note of each half."""
_HIGHEST: Final = _LOWEST + 2
_HELD: Final = _HIGHEST + 1
"""Sounding since before the beat."""
_RINGING: Final = _HELD + 1
"""The same, but no finger is on the key."""
_STRUCK_LOWEST: Final = _RINGING + 1
CHANNELS: Final = _STRUCK_LOWEST + 1

FACTS: Final = 16
"""Numbers that do not turn with the root: the place in the bar, how much of the beat was heard, how much sounded."""

BAND_EDGES: Final = (50, 66)
DECAY: Final = 2 * MICROS_PER_SECOND
_LEAST_SHARE: Final = 0.3
"""A note must sound for this part of a slot to be its lowest or highest."""
_SHORTEST_SLOT: Final = 10_000.0
_NO_KEY: Final = 128
"""Above every key."""


class BeatSight:
    """The channels and the facts of one beat, or of its beginning."""

    __slots__ = ("_heard", "_highs", "_last", "_lows", "_rows", "_start", "_width", "channels", "elapsed", "facts")

    def __init__(self, spans: Iterable[Span], start: Micros, length: int, now: Micros) -> None:
        """What was heard from `start` until `now`, in a beat that is `length` long."""
        self.elapsed = min(1.0, max(0.0, (now - start) / length))
        self._start, self._width = start, length / SLOTS
        self._rows = [[0.0] * 12 for _ in range(CHANNELS)]
        self._heard = [min(self._width, max(_SHORTEST_SLOT, now - start - n * self._width)) for n in range(SLOTS)]
        self._last = max(0, min(SLOTS - 1, int((now - start - 1) / self._width)))
        self._lows, self._highs = [_NO_KEY] * SLOTS, [-1] * SLOTS
        sounding, struck = [], []
        for span in spans:
            until = now if span.end is None else min(span.end, now)
            if until > start and span.start < now:
                sounding.append(span.pitch)
                if span.start >= start:
                    struck.append(span.pitch)
                self._add(span, until)
        self._mark_edges(min(struck, default=_NO_KEY))
        self.channels: Floats = np.minimum(np.array(self._rows, dtype=np.float32), np.float32(1.0))
        self.facts = (
            self.elapsed,
            float(self.elapsed < 0.3),
            float(self.elapsed < 0.7),
            min(1.0, len(sounding) / 12.0),
            min(1.0, len(struck) / 12.0),
            min(1.0, min(sounding, default=_NO_KEY) / 100.0),
            len({low for low in self._lows if low < _NO_KEY}) / SLOTS,
            float(bool(sounding)),
        )

    def _slot_of(self, offset: int) -> int:
        return min(self._last, int(offset / self._width))

    def _add(self, span: Span, until: int) -> None:
        """A note that sounds in the beat, `until` then."""
        start, rows, pitch = self._start, self._rows, span.pitch
        key = pitch % 12
        touch = min(1.0, 0.6 + span.velocity / 250.0)
        begin, end = max(span.start, start) - start, until - start
        first = self._slot_of(begin)
        if span.start >= start:
            rows[_STRUCK + min(first, 2)][key] += touch
        whole = 0.0
        for slot in range(first, self._slot_of(end - 1) + 1):
            edge = slot * self._width
            share = min(1.0, (min(end, edge + self._heard[slot]) - max(begin, edge)) / self._heard[slot])
            if share <= 0.0:
                continue
            whole += share * touch
            rows[slot][key] += share * touch * 0.5 ** (max(0.0, start + edge - span.start) / DECAY)
            if share >= _LEAST_SHARE:
                self._lows[slot] = min(self._lows[slot], pitch)
                self._highs[slot] = max(self._highs[slot], pitch)
        whole /= self._last + 1
        rows[_BANDS + (pitch >= BAND_EDGES[0]) + (pitch >= BAND_EDGES[1])][key] += whole
        if span.start < start:
            rows[_HELD][key] += whole
            if span.lifted is not None and span.lifted <= start:
                rows[_RINGING][key] += whole

    def _mark_edges(self, lowest_struck: int) -> None:
        """Who is lowest and highest in each slot, and lowest of what was struck; bass weighs most down low."""
        for slot in range(self._last + 1):
            low, high = self._lows[slot], self._highs[slot]
            if high >= 0:
                self._rows[_LOWEST + (slot >= SLOTS // 2)][low % 12] += 0.5 if low < 60 else 0.3
                self._rows[_HIGHEST][high % 12] += 1.0 / (self._last + 1)
        if lowest_struck < _NO_KEY:
            self._rows[_STRUCK_LOWEST][lowest_struck % 12] = 1.0 if lowest_struck < 55 else 0.5


def place_facts(place: tuple[int, int] | None) -> tuple[float, ...]:
    """Which beat of how many in the bar, as eight flags; all zero where it is not known."""
    flags = [0.0] * 8
    if place is not None:
        beat, beats = place
        flags[beat % 4 if beats % 4 == 0 else 4 + min(beat % 3, 2) if beats % 3 == 0 else 7] = 1.0
    return tuple(flags)


def features(beat: BeatSight, place: tuple[int, int] | None) -> tuple[Floats, Floats]:
    """`CHANNELS` rows of twelve, and `FACTS` numbers; all of them 0..1."""
    return beat.channels, np.array((*beat.facts, *place_facts(place)), dtype=np.float32)
