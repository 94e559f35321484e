"""Reading MIDI files: what is played comes out; what is broken says so."""

import io

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.midi_file import MidiFileError, Script, parse_midi, read_midi_file
from daemon.midi_song import parse_song
from realtime.core.events import ActionRequested, MidiReceived, NoteOn, ParameterSet


def midi_bytes(*tracks, ticks_per_beat=480, kind=1):
    file = mido.MidiFile(type=kind, ticks_per_beat=ticks_per_beat)
    file.tracks.extend(mido.MidiTrack(track) for track in tracks)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def note(pitch, time=0, channel=0, on=True):
    return mido.Message("note_on" if on else "note_off", note=pitch, velocity=70, time=time, channel=channel)


GOOD = midi_bytes(
    [
        mido.MetaMessage("set_tempo", tempo=600_000),
        mido.MetaMessage("time_signature", numerator=3, denominator=4),
        mido.MetaMessage("set_tempo", tempo=300_000, time=480),
    ],
    [note(60), note(60, 480, on=False), note(64, 480), note(64, 480, on=False)],
    [mido.Message("program_change", program=33, channel=1), note(40, 240, channel=1), note(40, 9, 1, on=False)],
    [note(36, 0, channel=9), note(36, 10, channel=9, on=False)],
)


def test_tempo_and_meter_come_before_the_start_and_the_start_before_the_notes():
    events = [stamped.event for stamped in parse_midi(GOOD).inputs if stamped.at == 0]
    start = events.index(ActionRequested("transport/start"))
    before, after = events[:start], events[start + 1 :]
    assert ParameterSet("transport/tempo", 100.0) in before
    assert ActionRequested("transport/meter", (3, 4)) in before
    assert all(isinstance(event, MidiReceived) for event in after)


def test_tempo_changes_move_what_comes_after():
    script = parse_midi(GOOD)
    assert [s.at for s in script.inputs if s.event == ParameterSet("transport/tempo", 200.0)] == [600_000]
    ons = {s.event.data[1]: s.at for s in script.inputs if isinstance(s.event, MidiReceived) and s.event.data[0] & 16}
    assert ons == {60: 0, 40: 300_000, 64: 900_000}
    assert script.last_input == 1_200_000


def test_all_tracks_are_the_player_but_the_drums():
    script = parse_midi(GOOD)
    assert script.notes == 3
    assert not any(isinstance(s.event, MidiReceived) and s.event.data[0] & 15 == 9 for s in script.inputs)


def test_volume_and_programs_are_left_out_and_pedals_are_not():
    played = midi_bytes(
        [
            mido.Message("control_change", control=7, value=3),
            mido.Message("control_change", control=64, value=127),
            mido.Message("program_change", program=4),
            note(60),
        ]
    )
    data = [s.event.data for s in parse_midi(played).inputs if isinstance(s.event, MidiReceived)]
    assert data == [bytes([0xB0, 64, 127]), bytes([0x90, 60, 70])]


def test_a_file_without_tempo_goes_at_120():
    script = parse_midi(midi_bytes([note(60)]))
    assert script.tempo_bpm == 120.0
    assert str(script.meter) == "4/4"


def test_a_tempo_out_of_range_is_clamped_and_counted():
    script = parse_midi(midi_bytes([mido.MetaMessage("set_tempo", tempo=10_000_000), note(60)]))
    assert script.tempo_bpm == 20.0
    assert script.clamped_tempi == 1


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "does not begin with MThd"),
        (b"RIFF....", "does not begin with MThd"),
        (b"MThd", "is broken"),
        (GOOD[:-20], "is broken"),
        (midi_bytes([]), "no notes"),
        (midi_bytes([note(36, channel=9)]), "no notes"),
        (midi_bytes([note(60)], kind=2), "type 2"),
        (GOOD[:12] + b"\xe7\x28" + GOOD[14:], "SMPTE"),
        (midi_bytes([note(60, 2**27)], ticks_per_beat=24), "longer than"),
        (midi_bytes([mido.MetaMessage("time_signature", numerator=40, denominator=4), note(1)]), "40/4"),
    ],
)
def test_what_cannot_be_played_says_why(data, what):
    with pytest.raises(MidiFileError, match=what):
        parse_midi(data)


def outcome(parse, data):
    """What a parser gives, or its own error; anything else that is raised fails the test."""
    try:
        return parse(data)
    except MidiFileError as error:
        return error


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=6), st.integers(0, len(GOOD)))
def test_any_mutated_file_gives_a_script_or_a_midi_file_error(mutations, cut):
    data = bytearray(GOOD)
    for place, byte in mutations:
        data[place] = byte
    for candidate in (bytes(data), bytes(data[:cut])):
        script = outcome(parse_midi, candidate)
        assert isinstance(script, Script | MidiFileError)
        if isinstance(script, Script):
            assert all(a.at <= b.at for a, b in zip(script.inputs, script.inputs[1:], strict=False))
            assert script.inputs[-1].at >= script.last_input
        assert isinstance(outcome(parse_song, candidate), list | MidiFileError)


@given(st.binary(max_size=200))
def test_any_bytes_after_a_header_give_a_script_or_a_midi_file_error(data):
    assert isinstance(outcome(parse_midi, GOOD[:14] + b"MTrk" + data), Script | MidiFileError)


def test_the_error_names_the_file(tmp_path):
    file = tmp_path / "broken.mid"
    file.write_bytes(b"nothing")
    with pytest.raises(MidiFileError, match=r"broken\.mid: is not a MIDI file"):
        read_midi_file(file)
    with pytest.raises(MidiFileError, match="cannot be read"):
        read_midi_file(tmp_path / "none.mid")


def test_a_song_gives_each_channel_the_nearest_part():
    parts = {s.event.pitch: s.event.part for s in parse_song(GOOD) if isinstance(s.event, NoteOn)}
    assert parts == {60: "player", 64: "player", 40: "bass", 36: "drums"}
