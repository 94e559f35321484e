"""Makes a memory of songs from session logs: what was heard on each beat, learnt again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daemon.config import ConfigError
from daemon.config_rules import parse_meter
from daemon.memory_file import MemoryFile, merged
from daemon.session_format import BadLog, InputLine, Line, OutputLine
from daemon.session_reader import Session, open_session
from daemon.weights_folder import load_weights
from realtime.core.chord import NO_CHORD, BadChord, Chord, parse_chord
from realtime.core.events import ActionRequested, Beat, ChordHeard, MidiReceived, TransportChanged
from realtime.core.oracle import Oracle

REST_BEATS: Final = 32
"""So long after the player's last key, what is played is the band's own and is not remembered."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What came of it: how many sessions, and how many beats with a chord were heard in them."""

    sessions: int
    beats: int


class LogListener:
    """Follows a log's lines and lets an oracle learn the chord of each beat that is over."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.beats = 0
        self._heard: dict[int, Chord | None] = {}
        self._chord: Chord | None = None
        self._since_player = REST_BEATS
        self._beats_per_bar = 4

    def follow(self, lines: Iterable[Line]) -> None:
        """A whole session: another song, and more where the player said so."""
        self._begin_song()
        for line in lines:
            match line:
                case InputLine(event=MidiReceived()):
                    self._since_player = 0
                case InputLine(event=ActionRequested("song/next")):
                    self._begin_song()
                case OutputLine(event=TransportChanged() as change):
                    self._restart(change)
                case OutputLine(event=ChordHeard(chord, _, number)) if number >= 0:
                    self._heard[number] = _chord(chord)
                case OutputLine(event=Beat(number)) if number > 0:
                    self._finish(number - 1)
                case _:
                    pass

    def _begin_song(self) -> None:
        self.oracle.begin_song()
        self._heard.clear()
        self._chord = None

    def _restart(self, change: TransportChanged) -> None:
        """The music starts or stops; beats may count from 0 again, and bars are others."""
        self._heard.clear()
        beats_per_bar = parse_meter(change.meter).beats_per_bar
        if beats_per_bar != self._beats_per_bar or not change.playing:
            while self.oracle.next_beat % self._beats_per_bar:
                self.oracle.observe(None)
            self._beats_per_bar = beats_per_bar
            self.oracle.set_meter(beats_per_bar)

    def _finish(self, beat: int) -> None:
        """A beat without a word goes on with the chord of the beat before."""
        self._chord = self._heard.pop(beat, self._chord)
        self._since_player += 1
        chord = self._chord if self._since_player <= REST_BEATS else None
        self.beats += chord is not None
        self.oracle.observe(chord)


def _chord(name: str) -> Chord | None:
    try:
        return None if name == NO_CHORD else parse_chord(name)
    except BadChord:
        return None


def remember(paths: Sequence[Path], file: Path) -> Remembered:
    """Adds what was heard in these sessions to the memory in `file`, the latest as the newest.

    Raises:
        ConfigError: a session, or the memory that is there already, cannot be read; or it cannot be written.
    """
    kept = MemoryFile(file)
    sessions = sorted((_opened(path) for path in paths), key=lambda session: session.header.started)
    listener = LogListener(Oracle(weights=load_weights().oracle))
    for session in sessions:
        try:
            listener.follow(numbered.line for numbered in session.lines())
        except (BadLog, OSError, ValueError) as error:
            raise ConfigError([f"{session.path}: {error}"]) from None
    trouble = kept.save(merged([memory for memory in (listener.oracle.save(), kept.loaded) if memory]))
    if trouble:
        raise ConfigError([f"-o {trouble}"])
    return Remembered(len(sessions), listener.beats)


def _opened(path: Path) -> Session:
    try:
        return open_session(path)
    except (BadLog, OSError) as error:
        raise ConfigError([f"{path}: {getattr(error, 'strerror', None) or error}"]) from None
