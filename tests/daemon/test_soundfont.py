"""A MIDI file played with a SoundFont: from the command line to the WAV file, and what is said when it cannot be."""

import json

import mido
import pytest

from daemon.cli import main
from daemon.midi_song import parse_messages
from daemon.sound import engine_problem
from realtime.edges.soundfont import BadSoundFont, render_midi
from tests.daemon.banks import little_bank

needs_engine = pytest.mark.skipif(bool(engine_problem()), reason="the sound engine is not built")


@pytest.fixture
def bank(tmp_path):
    path = tmp_path / "little.sf2"
    path.write_bytes(little_bank())
    return path


@pytest.fixture
def song(tmp_path):
    file = mido.MidiFile()
    on, off = mido.Message("note_on", note=60, velocity=100), mido.Message("note_off", note=60, time=480)
    file.tracks.append(mido.MidiTrack([mido.Message("program_change", program=5), on, off]))
    path = tmp_path / "song.mid"
    file.save(path)
    return path


@needs_engine
@pytest.mark.parametrize("flags", [[], ["--no-effects"]])
def test_a_song_is_rendered_with_the_sounds_of_a_bank(bank, song, tmp_path, capsys, flags):
    out = tmp_path / "out.wav"
    assert main(["render", str(song), "-o", str(out), "--soundfont", str(bank), "--json", *flags]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["seconds"] >= 0.5
    assert -40 < told["peak_db"] < -1


@needs_engine
def test_the_same_song_and_bank_give_the_same_bytes(bank, song):
    messages = parse_messages(song.read_bytes())
    assert render_midi(bank, messages) == render_midi(bank, messages)


@needs_engine
def test_a_broken_bank_is_said_to_be_broken_and_where(bank, song, tmp_path, capsys):
    bank.write_bytes(bank.read_bytes()[:-30])
    with pytest.raises(BadSoundFont, match="RIFF at byte 0"):
        render_midi(bank, [])
    assert main(["render", str(song), "-o", str(tmp_path / "x.wav"), "--soundfont", str(bank)]) == 2
    assert "RIFF at byte 0: says it has" in capsys.readouterr().err


def test_channel_messages_are_passed_on_as_they_are(song):
    messages = parse_messages(song.read_bytes())
    assert messages == [(0, b"\xc0\x05"), (0, b"\x90\x3c\x64"), (500_000, b"\x80\x3c\x40")]
