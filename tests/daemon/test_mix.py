"""Mixing down: a MIDI file and a session become sound, the same sound every time."""

import sys
import wave

import mido
import pytest

from daemon.config import Config
from daemon.mix import mix_session, render_file
from daemon.session_folder import make_header
from daemon.session_format import OutputLine
from daemon.session_log import SessionLog
from daemon.sound import engine_problem
from realtime.core.events import NoteOff, NoteOn

needs_engine = pytest.mark.skipif(bool(engine_problem()), reason="the sound engine is not built")


@pytest.fixture
def song(tmp_path):
    file = mido.MidiFile()
    for program, pitch in ((0, 60), (33, 40)):
        messages = [
            mido.Message("program_change", program=program, channel=program % 16),
            mido.Message("note_on", note=pitch, velocity=90, channel=program % 16),
            mido.Message("note_off", note=pitch, time=960, channel=program % 16),
        ]
        file.tracks.append(mido.MidiTrack(messages))
    path = tmp_path / "song.mid"
    file.save(path)
    return path


@pytest.fixture
def session(tmp_path):
    log = SessionLog(tmp_path / "session.jsonl", make_header(Config(), {}, 0))
    log.write(OutputLine(0, 0, NoteOn("bass", 1, 40, 100)))
    log.write(OutputLine(500_000, 960, NoteOff("bass", 1, 40)))
    log.close()
    return tmp_path


@needs_engine
def test_a_file_becomes_stereo_sound_at_the_rate_asked_for(song, tmp_path):
    report = render_file(song, tmp_path / "out.wav", 44_100, effects=True)
    assert report.trouble == ""
    assert report.peak_db is not None
    assert -40 < report.peak_db <= 0
    with wave.open(str(tmp_path / "out.wav")) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getsampwidth()) == (2, 44_100, 3)
        assert sound.getnframes() / 44_100 == pytest.approx(report.seconds, abs=0.001)


@needs_engine
def test_the_same_session_gives_the_same_bytes(session):
    reports = [mix_session(session, session / name, rate=48_000) for name in ("a.wav", "b.wav")]
    assert reports[0].lufs == reports[1].lufs
    assert (session / "a.wav").read_bytes() == (session / "b.wav").read_bytes()


@needs_engine
def test_a_place_that_cannot_be_written_is_said(song, tmp_path):
    assert "cannot be written" in render_file(song, tmp_path / "no" / "out.wav", 48_000, effects=True).trouble


def test_without_the_engine_there_is_no_file_and_a_reason(session, monkeypatch):
    monkeypatch.setitem(sys.modules, "realtime._dsp", None)
    report = mix_session(session, session / "mix.wav", rate=48_000)
    assert "not built" in report.trouble
    assert not (session / "mix.wav").exists()
