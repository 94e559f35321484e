"""Intro, fill, break and ending by rule: where they begin, what they silence, and that the music stops."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.band.cue import CUE_BARS, Cues, hit
from realtime.core.events import ActionRequested, Beat, NoteOn, Rejected, Stamped, TransportChanged
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.core.playing import BEAT, comping, listen, started

BAR = 4 * BEAT
SONG = ["C", "Am", "F", "G"] * 4


@pytest.fixture
def band(ballad):
    """It plays a style that writes no passages."""
    return Performer({"pop_ballad": replace(ballad, passages={})}, seed=3)


def asked(path, beat):
    return Stamped(Micros(round(beat * BEAT)), ActionRequested(path))


def performed(band, *actions, bars=16):
    script = sorted([*started(), *comping(SONG), *actions], key=lambda stamped: stamped.at)
    return listen(band, script, bars * BAR)


def strokes(events, part=None):
    """When the band strikes, in beats."""
    return [
        s.at / BEAT for s in events if isinstance(s.event, NoteOn) and s.event.part not in ("player", "thru")
        and part in (None, s.event.part)
    ]  # fmt: skip


def stopped_at(events):
    return [s.at / BEAT for s in events if isinstance(s.event, TransportChanged) and not s.event.playing]


@pytest.mark.parametrize("beat", [32.2, 33.9, 35.5, 35.95])
def test_after_a_break_s_hit_the_band_is_silent_for_the_rest_of_the_bar(band, beat):
    heard = strokes(performed(band, asked("break", beat)))
    assert any(35.9 <= at <= 36.2 for at in heard)
    assert not [at for at in heard if 36.3 < at < 39.9]
    assert any(39.9 <= at <= 40.2 for at in heard)


@pytest.mark.parametrize("beat", [32.1, 35.9])
def test_an_ending_slows_down_holds_a_last_chord_and_stops_the_music(band, beat):
    events = performed(band, asked("ending", beat))
    tempi = [(s.event.number, s.event.tempo_bpm) for s in events if isinstance(s.event, Beat)]
    assert all(tempo == pytest.approx(100, abs=0.01) for number, tempo in tempi if number < 36)
    slowing = [tempo for number, tempo in tempi if 36 <= number < 40]
    assert slowing == sorted(slowing, reverse=True)
    assert slowing[-1] < 90
    assert tempi[-1][0] == 43
    assert len(stopped_at(events)) == 1
    last = {s.event.part for s in events if isinstance(s.event, NoteOn) and s.at / BEAT > 40}
    assert {"drums", "bass", "keys", "pad"} <= last


def test_after_an_ending_it_starts_again_in_tempo(band):
    again = Stamped(Micros(60 * BEAT), ActionRequested("transport/start"))
    events = performed(band, asked("ending", 33), again, bars=20)
    assert [s.event.tempo_bpm for s in events if isinstance(s.event, Beat)][-1] == pytest.approx(100, abs=0.01)


def test_an_intro_starts_the_music_and_ends_with_a_fill(band):
    script = [Stamped(Micros(1_000), ActionRequested("intro")), *comping(SONG, first_beat=16)]
    events = listen(band, script, 6 * BAR)
    beats = [s.at for s in events if isinstance(s.event, Beat)]
    assert beats[0] == 1_000
    heard = [s for s in events if isinstance(s.event, NoteOn) and s.event.part != "player"]
    assert {s.event.part for s in heard if s.at < beats[16] - BEAT // 8} == {"drums"}
    assert [s.event.pitch for s in heard if beats[12] <= s.at < beats[16]] != [
        s.event.pitch for s in heard if beats[8] <= s.at < beats[12]
    ]


def test_a_fill_asked_for_in_the_middle_of_a_bar_is_played_at_once(ballad):
    without = performed(Performer({"pop_ballad": ballad}, seed=3))
    with_fill = performed(Performer({"pop_ballad": ballad}, seed=3), asked("fill", 22.1))
    changed = set(strokes(with_fill, "drums")) ^ set(strokes(without, "drums"))
    assert changed
    assert 22.1 <= min(changed) < 24


@pytest.mark.parametrize("name", ["break", "ending"])
def test_nothing_can_end_that_does_not_play(band, name):
    events = listen(band, [Stamped(Micros(1_000), ActionRequested(name))], 2_000)
    assert [type(s.event) for s in events] == [Rejected]


@given(st.lists(st.tuples(st.sampled_from(sorted(CUE_BARS)), st.integers(0, 30)), max_size=6), st.integers(0, 40))
def test_the_last_cue_asked_for_is_played_from_its_bar_on(asked_for, bar):
    cues = Cues()
    for name, first in asked_for:
        cues.ask(name, first)
    if asked_for:
        name, first = asked_for[-1]
        cue = cues.on(bar)
        assert (cue is not None and cue.name == name) == (first <= bar < first + CUE_BARS[name]) or bar < first
        assert 0 < cues.tempo_share(bar, 0, 4) <= 1


@given(st.integers(1, 4))
def test_a_hit_fills_its_bar(ballad, beats):
    groove = hit(ballad, beats)
    rows = [groove.bass, groove.keys, groove.pad, *groove.drums.values()]
    assert {len(row) for row in rows} == {ballad.steps_per_bar}
