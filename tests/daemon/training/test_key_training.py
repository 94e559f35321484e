"""The key finder's tables, from tunes so plain that the right ones are known."""

import json
from pathlib import Path

import numpy as np
import pytest

from daemon.config import ConfigError
from daemon.training.key import train_key
from daemon.training.key_lessons import IGNORED, Lesson, Sequences, answers, recoloured, turned
from daemon.training.key_net import NOISE, backward, forward, loss_of, new_layers, see
from daemon.training.key_tables_file import DECIMALS, tables_text
from realtime.core import key_tables
from realtime.core.key_filter import MODES, ROWS, STATES, KeyFilter

CADENCE = ((0, "maj"), (9, "min"), (5, "maj"), (7, "7"))


def record(name, tonic=0, **more):
    chords = [[4 * bar, 4, (CADENCE[bar % 4][0] + tonic) % 12, CADENCE[bar % 4][1], None] for bar in range(16)]
    melody = [[4 * bar, 4, 60 + (CADENCE[bar % 4][0] + tonic) % 12, 80] for bar in range(16)]
    return {"id": name, "meter": "4/4", "key": [tonic, "major"], "chords": chords, "melody": melody, **more}


def train(folder, records, steps=2):
    folder.mkdir(exist_ok=True)
    data, output = folder / "tunes.train.jsonl", folder / "key_tables.py"
    data.write_text("".join(json.dumps(one) + "\n" for one in records))
    return train_key([data], output, seed=1, say=lambda _: None, steps=steps, hidden=4, noises=4), output


def shipped():
    """The layers of the tables that ship."""
    looks, hidden = (np.array(rows).swapaxes(1, 2) for rows in (key_tables.LOOKS, key_tables.HIDDEN))
    layers = {
        "looks": looks.reshape(ROWS * 12, -1),
        "offsets": key_tables.OFFSETS,
        "hidden": hidden.reshape(ROWS * 12, -1),
        "hidden_offsets": key_tables.HIDDEN_OFFSETS,
        "hidden_out": key_tables.HIDDEN_TO_MODE,
        "noise": key_tables.NOISE,
        "noise_offset": [key_tables.NOISE_OFFSET],
        "entered": key_tables.ENTERED,
        "relations": key_tables.RELATIONS,
        "leaves": [key_tables.LEAVES, key_tables.MISFIT_LEAVES],
        "into_noise": [key_tables.INTO_NOISE],
        "out_of_noise": [key_tables.OUT_OF_NOISE],
        "forgets": [np.log(key_tables.FORGETS / (1.0 - key_tables.FORGETS))],
        "gain": [key_tables.USUAL_GAIN, key_tables.NEW_GAIN],
    }
    return {name: np.array(value, dtype=np.float32) for name, value in layers.items()}


def some_music(count=3, beats=24):
    rng = np.random.default_rng(5)
    return (rng.random((count, beats, 24)) * (rng.random((count, beats, 24)) < 0.4)).astype(np.float32)


def test_what_is_trained_is_what_listens():
    music = some_music()
    states = forward(shipped(), see(music)).states
    for sequence, expected in zip(music, states, strict=True):
        listener = KeyFilter()
        for row, state in zip(sequence.astype(np.float64), expected, strict=True):
            listener.hear(row[:12], row[12:])
            assert np.allclose(listener.states, state, atol=2e-4)


def test_the_tables_that_ship_are_as_the_trainer_writes_them():
    text = Path(key_tables.__file__).read_text(encoding="utf-8")
    assert tables_text(shipped(), key_tables.TRUST) == text
    assert DECIMALS == 3


@pytest.mark.parametrize("name", sorted(new_layers(np.random.default_rng(0), 4)))
def test_the_slopes_are_those_of_the_loss(name):
    rng = np.random.default_rng(3)
    layers, seen = new_layers(rng, 4), see(some_music())
    wanted, scales = answers()
    labels = rng.integers(len(wanted), size=seen.heard.shape)
    weight = (labels < len(wanted) - 1).astype(np.float32)

    def loss():
        states = forward(layers, seen).states
        return loss_of(states, wanted[labels], scales[labels], weight)

    run = forward(layers, seen)
    slope = backward(layers, seen, run, loss()[1])[name]
    if name in ("looks", "hidden"):
        slope = slope - 2e-4 * (1.0 if name == "looks" else 0.3) * layers[name]
    steep = float(np.sqrt((slope**2).sum()))
    before, way = layers[name].copy(), slope * np.float32(2e-3 / steep)
    up, down = (loss()[0] for layers[name] in (before + way, before - way))
    assert (up - down) / 4e-3 == pytest.approx(steep, rel=0.03, abs=5e-3)


def test_the_fit_makes_the_keys_of_what_it_learns_likelier(tmp_path):
    _, output = train(tmp_path, [record(f"tune {n}", n % 12) for n in range(12)], steps=12)
    namespace = {}
    exec(output.read_text(encoding="utf-8"), namespace)
    looks = np.array(namespace["LOOKS"])
    assert looks.shape == (ROWS, len(MODES), 12)
    assert looks[0, 0, 11] > looks[0, 0, 10]


def test_the_same_tunes_give_the_same_bytes(tmp_path):
    records = [record(f"tune {tonic}", tonic) for tonic in range(9)]
    one, other = train(tmp_path / "one", records)[1], train(tmp_path / "other", records)[1]
    assert one.read_bytes() == other.read_bytes()


def test_tunes_that_may_not_teach_do_not(tmp_path):
    silent = [
        record("judged", tier="eval"), record("keyless", key=None),
        record("short", chords=[[0, 4, 0, "maj", None]], melody=[]), {"id": "broken", "key": [0, "major"], "meter": 4},
    ]  # fmt: skip
    figures, _ = train(tmp_path, [record(f"tune {n}") for n in range(8)] + silent)
    assert sum(figures["sources"].values()) == 8


def test_too_few_tunes_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="at least 8"):
        train(tmp_path, [record("one")])


def test_turning_music_up_and_down_again_changes_nothing():
    rows = some_music()[0]
    assert (turned(turned(rows, 5), -5) == rows).all()


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode not in ("major", "minor")])
def test_music_in_another_mode_has_only_its_notes(mode):
    source = (0, 2, 3, 5, 7, 8, 10, 11) if mode in ("dorian", "phrygian") else (0, 2, 4, 5, 7, 9, 11)
    rows = np.zeros((1, 24), dtype=np.float32)
    rows[0, [(step + 3) % 12 for step in source]] = 1.0
    there = recoloured(rows, 3, mode)[0, :12]
    steps = {"mixolydian": (0, 2, 4, 5, 7, 9, 10), "lydian": (0, 2, 4, 6, 7, 9, 11)}
    steps |= {"dorian": (0, 2, 3, 5, 7, 9, 10), "phrygian": (0, 1, 3, 5, 7, 8, 10)}
    assert set(np.flatnonzero(there)) == {(step + 3) % 12 for step in steps[mode]}


def test_a_sequence_is_filled_and_its_labels_have_answers():
    rows = some_music(1, 40)[0]
    lesson = Lesson(rows, None, np.full(40, 14), modes_known=False)
    batch = Sequences([lesson], [rows], 96, np.random.default_rng(1)).draw(4)
    assert batch.heard.shape == (4, 96, 24)
    assert (batch.weight[..., None] <= batch.wanted.sum(axis=-1, keepdims=True)).all()
    assert (batch.wanted <= batch.scales).all()


def test_each_label_has_its_right_states():
    wanted, scales = answers()
    assert wanted[NOISE].tolist() == np.eye(STATES + 1)[NOISE].tolist()
    assert not wanted[IGNORED].any()
    assert wanted[STATES + 1].sum() == 3
    assert (wanted <= scales).all()
