"""`sideman prepare`: pieces in rows, split by piece, no piece twice; what is broken is named and skipped."""

import json

import mido
import numpy as np
import pytest

from daemon.cli import main
from realtime.core.phrase_words import ID_OF, WORDS, read_notes


def write_midi(path, pitches, transpose=0, beats=1.0, name="Melody"):
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    for pitch in pitches:
        track.append(mido.Message("note_on", note=pitch + transpose, velocity=80))
        track.append(mido.Message("note_off", note=pitch + transpose, velocity=0, time=int(480 * beats)))
    file.tracks.append(track)
    chords = mido.MidiTrack()
    for _ in range(max(1, int(len(pitches) * beats) // 4)):
        for note in (48, 52, 55):
            chords.append(mido.Message("note_on", note=note + transpose, velocity=60))
        for place, note in enumerate((48, 52, 55)):
            chords.append(mido.Message("note_off", note=note + transpose, velocity=0, time=0 if place else 1920))
    file.tracks.append(chords)
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)


def tunes(count, seed=1):
    rng = np.random.default_rng(seed)
    return [[int(p) for p in 60 + rng.choice([0, 2, 4, 5, 7, 9, 11, 12], size=40)] for _ in range(count)]


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "in"
    for number, tune in enumerate(tunes(12)):
        write_midi(folder / f"{number:02}.mid", tune)
    return folder


def prepared(folder, output, *words):
    assert main(["prepare", "--input", str(folder), "--output", str(output), "--jobs", "1", *words]) == 0
    info = json.loads((output / "dataset_info.json").read_text())
    rows = {
        name: [json.loads(line)["text"] for line in (output / f"{name}.jsonl").read_text().splitlines()]
        for name in ("train", "val", "valid")
    }
    return info, rows


def test_every_piece_is_there_once_and_split_by_piece(corpus, tmp_path):
    info, rows = prepared(corpus, tmp_path / "out", "--val-split", "0.25", "--keys", "1")
    assert info["train"]["pieces"] == 9
    assert info["val"]["pieces"] == 3
    assert rows["val"] == rows["valid"]
    assert not set(rows["train"]) & set(rows["val"])


def test_rows_are_words_that_give_the_melody_back(corpus, tmp_path):
    _, rows = prepared(corpus, tmp_path / "out", "--keys", "1", "--genre", "gospel")
    found = []
    for row in rows["train"] + rows["val"]:
        ids = [ID_OF[word] for word in row.split()]
        assert WORDS[ids[1]] == "Style_gospel"
        assert len(ids) <= 256
        found.append([(note.onset, note.pitch) for note in read_notes(ids)])
    wanted = [[(12 * place, pitch) for place, pitch in enumerate(tune)] for tune in tunes(12)]
    # In C, which these are, or in a key that is as near.
    shapes = sorted([(onset, pitch - tune[0][1]) for onset, pitch in tune] for tune in found)
    assert shapes == sorted([(onset, pitch - tune[0][1]) for onset, pitch in tune] for tune in wanted)


def test_a_piece_in_another_key_is_the_same_piece(corpus, tmp_path):
    for number, tune in enumerate(tunes(12)[:5]):
        write_midi(corpus / "again" / f"{number}.mid", tune, transpose=3)
    info, _ = prepared(corpus, tmp_path / "out")
    assert info["duplicates"] == 5
    assert info["train"]["pieces"] + info["val"]["pieces"] == 12


def test_keys_are_added_for_learning_and_never_for_judging(corpus, tmp_path):
    one, _ = prepared(corpus, tmp_path / "one", "--keys", "1")
    four, _ = prepared(corpus, tmp_path / "four", "--keys", "4")
    assert four["train"]["rows"] == 4 * one["train"]["rows"]
    assert four["val"]["rows"] == one["val"]["rows"]


def test_broken_files_are_named_skipped_and_counted(corpus, tmp_path, capsys):
    (corpus / "torn.mid").write_bytes((corpus / "00.mid").read_bytes()[:60])
    (corpus / "noise.midi").write_bytes(b"\xff" * 400)
    write_midi(corpus / "short.mid", [60, 62])
    (corpus / "bad.jsonl").write_text('{"id": 3}\n[]\n')
    info, _ = prepared(corpus, tmp_path / "out")
    assert info["skipped"] == 4
    assert sorted(problem.split(":")[0] for problem in info["problems"]) == [
        "bad.jsonl", "noise.midi", "short.mid", "torn.mid",
    ]  # fmt: skip
    assert "torn.mid" in capsys.readouterr().err


def test_the_same_files_give_the_same_bytes_on_any_number_of_cores(corpus, tmp_path):
    prepared(corpus, tmp_path / "one")
    assert main(["prepare", "--input", str(corpus), "--output", str(tmp_path / "two"), "--jobs", "2"]) == 0
    for name in ("train.jsonl", "val.jsonl", "dataset_info.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_nothing_to_learn_from_is_an_exit_of_one(tmp_path):
    (tmp_path / "in").mkdir()
    assert main(["prepare", "--input", str(tmp_path / "in"), "--output", str(tmp_path / "out")]) == 1


def test_every_wrong_word_is_told_at_once(tmp_path, capsys):
    words = ["prepare", "--input", str(tmp_path / "none"), "--output", str(tmp_path), "--genre", "polka"]
    assert main([*words, "--val-split", "1.5", "--keys", "40"]) == 2
    told = capsys.readouterr().err
    for word in ("--input", "--genre", "--val-split", "--keys"):
        assert word in told


def test_a_performance_without_a_named_track_gives_its_top_line(tmp_path):
    tune = tunes(1)[0]
    write_midi(tmp_path / "in" / "a.mid", tune, name="Piano")
    write_midi(tmp_path / "in" / "b.mid", tunes(2)[1], name="Piano")
    _, rows = prepared(tmp_path / "in", tmp_path / "out", "--keys", "1")
    lengths = {len(list(read_notes([ID_OF[w] for w in row.split()]))) for row in rows["train"] + rows["val"]}
    assert lengths == {40}
