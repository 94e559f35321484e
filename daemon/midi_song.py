"""Reads a MIDI file as a song: every track of it, each channel on the engine's part that comes nearest.

What a channel plays on is chosen by its program (General MIDI). Channels may share a part, and with it a place in the
mix: the part takes up the channel's instrument before each of its notes.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from daemon.midi_file import MAX_SECONDS, FileClock, MidiFileError, merged, parse_file, read_file
from realtime.core.events import (
    ControlChange,
    NoteOff,
    NoteOn,
    Output,
    ParameterChanged,
    Part,
    PitchBend,
    Stamped,
)
from realtime.core.sound_table import INSTRUMENT_OF_PART, instrument_of_program
from realtime.core.units import DRUM_CHANNEL, MICROS_PER_SECOND, Micros


def read_song(path: Path) -> list[Stamped[Output]]:
    """What a Standard MIDI File sounds like, every track of it, for the engine.

    Raises:
        MidiFileError: as `read_midi_file`.
    """
    return read_file(path, parse_song)


def parse_song(data: bytes) -> list[Stamped[Output]]:
    """What the bytes of a Standard MIDI File sound like.

    Raises:
        MidiFileError: as `parse_midi`.
    """
    parts = _Parts()
    song: list[Stamped[Output]] = []
    for at, message in _timed(data):
        if message.type == "program_change":
            parts.choose(message.channel, message.program)
        elif (event := parts.sound(message)) is not None:
            song += [Stamped(at, sounding) for sounding in (*parts.take_up(event), event)]
    if not any(isinstance(stamped.event, NoteOn) for stamped in song):
        raise MidiFileError("has no notes to play")
    return song


def read_messages(path: Path) -> list[tuple[Micros, bytes]]:
    """The channel and exclusive messages of a Standard MIDI File, every track of it, as they are, each with its time.

    Raises:
        MidiFileError: as `read_midi_file`.
    """
    return read_file(path, parse_messages)


def parse_messages(data: bytes) -> list[tuple[Micros, bytes]]:
    """The channel and exclusive messages in the bytes of a Standard MIDI File.

    Raises:
        MidiFileError: as `parse_midi`.
    """
    messages = [(at, message) for at, message in _timed(data) if _is_for_player(message)]
    if not any(message.type == "note_on" and message.velocity for _, message in messages):
        raise MidiFileError("has no notes to play")
    return [(at, bytes(message.bytes())) for at, message in messages]


def _is_for_player(message: Any) -> bool:  # noqa: ANN401 - mido has no types
    return message.type == "sysex" or (not message.is_meta and hasattr(message, "channel"))


def _timed(data: bytes) -> Iterator[tuple[Micros, Any]]:
    """Every message of a file but its tempo changes, with its time."""
    file = parse_file(data)
    clock = FileClock(file.ticks_per_beat)
    for tick, message in merged(file.tracks):
        at = clock.at(tick)
        if at > MAX_SECONDS * MICROS_PER_SECOND:
            raise MidiFileError(f"is longer than {MAX_SECONDS // 3600} hours")
        if message.type == "set_tempo":
            clock.set_tempo(tick, max(1, message.tempo))
        else:
            yield at, message


class _Parts:
    """Which of the engine's parts plays each channel of a file: by its program, as General MIDI orders them."""

    def __init__(self) -> None:
        self._of_channel: dict[int, Part] = {DRUM_CHANNEL: "drums"}
        self._instruments: dict[int, str] = {}
        self._in_hand: dict[Part, str] = dict(INSTRUMENT_OF_PART)

    def choose(self, channel: int, program: int) -> None:
        if channel != DRUM_CHANNEL:
            self._of_channel[channel] = next(part for last, part in _PROGRAM_RANGES if program <= last)
        self._instruments[channel] = instrument_of_program(program, is_drums=channel == DRUM_CHANNEL)

    def take_up(self, event: Output) -> Iterator[Output]:
        """The change of instrument that a note needs, if it does."""
        if not isinstance(event, NoteOn):
            return
        own = self._instruments.get(event.channel, INSTRUMENT_OF_PART.get(event.part, ""))
        if own and own != self._in_hand.get(event.part):
            self._in_hand[event.part] = own
            yield ParameterChanged(f"part/{event.part}/instrument", own)

    def sound(self, message: Any) -> Output | None:  # noqa: ANN401 - mido has no types
        if message.is_meta or not hasattr(message, "channel"):
            return None
        channel = message.channel
        part = self._of_channel.get(channel, "player")
        match message.type:
            case "note_on" if message.velocity:
                return NoteOn(part, channel, message.note, message.velocity)
            case "note_on" | "note_off":
                return NoteOff(part, channel, message.note)
            case "control_change":
                return ControlChange(part, channel, message.control, message.value)
            case "pitchwheel":
                return PitchBend(part, channel, message.pitch)
            case _:
                return None


_PROGRAM_RANGES: Final[tuple[tuple[int, Part], ...]] = (
    (3, "player"),  # pianos
    (31, "keys"),  # electric pianos, organs, guitars
    (39, "bass"),
    (55, "pad"),  # strings and choirs
    (87, "solo"),  # brass, reeds, pipes, leads
    (103, "pad"),
    (127, "keys"),
)
"""The last program of each range, and the part that comes nearest to it."""
