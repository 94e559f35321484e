"""Intros, breaks and endings that a style writes: their bars, their chords, and that the player's own chords win."""

import tomllib

import pytest

from realtime.core.chord import parse_chord
from realtime.core.events import ActionRequested, Beat, NoteOff, NoteOn, Rejected, Stamped, TransportChanged
from realtime.core.performer import Performer
from realtime.core.style_reader import parse_style
from realtime.core.units import Micros
from tests.conftest import STYLES
from tests.core.playing import BEAT, comping, listen, started

SHIPPED = {path.stem: parse_style(tomllib.loads(path.read_text()), path.stem) for path in sorted(STYLES.glob("*.toml"))}
WRITTEN = [
    (name, kind, number)
    for name, style in SHIPPED.items()
    for kind in ("intro", "ending")
    for number in style.passages[kind]
]


def act(beat, path, *arguments):
    return Stamped(Micros(round(beat * BEAT) + 1_000), ActionRequested(path, arguments, "test"))


def band(name="pop_ballad", **parameters):
    return Performer(SHIPPED, seed=3, parameters={"style": name, "transport/tempo": 100.0, **parameters})


def merged(*scripts):
    return sorted((stamped for script in scripts for stamped in script), key=lambda stamped: stamped.at)


def beats_of(outputs):
    """When each beat began, by its number."""
    return {s.event.number: s.at for s in outputs if isinstance(s.event, Beat)}


def struck(outputs, first, last, *parts):
    """The pitches that `parts` strike from beat `first` until beat `last`."""
    begins = beats_of(outputs)
    begin, end = begins[first] - 60_000, begins.get(last, 10**12) - 60_000
    return [
        s.event.pitch for s in outputs if isinstance(s.event, NoteOn) and s.event.part in parts and begin <= s.at < end
    ]


def bass_on(outputs, beat):
    """The pitch class that the bass is on at the beginning of a beat."""
    return next(iter(struck(outputs, beat, beat + 1, "bass"))) % 12


@pytest.mark.parametrize("key", ["C major", "Eb major", "F# minor"])
def test_an_intro_plays_its_chords_in_the_key_while_the_player_plays_nothing(key):
    outputs = listen(band(), [act(0, "key", key), act(0.1, "intro")], 17 * BEAT)
    tonic = {"C": 0, "E": 3, "F": 6}[key[0]]
    assert bass_on(outputs, 8) == (tonic + 5) % 12
    keys = {pitch % 12 for pitch in struck(outputs, 0, 4, "keys")}
    third = 3 if "minor" in key else 4
    assert {(tonic + 0) % 12, (tonic + third) % 12, (tonic + 7) % 12} <= keys


def test_the_second_intro_is_another():
    one, two = (listen(band(), [act(0, "key", "C major"), act(0.1, "intro", number)], 8 * BEAT) for number in (1, 2))
    assert bass_on(two, 0) == 5
    assert not struck(one, 0, 4, "bass")


def test_without_a_key_the_drums_play_an_intro_alone():
    outputs = listen(band(), [act(0, "intro")], 16 * BEAT)
    assert struck(outputs, 8, 16, "drums")
    assert not struck(outputs, 0, 16, "bass", "keys", "pad")


def test_a_chart_says_the_key_of_an_intro_and_begins_after_it():
    script = [act(0, "chart", "| Eb | Cm | Ab | Bb7 |"), act(0.1, "intro")]
    outputs = listen(band(), script, 24 * BEAT)
    assert bass_on(outputs, 8) == 8
    assert [bass_on(outputs, beat) for beat in (16, 20)] == [3, 0]


def test_after_an_intro_the_band_is_there_with_the_player_s_first_chord():
    script = merged([act(0, "key", "C major"), act(0.1, "intro", 2)], comping(["F", "C", "F", "C"], first_beat=8))
    outputs = listen(band(), script, 16 * BEAT)
    assert bass_on(outputs, 8) == 5
    assert {pitch % 12 for pitch in struck(outputs, 8, 12, "keys")} >= {5, 9, 0}


def test_the_player_s_own_chords_win_over_the_written_ones():
    script = merged([act(0, "key", "C major"), act(0.1, "intro")], comping(["E", "E"], first_beat=8))
    outputs = listen(band(), script, 16 * BEAT)
    assert all(pitch % 12 == 4 for pitch in struck(outputs, 9, 12, "bass"))
    assert not {0, 5} & {pitch % 12 for pitch in struck(outputs, 9, 12, "keys", "pad")}


def test_who_plays_what_is_written_is_accompanied_by_what_is_written():
    script = merged([act(0, "key", "C major"), act(0, "intro")], comping(["C", "Am", "F", "G"]))
    outputs = listen(band(), script, 16 * BEAT)
    assert (bass_on(outputs, 8), bass_on(outputs, 12)) == (5, 7)


def test_the_written_chord_waits_while_the_player_holds_another():
    script = merged(started(), comping(["C", "Am", "F", "G"] * 2 + ["F"]), [act(30, "ending")])
    outputs = listen(band(), script, 60 * BEAT)
    held = {pitch % 12 for pitch in struck(outputs, 33, 36, "keys", "pad", "bass")}
    assert 8 not in held, "no minor four under a major one"
    assert bass_on(outputs, 36) == 0, "home on the last one, though the player has played until then"
    assert {pitch % 12 for pitch in struck(outputs, 36, 99, "keys")} <= {0, 2, 4, 7}


def test_a_player_who_ends_elsewhere_takes_the_band_along():
    script = merged(started(), comping(["C", "Am", "F", "G"] * 2 + ["F", "Am"]), [act(30, "ending")])
    outputs = listen(band("funk_sixteenths"), script, 60 * BEAT)
    assert struck(outputs, 36, 37, "bass")[-1] % 12 == 9


def test_an_ending_comes_home_when_the_player_has_stopped_and_slows_down_as_written():
    script = merged(started(), comping(["C", "Am", "F", "G"] * 3), [act(46, "ending")])
    outputs = listen(band(), script, 80 * BEAT)
    tempi = {s.event.number: s.event.tempo_bpm for s in outputs if isinstance(s.event, Beat)}
    assert max(tempi) == 55
    assert tempi[47] == pytest.approx(100, abs=0.1)
    assert tempi[55] == pytest.approx(74, abs=0.1)
    assert bass_on(outputs, 52) == 0
    assert [s.event.playing for s in outputs if isinstance(s.event, TransportChanged)][-1] is False


def test_the_last_chord_is_held_until_the_end():
    script = merged(started(), comping(["C", "G"] * 4), [act(30, "ending")])
    outputs = listen(band(), script, 60 * BEAT)
    last = max(s.at for s in outputs if isinstance(s.event, NoteOn) and s.event.part == "bass")
    end = next(s.at for s in outputs if isinstance(s.event, NoteOff) and s.event.part == "bass" and s.at > last)
    assert end - last > 3 * BEAT


@pytest.mark.parametrize(("path", "number"), [("intro", 9), ("ending", 0), ("break", 7), ("intro", "last")])
def test_a_number_that_the_style_has_not_is_refused_and_nothing_starts(path, number):
    script = started() if path != "intro" else []
    outputs = listen(band(), [*script, act(4, path, number)], 6 * BEAT)
    refused = [s.event.reason for s in outputs if isinstance(s.event, Rejected)]
    assert len(refused) == 1
    assert refused[0].startswith(f"{path}: ")
    assert bool(beats_of(outputs)) == (path != "intro")
    assert 5 in beats_of(outputs) or path == "intro", "what plays, plays on"


@pytest.mark.parametrize(("name", "kind", "number"), WRITTEN)
def test_every_written_passage_is_played_to_its_end_and_every_note_ends(name, kind, number):
    style, key = SHIPPED[name], ("D major", "B minor")[number % 2]
    passage, meter = style.passages[kind][number], style.meter
    first = [act(0, "key", key), act(0.1, "transport/start")] if kind == "ending" else [act(0, "key", key)]
    bars = passage.bars + 2
    outputs = listen(band(name), [*first, act(0.2, kind, number)], bars * meter.beats_per_bar * 3 * BEAT)
    on, off = ([s for s in outputs if isinstance(s.event, event)] for event in (NoteOn, NoteOff))
    assert {"drums", "bass", "keys"} <= {s.event.part for s in on}
    if kind == "ending":
        assert len(on) == len(off)
        assert max(beats_of(outputs)) == (1 + passage.bars) * meter.beats_per_bar - 1


@pytest.mark.parametrize("style", SHIPPED.values(), ids=SHIPPED)
def test_every_style_has_intros_and_endings_to_choose_from_and_a_break(style):
    assert [len(style.passages[kind]) >= least for kind, least in (("intro", 2), ("break", 1), ("ending", 2))] == [
        True
    ] * 3
    for kind in ("intro", "ending"):
        assert all(passage.chords for passage in style.passages[kind].values())
    for ending in style.passages["ending"].values():
        last = ending.chords[-1]
        assert last.root == 0 or (style.name == "rnb_neo_soul" and last.root == 5)
    grooves = [passage.groove for kind in style.passages.values() for passage in kind.values()]
    assert len(grooves) == len({str(groove) for groove in grooves})


def test_what_is_written_in_minor_is_minor():
    assert SHIPPED["jazz_swing"].passages["intro"][1].minor[8] == parse_chord("Cm6")
