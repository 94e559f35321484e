"""How the recogniser is taught: labels, voicings, gradients, eight bits, and the same weights every time."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from daemon.training.recogniser import figures, train_recogniser
from daemon.training.recogniser_data import (
    IGNORED,
    LEVELS,
    Window,
    joined,
    labels,
    listen,
    played,
    read_pieces,
    token_of_name,
)
from daemon.training.recogniser_net import gradients, log_softmax, new_layers, scores_of, views
from daemon.training.recogniser_quantise import quantised
from daemon.training.recogniser_voicing import INTERVALS, STYLES, roughened, voiced
from realtime.core.chord_net import ChordNet
from realtime.core.chord_tokens import NO_CHORD_TOKEN, TOKEN_COUNT

LOOP = [(0, "maj"), (9, "min"), (5, "maj7"), (7, "7"), (2, "min7"), (11, "hdim7"), (7, "sus4"), (0, "maj")]


def record(name="tune", bars=8, **more):
    chords = [[4 * bar, 4, *LOOP[bar % len(LOOP)], None] for bar in range(bars)]
    melody = [[beat + 0.5, 0.5, 72 + beat % 7, 80] for beat in range(4 * bars)]
    return {
        "id": name, "meter": "4/4", "pickup": 0, "key": [0, "major"], "tempo": 100,
        "chords": chords, "melody": melody, **more,
    }  # fmt: skip


def write(path, records):
    path.write_text("".join(json.dumps(one) + "\n" for one in records))
    return path


def test_a_beat_is_labelled_with_the_chord_that_fills_most_of_it():
    tune = record()
    tune["chords"] = [[0, 1.6, 0, "maj", None], [1.6, 2.4, 7, "7", None]]
    assert labels(played(tune)).tolist() == [0, 0, 7 * 7 + 2, 7 * 7 + 2]


def test_of_two_chords_that_share_a_beat_the_first_counts():
    tune = record()
    tune["chords"] = [[0, 0.5, 0, "maj", None], [0.5, 1.5, 5, "maj", None]]
    assert labels(played(tune)).tolist() == [0, 35]


def test_no_chord_has_its_token_and_a_strange_name_has_none():
    assert token_of_name(None, "N") == NO_CHORD_TOKEN
    assert token_of_name(3, "mystic") == IGNORED


def test_in_six_eight_a_beat_is_a_dotted_quarter():
    tune = record(meter="6/8")
    tune["chords"] = [[0, 3, 0, "maj", None], [3, 3, 5, "maj", None]]
    piece = played(tune)
    assert piece.beats == 4
    assert labels(piece).tolist() == [0, 0, 35, 35]
    assert [piece.place(beat) for beat in range(4)] == [(0, 2), (1, 2), (0, 2), (1, 2)]


def test_a_pickup_shifts_the_bars_and_not_the_beats():
    piece = played(record(pickup=1))
    assert piece.place(1) == (0, 4)
    assert piece.place(0) == (3, 4)


@pytest.mark.parametrize("seed", range(12))
def test_a_voiced_chart_has_only_notes_of_its_chords(seed):
    tune = record()
    piece = voiced(tune, np.random.default_rng(seed), melody=False)
    assert piece.notes
    foreign = 0
    for start, _, pitch, _ in piece.notes:
        root, name = LOOP[int(start + 1e-6) // 4 % len(LOOP)]
        foreign += (pitch - root) % 12 not in (*INTERVALS[name], 2)  # a rootless voicing has the ninth
    assert foreign == 0 or len({pitch for _, _, pitch, _ in piece.notes if pitch < 48}) == 1  # a pedal point


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_however_badly_it_is_played_the_notes_are_keys_and_the_labels_tokens(seed):
    rng = np.random.default_rng(seed)
    piece = roughened(voiced(record(), rng), rng)
    assert all(0 <= pitch < 128 and 1 <= velocity < 128 and length > 0 for _, length, pitch, velocity in piece.notes)
    assert all(IGNORED <= label < TOKEN_COUNT for label in labels(piece))


def test_every_style_sounds():
    assert len(STYLES) == len(set(STYLES))
    rng = np.random.default_rng(0)
    assert all(voiced(record(), rng).notes for _ in range(40))


def test_what_comes_later_changes_nothing_that_was_seen_before():
    tune, other = record(), record()
    other["melody"] = [[*note[:2], note[2] + (3 if note[0] >= 16 else 0), 80] for note in other["melody"]]
    for part in (0, 1):
        one, two = (listen(played(each), 0, Window(parts=(0.125, 1.0)))[part] for each in (tune, other))
        assert np.array_equal(one.channels[:16], two.channels[:16])
        assert not np.array_equal(one.channels[16:], two.channels[16:])


def some_examples():
    return joined(listen(voiced(record(bars=16), np.random.default_rng(1)), 0, Window()))


def test_the_gradient_is_the_slope_of_the_loss():
    examples = some_examples()
    layers = {name: value.astype(np.float64) for name, value in new_layers(np.random.default_rng(2), (6, 5)).items()}
    for name, away in (("wn", 0.3), ("b1", 0.1), ("b2", 0.05)):  # away from the kinks of the rectifiers
        layers[name] += away
    inputs, label = views(examples.channels, examples.facts).astype(np.float64), examples.label
    slopes, _ = gradients(layers, inputs, label, 0.0)
    rng = np.random.default_rng(3)
    for name, weights in layers.items():
        spot = tuple(rng.integers(0, size) for size in weights.shape)
        kept, step = weights[spot], 1e-5
        weights[spot] = kept + step
        above = gradients(layers, inputs, label, 0.0)[1]
        weights[spot] = kept - step
        below = gradients(layers, inputs, label, 0.0)[1]
        weights[spot] = kept
        assert slopes[name][spot] == pytest.approx((above - below) / (2 * step), abs=2e-5)


def test_eight_bits_say_nearly_what_the_full_weights_say():
    examples = some_examples()
    layers = new_layers(np.random.default_rng(4), (24, 16))
    layers["w3"] *= np.float32(10)
    net = ChordNet(quantised(layers, examples, 1.0))
    full = scores_of(layers, examples)
    for index in range(len(full)):
        channels, facts = (np.float32(1 / LEVELS) * part[index] for part in (examples.channels, examples.facts))
        assert np.allclose(np.exp(net.scores(channels, facts)), np.exp(full[index]), atol=0.03)


def test_figures_count_roots_triads_and_tokens():
    said = log_softmax(10 * np.eye(TOKEN_COUNT, dtype=np.float32)[[0, 2, 7, 1]])
    told = figures(said, np.array([0, 0, 0, 0]))
    assert (told["root"], told["majmin"], told["all85"]) == (0.75, 0.5, 0.25)


def test_training_twice_gives_the_same_bytes_and_the_seed_matters(tmp_path):
    files = [write(tmp_path / "tunes.jsonl", [record(f"tune {n}", bars=16) for n in range(40)])]
    outputs = [tmp_path / name for name in ("one", "two", "three")]
    for output, seed in zip(outputs, (1, 1, 2), strict=True):
        told = train_recogniser(files, output, seed=seed, say=lambda _: None, epochs=1)
        assert 0.0 <= told["root"] <= 1.0
    first, second, third = (output.read_bytes() for output in outputs)
    assert first == second
    assert first != third
    ChordNet(load_file(outputs[0]))


def test_gzipped_and_plain_files_read_alike(tmp_path):
    import gzip  # noqa: PLC0415

    plain = write(tmp_path / "tunes.jsonl", [record()])
    packed = tmp_path / "tunes.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(read_pieces(plain)) == list(read_pieces(packed))
