"""The band in a terminal: one line a bar, and a live line for the present beat where the terminal can redraw.

Pure but for the stream it is given: outputs in, text out.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final, TextIO

from daemon.summary import root_of
from realtime.core.events import (
    BAND_PARTS,
    Beat,
    ChordForeseen,
    ChordHeard,
    KeyHeard,
    NoteOn,
    Output,
    Stamped,
    TransportChanged,
)

BLOCKS: Final = " ▁▂▃▄▅▆▇█"
BUSY_NOTES_PER_BAR: Final = 24
"""Notes a bar that fill a part's column; sixteenths on two drums."""

_DIM: Final = "\x1b[2m"
_BOLD: Final = "\x1b[1m"
_GREEN: Final = "\x1b[32m"
_YELLOW: Final = "\x1b[33m"
_RESET: Final = "\x1b[0m"
_CLEAR_LINE: Final = "\r\x1b[2K"


class TimelineView:
    """Shows outputs as they come. Colour and the live line only on a terminal, and never with NO_COLOR."""

    def __init__(self, stream: TextIO, environment: Mapping[str, str]) -> None:
        self._stream = stream
        self._redraws = stream.isatty() and environment.get("TERM") != "dumb"
        self._colours = self._redraws and not environment.get("NO_COLOR")
        self._beat: Beat | None = None
        self._chord = "–"
        self._key = ""
        self._foreseen: dict[int, ChordForeseen] = {}
        self._bar_chords: list[str] = []
        self._finished: tuple[int, list[str]] | None = None  # the bar before, until its last chord is told
        self._finished_columns = ""
        self._promise: ChordForeseen | None = None  # what was foreseen for the first beat of this bar
        self._finished_promise: ChordForeseen | None = None
        self._began_at = -1
        self._hits = [0, 0]  # bar lines whose root was foreseen, bar lines
        self._notes: Counter[str] = Counter()
        self._headed = False

    def show(self, stamped: Stamped[Output]) -> None:
        """Takes one output."""
        match stamped.event:
            case Beat() as beat:
                self._begin_beat(beat, stamped.at)
            case ChordHeard(chord=chord):
                self._hear(chord, stamped.at)
            case ChordForeseen(number=number) as foreseen:
                self._foreseen[number] = foreseen
                self._redraw()
            case KeyHeard(key=key):
                self._key = key
            case NoteOn(part=part):
                self._notes[part] += 1
            case TransportChanged(playing=False):
                self.close()
            case _:
                pass

    def close(self) -> None:
        """Shows what is left."""
        self._end_bar()
        self._stream.flush()

    def _hear(self, chord: str, at: int) -> None:
        """A chord told at the moment a beat begins is the chord of the beat before."""
        self._chord = chord
        if not self._bar_chords:
            return
        self._bar_chords[-1] = chord
        if at == self._began_at:
            if len(self._bar_chords) > 1:
                self._bar_chords[-2] = chord
            elif self._finished is not None:
                self._finished[1][-1] = chord
        self._redraw()

    def _begin_beat(self, beat: Beat, at: int) -> None:
        self._show_finished()
        if beat.beat == 1 and self._beat is not None and self._bar_chords:
            # Its last chord is told only now that it is over, so the line waits for one more beat.
            self._finished = (self._beat.bar, self._bar_chords)
            self._bar_chords = []
            self._finished_columns, self._finished_promise = self._columns(), self._promise
            self._notes.clear()
        if beat.beat == 1:
            self._promise = self._foreseen.get(beat.number)
        self._beat, self._began_at = beat, at
        self._bar_chords.append(self._chord)
        for number in [n for n in self._foreseen if n < beat.number - 1]:
            del self._foreseen[number]
        self._redraw()

    def _redraw(self) -> None:
        if self._redraws and self._beat is not None:
            self._stream.write(_CLEAR_LINE + self._live_line(self._beat))
            self._stream.flush()

    def _end_bar(self) -> None:
        """The bar before, then the present one, though it is not over."""
        self._show_finished()
        if self._beat is not None and self._bar_chords:
            self._finished = (self._beat.bar, self._bar_chords)
            self._finished_columns, self._finished_promise = self._columns(), self._promise
            self._bar_chords = []
            self._notes.clear()
            self._show_finished()

    def _show_finished(self) -> None:
        if self._finished is None:
            return
        if self._redraws:
            self._stream.write(_CLEAR_LINE)
        if not self._headed:
            self._headed = True
            parts = " ".join(f"{part[:5]:<5}" for part in BAND_PARTS)
            self._print(self._paint(f"{'bar':>4}  {'heard':<34} {'foreseen for beat 1':<20} {parts}", _DIM))
        bar, chords = self._finished
        heard = self._paint(f"{_run_together(chords):<34}", _BOLD)
        promise = self._kept(self._finished_promise, chords[0])
        self._print(f"{bar:>4}  {heard} {promise} {self._finished_columns}".rstrip())
        self._finished = None

    def _columns(self) -> str:
        return " ".join(f"{self._activity(part):<5}" for part in BAND_PARTS)

    def _kept(self, promise: ChordForeseen | None, heard: str) -> str:
        """What was foreseen for a bar's first beat, and how it came out: ✓ right, ≈ right root, ✗ wrong."""
        if promise is None:
            return f"{'–':<20}"
        mark = "✓" if promise.chord == heard else "≈" if root_of(promise.chord) == root_of(heard) else "✗"
        self._hits[0] += mark != "✗"
        self._hits[1] += 1
        text = f"{promise.chord} {promise.probability:.0%} {mark}"
        return self._paint(f"{text:<20}", _YELLOW if mark == "✗" else _GREEN)

    def _next(self) -> str:
        """The chord foreseen for the beat to come: "Cm7 83 %", with a ? while it is tentative."""
        number = self._beat.number + 1 if self._beat is not None else 0
        foreseen = self._foreseen.get(number)
        if foreseen is None:
            return f"{'–':<18}"
        mark = "" if foreseen.committed else " ?"
        text = f"{foreseen.chord} {foreseen.probability:.0%}{mark}"
        return self._paint(f"{text:<18}", _GREEN if foreseen.committed else _YELLOW)

    def _activity(self, part: str) -> str:
        notes = self._notes[part]
        level = min(len(BLOCKS) - 1, -(-notes * (len(BLOCKS) - 1) // BUSY_NOTES_PER_BAR))
        return f"{BLOCKS[level]} {notes}" if notes else "·"

    def _live_line(self, beat: Beat) -> str:
        hits, total = self._hits
        share = f"  bar lines foreseen {hits}/{total}" if total else ""
        dots = "●" * beat.beat
        return (
            f"{beat.bar:>4}  {dots:<6} {self._chord:<10} → {self._next()} {beat.tempo_bpm:.0f} bpm  {self._key}{share}"
        )

    def _print(self, text: str) -> None:
        self._stream.write(text + "\n")

    def _paint(self, text: str, colour: str) -> str:
        return f"{colour}{text}{_RESET}" if self._colours else text


def _run_together(chords: list[str]) -> str:
    """The chords of a bar, a dot where the last one goes on: "Cm7 · F7 ·"."""
    shown = [chord if place == 0 or chord != chords[place - 1] else "·" for place, chord in enumerate(chords)]
    return " ".join(shown)
