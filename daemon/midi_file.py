"""Reads a MIDI file as a player: what its hands do, and the tempo and meter they do it in.

Rules. Any bytes at all give either a `Script` or a `MidiFileError` that says what is wrong. Notes on
channel 10 are a drummer's, not the player's, and are left out; all other tracks are the one player's.
"""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from realtime.core.events import (
    ActionRequested,
    Input,
    MidiReceived,
    ParameterSet,
    Stamped,
)
from realtime.core.meter import ALLOWED_DENOMINATORS, MAX_NUMERATOR, Meter
from realtime.core.timeline import micros_per_quarter
from realtime.core.units import DRUM_CHANNEL, MICROS_PER_MINUTE, MICROS_PER_SECOND, Micros

MAX_FILE_BYTES: Final = 32_000_000
MAX_EVENTS: Final = 2_000_000
MAX_SECONDS: Final = 6 * 3600
PLAYED_CONTROLLERS: Final = frozenset({1, 11, 64, 66, 67})
"""Modulation, expression and the three pedals: what hands and feet do. Volume and pan are the mixer's."""

T = TypeVar("T")

FILE_PORT: Final = "file"
DEFAULT_MICROS_PER_QUARTER: Final = 500_000


class MidiFileError(ValueError):
    """A file that cannot be played; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Script:
    """A performance to be played to the band: its inputs in order of time, from 0."""

    inputs: tuple[Stamped[Input], ...]
    last_input: Micros
    notes: int
    meter: Meter
    tempo_bpm: float
    clamped_tempi: int = 0
    """Tempo changes that were out of the allowed range."""

    @property
    def bars_to_micros(self) -> int:
        """How long a bar lasts, at the first tempo."""
        return self.meter.bar_ticks * micros_per_quarter(self.tempo_bpm) // 960


@dataclass(frozen=True, slots=True)
class _Timed:
    at: Micros
    rank: int
    event: Input


def mido_module() -> Any:  # noqa: ANN401 - mido has no types
    """mido, imported when it is first needed, which keeps `sideman --help` quick."""
    import mido  # noqa: PLC0415

    return mido


def read_midi_file(path: Path) -> Script:
    """The performance in a Standard MIDI File.

    Raises:
        MidiFileError: it cannot be read, is no MIDI file, is broken, too large, or has nothing to play.
    """
    return read_file(path, parse_midi)


def read_file(path: Path, parse: Callable[[bytes], T]) -> T:
    """What `parse` makes of the bytes of a file; its errors name the file.

    Raises:
        MidiFileError: it cannot be read, or is too large, or `parse` says so.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise MidiFileError(f"{path}: is larger than {MAX_FILE_BYTES} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise MidiFileError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        return parse(data)
    except MidiFileError as error:
        raise MidiFileError(f"{path}: {error}") from None


def parse_midi(data: bytes) -> Script:
    """The performance in the bytes of a Standard MIDI File.

    Raises:
        MidiFileError: it is none, is broken, too large, or has nothing to play.
    """
    file = parse_file(data)
    return _script(merged(file.tracks), file.ticks_per_beat)


def parse_file(data: bytes) -> Any:  # noqa: ANN401 - mido has no types
    """The bytes of a Standard MIDI File as mido's `MidiFile`.

    Raises:
        MidiFileError: it is none, is broken, or too large.
    """
    mido = mido_module()
    if data[:4] != b"MThd":
        raise MidiFileError("is not a MIDI file: it does not begin with MThd")
    try:
        file = mido.MidiFile(file=io.BytesIO(data), clip=True)
    except Exception as error:
        # mido raises whatever its parser stumbled on: EOFError, KeyError, IndexError, its own and others.
        what = "it ends too early" if isinstance(error, EOFError) else f"{type(error).__name__}: {error}".rstrip(": ")
        raise MidiFileError(f"is broken: {what}") from None
    if file.ticks_per_beat <= 0:
        raise MidiFileError("counts in SMPTE frames, not in quarter notes; that is not supported")
    if sum(len(track) for track in file.tracks) > MAX_EVENTS:
        raise MidiFileError(f"has more than {MAX_EVENTS} events")
    if file.type == 2:
        raise MidiFileError("is of type 2 (a collection of songs); only types 0 and 1 are one performance")
    return file


def merged(tracks: Iterable[Any]) -> list[tuple[int, Any]]:
    """The messages of all tracks with their tick, in order."""
    merged: list[tuple[int, Any]] = []
    for track in tracks:
        tick = 0
        for message in track:
            tick += message.time
            merged.append((tick, message))
    merged.sort(key=lambda pair: pair[0])
    return merged


def _script(messages: list[tuple[int, Any]], ticks_per_quarter: int) -> Script:
    timed: list[_Timed] = []
    clock = FileClock(ticks_per_quarter)
    clamped = notes = 0
    meter: Meter | None = None
    for tick, message in messages:
        at = clock.at(tick)
        if message.type == "set_tempo":
            bpm = MICROS_PER_MINUTE / max(1, message.tempo)
            clock.set_tempo(tick, micros_per_quarter(bpm))
            clamped += micros_per_quarter(bpm) != message.tempo
            timed.append(_Timed(at, 0, ParameterSet("transport/tempo", _tempo(clock.micros_per_quarter))))
        elif message.type == "time_signature":
            new = _meter(message)
            meter = meter or (new if tick == 0 else None)
            arguments = (new.numerator, new.denominator)
            timed.append(_Timed(at, 1, ActionRequested("transport/meter", arguments)))
        elif (data := _played(message)) is not None:
            notes += message.type == "note_on" and message.velocity > 0
            timed.append(_Timed(at, 3, MidiReceived(FILE_PORT, data)))
    if notes == 0:
        raise MidiFileError("has no notes to play (channel 10, the drums, does not count)")
    return _assemble(timed, notes, meter or Meter(), clamped)


def _assemble(timed: list[_Timed], notes: int, meter: Meter, clamped: int) -> Script:
    """The script: at 0 tempo and meter first, then the start, then the playing."""
    first_tempo = next(
        (
            t.event.value
            for t in timed
            if t.at == 0 and isinstance(t.event, ParameterSet) and isinstance(t.event.value, float)
        ),
        _tempo(DEFAULT_MICROS_PER_QUARTER),
    )
    timed.append(_Timed(Micros(0), 2, ActionRequested("transport/start")))
    timed.insert(0, _Timed(Micros(0), 0, ParameterSet("transport/tempo", first_tempo)))
    timed.insert(1, _Timed(Micros(0), 1, ActionRequested("transport/meter", (meter.numerator, meter.denominator))))
    timed.sort(key=lambda t: (t.at, t.rank))
    if timed[-1].at > MAX_SECONDS * MICROS_PER_SECOND:
        raise MidiFileError(f"is longer than {MAX_SECONDS // 3600} hours")
    last = max(t.at for t in timed if isinstance(t.event, MidiReceived))
    inputs = tuple(Stamped(t.at, t.event) for t in timed)
    return Script(inputs, last, notes, meter, first_tempo, clamped)


def _tempo(quarter_micros: int) -> float:
    return MICROS_PER_MINUTE / quarter_micros


def _meter(message: Any) -> Meter:  # noqa: ANN401 - mido has no types
    if not 1 <= message.numerator <= MAX_NUMERATOR or message.denominator not in ALLOWED_DENOMINATORS:
        raise MidiFileError(
            f"has the time signature {message.numerator}/{message.denominator};"
            f" allowed are 1 to {MAX_NUMERATOR} over one of {ALLOWED_DENOMINATORS}"
        )
    return Meter(message.numerator, message.denominator)


def _played(message: Any) -> bytes | None:  # noqa: ANN401 - mido has no types
    """The bytes of a message that hands or feet make, or None."""
    if message.is_meta or getattr(message, "channel", DRUM_CHANNEL) == DRUM_CHANNEL:
        return None
    if message.type in ("note_on", "note_off", "pitchwheel", "aftertouch", "polytouch") or (
        message.type == "control_change" and message.control in PLAYED_CONTROLLERS
    ):
        return bytes(message.bytes())
    return None


class FileClock:
    """The file's ticks to microseconds, as tempo changes go by. Rounds up, as `Timeline.micros_at` does."""

    def __init__(self, ticks_per_quarter: int) -> None:
        self.micros_per_quarter = DEFAULT_MICROS_PER_QUARTER
        self._ticks_per_quarter = ticks_per_quarter
        self._origin_tick = 0
        self._origin_micros = 0

    def at(self, tick: int) -> Micros:
        """When `tick` is."""
        elapsed = (tick - self._origin_tick) * self.micros_per_quarter
        return Micros(self._origin_micros - (-elapsed // self._ticks_per_quarter))

    def set_tempo(self, tick: int, quarter_micros: int) -> None:
        """From `tick` on, a quarter note lasts `quarter_micros`."""
        self._origin_micros, self._origin_tick = self.at(tick), tick
        self.micros_per_quarter = quarter_micros
