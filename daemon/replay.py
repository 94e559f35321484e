"""Plays a session log again and compares: the same inputs must give the same outputs."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from daemon.recorder import LiveHeart, Recorder
from daemon.session_format import EndLine, Header, InputLine, Line, OutputLine, event_to_mapping
from daemon.session_reader import NumberedLine, Session

MakeHeart = Callable[[Header], LiveHeart]

NOTHING: Final = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where log and replay disagree."""

    line: int
    expected: str
    got: str

    def __str__(self) -> str:
        return f"line {self.line}: the log has {self.expected}, but the replay gives {self.got}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a replay found."""

    inputs: int
    outputs: int
    orderly_end: bool
    damaged: tuple[int, ...]
    """Numbers of the first few lines whose checksum is wrong."""
    difference: Difference | None

    @property
    def is_clean(self) -> bool:
        """Whether the log is whole and the replay the same."""
        return not self.damaged and self.difference is None


class Replay:
    """A replay under way: log lines in, the first difference out."""

    def __init__(self, heart: LiveHeart) -> None:
        self._fresh: deque[Line] = deque()
        self._heart = Recorder(heart, self._fresh.append)
        self.inputs = 0
        self.outputs = 0
        self.ended = False

    def take(self, numbered: NumberedLine) -> Difference | None:
        """Plays one line of the log."""
        match numbered.line:
            case InputLine(at, _, event):
                self.inputs += 1
                self._heart.receive(event, at)
                return self._compare(numbered)
            case OutputLine():
                self.outputs += 1
                if not self._fresh:
                    self._go_on()
                return self._compare(numbered)
            case EndLine(at):
                self.ended = True
                self._heart.silence(at)
                return self._compare(numbered)

    def _go_on(self) -> None:
        """Lets the heart do what it does by itself, one wakeup at a time, until something comes of it."""
        silent = 0
        while not self._fresh and silent < _MAX_SILENT_WAKEUPS:
            wakeup = self._heart.next_wakeup()
            if wakeup is None:
                return
            self._heart.advance(wakeup)
            silent += 1

    def _compare(self, numbered: NumberedLine) -> Difference | None:
        got = self._fresh.popleft() if self._fresh else None
        if got == numbered.line:
            return None
        return Difference(numbered.number, describe(numbered.line), NOTHING if got is None else describe(got))


_MAX_SILENT_WAKEUPS: Final = 100_000


def describe(line: Line) -> str:
    """A line in words, for people who look for a difference."""
    match line:
        case InputLine(at, ticks, event):
            return f"input {event_to_mapping(event)} at {at} µs (tick {ticks})"
        case OutputLine(at, ticks, output):
            return f"output {event_to_mapping(output)} at {at} µs (tick {ticks})"
        case EndLine(at):
            return f"the end at {at} µs"


def replay(session: Session, make_heart: MakeHeart) -> Verdict:
    """Plays the whole of `session` on a fresh heart, up to the first difference.

    A log that just stops (the process was killed) is no difference: what would have come next is not known.

    Raises:
        BadLog: a line cannot be read.
    """
    replaying = Replay(make_heart(session.header))
    damaged = [] if session.header_intact else [1]
    difference: Difference | None = None
    for numbered in session.lines():
        if not numbered.intact:
            damaged.append(numbered.number)
        difference = replaying.take(numbered)
        if difference is not None:
            break
    return Verdict(replaying.inputs, replaying.outputs, replaying.ended, tuple(damaged[:10]), difference)
