"""Follows a session's outputs and says at which tick of one continuous song each of them stands.

Musical time in a log begins anew at every start of the transport; in a song it only goes forward. So each start
begins at the next bar line, and what is played while the music stands still goes by the clock. Where another meter
begins while the music plays, beats are counted anew, too, and the song goes on.
"""

from daemon.session_format import OutputLine
from realtime.core.events import (
    Beat,
    ControlChange,
    NoteOff,
    NoteOn,
    ParameterChanged,
    PitchBend,
    TransportChanged,
)
from realtime.core.meter import Meter
from realtime.core.timeline import micros_per_quarter
from realtime.core.units import TICKS_PER_QUARTER, Micros, Ticks


class SongTime:
    """The song's clock: lines in, ticks out; `meter` and `tempo_bpm` are those of the latest line."""

    def __init__(self) -> None:
        self.meter = Meter()
        self.tempo_bpm = 96.0
        self._playing = False
        self._base = 0  # while playing: song tick = base + musical tick
        self._anchor: tuple[Micros, int] | None = None  # while standing still: from here by the clock
        self._last = 0  # the last tick that sounded
        self._beat = 0  # the last beat's tick

    def follow(self, line: OutputLine) -> int:
        """The song's tick at `line`."""
        match line.event:
            case TransportChanged() as change:
                self._change(line, change)
            case ParameterChanged("transport/tempo", float() | int() as tempo):
                self.tempo_bpm = float(tempo)
            case NoteOn() | NoteOff() | ControlChange() | PitchBend():
                tick = self._place(line)
                self._last = max(self._last, tick)
                return tick
            case Beat():
                self._beat = self._place(line)
            case _:
                pass
        return self._place(line)

    def _place(self, line: OutputLine) -> int:
        if self._playing:
            return max(0, self._base + line.ticks)
        if self._anchor is None:
            if not isinstance(line.event, NoteOn):
                return 0
            self._anchor = (line.at, 0)  # the song begins with the first note, not with the silence before it
        since, at_tick = self._anchor
        quarter = micros_per_quarter(self.tempo_bpm)
        return max(0, at_tick + (line.at - since) * TICKS_PER_QUARTER // quarter)

    def _change(self, line: OutputLine, change: TransportChanged) -> None:
        self.tempo_bpm = change.tempo_bpm
        before = self.meter
        numerator, _, denominator = change.meter.partition("/")
        if numerator.isdecimal() and denominator.isdecimal():
            self.meter = Meter(int(numerator), int(denominator))
        if change.playing and self._playing and line.ticks < self._beat - self._base:
            # Beats are counted anew, from the bar line that comes: another meter begins there.
            self._base += before.next_bar(Ticks(self._beat - self._base + 1))
        elif change.playing and not self._playing:
            bar_line = self.meter.next_bar(Ticks(self._last)) if self._last else 0
            self._base = bar_line - self.meter.start_of_bar(self.meter.bar_of(line.ticks))
        elif self._playing:
            # The position in the log is where the music stopped.
            self._anchor = (line.at, max(self._last, self._base + line.ticks))
        self._playing = change.playing
