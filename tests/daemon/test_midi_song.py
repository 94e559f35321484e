"""A MIDI file as a song: each channel plays what its program says."""

import io

import mido
import pytest

from daemon.midi_song import parse_song
from daemon.sound import engine_problem
from realtime.core.events import NoteOn, ParameterChanged

pytestmark = pytest.mark.skipif(bool(engine_problem()), reason="the sound engine is not built")


def song(*channels: tuple[int, int | None, list[int]]) -> list:
    file = mido.MidiFile()
    for channel, program, pitches in channels:
        track = mido.MidiTrack()
        if program is not None:
            track.append(mido.Message("program_change", channel=channel, program=program))
        for pitch in pitches:
            track.append(mido.Message("note_on", channel=channel, note=pitch, velocity=90))
            track.append(mido.Message("note_off", channel=channel, note=pitch, time=480))
        file.tracks.append(track)
    data = io.BytesIO()
    file.save(file=data)
    return [stamped.event for stamped in parse_song(data.getvalue())]


def played(events: list) -> list[tuple[int, str]]:
    """The instrument that sounds at each note, where one was chosen."""
    hands: dict[str, str] = {}
    notes = []
    for event in events:
        if isinstance(event, ParameterChanged):
            hands[event.path.split("/")[1]] = str(event.value)
        elif isinstance(event, NoteOn):
            notes.append((event.pitch, hands.get(event.part, "its own")))
    return notes


def test_a_guitar_an_upright_bass_and_brushes_are_played_as_such():
    assert played(song((0, 24, [60]))) == [(60, "nylon_guitar")]
    assert played(song((1, 32, [40]))) == [(40, "upright_bass")]
    assert played(song((9, 40, [38]))) == [(38, "brush_kit")]


def test_what_a_part_plays_anyway_is_not_chosen():
    assert played(song((0, 0, [60]), (1, 33, [40]), (9, None, [36]))) == [
        (60, "its own"),
        (40, "its own"),
        (36, "its own"),
    ]


def test_channels_that_share_a_part_each_play_their_own():
    events = song((2, 4, [60, 62]), (3, 24, [64, 65]))
    of = dict(played(events))
    assert (of[60], of[62]) != (of[64], of[65])
    assert (of[64], of[65]) == ("nylon_guitar", "nylon_guitar")
    assert of[62] == "electric_piano"
