"""The repertoire: forms that are known by heart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.chart import parse_chart
from realtime.core.chord import Chord
from realtime.core.chord_tokens import TOKEN_COUNT, chord_of, token_of
from realtime.core.planner import Planner
from realtime.core.repertoire import KEYS, MOST_STATES, Repertoire

BLUES = "| C7 | F7 | C7 | Gm7 C7 | F7 | F#dim7 | C7 | Em7b5 A7 | Dm7 | G7 | C7 A7 | Dm7 G7 |"
POP = "| C | G | Am | F |"
FORMS = {"blues": BLUES, "pop": POP}
TOKENS = st.integers(0, TOKEN_COUNT - 1)


def song(text, semitones):
    beats = parse_chart(text, 4).beats
    return [Chord((c.root + semitones) % 12, c.quality, (c.bass + semitones) % 12) for c in beats]


def listening(chords, likely=0.5, forms=FORMS):
    repertoire = Repertoire(forms, 4)
    for chord in chords:
        repertoire.observe(chord, likely)
    return repertoire


@pytest.mark.parametrize("key", range(12))
def test_a_known_form_is_recognised_in_any_key_by_the_end_of_its_first_line(key):
    blues = song(BLUES, key)
    repertoire = listening(blues[:18])
    name, place, confidence = repertoire.song
    assert (name, place) == ("blues", 18)
    assert confidence > 0.5
    foreseen = repertoire.foresee(16).argmax(axis=1)
    assert foreseen.tolist() == [token_of(chord) for chord in blues[18:34]]


def test_a_song_is_named_once_and_once_more_when_it_is_left():
    repertoire, told = Repertoire(FORMS, 4), []
    for chord in [*song(BLUES, 2), *song("| Eb | Ab | Db | Gb | B | E | A | D |", 1)]:
        repertoire.observe(chord, 0.4)
        told.append(repertoire.news())
    assert [news[0] for news in told if news is not None] == ["blues", ""]


def test_the_song_goes_round():
    blues = song(BLUES, 3)
    rows = listening(blues[:47]).foresee(5)
    assert rows.argmax(axis=1).tolist() == [token_of(chord) for chord in blues[47:] + blues[:4]]


def test_what_is_played_now_counts_before_it_is_over():
    """Two songs that part after four bars: the chord of the fifth decides."""
    forms = {"one": "| C | G | Am | F | D7 | G |", "other": "| C | G | Am | F | Bb | Eb |"}
    repertoire = listening(song(POP, 0), forms=forms)
    for now, then in (("D7", "G"), ("Bb", "Eb")):
        chord = parse_chart(f"| {now} |", 4).beats[0]
        after = repertoire.foresee(5, chord)[4]
        assert chord_of(int(after.argmax())) == parse_chart(f"| {then} |", 4).beats[0]


@given(st.lists(TOKENS, max_size=80), st.floats(0, 1))
@settings(max_examples=40)
def test_whatever_is_heard_the_beliefs_are_probabilities(tokens, likely):
    repertoire = listening([chord_of(token) for token in tokens], likely)
    rows = repertoire.foresee(9)
    assert np.allclose(rows.sum(axis=1), 1.0)
    assert (rows >= 0).all()
    assert 0.0 <= repertoire.weight < 1.0


@given(st.lists(TOKENS, min_size=32, max_size=64))
@settings(max_examples=30)
def test_other_music_is_left_to_the_oracle(tokens):
    """Where the oracle knows what comes, a repertoire that does not is soon worth nothing."""
    assert listening([chord_of(token) for token in tokens], likely=0.9).weight < 0.05


def test_a_player_who_leaves_the_form_takes_the_band_along():
    repertoire = listening(song(BLUES, 0))
    assert repertoire.weight > 0.5
    for chord in song("| Eb | Ab | Db | Gb | B | E | A | D |", 1):
        repertoire.observe(chord, 0.6)
    assert repertoire.weight < 0.1


def test_charts_that_fit_no_bar_of_this_meter_are_left_out():
    assert Repertoire({"crowded": "| C F G C |"}, 3).is_empty
    assert not Repertoire({"crowded": "| C F G C |"}, 4).is_empty


def test_a_repertoire_is_bounded():
    long = "| " + "C | G | " * 400
    with pytest.raises(ValueError, match="at most"):
        Repertoire({f"{number}": long for number in range(MOST_STATES // KEYS // 3200 + 1)}, 4)


def test_the_band_is_there_on_the_first_time_through_a_form_it_knows():
    def right(planner):
        planner.begin(4)
        blues, hits = song(BLUES, 7), 0
        for number, chord in enumerate(blues):
            planner.start_beat(number, 1, 8)
            if number >= 16:
                hits += token_of(planner.ahead[0].chord) == token_of(chord)
            planner.learn(number, chord)
        return hits

    assert right(Planner(forms=FORMS)) >= 30
    assert right(Planner()) <= 25
