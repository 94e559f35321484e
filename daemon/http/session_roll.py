"""A recorded session as a piano roll shows it: notes, chords, bars and sections on one line of time."""

from pathlib import Path
from typing import Any, Final

from daemon.session_format import BadLog, OutputLine
from daemon.session_reader import open_session
from realtime.core.events import Beat, ChordHeard, KeyHeard, NoteOff, NoteOn, Output, SectionHeard

MOST_NOTES: Final = 100_000
"""Some hours of music, some megabytes; what comes later is left out, and that is said."""

_MICROS_IN_MILLI: Final = 1_000


class _Roll:
    """Outputs in, rows out. Times in ms since the session began."""

    def __init__(self) -> None:
        self.notes: list[list[Any]] = []
        self.rows: dict[str, list[list[Any]]] = {"chords": [], "beats": [], "sections": [], "keys": []}
        self.last = 0
        self._sounding: dict[tuple[str, int, int], int] = {}

    def take(self, line: OutputLine) -> None:
        event: Output = line.event
        at = round(line.at / _MICROS_IN_MILLI)
        match event:
            case NoteOn(part, channel, pitch, velocity):
                self._sounding[part, channel, pitch] = len(self.notes)
                self.notes.append([part, pitch, velocity, at, None])
            case NoteOff(part, channel, pitch):
                begun = self._sounding.pop((part, channel, pitch), None)
                if begun is not None:
                    self.notes[begun][4] = at
            case Beat(_, bar, beat):
                self.rows["beats"].append([at, bar, beat])
            case ChordHeard(chord):
                self._change("chords", at, chord)
            case KeyHeard(key):
                self._change("keys", at, key)
            case SectionHeard(section):
                self.rows["sections"].append([at, section])
            case _:
                return
        self.last = max(self.last, at)

    def _change(self, kind: str, at: int, name: str) -> None:
        rows = self.rows[kind]
        if not rows or rows[-1][1] != name:
            rows.append([at, name])


def roll_of(folder: Path) -> dict[str, Any]:
    """`notes` as [part, pitch, velocity, from, until], `chords`, `keys` and `sections` as [from, name], `beats` as
    [at, bar, beat]; in ms since the session began. `is_cut`: there was more than is told.

    Raises:
        BadLog: the log cannot be read.
        OSError: as above.
    """
    roll, is_cut = _Roll(), False
    try:
        for line in open_session(folder).outputs():
            roll.take(line)
            if len(roll.notes) >= MOST_NOTES:
                is_cut = True
                break
    except BadLog:
        if not roll.notes:
            raise
        is_cut = True
    for note in roll.notes:
        if note[4] is None:  # cut off while it sounded
            note[4] = roll.last
    return {"milliseconds": roll.last, "is_cut": is_cut, "notes": roll.notes, **roll.rows}
