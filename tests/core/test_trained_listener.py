"""The listener with the weights that ship: what two hands, one hand, a jazz player and a cat are heard as."""

import itertools
from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load

from realtime.core.chord import parse_chord
from realtime.core.chord_tokens import NO_CHORD_TOKEN, TOKEN_COUNT, token_of
from realtime.core.listener import Listener
from realtime.core.midi_codec import MidiMessage
from realtime.core.stillness import SURE_ENOUGH
from realtime.core.units import Micros
from tests.core.playing import BEAT, keys_of

WEIGHTS = load(resources.files("daemon").joinpath("weights", "recogniser.safetensors").read_bytes())

C_MAJOR = [36, 60, 64, 67]


class Player:
    """Plays beat after beat to a listener."""

    def __init__(self):
        self.listener = Listener(WEIGHTS)
        self.beat = 0

    def play(self, notes, prior=None):
        """One beat: (start, length, pitch) in parts of a beat; answers what was heard."""
        begin = self.beat * BEAT
        script = []
        for start, length, pitch in notes:
            script.append((begin + int(start * BEAT), 1, pitch))
            script.append((begin + int((start + length) * BEAT) - 1000, 0, pitch))
        for at, down, pitch in sorted(script):
            kind = "note_on" if down else "note_off"
            self.listener.take(MidiMessage(kind, 0, pitch, 80 if down else 0), Micros(at))
        self.beat += 1
        return self.listener.end_beat(Micros(begin), Micros(begin + BEAT), prior)

    def hold(self, pitches, prior=None):
        return self.play([(0.0, 1.0, pitch) for pitch in pitches], prior)


def first_heard(symbol):
    return Player().hold(keys_of(symbol)).chord


@pytest.mark.parametrize("root", ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"])
@pytest.mark.parametrize("quality", ["", "m", "7", "maj7", "m7", "m7b5", "dim7", "sus4"])
def test_a_chord_in_both_hands_is_heard_in_every_key(root, quality):
    assert first_heard(root + quality) == parse_chord(root + quality)


@pytest.mark.parametrize("symbol", ["C/E", "F/A", "Bb/D", "G/B", "C/G", "Am/C"])
def test_an_inversion_keeps_its_root_and_tells_its_bass(symbol):
    player = Player()
    for before in ("C", "G", "F"):
        player.hold(keys_of(before))
    assert player.hold(keys_of(symbol)).chord == parse_chord(symbol)


def test_an_arpeggio_is_its_chord():
    player = Player()
    for symbol in ("C", "Am", "F", "G"):
        bass, *upper = keys_of(symbol)
        steps = [bass + 12, *upper]
        heard = player.play([(n / 4, 0.25, pitch) for n, pitch in enumerate(steps)])
        assert heard.chord.root == parse_chord(symbol).root
        assert token_of(heard.chord) == token_of(parse_chord(symbol))


def test_shells_tell_a_two_five_one():
    player = Player()
    shells = {"Dm7": (38, 53, 60), "G7": (43, 53, 59), "Cmaj7": (36, 52, 59)}
    for _ in range(2):
        heard = [player.hold(keys).chord for keys in shells.values() for _ in range(2)]
    assert [token_of(chord) for chord in heard[1::2]] == [token_of(parse_chord(symbol)) for symbol in shells]


def test_passing_notes_over_a_chord_do_not_rename_it():
    player = Player()
    player.hold(C_MAJOR)
    chord = [(0.0, 1.0, pitch) for pitch in C_MAJOR]
    for line in ((76, 77, 79, 77), (76, 74, 72, 74), (79, 81, 83, 84)):
        heard = player.play(chord + [(n / 4, 0.25, pitch) for n, pitch in enumerate(line)])
        assert (heard.chord.root, heard.chord.family) == (0, "maj")


def test_one_hand_alone_is_enough():
    player = Player()
    for symbol in ("C", "F", "G", "Am"):
        heard = player.hold(keys_of(symbol)[1:])
        assert token_of(heard.chord) == token_of(parse_chord(symbol))


def test_a_pedal_point_keeps_the_chords_over_it():
    player = Player()
    player.hold([36, *keys_of("C")[1:]])
    heard = [player.hold([36, *keys_of(symbol)[1:]]).chord for symbol in ("F", "C")]
    assert [chord.root for chord in heard] == [5, 0]
    assert heard[0].bass == 0


def test_silence_is_no_chord_but_its_distribution_goes_on():
    player = Player()
    player.hold(C_MAJOR)
    heard = player.play([])
    assert heard.chord is None
    assert heard.confidence == 0.0
    assert heard.distribution.sum() == pytest.approx(1.0)


def test_clusters_are_no_chord():
    player = Player()
    for low in (40, 52, 47, 60, 45):
        heard = player.hold(range(low, low + 8))
        assert heard.chord is None or heard.confidence < 0.5


def test_a_cat_is_seldom_believed():
    believed = 0
    for seed in range(10):
        rng, player = np.random.default_rng(seed), Player()
        for _ in range(8):
            times = np.sort(rng.random(7)) * 0.8
            heard = player.play([(time, 0.2, int(rng.integers(30, 95))) for time in times])
            believed += heard.chord is not None and heard.confidence > 0.6
    assert believed <= 8


def test_the_chord_before_goes_on_when_the_notes_could_be_either():
    for symbol in ("C", "Am"):
        player = Player()
        for _ in range(3):
            player.hold(keys_of(symbol))
        assert player.hold([72, 76]).chord.root == parse_chord(symbol).root


def test_what_was_expected_decides_between_two_that_fit():
    likelihood = {}
    for symbol in ("C", "Am"):
        prior = np.full(TOKEN_COUNT, 0.1 / TOKEN_COUNT)
        prior[token_of(parse_chord(symbol))] += 0.9
        distribution = Player().hold([60, 64, 69, 72], prior).distribution
        likelihood[symbol] = distribution[token_of(parse_chord("Am"))]
    assert likelihood["Am"] > likelihood["C"]


def test_every_judgement_is_a_distribution_over_the_tokens():
    player = Player()
    for keys in (C_MAJOR, [60], [], range(40, 60)):
        distribution = player.hold(keys).distribution
        assert distribution.shape == (NO_CHORD_TOKEN + 1,)
        assert distribution.min() >= 0.0
        assert distribution.sum() == pytest.approx(1.0)


def test_asking_in_the_middle_of_a_beat_changes_nothing():
    asked, silent = Player(), Player()
    for player in (asked, silent):
        player.hold(C_MAJOR)
    for part in range(1, 8):
        asked.listener.hear_now(Micros(BEAT), Micros(BEAT + part * BEAT // 8))
    one, other = (player.hold(keys_of("F")) for player in (asked, silent))
    assert one == other
    assert np.array_equal(one.distribution, other.distribution)


def test_a_chord_is_heard_as_soon_as_it_is_struck():
    for symbol in ("F", "Am", "G7", "Bb"):
        player = Player()
        player.hold(C_MAJOR)
        for pitch in keys_of(symbol):
            player.listener.take(MidiMessage("note_on", 0, pitch, 80), Micros(BEAT + 1000))
        heard = player.listener.hear_now(Micros(BEAT), Micros(BEAT + 46_000))
        assert token_of(heard.chord) == token_of(parse_chord(symbol))


def test_a_melody_note_over_what_rings_says_nothing_new():
    player = Player()
    player.hold(C_MAJOR)
    player.listener.take(MidiMessage("note_on", 0, 81, 80), Micros(BEAT + 1000))
    assert player.listener.hear_now(Micros(BEAT), Micros(BEAT + 46_000)).chord is None


@pytest.mark.parametrize("keys", [[60, 64], [64, 67], [57, 64], [60, 65], [48, 60], [62, 69], [52, 59, 66]])
def test_what_could_be_two_chords_is_told_as_one_of_them_and_stays_it(keys):
    player = Player()
    told = [player.hold(keys).chord for _ in range(16)]
    changes = sum(one != other for one, other in itertools.pairwise(told))
    assert changes <= 2


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(["C", "Am", "F", "G", "Em7", "Dm7", "Fmaj7"]), max_size=4),
    st.sets(st.integers(36, 84), min_size=2, max_size=6),
)
def test_keys_that_are_held_are_surely_told_as_at_most_two_chords_within_a_beat(before, keys):
    player = Player()
    for symbol in before:
        player.hold(keys_of(symbol))
    begin = player.beat * BEAT
    for pitch in keys:
        player.listener.take(MidiMessage("note_on", 0, pitch, 80), Micros(begin + 1000))
    heard = [player.listener.hear_now(Micros(begin), Micros(begin + part * BEAT // 16)) for part in range(2, 16)]
    sure = [token_of(one.chord) for one in heard if one.chord is not None and one.confidence >= SURE_ENOUGH]
    assert sum(one != other for one, other in itertools.pairwise(sure)) <= 1


POWER = {"A5": (33, 40, 45), "G5": (31, 38, 43), "D5": (38, 45, 50), "C5": (36, 43, 48)}


def test_fifths_without_a_third_are_power_chords_after_a_while():
    player = Player()
    heard = [player.hold(keys).chord for _ in range(4) for keys in POWER.values() for _ in range(2)]
    assert [chord.root for chord in heard[1::2]] == [parse_chord(symbol).root for symbol in POWER] * 4
    assert [chord.quality for chord in heard[9::2]] == ["5"] * 12


def test_one_third_makes_them_triads_again():
    player = Player()
    for _ in range(3):
        for keys in POWER.values():
            player.hold(keys)
    assert player.hold([*POWER["A5"], 60]).chord == parse_chord("Am")
    assert player.hold(POWER["A5"]).chord == parse_chord("Am")


def test_a_pianist_s_left_hand_without_roots_is_heard_by_what_came_before():
    rootless = {"Dm7": (53, 57, 60, 64), "G7": (53, 57, 59, 64), "Cmaj7": (52, 55, 59, 62)}
    player = Player()
    for symbol in ("Dm7", "G7", "Cmaj7") * 2:
        player.hold(keys_of(symbol))
    heard = [player.hold(keys).chord for _ in range(2) for keys in rootless.values() for _ in range(2)]
    right = sum(
        chord is not None and chord.root == parse_chord(s).root
        for chord, s in zip(heard, np.repeat(list(rootless) * 2, 2), strict=True)
    )
    assert right >= 8


def test_an_alberti_bass_under_a_tune_is_its_chords():
    player = Player()
    for symbol in ("C", "G7", "C", "F", "C"):
        low, middle, high = (55, 59, 65) if symbol == "G7" else keys_of(symbol)[1:]
        for tune in ((76, 79), (77, 74)):
            notes = [(n / 4, 0.25, pitch - 12) for n, pitch in enumerate((low, high, middle, high))]
            heard = player.play([*notes, (0.0, 0.5, tune[0] + 3), (0.5, 0.5, tune[1] + 3)])
        assert heard.chord.root == parse_chord(symbol).root


def test_random_keys_are_seldom_believed():
    believed = 0
    for seed in range(10):
        rng, player = np.random.default_rng(seed), Player()
        for _ in range(12):
            heard = player.hold({int(key) for key in rng.integers(30, 95, size=6)})
            believed += heard.chord is not None and heard.confidence > 0.6
    assert believed <= 24
