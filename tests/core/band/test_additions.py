"""Additions: which chords the band puts in, where there is room, and that nothing rubs against the player."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.band.additions import Way, add, rubs
from realtime.core.bandleader import BandLeader
from realtime.core.chance import Chance
from realtime.core.chord import QUALITIES, Chord, is_same_harmony, parse_chord
from realtime.core.events import MidiReceived, NoteOn
from realtime.core.key_finder import Key
from realtime.core.performer import Performer
from realtime.core.style import OPTIONS
from realtime.core.style_reader import parse_style
from tests.conftest import STYLES
from tests.core.playing import BEAT, comping, lift, listen, started

C_MAJOR = Key(0, minor=False)
SWING = parse_style(tomllib.loads((STYLES / "jazz_swing.toml").read_text()), "jazz_swing")
chords = st.builds(
    lambda root, quality: Chord(root, quality, root), st.integers(0, 11), st.sampled_from(sorted(QUALITIES))
)


def way(chord, coming, *, number=15, stays=True, held=(), section_in=0, key=C_MAJOR):
    return Way(number, parse_chord(chord), stays, [parse_chord(c) for c in coming], key, frozenset(held), section_in)


def added(option, *words, **more):
    chord = add(way(*words, **more), {option: 1}, 10, 1.0, Chance(1))
    return chord.name() if chord else None


@pytest.mark.parametrize(
    ("option", "chord", "coming", "name"),
    [
        ("secondary_dominant", "C", ["Am"], "E7"),
        ("tritone_substitute", "G", ["C"], "Db7"),
        ("approach", "C", ["Am7"], "Bbm7"),
        ("approach", "C", ["F"], "E"),
        ("passing_diminished", "F", ["G"], "Gbdim7"),
        ("passing_diminished", "Em7", ["Dm7"], "Ebdim7"),
        ("walk_up", "C", ["C", "F"], "Dm7"),
        ("walk_up", "C", ["F"], "C/E"),
        ("two_five", "C", ["C", "Am"], "Bm7b5"),
        ("two_five", "C", ["Am"], "E7b9"),
        ("two_five", "C", ["C", "F"], "Gm7"),
    ],
)
def test_an_option_is_the_chord_it_says(option, chord, coming, name):
    assert added(option, chord, coming) == name


@pytest.mark.parametrize(("ahead", "name"), [(3, "A7"), (2, "Dm7"), (1, "G7"), (4, None), (0, None)])
def test_a_turnaround_goes_round_in_a_section_s_last_bar(ahead, name):
    assert added("turnaround", "C", ["C"] * 8, section_in=ahead) == name


def test_there_is_none_where_the_chord_has_just_come_where_the_next_is_not_certain_or_far_off():
    assert added("secondary_dominant", "C", ["Am"], stays=False) is None
    assert added("secondary_dominant", "C", []) is None
    assert added("secondary_dominant", "C", ["C", "C", "Am"]) is None
    assert added("secondary_dominant", "G7", ["C"]) is None, "it is there already"


def test_a_dominant_that_rubs_against_what_is_held_is_not_played():
    assert added("tritone_substitute", "G", ["C"], held=(7, 11, 2)) is None
    assert added("secondary_dominant", "Am", ["D"], held=(9, 4)) == "A7"


ways = st.builds(
    lambda chord, after, beats, held, section_in: Way(
        15, chord, True, [chord] * (beats - 1) + [after] * 4, C_MAJOR, held, section_in
    ),
    chords, chords, st.integers(1, 3), st.frozensets(st.integers(0, 11)), st.integers(0, 3),
)  # fmt: skip
levels = st.dictionaries(st.sampled_from(sorted(OPTIONS)), st.integers(1, 10))


@given(ways, levels, st.integers(1, 10), st.integers(0, 2**32))
def test_what_is_added_is_allowed_new_and_rubs_against_nothing(this, options, complexity, seed):
    found = add(this, options, complexity, 1.0, Chance(seed))
    if found is None:
        return
    assert any(level <= complexity for level in options.values())
    assert not is_same_harmony(found, this.chord)
    assert not rubs(found, this.held)
    assert add(this, options, complexity, 1.0, Chance(seed)) == found
    assert add(this, options, complexity, 0.0, Chance(seed)) is None


def test_creativity_is_how_many_changes_get_one():
    share = sum(
        add(way("C", ["Am"], number=number), {"two_five": 1}, 4, 0.3, Chance(1)) is not None for number in range(2000)
    )
    assert share / 2000 == pytest.approx(0.3, abs=0.04)


def heard(**parameters):
    """What the band plays with a pianist who strikes short chords, in jazz."""
    script = started() + comping(["C", "Am", "Dm", "G"] * 3)
    heart = Performer({"jazz_swing": SWING}, seed=3, parameters={"style": "jazz_swing", **parameters})
    short = [s for s in script if not (isinstance(s.event, MidiReceived) and s.event.data[0] == 0x80)]
    lifts = [lift(s.at + BEAT // 2, s.event.data[1]) for s in short if isinstance(s.event, MidiReceived)]
    outputs = listen(heart, sorted([*short, *lifts], key=lambda stamped: stamped.at), 48 * BEAT)
    return [s for s in outputs if isinstance(s.event, NoteOn) and s.event.part in ("bass", "keys")]


def test_complexity_decides_which_and_creativity_how_often():
    plain = heard(creativity=0.0)
    assert heard(creativity=1.0, complexity=2) == plain, "jazz swing's begin at 3"
    busy = heard(creativity=1.0, complexity=10)
    ones = [[s for s in notes if s.event.part == "bass" and (s.at / BEAT + 0.1) % 4 < 0.5] for notes in (plain, busy)]
    assert busy != plain
    assert [s.event.pitch % 12 for s in ones[1]] == [s.event.pitch % 12 for s in ones[0]], "the player's chords stay"


def test_a_chord_of_its_own_goes_when_the_player_strikes_against_it():
    leader = BandLeader(SWING, Chance(1))
    leader._added[7] = parse_chord("Db7")
    assert leader.must_drop(7, frozenset({7, 11}))
    assert not leader.must_drop(7, frozenset({1, 5}))
    assert not leader.must_drop(8, frozenset({7, 11}))
