"""Feel from people: what is learnt of drummers, the same each time, and small."""

import json
import random
from importlib.resources import files

import pytest

from daemon.cli import main
from daemon.evaluation.drumming import family_of, read_takes
from daemon.feel_folder import drummers, with_feel
from daemon.training.feel import ALL, learn
from realtime.core.style import DRUM_VOICES

KICK, SNARE, HAT = 36, 38, 42


def groove(seed=0, late=0.02, bars=24, style="funk", tempo=100.0):
    """A drummer whose snare is late by so many quarters and whose hat is loud on the beat."""
    dice = random.Random(seed)
    notes = []
    for bar in range(bars):
        for step in range(16):
            at = bar * 4 + step / 4
            notes.append([at + dice.gauss(0, 0.004), 0.1, HAT, 100 if step % 4 == 0 else 70])
            if step in (0, 8):
                notes.append([at + dice.gauss(0, 0.004), 0.1, KICK, 110])
            if step in (4, 12):
                notes.append([at + late + dice.gauss(0, 0.004), 0.1, SNARE, 115])
    return {"id": f"g{seed}", "style": style, "tempo": tempo, "tracks": {"drums": notes}}


@pytest.fixture
def folder(tmp_path):
    lines = [json.dumps(groove(seed)) for seed in range(12)]
    (tmp_path / "grooves.jsonl").write_text("\n".join([*lines, '{"id": "no drums"}', "no json"]))
    return tmp_path


def test_a_late_snare_and_a_loud_beat_are_learnt(folder):
    funk = learn(read_takes([folder / "grooves.jsonl"]))["families"]["funk"]["voices"]
    snare, hat = funk["snare"]["4"], funk["hat"]["4"]
    assert snare["lag_ms"][4] > 5 > hat["lag_ms"][4]
    assert hat["loudness"][4] > 1.1
    assert hat["loudness"][5] < 1.0


def test_the_same_takes_give_the_same_file(folder, capsys):
    for name in ("one", "two"):
        assert main(["train", "feel", "--data", str(folder), "--output", str(folder / name)]) == 0
    one, two = ((folder / name / "drummers.json").read_bytes() for name in ("one", "two"))
    assert one == two
    assert "funk.takes" in capsys.readouterr().out


def test_a_folder_without_drummers_is_bad_arguments(tmp_path, capsys):
    (tmp_path / "tunes.jsonl").write_text('{"id": "a"}\n')
    assert main(["train", "feel", "--data", str(tmp_path), "--output", str(tmp_path / "out")]) == 2
    assert "no track named drums" in capsys.readouterr().err


def test_swung_sixteenths_are_no_micro_timing(tmp_path):
    line = groove()
    for note in line["tracks"]["drums"]:
        note[0] += 0.06 if round(note[0] * 4) % 2 else 0.0
    (tmp_path / "swung.jsonl").write_text(json.dumps(line))
    (take,) = read_takes([tmp_path / "swung.jsonl"])
    odd = [stroke.lag_ms for stroke in take.strokes if stroke.step % 2]
    assert abs(sum(odd) / len(odd)) < 3


def test_families_are_told_by_style():
    assert [family_of(style) for style in ("jazz/swing", "rock/shuffle", "jazz/march", "polka")] == [
        "jazz", "shuffle", "", "",
    ]  # fmt: skip


def test_what_ships_is_small_names_its_source_and_knows_our_voices():
    data = files("daemon").joinpath("feel", "drummers.json").read_bytes()
    assert len(data) < 60_000
    about = json.loads(data)["about"]
    assert "Groove MIDI Dataset" in about
    assert "CC BY 4.0" in about
    assert {voice for family in drummers().values() for voice in family["voices"]} <= set(DRUM_VOICES)
    assert ALL in drummers()


def test_a_style_gets_a_number_for_each_step_of_its_bar():
    for meter, steps, count in (("4/4", 4, 16), ("4/4", 2, 8), ("12/8", 3, 12), ("3/4", 2, 6), ("12/8", 6, 24)):
        mapping = with_feel(
            {"feel_from": "jazz", "meter": meter, "steps_per_beat": steps, "groove": {"A": {"drums": {"ride": "x"}}}}
        )
        assert len(mapping["learnt"]["voices"]["ride"]["lag_ms"]) == count


def test_swung_eighths_take_the_feel_of_triplets():
    ride = drummers()["jazz"]["voices"]["ride"]["3"]["loudness"]
    style = {"feel_from": "jazz", "steps_per_beat": 2, "swing": 1.0, "groove": {"A": {"drums": {"ride": "x"}}}}
    assert with_feel(style)["learnt"]["voices"]["ride"]["loudness"] == [ride[at] for at in (0, 2, 3, 5, 6, 8, 9, 11)]


def test_an_unknown_family_is_refused_and_none_is_left_alone():
    with pytest.raises(ValueError, match=r"feel_from: must be one of .*jazz.*'polka'"):
        with_feel({"feel_from": "polka"})
    assert with_feel({"title": "x"}) == {"title": "x"}
    assert "learnt" not in with_feel({"feel_from": "jazz", "meter": "waltz"})
