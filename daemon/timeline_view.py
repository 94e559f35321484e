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
        self._chords: dict[int, str] = {}  # by the number of the beat, from the first of this bar on
        self._promises: dict[int, ChordForeseen] = {}  # what was foreseen first, a whole beat ahead or more
        self._first = 0  # the number of this bar's first beat
        self._hits = [0, 0]  # bar lines whose root was foreseen, bar lines
        self._notes: Counter[str] = Counter()
        self._headed = False

    def show(self, stamped: Stamped[Output]) -> None:
        """Takes one output."""
        match stamped.event:
            case Beat() as beat:
                self._begin_beat(beat)
            case ChordHeard() as heard:
                self._hear(heard)
            case ChordForeseen(number=number) as foreseen:
                self._foreseen[number] = foreseen
                if foreseen.beats_away >= 1:
                    self._promises.setdefault(number, foreseen)
                self._redraw()
            case KeyHeard(key=key):
                self._key = key
            case NoteOn(part=part):
                self._notes[part] += 1
            case TransportChanged(playing=playing):
                if not playing:
                    self.close()
                self._promises.clear()
            case _:
                pass

    def close(self) -> None:
        """Shows what is left."""
        self._end_bar()
        self._stream.flush()

    def _hear(self, heard: ChordHeard) -> None:
        self._chord = heard.chord
        if self._beat is not None:
            self._chords[self._beat.number if heard.number < 0 else heard.number] = heard.chord
        self._redraw()

    def _begin_beat(self, beat: Beat) -> None:
        if beat.beat == 1:
            self._end_bar()
        if self._beat is None or beat.beat == 1:
            self._first = beat.number
        self._beat = beat
        self._chords.setdefault(beat.number, self._chord)
        for told in (self._foreseen, self._promises):
            for number in [number for number in told if number < self._first]:
                del told[number]
        self._redraw()

    def _redraw(self) -> None:
        if self._redraws and self._beat is not None:
            self._stream.write(_CLEAR_LINE + self._live_line(self._beat))
            self._stream.flush()

    def _end_bar(self) -> None:
        """A line for the bar, though it may not be over; nothing where none has begun."""
        beat = self._beat
        chords = {} if beat is None else {n: self._chords.pop(n) for n in sorted(self._chords) if n <= beat.number}
        if beat is None or not chords:
            return
        if self._redraws:
            self._stream.write(_CLEAR_LINE)
        if not self._headed:
            self._headed = True
            parts = " ".join(f"{part[:5]:<5}" for part in BAND_PARTS)
            self._print(self._paint(f"{'bar':>4}  {'heard':<34} {'foreseen for beat 1':<20} {parts}", _DIM))
        heard = self._paint(f"{_run_together(list(chords.values())):<34}", _BOLD)
        promise = self._kept(self._promises.get(self._first), next(iter(chords.values())))
        self._print(f"{beat.bar:>4}  {heard} {promise} {self._columns()}".rstrip())
        self._notes.clear()

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
