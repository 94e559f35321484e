"""How the recogniser is taught: labels, voicings, gradients, eight bits, and the same weights every time."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from daemon.training.recogniser import figures, train_recogniser
from daemon.training.recogniser_data import (
    BEGINNING,
    IGNORED,
    LEVELS,
    WHOLE,
    Window,
    joined,
    labels,
    listen,
    played,
    read_pieces,
    token_of_name,
)
from daemon.training.recogniser_drills import BEATS, drill
from daemon.training.recogniser_learn import STRETCH, learn, lesson_of, scores_of, stretches
from daemon.training.recogniser_net import Lesson, Sizes, gradients, log_softmax, new_layers
from daemon.training.recogniser_quantise import quantised
from daemon.training.recogniser_voicing import INTERVALS, STYLES, roughened, voiced
from realtime.core.chord_net import INPUTS, ChordNet
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


@pytest.mark.parametrize("seed", range(20))
def test_a_drill_sounds_in_every_chord_and_names_each_or_is_all_nonsense(seed):
    piece = drill(seed, np.random.default_rng(seed))
    named = labels(piece)
    assert len(named) == BEATS
    assert (named == NO_CHORD_TOKEN).all() or ((named >= 0) & (named < NO_CHORD_TOKEN)).all()
    assert all(0 <= pitch < 128 for _, _, pitch, _ in piece.notes)
    for start, length, *_ in piece.chords:
        assert any(start - 0.2 <= note[0] < start + length for note in piece.notes)


def test_every_style_sounds():
    assert len(STYLES) == len(set(STYLES))
    rng = np.random.default_rng(0)
    assert all(voiced(record(), rng).notes for _ in range(40))


def test_what_comes_later_changes_nothing_that_was_seen_before():
    tune, other = record(), record()
    other["melody"] = [[*note[:2], note[2] + (3 if note[0] >= 16 else 0), 80] for note in other["melody"]]
    one, two = (listen(played(each), 0, Window()) for each in (tune, other))
    for part in (BEGINNING, WHOLE):
        assert np.array_equal(one.channels[:16, part], two.channels[:16, part])
    assert not np.array_equal(one.channels[16:, WHOLE], two.channels[16:, WHOLE])


SMALL = Sizes(code=14, state=10, hidden=8)


def some_examples(count=3):
    rng = np.random.default_rng(1)
    return joined([listen(voiced(record(bars=16 - n), rng), n, Window(), 1.0) for n in range(count)])


def some_layers(seed, sizes=SMALL):
    """Untrained, but with something to say and away from the kinks of the rectifiers."""
    rng = np.random.default_rng(seed)
    layers = new_layers(rng, sizes)
    layers["family"] *= np.float32(20)
    for name in layers:
        if name.endswith("bias") or name == "none":
            layers[name] += rng.normal(0, 0.1, layers[name].shape).astype(np.float32)
    return layers


def test_the_gradient_is_the_slope_of_the_loss():
    rng = np.random.default_rng(3)
    layers = {name: value.astype(np.float64) for name, value in some_layers(2).items()}
    count = 3 * (5 + 2)
    weight = (rng.random(count) < 0.8) * rng.random(count)
    lesson = Lesson(rng.random((12 * count, INPUTS)), rng.integers(0, 85, count), weight, 5, 3, (1, 4))
    slopes, _ = gradients(layers, lesson, smooth=0.0)
    assert slopes.keys() == layers.keys()
    for name, weights in layers.items():
        spot = tuple(rng.integers(0, size) for size in weights.shape)
        kept, step = weights[spot], 1e-5
        weights[spot] = kept + step
        above = gradients(layers, lesson, smooth=0.0)[1]
        weights[spot] = kept - step
        below = gradients(layers, lesson, smooth=0.0)[1]
        weights[spot] = kept
        assert slopes[name][spot] == pytest.approx((above - below) / (2 * step), abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_stretches_are_of_one_performance_each_and_no_beat_is_in_two(seed):
    examples = some_examples()
    cut = stretches(examples, np.random.default_rng(seed))
    beats = [beat for first, last in cut for beat in range(first, last)]
    assert len(beats) == len(set(beats))
    assert all(last - first <= STRETCH for first, last in cut)
    assert all(len(set(examples.performance[first:last].tolist())) == 1 for first, last in cut)


def test_a_shorter_stretch_beside_a_longer_one_counts_only_its_own_beats():
    examples = some_examples()
    lesson = lesson_of(examples, [(0, 10), (64, 68)], (0, 2), np.random.default_rng(0))
    assert (lesson.steps, lesson.width) == (10, 2)
    assert (lesson.weight > 0).sum() == 10 + 4 + 2 * 2


def test_eight_bits_say_nearly_what_the_full_weights_say():
    examples = some_examples()
    layers = some_layers(4, Sizes(32, 24, 16))
    net = ChordNet(quantised(layers, examples, 1.0))
    full = scores_of(layers, examples)
    for first, last in examples.performances():
        state = net.blank_state()
        for beat in range(first, last):
            channels, facts = (np.float32(1 / LEVELS) * part[beat] for part in (examples.channels, examples.facts))
            begun, whole = (net.judge(channels[part], facts[part], state) for part in (BEGINNING, WHOLE))
            assert np.allclose(np.exp(begun.logs), np.exp(full[beat, BEGINNING]), atol=0.03)
            assert np.allclose(np.exp(whole.logs), np.exp(full[beat, WHOLE]), atol=0.03)
            state = whole.state


def test_what_is_learnt_is_known_better_than_before():
    examples = some_examples()
    before = new_layers(np.random.default_rng(5), SMALL)
    after = learn({k: v.copy() for k, v in before.items()}, examples, 1500.0, np.random.default_rng(6), lambda _: None)
    sure = [
        float(np.take_along_axis(scores_of(layers, examples)[:, WHOLE], examples.label[:, None].astype(int), 1).mean())
        for layers in (before, after)
    ]
    assert sure[1] > sure[0] + 0.5


def test_figures_count_roots_triads_and_tokens():
    said = log_softmax(10 * np.eye(TOKEN_COUNT, dtype=np.float32)[[0, 2, 7, 1]])
    told = figures(said, np.array([0, 0, 0, 0]))
    assert (told["root"], told["majmin"], told["all85"]) == (0.75, 0.5, 0.25)


def test_training_twice_gives_the_same_bytes_and_the_seed_matters(tmp_path):
    files = [write(tmp_path / "tunes.jsonl", [record(f"tune {n}", bars=16) for n in range(30)])]
    outputs = [tmp_path / name for name in ("one", "two", "three")]
    for output, seed in zip(outputs, (1, 1, 2), strict=True):
        told = train_recogniser(files, output, seed=seed, say=lambda _: None, epochs=1, sizes=SMALL, drills=3)
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
