"""Turns a session's lines into MIDI files: the player's hands in one, the band in the other, a track a part."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from daemon.midi_file import mido_module
from daemon.session_format import OutputLine
from daemon.song_time import SongTime
from realtime.core.events import (
    BAND_PARTS,
    ControlChange,
    NoteOff,
    NoteOn,
    ParameterChanged,
    Part,
    PitchBend,
    TransportChanged,
)
from realtime.core.meter import Meter
from realtime.core.timeline import micros_per_quarter
from realtime.core.units import DRUM_CHANNEL, TICKS_PER_QUARTER

PROGRAM_OF_PART: Final[dict[Part, int]] = {"player": 0, "bass": 33, "keys": 4, "pad": 89, "solo": 80}
"""General MIDI programs, 0-based: grand piano, fingered bass, electric piano, warm pad, square lead."""

Sound = NoteOn | NoteOff | ControlChange | PitchBend


@dataclass(frozen=True, slots=True)
class Placed:
    """Something that sounds, at a tick of the file."""

    tick: int
    event: Sound


@dataclass(slots=True)
class Song:
    """All that sounded in a session, in file time, with its tempi and meters."""

    sounds: list[Placed] = field(default_factory=list)
    tempi: list[tuple[int, float]] = field(default_factory=list)
    meters: list[tuple[int, Meter]] = field(default_factory=list)

    def of(self, part: Part) -> list[Placed]:
        """What one part plays, in order."""
        return sorted((p for p in self.sounds if p.event.part == part), key=_order)

    @property
    def last_tick(self) -> int:
        """The tick of the last sound."""
        return max((p.tick for p in self.sounds), default=0)

    def bar_lines(self) -> list[tuple[int, Meter]]:
        """The first tick of every bar up to the last sound, with its meter."""
        lines: list[tuple[int, Meter]] = []
        changes = sorted(self.meters, key=lambda change: change[0])
        tick, meter = 0, Meter()
        while tick <= self.last_tick:
            while changes and changes[0][0] <= tick:
                meter = changes.pop(0)[1]
            lines.append((tick, meter))
            tick += meter.bar_ticks
        return lines


def _order(placed: Placed) -> tuple[int, int]:
    """Offs first: a note that is struck again must first be let go."""
    return placed.tick, 0 if isinstance(placed.event, NoteOff) else 1


def song_of(lines: Iterable[OutputLine]) -> Song:
    """The song in a session's outputs; the player's notes are among them, as they were passed through."""
    song = Song()
    time = SongTime()
    for line in lines:
        tick = time.follow(line)
        match line.event:
            case NoteOn() | NoteOff() | ControlChange() | PitchBend() as sound:
                song.sounds.append(Placed(tick, sound))
            case TransportChanged() | ParameterChanged("transport/tempo"):
                song.tempi.append((tick, time.tempo_bpm))
                song.meters.append((tick, time.meter))
            case _:
                pass
    return song


def write_performance(song: Song, path: Path) -> None:
    """The player's notes as a MIDI file."""
    _save(song, ["player"], path)


def write_band(song: Song, path: Path) -> None:
    """The band as a MIDI file, a named track for each part."""
    _save(song, list(BAND_PARTS), path)


def _save(song: Song, parts: list[Part], path: Path) -> None:
    mido = mido_module()
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER, charset="utf-8")
    file.tracks.append(_conductor(song))
    file.tracks += [_track(part, song.of(part)) for part in parts]
    file.save(path)


def _conductor(song: Song) -> Any:  # noqa: ANN401 - mido has no types
    """The first track: tempo and meter."""
    mido = mido_module()
    changes: list[tuple[int, Any]] = []
    for tick, meter in song.meters or [(0, Meter())]:
        signature = mido.MetaMessage("time_signature", numerator=meter.numerator, denominator=meter.denominator)
        changes.append((tick, signature))
    for tick, bpm in song.tempi or [(0, 96.0)]:
        changes.append((tick, mido.MetaMessage("set_tempo", tempo=micros_per_quarter(bpm))))
    return _with_deltas("sideman", _without_repeats(changes))


def _without_repeats(changes: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """Only the changes that change something; of several at one tick, the last of its kind."""
    latest = {(tick, message.type): (tick, message) for tick, message in changes}
    kept: list[tuple[int, Any]] = []
    standing: dict[str, Any] = {}
    for tick, message in sorted(latest.values(), key=lambda pair: pair[0]):
        if message.type not in standing or standing[message.type] != message:
            kept.append((tick, message))
            standing[message.type] = message
    return kept


def _track(part: Part, sounds: list[Placed]) -> Any:  # noqa: ANN401 - mido has no types
    mido = mido_module()
    messages: list[tuple[int, Any]] = []
    program = PROGRAM_OF_PART.get(part)
    for channel in sorted({placed.event.channel for placed in sounds} - {DRUM_CHANNEL}):
        if program is not None:
            messages.append((0, mido.Message("program_change", channel=channel, program=program)))
    messages += [(placed.tick, _message(placed.event)) for placed in sounds]
    return _with_deltas(part, messages)


def _message(event: Sound) -> Any:  # noqa: ANN401 - mido has no types
    mido = mido_module()
    match event:
        case NoteOn(_, channel, pitch, velocity):
            return mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)
        case NoteOff(_, channel, pitch):
            return mido.Message("note_off", channel=channel, note=pitch, velocity=0)
        case ControlChange(_, channel, controller, value):
            return mido.Message("control_change", channel=channel, control=controller, value=value)
        case PitchBend(_, channel, value):
            return mido.Message("pitchwheel", channel=channel, pitch=value)


def _with_deltas(name: str, messages: list[tuple[int, Any]]) -> Any:  # noqa: ANN401 - mido has no types
    mido = mido_module()
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    tick = 0
    for at, message in messages:
        track.append(message.copy(time=max(0, at - tick)))
        tick = max(tick, at)
    return track
