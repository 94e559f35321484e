"""The band in the player's own time: it waits, comes in at a bar line, stays with them, freewheels, and waits again."""

import bisect
import math
from itertools import pairwise

import pytest

from realtime.core.events import (
    ActionRequested,
    Beat,
    ClockHeard,
    MidiReceived,
    NoteOn,
    ParameterChanged,
    ParameterSet,
    Stamped,
    TransportChanged,
)
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.core.playing import asked_in_steps, in_order, listen, notes_owed

CHORDS = ((36, 60, 64, 67), (33, 57, 60, 64), (41, 60, 65, 69), (43, 59, 62, 67))


def heart(ballad, **parameters):
    said = {path.replace("__", "/"): value for path, value in parameters.items()}
    return Performer({"pop_ballad": ballad}, seed=3, parameters={"transport/source": "follow", **said})


def uneven(number):
    """Some -12 to 12 ms, the same for everybody."""
    return 0.012 * math.sin(number * 12.9898)


def played(tempi, begin=1.0):
    """A player with a chord a bar, struck on each beat, and a note between; and when their beats are."""
    time, script, beats = begin, [], []
    for number, tempo in enumerate(tempi):
        length, chord = 60.0 / tempo, CHORDS[number // 4 % 4]
        keys = chord if number % 4 == 0 else chord[1:]
        beats.append(time)
        for place, pitch in enumerate(keys):
            script += note(time + uneven(number) + 0.003 * place, length * 0.9, pitch)
        script += note(time + length / 2 + uneven(number + 0.5), length * 0.4, 72 + number % 5)
        time += length
    return sorted(script, key=lambda stamped: stamped.at), beats


def note(time, length, pitch, velocity=80):
    on, off = Micros(round(time * 1e6)), Micros(round((time + length) * 1e6))
    return [
        Stamped(on, MidiReceived("in", bytes([0x90, pitch, velocity]))),
        Stamped(off, MidiReceived("in", bytes([0x80, pitch, 0]))),
    ]


def of(kind, outputs):
    return [stamped for stamped in outputs if isinstance(stamped.event, kind)]


def distances_ms(true, outputs, since=0.0):
    """How far from each true beat after `since` the band's nearest is."""
    told = [stamped.at / 1e6 for stamped in outputs]
    off = []
    for beat in true:
        if beat > since:
            place = bisect.bisect_left(told, beat)
            off.append(1000 * min(abs(at - beat) for at in told[max(0, place - 1) : place + 1]))
    return off


def end_of(beats, more=0.3):
    return round((beats[-1] + more) * 1e6)


def test_the_band_waits_for_a_beat_and_comes_in_at_the_players_bar_line(ballad):
    script, beats = played([84] * 40)
    outputs = listen(heart(ballad), script, end_of(beats))
    first = of(Beat, outputs)[0]
    assert (first.event.bar, first.event.beat) == (1, 1)
    number = min(range(40), key=lambda n: abs(beats[n] - first.at / 1e6))
    assert number in (8, 12, 16)
    assert abs(beats[number] - first.at / 1e6) < 0.03
    band = [s for s in of(NoteOn, outputs) if s.event.part != "player"]
    assert band[0].at > first.at - 60_000, "nothing sounds before the band comes in"
    assert of(ClockHeard, outputs)[0].event.state == "locking"
    assert of(ClockHeard, outputs)[-1].event.state == "locked"
    assert of(ClockHeard, outputs)[-1].event.confidence >= 0.8
    assert of(ParameterChanged, outputs)[-1].event.value == pytest.approx(84, abs=1.5)


def test_a_whole_performance_with_a_ritardando_keeps_the_band_with_the_player(ballad):
    steady, slower = [92] * 64, [92 * 0.97**n for n in range(1, 13)]
    script, beats = played(steady + slower)
    outputs = listen(heart(ballad), script, end_of(beats))
    told = of(Beat, outputs)
    joined = told[0].at / 1e6
    off = distances_ms(beats, told, since=joined - 0.05)
    assert sorted(off)[len(off) // 2] < 18
    assert max(off[:-12]) < 30
    assert max(off[-12:]) < 110, "slowed down by a third in twelve beats"
    assert off[-1] < 60, "and found the player again"
    rhythm = [s for s in of(NoteOn, outputs) if s.event.part in ("bass", "drums")]
    struck = distances_ms(beats, rhythm, since=joined - 0.05)
    assert sorted(struck)[int(0.8 * len(struck))] < 40


def test_a_tempo_that_doubles_back_and_forth_by_a_tenth_is_followed_without_a_stutter(ballad):
    script, beats = played([90 * (1 + 0.1 * math.sin(n / 10)) for n in range(80)])
    outputs = listen(heart(ballad), script, end_of(beats))
    told = of(Beat, outputs)
    off = distances_ms(beats, told, since=told[0].at / 1e6 + 4)
    assert sorted(off)[int(0.9 * len(off))] < 50
    gaps = [(b.at - a.at) / 1e6 for a, b in pairwise(told)]
    assert all(0.8 < later / earlier < 1.25 for earlier, later in pairwise(gaps))


def test_after_a_short_pause_the_band_has_gone_on_and_finds_the_player_again(ballad):
    before, beats = played([88] * 40)
    resumes = beats[-1] + 60 / 88 + 4.0
    after, later = played([88] * 40, begin=resumes)
    outputs = listen(heart(ballad), before + after, end_of(later))
    assert not [s for s in of(TransportChanged, outputs) if not s.event.playing][:-1]
    assert "lost" in [s.event.state for s in of(ClockHeard, outputs)]
    assert of(ClockHeard, outputs)[-1].event.state == "locked"
    assert max(distances_ms(later, of(Beat, outputs), since=later[20])) < 40


def test_after_a_long_silence_the_band_stops_and_comes_in_again_with_the_player(ballad):
    before, beats = played([88] * 40)
    after, later = played([88] * 40, begin=beats[-1] + 20.0)
    outputs = listen(heart(ballad), before + after, end_of(later))
    told = [s.event.playing for s in of(TransportChanged, outputs)]
    assert told[:3] == [True, False, True]
    silent = [s for s in of(NoteOn, outputs) if beats[-1] + 13 < s.at / 1e6 < later[0] and s.event.part != "player"]
    assert not silent
    assert max(distances_ms(later, of(Beat, outputs), since=later[24])) < 40
    assert not notes_owed(outputs)


def test_with_chord_memory_the_band_plays_on_alone(ballad):
    script, beats = played([88] * 40)
    outputs = listen(heart(ballad, hold__memory="loop"), script, round((beats[-1] + 25) * 1e6))
    assert of(TransportChanged, outputs)[0].event.playing
    assert of(Beat, outputs)[-1].at / 1e6 > beats[-1] + 24
    assert of(ClockHeard, outputs)[-1].event.state == "lost"


def test_who_stops_the_band_is_not_joined_before_a_pause(ballad):
    script, beats = played([88] * 80)
    stop = Stamped(Micros(round((beats[30] + 0.1) * 1e6)), ActionRequested("transport/stop"))
    outputs = listen(heart(ballad), sorted([*script, stop], key=lambda s: s.at), end_of(beats))
    assert not [s for s in of(Beat, outputs) if s.at > stop.at]


def test_a_tempo_that_is_said_decides_what_is_a_beat(ballad):
    script, beats = played([80] * 48)
    said = Stamped(Micros(10), ParameterSet("transport/tempo", 160.0, "osc"))
    outputs = listen(heart(ballad), [said, *script], end_of(beats))
    assert of(Beat, outputs)[-1].event.tempo_bpm == pytest.approx(160, rel=0.03)


def test_the_players_time_is_given_back(ballad):
    script, beats = played([88] * 60)
    back = Stamped(Micros(round(beats[40] * 1e6)), ParameterSet("transport/source", "internal", "osc"))
    outputs = listen(heart(ballad), sorted([*script, back], key=lambda s: s.at), end_of(beats))
    gaps = [b.at - a.at for a, b in pairwise(of(Beat, outputs)[-8:])]
    assert max(gaps) - min(gaps) < 1_000
    assert of(ClockHeard, outputs)[-1].event.state == "none"


def test_what_comes_out_does_not_depend_on_when_it_is_asked_for(ballad):
    script, beats = played([84] * 30)
    until = end_of(beats)
    wished = listen(heart(ballad), script, until)
    asked = asked_in_steps(heart(ballad), script, until, (7_000, 31_000, 1_000))
    assert in_order(told_until(asked, until - 200_000)) == in_order(told_until(wished, until - 200_000))


def told_until(outputs, until):
    return [s for s in outputs if s.at < until]
