"""The inbox: a bounded queue of stamped inputs from any thread into trio.

Rules. Putting something in never blocks, whatever thread does it. When the inbox is full, knobs give way
first, then what begins; what *ends* (note-offs, stop, panic, a lost port) has room of its own, because a
lost ending is a note that hangs. What did not fit is counted.

Why a deque and a socket pair: it is the shortest of the bridges measured (half of trio's `run_sync_soon`),
and the socket also wakes a sleeping trio under a test's clock.
"""

import contextlib
import socket
from collections import deque
from dataclasses import dataclass
from typing import Final

import trio

from realtime.core.events import ActionRequested, Input, MidiReceived, PortChanged, Stamped
from realtime.core.units import Micros

CAPACITY: Final = 4_096
ROOM_FOR_ENDINGS: Final = 2_048
"""One for every key of every channel."""

_ENDING_ACTIONS: Final = frozenset({"transport/panic", "transport/stop"})
_ENDING_CONTROLLERS: Final = frozenset({64, 66, 120, 123})


@dataclass(frozen=True, slots=True)
class InboxStatistics:
    """What went through an inbox since it was made. Counts; the two lost ones are zero on a good day."""

    received: int
    lost: int
    lost_endings: int
    deepest: int
    """Most inputs ever waiting at once."""


def is_ending(event: Input) -> bool:
    """Whether losing `event` could leave a note sounding.

    Thread: any one.
    Real-time safe: yes.
    """
    match event:
        case MidiReceived(data=data):
            return _ends_a_note(data)
        case ActionRequested(path=path):
            return path in _ENDING_ACTIONS
        case PortChanged(present=present):
            return not present
        case _:
            return False


def _ends_a_note(data: bytes) -> bool:
    """Note-off, note-on with velocity 0, pedal up, all notes off, stop."""
    if not data:
        return False
    kind = data[0] & 0xF0
    if kind == 0x90:
        return len(data) > 2 and data[2] == 0
    if kind == 0xB0:
        return len(data) > 2 and data[1] in _ENDING_CONTROLLERS and data[2] < 64
    return kind == 0x80 or data[0] in (0xFC, 0xFF)


class Inbox:
    """Inputs from everywhere, for one reader.

    Args:
        capacity: inputs held at most, 2 or more; endings have room for 2048 more.

    Thread: made anywhere; `put` from any thread, the rest from trio.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        if capacity < 2:
            raise ValueError(f"capacity must be 2 or more, but was {capacity}")
        self._capacity = capacity
        self._waiting: deque[Stamped[Input]] = deque()
        self._signalled = False
        self._received = 0
        self._lost = 0
        self._lost_endings = 0
        self._deepest = 0
        self._reader, self._writer = socket.socketpair()
        self._reader.settimeout(0)
        self._writer.settimeout(0)

    def put(self, event: Input, at: Micros) -> bool:
        """Leaves `event`, which happened at `at`, for the reader; False if there was no room.

        Thread: any one.
        Real-time safe: as far as Python is: no lock of ours, one short system call when the reader sleeps.
        """
        depth = len(self._waiting)
        if depth >= self._capacity // 2 and not self._has_room(event, depth):
            return False
        self._waiting.append(Stamped(at, event))
        if not self._signalled:
            self._signalled = True
            self._wake()
        return True

    async def wait(self) -> None:
        """Returns when something is waiting (or, seldom, when nothing is). One task at a time.

        Thread: trio.
        """
        if self._waiting:
            await trio.lowlevel.checkpoint()
        else:
            await trio.lowlevel.wait_readable(self._reader)

    def drain(self) -> list[Stamped[Input]]:
        """Everything that is waiting, oldest stamp first (equal stamps as they came). Never waits.

        Thread: trio.
        """
        # Order matters: whoever appends after the flag is down will wake us again.
        with contextlib.suppress(BlockingIOError):
            self._reader.recv(4_096)
        self._signalled = False
        depth = len(self._waiting)
        self._deepest = max(self._deepest, depth)
        self._received += depth
        drained = [self._waiting.popleft() for _ in range(depth)]
        drained.sort(key=_stamp)
        return drained

    def statistics(self) -> InboxStatistics:
        """What went through so far.

        Thread: any one.
        """
        return InboxStatistics(self._received, self._lost, self._lost_endings, self._deepest)

    def close(self) -> None:
        """Lets the sockets go. Whatever is put in afterwards waits in vain, but does no harm.

        Thread: any one, once `wait` is no longer awaited and the callbacks that put are cancelled.
        """
        self._signalled = True
        with contextlib.suppress(RuntimeError):  # outside of trio nobody can be waiting
            trio.lowlevel.notify_closing(self._reader)
        self._reader.close()
        self._writer.close()

    def _has_room(self, event: Input, depth: int) -> bool:
        """Who gives way in a crowd: knobs at half, beginnings when full, endings last of all."""
        ending = is_ending(event)
        if ending:
            limit = self._capacity + ROOM_FOR_ENDINGS
        elif isinstance(event, MidiReceived | PortChanged):
            limit = self._capacity
        else:
            limit = self._capacity // 2
        if depth < limit:
            return True
        self._lost += 1
        self._lost_endings += ending
        return False

    def _wake(self) -> None:
        # Full: the reader is being woken already. Closed: nobody reads any more.
        with contextlib.suppress(OSError):
            self._writer.send(b"\0")


def _stamp(stamped: Stamped[Input]) -> Micros:
    return stamped.at
