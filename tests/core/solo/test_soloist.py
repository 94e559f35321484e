"""The soloist: whom it asks, when it moves, and what it has in its hands when the plan moves."""

import tomllib
from dataclasses import replace
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.chance import Chance
from realtime.core.chord import parse_chord
from realtime.core.key_finder import Key
from realtime.core.register import NOBODY
from realtime.core.solo.chord_scale import chord_scale
from realtime.core.solo.duet import Partner, reach_beside
from realtime.core.solo.phrase import RulePhraser, SoloNote
from realtime.core.solo.soloist import PHRASES_A_MOTIF, Scene, Soloist
from realtime.core.solo.turns import LEAST_PHRASE_BEATS, Turns, phrase_beats
from realtime.core.style_reader import parse_style
from realtime.core.units import Ticks
from tests.conftest import STYLES

C, AB = parse_chord("C"), parse_chord("Ab")
C_MAJOR = Key(0, minor=False)


@pytest.fixture(scope="module")
def scene():
    style = parse_style(tomllib.loads((STYLES / "jazz_swing.toml").read_text()), "jazz_swing")
    return Scene(style, style.meter, C_MAJOR, 0.5, 0.5, style.swing, NOBODY, Chance(2))


class Model:
    """A phraser that answers now and then, with one note."""

    def __init__(self, *, ready):
        self.ready = ready

    def compose(self, request, said):
        phrase = RulePhraser().compose(request, said)
        return replace(phrase, notes=(SoloNote(0, 900, 67, 1.0),)) if self.ready else None


@pytest.mark.parametrize("ready", [True, False])
def test_a_phrase_model_is_asked_first_and_the_rules_where_it_is_not_ready(scene, ready):
    soloist = Soloist(first=Model(ready=ready))
    soloist.begin(8, [C] * 8, scene, None)
    assert (soloist.phrase.notes == (SoloNote(0, 900, 67, 1.0),)) == ready


def test_a_motif_is_developed_and_then_left(scene):
    soloist, motifs = Soloist(), []
    for number in range(2 * PHRASES_A_MOTIF):
        soloist.begin(number * 8, [C] * 8, scene, None)
        motifs.append(soloist.phrase.motif)
    assert len(set(motifs[:PHRASES_A_MOTIF])) == 1
    assert motifs[PHRASES_A_MOTIF] != motifs[0]


def test_every_note_of_a_phrase_is_handed_out_on_its_beat(scene):
    soloist = Soloist()
    soloist.begin(8, [C] * 8, scene, None)
    handed = [note for beat in range(4, 20) for note in soloist.play(beat, scene)]
    assert [(n.start - 8 * 960, n.end - 8 * 960, n.pitch) for n in handed] == [
        (n.start, n.end, n.pitch) for n in soloist.phrase.notes
    ]
    assert all(note.part == "solo" and note.lag_micros >= 0 for note in handed)


def test_a_chord_that_turns_out_another_is_noticed_by_the_hands(scene):
    soloist = Soloist(first=Model(ready=True))
    soloist.begin(8, [C] * 8, scene, None)
    soloist.play(8, scene)
    now = Ticks(8 * 960 + 200)
    assert not soloist.clashes(C, now, scene)
    assert soloist.clashes(parse_chord("Gb"), now, scene)
    assert not soloist.clashes(parse_chord("Gb"), Ticks(10 * 960), scene), "it sounds no more"
    assert not soloist.replan([C] * 8, now, scene)
    assert soloist.replan([AB] * 8, now, scene)
    assert soloist.phrase.notes[0].pitch == 67, "what has begun stays"


@given(st.integers(0, 40), st.integers(0, 12), st.integers(1, 16))
def test_turns_alternate_and_last_as_long_as_asked(origin, wait, bars):
    turns, seen = Turns(), []
    for bar in range(origin + wait, origin + wait + 6 * bars):
        turns.begin_with(bar, origin, bars)
        seen.append((turns.first_bar is not None, turns.is_solo(bar, bars), turns.hands_over_after(bar, bars)))
    begun = [solo for has_begun, solo, _ in seen if has_begun]
    assert (turns.first_bar - origin) % bars == 0
    changes = [index for index in range(1, len(begun)) if begun[index] != begun[index - 1]]
    assert all(later - earlier == bars for earlier, later in pairwise(changes))
    marked = [over for has_begun, _, over in seen if has_begun]
    assert all(marked[index - 1] for index in changes)


@given(st.integers(1, 64), st.sampled_from([3, 4]), st.floats(0, 1))
def test_a_turn_is_cut_into_phrases_with_no_scrap_left(beats, per_bar, chance):
    left = beats
    while left:
        length = phrase_beats(left, per_bar, chance)
        assert 0 < length <= left
        left -= length
        assert left == 0 or left >= LEAST_PHRASE_BEATS


@given(st.lists(st.integers(60, 84), min_size=2, max_size=12), st.sampled_from(["C", "Am7", "G7", "Fmaj7"]))
def test_the_second_voice_stays_below_and_in_the_chord_s_scale(melody, symbol):
    partner, chord = Partner(), parse_chord(symbol)
    for beat, pitch in enumerate(melody):
        voice = partner.move(pitch, Ticks(beat * 960), 960, chord, C_MAJOR)
        assert 3 <= pitch - voice <= 17
        assert voice % 12 in chord_scale(chord, C_MAJOR).scale
        assert partner.move(pitch, Ticks(beat * 960 + 480), 960, chord, C_MAJOR) is None, "off the beat it holds"


@given(st.lists(st.integers(48, 96), min_size=1, max_size=9))
def test_a_fill_lies_beside_the_melody_s_middle(melody):
    reach = reach_beside(melody)
    assert len(reach) >= 12
    assert all(abs(pitch - round(median(melody))) >= 5 for pitch in reach)
