"""MIDI files of a session: parts, names, programs, tempo, and time that only goes forward."""

import mido

from daemon.midi_score import song_of, write_band, write_performance
from daemon.session_format import OutputLine
from realtime.core.events import ControlChange, NoteOff, NoteOn, ParameterChanged, TransportChanged


def line(at, ticks, event):
    return OutputLine(at, ticks, event)


LINES = [
    line(0, 0, TransportChanged(True, 120.0, "3/4")),
    line(0, 0, NoteOn("bass", 1, 40, 90)),
    line(0, 0, NoteOn("player", 0, 60, 80)),
    line(10, 20, ControlChange("player", 0, 64, 127)),
    line(500_000, 960, ParameterChanged("transport/tempo", 60.0)),
    line(1_000_000, 1440, NoteOff("bass", 1, 40)),
    line(1_000_000, 1440, NoteOn("bass", 1, 40, 91)),
    line(1_500_000, 1920, NoteOn("drums", 9, 36, 100)),
    line(1_500_000, 1920, NoteOff("player", 0, 60)),
    line(1_600_000, 2000, NoteOff("drums", 9, 36)),
    line(2_000_000, 2400, NoteOff("bass", 1, 40)),
]


def absolute(track):
    tick, result = 0, []
    for message in track:
        tick += message.time
        result.append((tick, message))
    return result


def test_the_band_has_a_named_track_a_part_with_its_program(tmp_path):
    write_band(song_of(LINES), tmp_path / "band.mid")
    file = mido.MidiFile(tmp_path / "band.mid")
    assert (file.type, file.ticks_per_beat) == (1, 960)
    assert [track.name for track in file.tracks] == ["sideman", "drums", "bass", "keys", "pad", "solo"]
    bass = [m for m in file.tracks[2] if m.type == "program_change"]
    assert [(m.program, m.channel) for m in bass] == [(33, 1)]
    assert not any(m.type == "program_change" for m in file.tracks[1])


def test_tempo_and_meter_stand_where_they_changed(tmp_path):
    write_band(song_of(LINES), tmp_path / "band.mid")
    conductor = absolute(mido.MidiFile(tmp_path / "band.mid").tracks[0])
    assert [(tick, m.tempo) for tick, m in conductor if m.type == "set_tempo"] == [(0, 500_000), (960, 1_000_000)]
    assert [(tick, m.numerator) for tick, m in conductor if m.type == "time_signature"] == [(0, 3)]


def test_the_performance_is_the_players_notes_and_pedals(tmp_path):
    write_performance(song_of(LINES), tmp_path / "performance.mid")
    player = absolute(mido.MidiFile(tmp_path / "performance.mid").tracks[1])
    found = [(tick, m.type) for tick, m in player if not m.is_meta and m.type != "program_change"]
    assert found == [(0, "note_on"), (20, "control_change"), (1920, "note_off")]


def test_a_note_struck_again_is_let_go_first(tmp_path):
    write_band(song_of(LINES), tmp_path / "band.mid")
    bass = absolute(mido.MidiFile(tmp_path / "band.mid").tracks[2])
    assert [m.type for tick, m in bass if tick == 1440] == ["note_off", "note_on"]


def test_a_second_start_goes_on_at_the_next_bar_line():
    again = [
        line(3_000_000, 2500, TransportChanged(False, 120.0, "3/4")),
        line(9_000_000, 0, TransportChanged(True, 120.0, "3/4")),
        line(9_000_000, 0, NoteOn("bass", 1, 41, 90)),
        line(9_500_000, 960, NoteOff("bass", 1, 41)),
    ]
    song = song_of(LINES + again)
    assert [p.tick for p in song.of("bass") if p.event.pitch == 41] == [2880, 3840]


def test_what_is_played_before_the_start_begins_the_song():
    before = [line(60_000_000, 0, NoteOn("player", 0, 50, 80)), line(60_500_000, 0, NoteOff("player", 0, 50))]
    after = [line(62_000_000, 0, TransportChanged(True, 96.0, "4/4")), line(62_000_000, 0, NoteOn("bass", 1, 30, 9))]
    song = song_of(before + after)
    assert [p.tick for p in song.of("player")] == [0, 768]
    assert [p.tick for p in song.of("bass")] == [3840]


def test_an_empty_session_is_an_empty_file(tmp_path):
    write_band(song_of([]), tmp_path / "band.mid")
    assert len(mido.MidiFile(tmp_path / "band.mid").tracks) == 6
