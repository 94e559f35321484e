"""What the player asks of the band in words, and what becomes of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.chord import parse_chord
from realtime.core.events import ActionRequested, ChordForeseen, NoteOff, NoteOn, Rejected, Stamped
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.core.playing import BEAT, comping, listen, started

LOOP = ["C", "Am", "F", "G"]


@pytest.fixture
def heart(ballad):
    return Performer({"pop_ballad": ballad}, seed=3)


def act(at, path, *arguments):
    return Stamped(Micros(at), ActionRequested(path, arguments, "test"))


def merged(*scripts):
    return sorted((stamped for script in scripts for stamped in script), key=lambda stamped: stamped.at)


def band_on(heart, script, beat):
    """The chord that the band is on in the middle of a beat."""
    listen(heart, script, beat * BEAT + BEAT // 2)
    seen = heart.snapshot()
    return next(planned.chord for planned in seen.plan if planned.number == beat)


def rejected(outputs):
    return [stamped.event.reason for stamped in outputs if isinstance(stamped.event, Rejected)]


def test_a_held_chord_stays_whatever_is_foreseen_and_played(heart):
    script = merged(started() + comping(LOOP * 4), [act(33 * BEAT, "plan/hold", -1)])
    assert [band_on(heart, script, 44)] == ["C"]


def test_a_hold_lasts_as_many_beats_as_were_asked_for(ballad):
    script = merged(started() + comping(LOOP * 4), [act(33 * BEAT, "plan/hold", 4)])
    on = [band_on(Performer({"pop_ballad": ballad}), script, beat) for beat in (36, 37, 38)]
    assert on == ["C", "C", "Am"]


@pytest.mark.parametrize("release", [("plan/hold", 0), ("plan/veto",)])
def test_a_hold_is_let_go_by_nought_and_by_a_veto(ballad, release):
    script = merged(started() + comping(LOOP * 4), [act(33 * BEAT, "plan/hold"), act(42 * BEAT, *release)])
    assert band_on(Performer({"pop_ballad": ballad}), script, 41) == "C"
    assert band_on(Performer({"pop_ballad": ballad}), script, 44) == "G"


def test_a_hold_is_told_as_what_comes_next(heart):
    script = merged(started() + comping(LOOP * 4), [act(35 * BEAT + BEAT // 2, "plan/hold", 8)])
    told = [s.event for s in listen(heart, script, 40 * BEAT) if isinstance(s.event, ChordForeseen)]
    assert {event.chord for event in told if event.number > 38} == {"C"}


def test_a_new_start_holds_nothing(heart):
    script = merged(
        started() + comping(LOOP * 4),
        [act(33 * BEAT, "plan/hold"), act(40 * BEAT, "transport/stop"), act(40 * BEAT + 1, "transport/start")],
    )
    listen(heart, script, 60 * BEAT)
    assert heart._band.hold.chord is None


@pytest.mark.parametrize(("argument", "why"), [("four", "number of beats"), (-1, "no chord yet")])
def test_what_cannot_be_held_is_refused_with_a_reason(heart, argument, why):
    assert why in rejected(listen(heart, [*started(), act(10, "plan/hold", argument)], BEAT))[0]


def test_while_nothing_plays_there_is_nothing_to_hold(heart):
    assert rejected(listen(heart, [act(10, "plan/hold", 4)], BEAT))


actions = st.tuples(
    st.integers(0, 40 * BEAT),
    st.sampled_from(["plan/hold", "plan/veto", "plan/accept", "song/next", "chart", "transport/start", "key"]),
    st.one_of(st.integers(-5, 9), st.floats(-2, 9), st.sampled_from(["", "| C | F |", "Eb major"])),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(actions, max_size=12))
def test_whatever_is_asked_every_note_ends_and_the_band_plays_on(ballad, asked):
    acts = [act(at, path, *([value] if path in ("plan/hold", "chart", "key") else [])) for at, path, value in asked]
    outputs = listen(Performer({"pop_ballad": ballad}), merged(started() + comping(LOOP * 2), acts), 45 * BEAT)
    ons = [(s.event.part, s.event.channel, s.event.pitch) for s in outputs if isinstance(s.event, NoteOn)]
    offs = [(s.event.part, s.event.channel, s.event.pitch) for s in outputs if isinstance(s.event, NoteOff)]
    assert sorted(ons) == sorted(offs)
    assert any(s.at > 40 * BEAT for s in outputs)


def test_the_next_song_is_listened_to_first_and_the_last_one_stays_known(heart):
    script = merged(started() + comping(LOOP * 4), [act(63 * BEAT, "song/next")], comping(LOOP, first_beat=64))
    outputs = listen(heart, script, 80 * BEAT)
    bass = [s.at for s in outputs if isinstance(s.event, NoteOn) and s.event.part == "bass"]
    assert not [at for at in bass if 64.1 * BEAT < at < 67.9 * BEAT]
    assert [at for at in bass if at > 68 * BEAT]
    promised = {s.event.number: s.event.chord for s in outputs if isinstance(s.event, ChordForeseen)}
    assert [parse_chord(promised[beat]).root for beat in (72, 76)] == [5, 7]


def test_a_performer_with_a_memory_knows_the_song_the_first_time_round(ballad):
    night = Performer({"pop_ballad": ballad})
    song = ["Eb", "Gm", "Ab", "Bb7", "Cm", "F7", "Bb", "Eb7"]
    listen(night, started() + comping(song * 2), 64 * BEAT)
    known = Performer({"pop_ballad": ballad}, memory=night.memory())
    outputs = listen(known, started() + comping(song), 32 * BEAT)
    promised = {s.event.number: s.event.chord for s in outputs if isinstance(s.event, ChordForeseen)}
    right = [parse_chord(promised[4 * bar]).root == parse_chord(song[bar]).root for bar in range(2, 8)]
    assert sum(right) >= 5


def test_what_is_no_memory_makes_no_performer(ballad):
    with pytest.raises(ValueError, match="memory"):
        Performer({"pop_ballad": ballad}, memory=b"a shopping list, long enough to be read")
