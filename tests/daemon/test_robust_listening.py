"""The whole band, with the weights that ship, under hands that play no music: cats, clusters, noise, silence."""

import numpy as np
import pytest

from daemon.weights_folder import load_weights
from realtime.core.events import ChordHeard, KeyHeard, MidiReceived, Stamped
from realtime.core.offline import play
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.core.playing import BEAT, comping, lift, press, started

BEATS = 24


@pytest.fixture(scope="module")
def weights():
    return load_weights()


def strike(beat, keys, length=0.9, velocity=80):
    """Keys struck at a place in beats and let go."""
    at, until = int(beat * BEAT) + 2_000, int((beat + length) * BEAT)
    return [event for key in keys for event in (press(at, key, velocity), lift(until, key))]


def cat(random):
    """Paws: a few neighbouring keys at any time."""
    script = []
    for beat in range(BEATS):
        for _ in range(int(random.integers(1, 5))):
            low = int(random.integers(30, 95))
            keys = range(low, low + int(random.integers(1, 4)))
            script += strike(beat + float(random.random()), keys, 0.3, int(random.integers(20, 120)))
    return script


def clusters(random):
    """Fists: ten neighbouring keys on the beat."""
    return [
        event
        for beat in range(BEATS)
        for low in [int(random.integers(30, 80))]
        for event in strike(beat, range(low, low + 10))
    ]


def noise(random):
    """Any keys, at eighths."""
    return [
        event
        for half in range(2 * BEATS)
        for event in strike(half / 2, set(random.integers(28, 100, size=6).tolist()), 0.45)
    ]


def perform(ballad, weights, script, beats=BEATS):
    performer = Performer({"pop_ballad": ballad}, weights=weights)
    script = sorted([*started(), *script], key=lambda stamped: stamped.at)
    return list(play(performer, script, Micros(beats * BEAT))), performer


def told(outputs, kind):
    return [stamped for stamped in outputs if isinstance(stamped.event, kind)]


@pytest.mark.parametrize("hands", [cat, clusters, noise])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_no_music_is_seldom_a_sure_chord(ballad, weights, hands, seed):
    outputs, _ = perform(ballad, weights, hands(np.random.default_rng(seed)))
    sure = [stamped for stamped in told(outputs, ChordHeard) if stamped.event.confidence > 0.6]
    assert len(sure) <= BEATS / 3


@pytest.mark.parametrize("hands", [cat, clusters, noise])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_no_music_is_in_no_sure_key(ballad, weights, hands, seed):
    outputs, performer = perform(ballad, weights, hands(np.random.default_rng(seed)))
    assert all(stamped.event.confidence < 0.5 for stamped in told(outputs, KeyHeard))
    assert performer.snapshot().key_confidence < 0.5


@pytest.mark.parametrize("hands", [cat, clusters, noise])
@pytest.mark.parametrize("seed", range(3))
def test_the_chord_told_does_not_change_twice_in_a_beat(ballad, weights, hands, seed):
    outputs, _ = perform(ballad, weights, hands(np.random.default_rng(seed)))
    beats = [int((stamped.at + 80_000) / BEAT) for stamped in told(outputs, ChordHeard)]
    assert len(beats) == len(set(beats))


def test_silence_is_no_chord_and_no_key(ballad, weights):
    outputs, performer = perform(ballad, weights, [])
    assert not told(outputs, ChordHeard)
    assert not told(outputs, KeyHeard)
    assert performer.snapshot().chord == "N"


def test_after_the_cat_music_is_heard_again(ballad, weights):
    later = comping(["C", "F", "G7", "C"] * 2, beats_each=4, first_beat=BEATS)
    outputs, performer = perform(ballad, weights, cat(np.random.default_rng(1)) + later, BEATS + 32)
    names = [stamped.event.chord for stamped in told(outputs, ChordHeard) if stamped.at > BEATS * BEAT]
    assert {"C", "F", "G7"} <= set(names)
    assert performer.snapshot().key == "C major"


def test_a_melody_alone_is_harmonised_calmly_and_in_its_key(ballad, weights):
    tune = (60, 64, 67, 64, 65, 69, 65, 69, 67, 71, 74, 67, 72, 67, 64, 60) * 4
    script = [event for beat, key in enumerate(tune) for event in strike(beat, [key + 12], 0.95)]
    outputs, performer = perform(ballad, weights, script, len(tune))
    changes = [stamped for stamped in told(outputs, ChordHeard) if stamped.at > 16 * BEAT]
    assert len(changes) <= 1.5 * (len(tune) - 16) / 4
    assert performer.snapshot().key == "C major"


def test_all_keys_at_once_and_let_go_break_nothing(ballad, weights):
    script = [event for beat in range(4) for event in strike(beat, range(128), 0.5)]
    script += [Stamped(Micros(5 * BEAT), MidiReceived("in", bytes([0xB0, 64, 127])))]
    outputs, _ = perform(ballad, weights, script, 12)
    assert outputs
