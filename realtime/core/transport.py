"""The transport: whether time runs, where the music stands, and which beat comes next."""

from dataclasses import dataclass, field, replace
from typing import Final

from realtime.core.meter import Meter
from realtime.core.tap import TapTempo
from realtime.core.timeline import Timeline
from realtime.core.units import Micros, Ticks

QUIET_MICROS: Final = 2_500_000
"""A pause, even between the whole notes of a slow song."""


@dataclass(slots=True)
class Transport:
    """Owns the timeline. Beats are counted from 0 at the start."""

    timeline: Timeline = field(default_factory=Timeline)
    playing: bool = False
    next_beat: int = 0
    prepared: int = -1
    """The last beat that the band has got ready for, which is a little before it begins."""
    start_at: Micros | None = None
    """When a count-in is over and the music starts; None if none is on."""
    first_bar: int = 0
    """The bars of the song, ours or somebody else's, that were over when beats began to count from 0."""
    first_ticks: Ticks = Ticks(0)
    """How long those bars were."""
    is_led: bool = False
    """Whether another clock says how fast it goes: then nothing here slows it down."""
    slowed_to: float = 1.0
    """The share of the tempo that the music goes at: less than 1 in a ritardando."""
    awaits_note: bool = False
    """Whether the next note of the player's starts the music whatever was before."""
    _quiet_until: Micros = Micros(0)
    """After a stop the player's notes start nothing before they have paused for a while."""
    _stopped_ticks: Ticks = Ticks(0)
    _tap: TapTempo = field(default_factory=TapTempo)

    def position(self, at: Micros) -> Ticks:
        """Ticks since the start; where it stopped, while it is stopped."""
        return max(Ticks(0), self.timeline.ticks_at(at)) if self.playing else self._stopped_ticks

    @property
    def is_unprepared(self) -> bool:
        """Whether the band has yet to get ready for the next beat."""
        return self.playing and self.prepared < self.next_beat

    def set_tempo(self, tempo_bpm: float, at: Micros) -> None:
        """Goes on at another tempo."""
        self.timeline = self.timeline.with_tempo(tempo_bpm * self.slowed_to, at)

    def slow_to(self, share: float, at: Micros) -> None:
        """Goes on at this share of the tempo; at 1 the tempo is itself again."""
        if share != self.slowed_to and not self.is_led:
            tempo_bpm = self.timeline.tempo_bpm / self.slowed_to
            self.slowed_to = share
            self.set_tempo(tempo_bpm, at)

    def steer(self, timeline: Timeline) -> None:
        """Time goes on like this: another clock says so."""
        if self.playing:
            self.timeline = timeline
        else:
            self.timeline = self.timeline.with_tempo(timeline.tempo_bpm, timeline.origin_micros)

    def locate(self, ticks: Ticks, first_bar: int, meter: Meter) -> None:
        """While it stands still: the next `start` with `resume` begins at `ticks`, after `first_bar` bars of a song."""
        self._stopped_ticks, self.first_bar = ticks, first_bar
        self.first_ticks = meter.start_of_bar(first_bar)
        self.prepared = -(-ticks // meter.beat_ticks) - 1

    def count_anew(self, ticks: Ticks, bars: int) -> None:
        """Beats count from 0 again at `ticks`, which is now or soon, after so many bars; time goes on as it did."""
        self.first_bar, self.first_ticks = self.first_bar + bars, Ticks(self.first_ticks + ticks)
        self.timeline = replace(self.timeline, origin_ticks=Ticks(self.timeline.origin_ticks - ticks))
        self.next_beat, self.prepared = 0, -1

    def next_bar(self, meter: Meter) -> int:
        """The bar that begins at the next bar line, though its first beat be written already."""
        return -(-self.next_beat // meter.beats_per_bar) if self.playing else 0

    def start(self, at: Micros, meter: Meter, *, resume: bool, count_in_bars: int = 0) -> None:
        """Runs from so many bars before the top, or from where it stopped."""
        position = self._stopped_ticks if resume else Ticks(-count_in_bars * meter.bar_ticks)
        self.awaits_note = False
        self.start_at = None
        self.timeline = self.timeline.with_position(position, at)
        self.playing = True
        self.next_beat = max(0, -(-position // meter.beat_ticks))
        self.prepared = self.prepared if resume else -1
        if not resume:
            self.first_bar, self.first_ticks = 0, Ticks(0)

    def stop(self, at: Micros) -> None:
        """Stands still where it is."""
        self._stopped_ticks = self.position(at)
        self.slow_to(1.0, at)
        self.playing = self.awaits_note = False
        self.start_at = None
        self._quiet_until = Micros(at + QUIET_MICROS)

    def await_note(self) -> None:
        """The next note starts the music, though it come at once."""
        self.awaits_note = True

    def starts_with_note(self, at: Micros) -> bool:
        """Whether a note of the player's may start the music; call it for each note while it is stopped.

        What is still being played as the music stops, such as the end of a song, is no new start.
        """
        if self.awaits_note or at >= self._quiet_until:
            return True
        self._quiet_until = Micros(at + QUIET_MICROS)
        return False

    def tap(self, at: Micros) -> float | None:
        """Takes a tap; returns the tempo it makes, if it makes one. Four taps while stopped count the music in."""
        tempo = self._tap.tap(at)
        if tempo is not None and self._tap.is_count_in and not self.playing:
            self.start_at = Micros(at + self._tap.interval_micros)
        return tempo
