"""What a session amounted to, read from its log: how long, how many notes, how often the band foresaw rightly."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from daemon.session_format import OutputLine
from daemon.song_time import SongTime
from realtime.core.chord import NO_CHORD, BadChord, parse_chord
from realtime.core.events import Beat, ChordForeseen, ChordHeard, KeyHeard, NoteOn, TransportChanged
from realtime.core.units import MICROS_PER_SECOND


@dataclass(slots=True)
class Agreement:
    """Of the beats that had a committed chord and on which one was heard: how many were the same."""

    beats: int = 0
    same_root: int = 0
    same_chord: int = 0


@dataclass(slots=True)
class Summary:
    """The key figures of a session."""

    seconds: float = 0.0
    bars: int = 0
    beats: int = 0
    notes: dict[str, int] = field(default_factory=dict)
    chords_heard: int = 0
    different_chords: int = 0
    key: str = ""
    tempo_bpm: float = 0.0
    meter: str = ""
    foreseen: Agreement = field(default_factory=Agreement)
    foreseen_second_half: Agreement = field(default_factory=Agreement)


class _Beats:
    """The chord committed for each beat, and the chord heard on it.

    What was said of a beat first, a whole beat ahead or more, is the promise; what was heard of it last is the chord.
    """

    def __init__(self) -> None:
        self.committed: dict[int, str] = {}
        self.heard: dict[int, str] = {}
        self._beat = -1
        self._chord = NO_CHORD

    def foresee(self, event: ChordForeseen) -> None:
        # Only what was said in time counts: a commitment made on the beat itself is no foresight.
        if event.committed and event.beats_away >= 1:
            self.committed.setdefault(event.number, event.chord)

    def hear(self, event: ChordHeard) -> None:
        self._chord = event.chord
        beat = self._beat if event.number < 0 else event.number
        if beat >= 0:
            self.heard[beat] = event.chord

    def restart(self) -> None:
        """Beats may count from 0 again: what was promised is void."""
        self.committed.clear()

    def begin(self, number: int) -> None:
        self._beat = number
        self.heard.setdefault(number, self._chord)

    def agreement(self, first: int = 0) -> Agreement:
        """Beat by beat, from beat `first` on."""
        result = Agreement()
        for number, heard in self.heard.items():
            foreseen = self.committed.get(number)
            if number < first or foreseen is None or heard == NO_CHORD:
                continue
            result.beats += 1
            result.same_chord += foreseen == heard
            result.same_root += root_of(foreseen) == root_of(heard)
        return result


def root_of(symbol: str) -> int | None:
    """The root of a chord symbol as a pitch class, or None for no chord."""
    try:
        chord = parse_chord(symbol)
    except BadChord:
        return None
    return None if chord is None else chord.root


def summarise(lines: Iterable[OutputLine]) -> Summary:
    """The key figures in a session's outputs."""
    summary = Summary()
    notes: Counter[str] = Counter()
    chords: set[str] = set()
    time = SongTime()
    beats = _Beats()
    last = 0
    for line in lines:
        time.follow(line)
        last = max(last, line.at)
        match line.event:
            case NoteOn(part=part):
                notes[part] += 1
            case Beat() as beat:
                summary.bars, summary.beats = max(summary.bars, beat.bar), summary.beats + 1
                beats.begin(beat.number)
            case ChordHeard() as heard:
                summary.chords_heard += 1
                chords.add(heard.chord)
                beats.hear(heard)
            case ChordForeseen() as foreseen:
                beats.foresee(foreseen)
            case TransportChanged(playing=True):
                beats.restart()
            case KeyHeard(key=key):
                summary.key = key
            case _:
                pass
    summary.seconds = last / MICROS_PER_SECOND
    summary.notes = dict(sorted(notes.items()))
    summary.different_chords = len(chords - {NO_CHORD})
    summary.tempo_bpm, summary.meter = round(time.tempo_bpm, 3), str(time.meter)
    summary.foreseen = beats.agreement()
    summary.foreseen_second_half = beats.agreement(first=max(beats.heard, default=0) // 2)
    return summary
