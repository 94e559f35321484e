"""Pieces that begin with a file: going on from it, arranging it, and the commands that do so."""

import json

import pytest

from daemon.cli import main
from daemon.demo_tune import demo_script
from daemon.midi_file import MidiFileError
from daemon.song.arranging import arranged_as, read_source
from daemon.song.continuation import parse_before
from daemon.song.make import Studio, usual_shelf
from daemon.song.midi import midi_bytes
from daemon.song.request import SongRequest

STUDIO = Studio(usual_shelf())


@pytest.fixture(scope="module")
def first():
    return STUDIO.make(SongRequest(genre="jazz", key="F", tempo=140.0, bars=8, seed=3, synthesize_audio=False))


@pytest.fixture(scope="module")
def data(first):
    return midi_bytes(first.score.played(), first.labels(), first.instruments)


def test_a_file_of_ours_is_read_as_what_it_is(first, data):
    before = parse_before(data)
    assert (before.bars, before.meter, before.key.name) == (8, "4/4", "F major")
    assert before.tempo == pytest.approx(140.0, abs=0.01)
    assert before.beats == first.harmony.beats
    assert len(before.notes) == len(first.score.notes)


def test_a_piece_goes_on_after_the_last_bar_of_the_file(first, data):
    before = parse_before(data)
    piece = STUDIO.make(SongRequest(genre="jazz", key="F", bars=4, seed=1, synthesize_audio=False), before=before)
    assert piece.score.bars == 12
    new = [note for note in piece.score.notes if note.start >= piece.offset_ticks]
    assert {note.part for note in new} >= {"solo", "bass", "drums"}
    assert sum(note.start < piece.offset_ticks for note in piece.score.notes) >= len(before.notes) - 2


def test_an_arrangement_keeps_the_melody_and_its_length(data):
    source = read_source(data)
    request = STUDIO.read(
        {"genre": "gospel", "complexity": 8, "seed": 1, "synthesize_audio": False, **arranged_as(source)}
    )
    piece = STUDIO.make(request, source=source)
    kept = [(note.pitch, note.start) for note in piece.score.notes if note.part == "solo"]
    assert kept == [(note.pitch, note.start) for note in source.melody.notes]
    assert piece.harmony.bars == 8
    assert {"bass", "drums", "keys"} <= set(piece.score.parts)
    roots = [chord.root for chord in source.beats]
    same = sum(a == b.root for a, b in zip(roots, piece.harmony.beats, strict=True))
    assert same > len(roots) / 2, "what is put in between leads from chord to chord; most stays"


@pytest.mark.parametrize("broken", [b"", b"MThd", b"MThd\0\0\0\6\0\1\0\1\3\xc0MTrk\0\0\0\4\0\xff\x2f\0"])
def test_what_is_no_music_is_refused(broken):
    with pytest.raises(MidiFileError):
        read_source(broken)


def test_the_commands_write_what_they_say(tmp_path, capsys, data):
    (tmp_path / "in.mid").write_bytes(data)
    words = ["generate", "--json", "--genre", "rock", "--bars", "4", "--seed", "1", "--no-audio"]
    assert main([*words, "--continue", str(tmp_path / "in.mid"), "-o", str(tmp_path / "on")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bars_before"] == 8
    assert (tmp_path / "on" / told["files"]["midi"]).is_file()
    words = ["arrange", str(tmp_path / "in.mid"), "--genre", "blues", "--no-audio", "-o", str(tmp_path / "arranged")]
    assert main(words) == 0
    assert "bars of 4/4" in capsys.readouterr().out
    assert main(["generate", "--genre", "polka", "--bars", "x", "--tempo", "1", "-o", str(tmp_path / "no")]) == 2
    said = capsys.readouterr().err
    assert all(flag in said for flag in ("--genre", "--bars", "--tempo"))
    assert not (tmp_path / "no").exists()


def test_a_performance_by_hand_can_be_arranged(tmp_path, capsys):
    assert main(["demo", "--fast", "--json", "-o", str(tmp_path / "demo")]) == 0
    words = [
        "arrange",
        str(tmp_path / "demo" / "performance.mid"),
        "--genre",
        "jazz",
        "--seed",
        "1",
        "--no-audio",
        "--json",
    ]
    capsys.readouterr()
    assert main([*words, "-o", str(tmp_path / "jazz")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["melody"]["notes"] > demo_script(0).notes / 20
    assert len(told["chords"]) > 16
