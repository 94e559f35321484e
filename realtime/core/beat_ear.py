"""The ear for the beat: hears note-ons, says where the beat is, how sure that is, and whether it may be relied on.

`none` before anything was heard; `locking` until a beat has stood for some beats; `locked`; `lost` when nothing was
struck for long, or when what is struck no longer agrees with any beat.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from realtime.core.beat_beam import BeatBeam, Estimate
from realtime.core.onset import Gathering
from realtime.core.units import MICROS_PER_MINUTE, Micros

BeatState = Literal["none", "locking", "locked", "lost"]

AVERAGED_BEATS: Final = 2.0
"""Confidence is an average over about so many beats."""

SURE: Final = 0.75
UNSURE: Final = 0.45
"""So confident a beat is relied on, and below this it no longer is."""

KIN: Final = 0.7
"""How much those who count the same beat twice as fast, or half as fast, speak for it."""

STANDS_BEATS: Final = 3.0
"""How long a beat has stood, no other being likelier, when it is relied on."""

STEADY: Final = 0.12
"""By how much its length may change from onset to onset, as a share."""

SILENT_BEATS: Final = 4.5
SILENT_MICROS: Final = 2_500_000
"""Nothing struck for this long, whichever is longer: the beat is lost."""


@dataclass(slots=True)
class BeatEar:
    """Folds note-ons into a beat. Bounded memory; about 0.3 ms an onset."""

    estimate: Estimate | None = None
    confidence: float = 0.0
    """How much of the belief has been with the beat, lately: 0..1."""
    state: BeatState = "none"
    heard_at: Micros | None = None
    """When the last onset was."""
    _beam: BeatBeam = field(default_factory=BeatBeam)
    _gathering: Gathering = field(default_factory=Gathering)
    _stood: float = 0.0
    """Beats for which the estimate has gone on as it was."""

    def begin(self, beats_per_bar: int) -> None:
        """Nothing was heard yet."""
        self._beam.begin(beats_per_bar)
        self._gathering.clear()
        self.estimate, self.confidence, self.state, self.heard_at, self._stood = None, 0.0, "none", None, 0.0

    def expect(self, low_bpm: float, high_bpm: float, spread: float) -> None:
        """What beats a minute are likely: within a range, and outside it by a bell so wide (logarithm)."""
        self._beam.expect(low_bpm, high_bpm, spread)

    def strike(self, pitch: int, velocity: int, channel: int, at: Micros) -> None:
        """A note-on."""
        self._gathering.strike(pitch, velocity, channel, at)

    def due(self) -> Micros | None:
        """When `hear` is to be called if no note comes before; None while there is nothing to hear."""
        return self._gathering.due()

    def hear(self) -> Estimate:
        """What was struck is whole: what it says of the beat."""
        onset = self._gathering.take()
        self._beam.hear(onset)
        estimate = self._beam.estimate(self.estimate)
        assert estimate is not None  # there was an onset
        self._believe(estimate, onset.at)
        return estimate

    def silent_at(self) -> Micros | None:
        """When the beat is lost if nothing is struck; None where none is to be lost."""
        if self.heard_at is None or self.estimate is None or self.state not in ("locking", "locked"):
            return None
        return Micros(self.heard_at + max(SILENT_MICROS, round(SILENT_BEATS * self.estimate.length)))

    def lose(self) -> None:
        """Nothing was struck for that long."""
        self.state = "lost" if self.state == "locked" else "none"
        self.confidence, self._stood = 0.0, 0.0

    @property
    def tempo_bpm(self) -> float:
        """Beats a minute; 0 before any."""
        return MICROS_PER_MINUTE / self.estimate.length if self.estimate is not None else 0.0

    def _believe(self, estimate: Estimate, at: Micros) -> None:
        before, heard_at = self.estimate, self.heard_at
        self.estimate, self.heard_at = estimate, at
        if before is None or heard_at is None:
            self.state = "locking"
            return
        beats = (at - heard_at) / estimate.length
        self.confidence += (estimate.share + KIN * estimate.kin - self.confidence) * min(1.0, beats / AVERAGED_BEATS)
        self._stood = self._stood + beats if before.agrees(estimate, at, STEADY) else 0.0
        if self.confidence >= SURE and self._stood >= STANDS_BEATS:
            self.state = "locked"
        elif self.confidence < UNSURE and self.state == "locked":
            self.state = "lost"
        elif self.state == "none":
            self.state = "locking"
