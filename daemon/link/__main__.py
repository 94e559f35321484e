"""The Link process: `python -m daemon.link TEMPO QUANTUM`; sessions out, wishes in, until its input ends.

A process of its own, because Link's library is under the GPL, has threads of its own and sockets on every network.
"""

import os
import select
import signal
import sys
import time
from typing import Any, Final

import msgspec

from daemon.link.wire import Session, Trouble, Wish

LOOK_SECONDS: Final = 0.01
TELL_MICROS: Final = 1_000_000
"""Even if nothing is new, so that the clocks do not drift apart."""

WORTH_TELLING_BEATS: Final = 0.0005
MISSING: Final = "Ableton Link is not installed: pip install 'sideman[link]'"


class Peer:
    """Our place in the session."""

    def __init__(self, library: Any, tempo_bpm: float, quantum: float) -> None:  # noqa: ANN401 - an untyped module
        self._link = library.Link(tempo_bpm)
        self._clock = self._link.clock()
        self._quantum = quantum
        self._done = 0
        self._link.startStopSyncEnabled = True
        self._link.enabled = True

    def obey(self, wish: Wish) -> None:
        """Changes the session for everybody."""
        state = self._link.captureSessionState()
        at = wish.at + self._ahead()
        if wish.quantum is not None:
            self._quantum = wish.quantum
        if wish.tempo_bpm is not None:
            state.setTempo(wish.tempo_bpm, at)
        if wish.playing is not None:
            state.setIsPlaying(wish.playing, at)
        if wish.tempo_bpm is not None or wish.playing is not None:
            self._link.commitSessionState(state)
        self._done = wish.number

    def session(self) -> Session:
        """As it stands now."""
        state, ahead = self._link.captureSessionState(), self._ahead()
        at = _micros()
        playing = bool(state.isPlaying())
        return Session(
            tempo_bpm=state.tempo(),
            at=at,
            beat=state.beatAtTime(at + ahead, self._quantum),
            playing=playing,
            start_beat=state.beatAtTime(state.timeForIsPlaying(), self._quantum) if playing else 0.0,
            peers=self._link.numPeers(),
            done=self._done,
        )

    def _ahead(self) -> int:
        """How far Link's clock is ahead of ours, µs: of a few readings, the one that took the shortest."""
        readings = []
        for _ in range(3):
            before = _micros()
            theirs = self._clock.micros()
            after = _micros()
            readings.append((after - before, theirs - (before + after) // 2))
        return int(min(readings)[1])


def is_news(session: Session, told: Session | None) -> bool:
    """Whether who knows `told` has to be told `session`."""
    if told is None or session.at - told.at >= TELL_MICROS:
        return True
    same = (session.tempo_bpm, session.playing, session.start_beat, session.peers, session.done)
    if same != (told.tempo_bpm, told.playing, told.start_beat, told.peers, told.done):
        return True
    return abs(session.beat - told.beat_at(session.at)) > WORTH_TELLING_BEATS


def _micros() -> int:
    return time.perf_counter_ns() // 1_000


def main() -> int:
    """Takes part until the input ends; 1 if there is no Link."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        import link  # noqa: PLC0415 - may be missing
    except ImportError:
        _tell(Trouble(MISSING))
        return 1
    peer, told, rest = Peer(link, float(sys.argv[1]), float(sys.argv[2])), None, b""
    while True:
        if select.select([0], [], [], LOOK_SECONDS)[0]:
            data = os.read(0, 65_536)
            if not data:
                return 0
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                peer.obey(msgspec.json.decode(line, type=Wish))
        session = peer.session()
        if is_news(session, told):
            told = session
            _tell(session)


def _tell(message: Session | Trouble) -> None:
    os.write(1, msgspec.json.encode(message) + b"\n")


if __name__ == "__main__":
    sys.exit(main())
