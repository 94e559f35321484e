"""The line between the band and the Link process: JSON objects, one a line.

Times are microseconds of the system's monotonic clock (`time.perf_counter`), which both processes read. Beats are
quarter notes; a quantum is as many of them as make a bar.
"""

import msgspec


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """From Link: the session as it stands. At `at` it is on `beat`, and goes on at `tempo_bpm`.

    `start_beat` is where the others began to play, if they do. `done` is the number of the last `Wish`
    that this knows of.
    """

    tempo_bpm: float
    at: int
    beat: float
    playing: bool = False
    start_beat: float = 0.0
    peers: int = 0
    done: int = 0

    def beat_at(self, at: int) -> float:
        """Where it is at `at`."""
        return self.beat + (at - self.at) * self.tempo_bpm / 60e6

    def micros_at(self, beat: float) -> int:
        """When it is on `beat`."""
        return self.at + round((beat - self.beat) * 60e6 / self.tempo_bpm)


class Wish(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """To Link: what is to be another from `at` on; what is None stays as it is."""

    number: int
    at: int
    tempo_bpm: float | None = None
    playing: bool | None = None
    quantum: float | None = None


class Trouble(msgspec.Struct, frozen=True):
    """From Link: why there is none, for people."""

    trouble: str
