"""The band's roles, heard from outside: who plays when, on what, and how soon it stops."""

import math
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.weights_folder import load_weights
from realtime.core.chord import parse_chord
from realtime.core.events import (
    ActionRequested,
    ChordForeseen,
    MidiReceived,
    NoteOff,
    NoteOn,
    ParameterSet,
    PortChanged,
    Stamped,
    TurnTaken,
)
from realtime.core.key_finder import Key
from realtime.core.performer import Performer
from realtime.core.solo.chord_scale import chord_scale
from realtime.core.solo.motif import kinship, motif_of
from realtime.core.solo.phrase import SoloNote
from realtime.core.style import DRUM_VOICES
from realtime.core.style_reader import parse_style
from realtime.core.units import Micros
from realtime.core.weights import Weights
from tests.conftest import STYLES
from tests.core.playing import BEAT, comping, keys_of, lift, listen, press, started

LOOP = ["C", "Am", "F", "G"]
C_MAJOR = Key(0, minor=False)
RELEASE = 20_000


@pytest.fixture(scope="module")
def swing():
    return parse_style(tomllib.loads((STYLES / "jazz_swing.toml").read_text()), "jazz_swing")


def heart(style, mode, weights=None, **parameters):
    parameters = {"style": style.name, "mode": mode, **parameters}
    return Performer({style.name: style}, seed=3, parameters=parameters, weights=weights)


def said(beat, path, value):
    return Stamped(Micros(round(beat * BEAT)), ParameterSet(path, value, "test"))


def chart(symbols):
    return Stamped(Micros(0), ActionRequested("chart", ("| " + " | ".join(symbols) + " |",)))


def melody(notes, velocity=90):
    """Notes as (beat, beats, pitch)."""
    script = []
    for beat, long, pitch in notes:
        script += [press(round(beat * BEAT), pitch, velocity), lift(round((beat + long) * BEAT), pitch)]
    return script


def script_of(*parts):
    return sorted((stamped for part in parts for stamped in part), key=lambda stamped: stamped.at)


def solo(outputs):
    """The soloist's notes as (beat, beats, pitch)."""
    notes, began = [], {}
    for stamped in sorted(outputs, key=lambda stamped: stamped.at):
        match stamped.event:
            case NoteOn("solo", _, pitch, _):
                assert pitch not in began
                began[pitch] = stamped.at
            case NoteOff("solo", _, pitch):
                notes.append((began[pitch] / BEAT, (stamped.at - began.pop(pitch)) / BEAT, pitch))
    assert not began
    return sorted(notes)


def drums(outputs, beats):
    return [s for s in outputs if isinstance(s.event, NoteOn) and s.event.part == "drums" and s.at / BEAT in beats]


# ------------------------------------------------------------------------------------------------ comping


@pytest.mark.parametrize("mode", ["comp", "listen"])
def test_who_comps_or_listens_plays_no_solo(ballad, mode):
    assert not solo(listen(heart(ballad, mode), script_of(started(), comping(LOOP * 2)), 32 * BEAT))


# ------------------------------------------------------------------------------------------------ trading


@pytest.mark.parametrize("bars", [2, 4, 8])
def test_trading_gives_the_player_and_the_soloist_turns_of_so_many_bars(swing, bars):
    script = script_of(started(), [chart(LOOP)], comping(LOOP * 10))
    notes = solo(listen(heart(swing, "trade", **{"trade/bars": bars}), script, 160 * BEAT - RELEASE))
    turns = {int(beat / 4 // bars) for beat, _, _ in notes}
    assert turns == set(range(1, 40 // bars, 2))
    assert all(int((beat + long - 0.1) / 4 // bars) in turns for beat, long, _ in notes)


def test_turns_are_told_as_they_begin(swing):
    script = script_of(started(), [chart(LOOP)], comping(LOOP * 4))
    outputs = listen(heart(swing, "trade"), script, 62 * BEAT)
    told = [(round(s.at / BEAT), s.event) for s in outputs if isinstance(s.event, TurnTaken)]
    assert told == [(16, TurnTaken("solo", 16)), (32, TurnTaken("player", 16)), (48, TurnTaken("solo", 16))]


def test_the_soloist_leaves_the_ending_to_the_band(swing):
    ending = Stamped(Micros(round(21.5 * BEAT)), ActionRequested("ending"))
    script = script_of(started(), [chart(LOOP), ending], comping(LOOP * 8))
    notes = solo(listen(heart(swing, "trade"), script, 40 * BEAT))
    assert max(beat + long for beat, long, _ in notes) <= 24.1
    assert max(beat for beat, _, _ in notes) > 18


def test_trading_asked_for_in_the_middle_waits_for_a_phrase_to_begin(swing):
    script = script_of(started(), [chart(LOOP), said(18.5, "mode", "trade")], comping(LOOP * 6))
    notes = solo(listen(heart(swing, "comp"), script, 96 * BEAT))
    assert 12 <= notes[0][0] / 4 < 13, "bars 8 to 11 are the player's first"


def test_the_drums_mark_the_hand_over(swing):
    outputs = listen(heart(swing, "trade"), script_of(started(), [chart(LOOP)], comping(LOOP * 4)), 64 * BEAT)
    crashes = {
        round(s.at / BEAT) // 4
        for s in outputs
        if isinstance(s.event, NoteOn) and s.event.part == "drums" and s.event.pitch == DRUM_VOICES["crash"]
    }
    assert {4, 8, 12} <= crashes, "after a fill there is a crash on the one"


def test_while_the_player_rests_in_the_soloist_s_turn_the_band_plays_on(swing):
    script = script_of(started(), [chart(LOOP)], comping(LOOP * 2))
    outputs = listen(heart(swing, "trade", **{"trade/bars": 8}), script, 64 * BEAT)
    bass = [s.at / BEAT for s in outputs if isinstance(s.event, NoteOn) and s.event.part == "bass"]
    assert max(bass) > 62
    assert sum(beat > 40 for beat, _, _ in solo(outputs)) > 20


@pytest.mark.parametrize("mode", ["trade", "answer", "duet"])
@pytest.mark.parametrize("weights", [Weights(), load_weights()], ids=["by rules", "trained"])
def test_a_solo_line_over_known_chords_leaves_the_form_alone(swing, mode, weights):
    line = melody([(96 + n / 2, 0.4, 70 + (n * 5) % 11) for n in range(32)])
    script = script_of(started(), left_hand(LOOP * 6), line)
    performer = heart(swing, mode, weights)
    told = {}
    for stamped in listen(performer, script, 128 * BEAT):
        if isinstance(stamped.event, ChordForeseen):
            told[stamped.event.number] = stamped.event.chord
    roots = [parse_chord(told[number]).root for number in range(96, 128)]
    assert roots == [parse_chord(LOOP[number // 4 % 4]).root for number in range(96, 128)]


# ------------------------------------------------------------------------------------------------ answering

CALL = [(16.0, 0.4, 72), (16.5, 0.4, 76), (17.0, 0.9, 79), (18.0, 0.4, 77), (18.5, 0.4, 76), (19.0, 0.8, 74)]


def left_hand(symbols):
    """Low chords, held."""
    script = []
    for index, symbol in enumerate(symbols):
        for pitch in [36 + parse_chord(symbol).bass, *(48 + pc for pc in parse_chord(symbol).pitch_classes)]:
            script += melody([(index * 4, 3.9, pitch)], 60)
    return script


def answers(style, *more, mode="answer", until=32):
    script = script_of(started(), [chart(LOOP)], left_hand(LOOP * 2), melody(CALL), *more)
    return solo(listen(heart(style, mode), script, until * BEAT))


def test_a_phrase_is_answered_from_the_next_beat_as_long_as_it_was(ballad):
    notes = answers(ballad)
    end_of_call = 20  # the first beat after its last note
    assert end_of_call - 0.1 <= notes[0][0] <= end_of_call + 1.02
    assert all(beat < 20 + 5 for beat, _, _ in notes)
    assert max(beat + long for beat, long, _ in notes) <= 20 + 1 + 4


@st.composite
def calls(draw):
    """A line of four notes and more from bar 5 on, without a long rest in it."""
    beat, notes = 16 + draw(st.sampled_from([0, 0.25, 0.5, 1])), []
    for pitch in draw(st.lists(st.integers(64, 80), min_size=4, max_size=9)):
        gap = draw(st.sampled_from([0.5, 0.5, 1.0]))
        notes.append((beat, gap * draw(st.floats(0.5, 0.95)), pitch))
        beat += gap
    return notes


@given(calls())
@settings(max_examples=25)
def test_every_call_is_answered_within_a_beat_of_the_beat_it_ended_by(ballad, call):
    beat, long, _ = call[-1]
    script = script_of(started(), [chart(LOOP)], left_hand(LOOP * 2), melody(call))
    notes = solo(listen(heart(ballad, "answer"), script, 32 * BEAT))
    end = math.ceil(beat + long)
    after = [note for note in notes if note[0] >= end - 0.1]
    assert after[0][0] <= end + 1.05
    length = max(2, round(beat + long - call[0][0]))
    assert after[-1][0] + after[-1][1] <= end + 1 + length + 0.1


def test_an_answer_is_about_what_the_call_was_about(ballad):
    call = motif_of([in_ticks(*note) for note in CALL], 960, 4)
    assert kinship(call, [in_ticks(*note) for note in answers(ballad)], 960) >= 0.6


def in_ticks(beat, beats, pitch):
    start = round(beat * 4) * 240
    return SoloNote(start, start + round(beats * 960), pitch, 1.0)


@pytest.mark.parametrize("beat", [20.6, 21.0, 21.4, 22.3])
def test_the_player_s_return_silences_the_answer_within_a_beat(ballad, beat):
    # the left hand goes on, and is no return
    undisturbed = answers(ballad)
    assert any(at > beat for at, _, _ in undisturbed), "there is something to silence"
    line = [(beat + number / 2, 0.4, 72 + number % 5) for number in range(8)]
    notes = answers(ballad, melody(line), until=26)
    assert not [note for note in notes if note[0] + note[1] > beat + 1 and note[0] < beat + 4]


def test_a_call_is_answered_once(ballad):
    assert all(beat < 25.5 for beat, _, _ in answers(ballad, until=32))


# ------------------------------------------------------------------------------------------------ duet


def test_in_duet_a_second_voice_moves_in_thirds_and_sixths_on_the_beats(ballad):
    line = [(16.0, 0.9, 76), (17.0, 0.4, 77), (17.5, 0.4, 79), (18.0, 0.9, 79), (19.0, 0.9, 77), (20.0, 1.9, 76)]
    script = script_of(started(), [chart(LOOP)], left_hand(LOOP * 2), melody(line))
    notes = [note for note in solo(listen(heart(ballad, "duet"), script, 22 * BEAT)) if note[0] < 20.5]
    by_beat = {round(beat, 1): pitch for beat, _, pitch in notes}
    assert set(by_beat) == {16.0, 17.0, 18.0, 19.0, 20.0}
    apart = [pitch - by_beat[beat] for beat, _, pitch in line if beat in by_beat]
    assert sum(gap in (3, 4, 8, 9, 15, 16) for gap in apart) >= 3
    assert min(apart) >= 3


def test_in_duet_a_gap_is_filled_out_of_the_player_s_register(ballad):
    notes = [note for note in answers(ballad, mode="duet") if note[0] >= 19.9]
    assert notes
    assert max(pitch for _, _, pitch in notes) < 76
    assert all(beat < 25 for beat, _, _ in notes)


# ------------------------------------------------------------------------------------------------ harmonising


def harmonies(style, *scripts, until=20, **parameters):
    script = script_of(started(), [chart(LOOP)], *scripts)
    return listen(heart(style, "harmonise", **parameters), script, until * BEAT)


@pytest.mark.parametrize("voices", [1, 2, 3])
def test_every_melody_note_is_harmonised_on_its_own_microsecond_and_for_as_long(ballad, voices):
    line = [(8 + n * 0.5, 0.4, 72 + n) for n in range(8)]
    outputs = harmonies(ballad, left_hand(LOOP), melody(line), **{"harmonise/voices": voices})
    ons = [s.at for s in outputs if isinstance(s.event, NoteOn) and s.event.part == "solo"]
    offs = [s.at for s in outputs if isinstance(s.event, NoteOff) and s.event.part == "solo"]
    assert ons == [round(beat * BEAT) for beat, _, _ in line for _ in range(voices)]
    assert all(
        0 <= off - round((beat + long) * BEAT) <= 0 for off, (beat, long, _) in zip(offs[::voices], line, strict=True)
    )


def test_what_is_sung_under_a_chord_tone_is_the_plan_s_chord(ballad):
    notes = solo(harmonies(ballad, left_hand(LOOP), melody([(9.5, 1, 77), (13.5, 1, 79)])))
    for beat, _, pitch in notes:
        assert pitch % 12 in parse_chord(LOOP[int(beat) // 4]).pitch_classes
    assert len(notes) == 4


def test_it_harmonises_while_nothing_plays(ballad):
    script = [Stamped(Micros(0), ParameterSet("transport/sync", value=False)), *melody([(1, 1, 72)])]
    assert [pitch for _, _, pitch in solo(listen(heart(ballad, "harmonise"), script, 4 * BEAT))] == [60]


def test_while_nothing_plays_the_chord_is_the_one_struck_last(ballad):
    chord = [press(0, pitch) for pitch in (41, 53, 57, 60)] + [lift(BEAT, pitch) for pitch in (41, 53, 57, 60)]
    script = script_of([Stamped(Micros(0), ParameterSet("transport/sync", value=False))], chord, melody([(1.5, 1, 77)]))
    notes = solo(listen(heart(ballad, "harmonise"), script, 4 * BEAT))
    assert {pitch for beat, _, pitch in notes if beat > 1} == {69, 72}


def test_the_pedal_keeps_the_harmony_until_the_next_note(ballad):
    pedal = [Stamped(Micros(8 * BEAT - 1), MidiReceived("in", bytes([0xB0, 64, 127])))]
    notes = solo(harmonies(ballad, left_hand(LOOP[:2]), pedal, melody([(8, 0.5, 76), (10, 0.5, 77)])))
    assert {round(beat + long, 2) for beat, long, _ in notes if beat < 9} == {10.0}


ENDINGS = {
    "panic": Stamped(Micros(9 * BEAT), ActionRequested("transport/panic")),
    "stop": Stamped(Micros(9 * BEAT), ActionRequested("transport/stop")),
    "mute": Stamped(Micros(9 * BEAT), ParameterSet("part/solo/mute", value=True)),
    "mode": Stamped(Micros(9 * BEAT), ParameterSet("mode", "comp")),
    "port": Stamped(Micros(9 * BEAT), PortChanged("in", present=False)),
    "all notes off": Stamped(Micros(9 * BEAT), MidiReceived("in", bytes([0xB0, 123, 0]))),
}


@pytest.mark.parametrize("how", sorted(ENDINGS))
def test_the_harmony_of_a_held_key_ends_with(ballad, how):
    held = [press(8 * BEAT, 76)]
    notes = solo(harmonies(ballad, comping(LOOP[:2]), held, [ENDINGS[how]], until=16))
    assert {round(beat + long, 2) for beat, long, _ in notes if round(beat, 1) == 8.0} == {9.0}


# ------------------------------------------------------------------------------------------------ surprises


def test_a_wrong_chord_is_left_within_a_beat(swing):
    symbols = [*LOOP, *LOOP, "C", "Ab", "Db", "F#"]
    script = script_of(started(), comping(symbols))
    clashes = []
    for beat, long, pitch in solo(listen(heart(swing, "trade", **{"trade/bars": 4}), script, 48 * BEAT)):
        for number in range(int(beat), int(beat + long) + 1):
            chord = parse_chord(symbols[min(11, number // 4)])
            start, end = max(beat, number), min(beat + long, number + 1)
            if pitch % 12 in {(tone + 1) % 12 for tone in chord.pitch_classes} - set(chord.pitch_classes):
                clashes.append(end - start)
    assert max(clashes, default=0) < 1.0


def test_strong_beats_are_the_chord_s(swing):
    script = script_of(started(), [chart(LOOP)], comping(LOOP * 16))
    strong = [
        (beat, pitch)
        for beat, _, pitch in solo(listen(heart(swing, "trade"), script, 256 * BEAT))
        if abs(beat - round(beat)) < 0.06 and round(beat) % 2 == 0
    ]
    in_chord = [pitch % 12 in parse_chord(LOOP[round(beat) // 4 % 4]).pitch_classes for beat, pitch in strong]
    assert len(strong) > 15
    assert sum(in_chord) >= 0.85 * len(in_chord)
    scales = [chord_scale(parse_chord(LOOP[round(beat) // 4 % 4]), C_MAJOR) for beat, _ in strong]
    assert all(scale.has(pitch) or pitch % 12 in scale.blue for scale, (_, pitch) in zip(scales, strong, strict=True))


def test_keys_of_the_fixture_are_below_the_melody():
    assert max(keys_of("B")) < 76
