"""The controls of an arranger's player: each works, where it should, and leaves nothing behind."""

from collections import Counter
from dataclasses import replace

import pytest

from realtime.core.band.count_in import STICKS
from realtime.core.events import (
    ActionRequested,
    Beat,
    ControlChange,
    NoteOff,
    NoteOn,
    ParameterSet,
    Rejected,
    Stamped,
    TransportChanged,
)
from realtime.core.fade import EXPRESSION
from realtime.core.osc_codec import decode
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.core.playing import BEAT, TEMPO_BPM, comping, keys_of, lift, listen, press, started

BAR = 4 * BEAT
LOOP = ["C", "Am", "F", "G"]
HARMONY = ("bass", "keys", "pad")


@pytest.fixture
def styles(ballad):
    other = replace(ballad, name="other", grooves={**ballad.grooves, "B": ballad.grooves["D"]})
    return {"pop_ballad": ballad, "other": other}


def heart(styles, **parameters):
    paths = {path.replace("__", "/"): value for path, value in parameters.items()}
    return Performer(styles, seed=3, parameters={"transport/tempo": TEMPO_BPM, **paths})


def act(beat, path, *arguments):
    return Stamped(Micros(round(beat * BEAT)), ActionRequested(path, arguments, "test"))


def knob(beat, path, value):
    return Stamped(Micros(round(beat * BEAT)), ParameterSet(path, value, "test"))


def in_order(*scripts):
    return sorted((stamped for script in scripts for stamped in script), key=lambda stamped: stamped.at)


def strokes(outputs, *parts):
    """(beat, part, pitch, velocity) of what the band strikes."""
    return [
        (s.at / BEAT, s.event.part, s.event.pitch, s.event.velocity)
        for s in outputs
        if isinstance(s.event, NoteOn) and s.event.part != "player" and (not parts or s.event.part in parts)
    ]


def states(outputs):
    return [(s.at, s.event.playing) for s in outputs if isinstance(s.event, TransportChanged)]


def owed(outputs):
    notes = Counter()
    for stamped in sorted(outputs, key=lambda stamped: stamped.at):
        if isinstance(stamped.event, NoteOn | NoteOff):
            key = stamped.event.part, stamped.event.channel, stamped.event.pitch
            notes[key] += 1 if isinstance(stamped.event, NoteOn) else -1
    return +notes


def chord_at(beat, symbol, beats=1.0):
    at = round(beat * BEAT)
    return [one for pitch in keys_of(symbol) for one in (press(at, pitch), lift(at + round(beats * BEAT), pitch))]


# ------------------------------------------------------------------------------------------------- count-in


def test_a_count_in_is_heard_before_the_first_bar_and_nothing_else(styles):
    outputs = listen(heart(styles, transport__count_in=2), [act(0, "transport/start")], 4 * BAR)
    beats = [s.at for s in outputs if isinstance(s.event, Beat)]
    assert beats[0] == 2 * BAR
    counted = [(round(beat, 2), pitch) for beat, _, pitch, _ in strokes(outputs) if beat < 7.9]
    assert counted == [(beat, STICKS) for beat in (0, 2, 4, 5, 6, 7)]


def test_a_note_starts_the_music_at_once_unless_a_count_in_is_asked_for_there_too(styles):
    script = in_order(chord_at(1, "C"))
    at_once = listen(heart(styles, transport__count_in=1), script, 3 * BAR)
    counted = listen(heart(styles, transport__count_in=1, transport__count_in__sync=True), script, 3 * BAR)
    assert [next(s.at for s in o if isinstance(s.event, Beat)) for o in (at_once, counted)] == [BEAT, BEAT + BAR]


def test_a_stop_in_a_count_in_ends_it(styles):
    script = in_order([act(0, "transport/start"), act(2.5, "transport/stop")])
    outputs = listen(heart(styles, transport__count_in=2), script, 4 * BAR)
    assert max(beat for beat, *_ in strokes(outputs)) == 2
    assert not [s for s in outputs if isinstance(s.event, Beat)]


# ------------------------------------------------------------------------------------------------ sync stop


def test_the_band_stops_when_all_keys_are_up_and_is_all_there_with_the_next(styles):
    script = in_order(chord_at(0, "C", 11.9), chord_at(14, "F", 6))
    outputs = listen(heart(styles, transport__sync_stop=True), script, 22 * BEAT)
    (start, _), (stop, _), (again, _), (end, _) = states(outputs)
    assert (start, again) == (0, 14 * BEAT)
    assert stop == round(11.9 * BEAT) + 300_000
    assert end == 20 * BEAT + 300_000
    assert {part for beat, part, *_ in strokes(outputs) if 14 <= beat < 15} == {"drums", *HARMONY}
    assert not owed(outputs)


def test_hands_that_change_chords_or_keep_the_pedal_down_do_not_stop_the_band(styles):
    legato = in_order(*(chord_at(4 * bar, LOOP[bar % 4], 3.7) for bar in range(6)))
    outputs = listen(heart(styles, transport__sync_stop=True), legato, 20 * BEAT)
    assert [playing for _, playing in states(outputs)] == [True]


# ----------------------------------------------------------------------------------------------------- fade


def expressions(outputs, part="keys"):
    return [
        (s.at / BEAT, s.event.value)
        for s in outputs
        if isinstance(s.event, ControlChange) and s.event.part == part and s.event.controller == EXPRESSION
    ]


def test_a_fade_goes_down_evenly_stops_the_music_and_gives_the_levels_back(styles):
    script = in_order(started(), comping(LOOP * 4), [act(17.5, "fade", 2)])
    outputs = listen(heart(styles), script, 34 * BEAT)
    moves = expressions(outputs)
    down, back = moves[:-1], moves[-1]
    assert [value for _, value in down] == sorted({value for _, value in down}, reverse=True)
    assert abs(next(value for beat, value in down if beat >= 21.5) - 64) <= 3
    assert states(outputs)[-1] == (round(25.5 * BEAT), False)
    assert back[1] == 127
    assert back[0] > 25.5
    assert not owed(outputs)


def test_a_fade_can_be_taken_back_and_needs_music(styles):
    script = in_order(started(), comping(LOOP * 4), [act(17.5, "fade", 4), act(20, "fade", 0)])
    outputs = listen(heart(styles), script, 40 * BEAT)
    assert expressions(outputs)[-1] == (20, 127)
    assert states(outputs)[-1][1]
    (refused,) = listen(heart(styles), [act(1, "fade")], 2 * BEAT)
    assert isinstance(refused.event, Rejected)


def test_the_end_of_a_session_in_a_fade_gives_the_levels_back(styles):
    outputs = listen(heart(styles), in_order(started(), comping(LOOP), [act(5, "fade")]), 8 * BEAT)
    assert expressions(outputs)[-1] == (8, 127)


# --------------------------------------------------------------------------------------------- chord memory


def roots(outputs, first_bar, bars):
    """The bass at each bar line."""
    bass = strokes(outputs, "bass")
    return [
        next((pitch % 12 for beat, _, pitch, _ in bass if 4 * bar - 0.1 <= beat < 4 * bar + 0.5), None)
        for bar in range(first_bar, first_bar + bars)
    ]


def test_without_memory_the_harmony_rests_when_the_player_has_left(styles):
    outputs = listen(heart(styles), in_order(started(), comping(LOOP * 4)), 30 * BAR)
    assert not [beat for beat, *_ in strokes(outputs, *HARMONY) if beat > 4 * 26]


def test_held_the_last_chord_goes_on_for_as_long_as_the_hands_rest(styles):
    outputs = listen(heart(styles, hold__memory="hold"), in_order(started(), comping(LOOP * 4)), 40 * BAR)
    assert roots(outputs, 17, 23) == [7] * 23


@pytest.mark.parametrize("song", [LOOP, ["Dm7", "G7", "Cmaj7", "Cmaj7"], ["A", "A", "D", "E"], ["Fm", "Db"]])
def test_looped_the_chords_go_round_until_the_player_returns(styles, song):
    rounds = 16 // len(song)
    back = comping(["B", "B"], first_beat=4 * 40)
    outputs = listen(heart(styles, hold__memory="loop"), in_order(started(), comping(song * rounds), back), 42 * BAR)
    there = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
    wanted = [there.index(symbol.rstrip("maj7")) for symbol in song]
    assert roots(outputs, 16, 24) == [wanted[bar % len(song)] for bar in range(24)]
    assert all(pitch % 12 == 11 for beat, _, pitch, _ in strokes(outputs, "bass") if 160.2 < beat < 164)


def test_memory_switched_off_while_it_plays_lets_the_harmony_rest(styles):
    script = in_order(started(), comping(LOOP * 4), [knob(4 * 30, "hold/memory", "off")])
    outputs = listen(heart(styles, hold__memory="hold"), script, 40 * BAR)
    assert not [beat for beat, *_ in strokes(outputs, *HARMONY) if beat > 4 * 32]


# ------------------------------------------------------------------------------------------ at the bar line


@pytest.mark.parametrize("asked", [24.2, 26.5, 27.5, 27.95])
@pytest.mark.parametrize(("path", "value"), [("variation", "D"), ("style", "other")])
def test_variation_and_style_change_at_the_next_bar_line_and_not_before(styles, asked, path, value):
    plain, turned = (
        strokes(listen(heart(styles, variation="B"), in_order(started(), comping(LOOP * 4), change), 12 * BAR), "drums")
        for change in ([], [knob(asked, path, value)])
    )
    changed = sorted(beat for beat, *_ in set(plain) ^ set(turned))
    first = asked if path == "variation" else 27.9  # a variation is led into by a fill
    assert first <= changed[0] < 30
    assert any(27.9 <= beat < 30 for beat in changed)


@pytest.mark.parametrize(("part", "path"), [(part, f"part/{part}/density") for part in ("drums", *HARMONY)])
def test_density_is_heard_in_each_part_from_the_next_beat_on(styles, part, path):
    sparse, dense = (
        strokes(
            listen(
                heart(styles, variation="C"),
                in_order(started(), comping(LOOP * 6), [knob(33.5, path, value)]),
                24 * BAR,
            ),
            part,
        )
        for value in (0.0, 1.0)
    )
    assert [one for one in sparse if one[0] < 33.9] == [one for one in dense if one[0] < 33.9]
    assert len(sparse) < len(dense)


@pytest.mark.parametrize(("path", "value"), [("swing", 1.0), ("energy", 1.0)])
def test_swing_and_energy_turned_are_heard_from_the_next_beat_on(styles, path, value):
    plain, turned = (
        strokes(
            listen(
                heart(styles, variation="C", energy=0.2, energy__follow=False),
                in_order(started(), comping(LOOP * 4), change),
                12 * BAR,
            )
        )
        for change in ([], [knob(33.5, path, value)])
    )
    changed = sorted(beat for beat, *_ in set(plain) ^ set(turned))
    assert 33.9 <= changed[0] <= 35.0


def test_a_knob_turned_ends_no_note_that_sounds(styles):
    """A pad that lasts a bar is not cut by a turn of a knob in the middle of it."""

    def ends(change):
        outputs = listen(heart(styles, variation="A"), in_order(started(), comping(LOOP * 4), change), 12 * BAR)
        return [s.at for s in outputs if isinstance(s.event, NoteOff) and s.event.part == "pad" and s.at < 36 * BEAT]

    assert ends([knob(33.5, "part/bass/density", 0.9)]) == ends([])
    assert ends([act(33.5, "fill")]) == ends([])


@pytest.mark.parametrize(
    ("path", "arguments"),
    [("fade", (2,)), ("fade", ()), ("transport/count_in", (1.0,)), ("transport/count_in/sync", (1,)),
     ("transport/sync_stop", (1.0,)), ("hold/memory", ("loop",))],
)  # fmt: skip
def test_each_control_answers_over_osc(path, arguments):
    assert isinstance(decode(f"/sideman/{path}", arguments, "test"), ActionRequested | ParameterSet)
