"""The band in an Ableton Link session, which comes in as pulses with a song position at every bar line."""

import pytest

from realtime.core.clock_follower import LINK_PORT
from realtime.core.events import ActionRequested, Beat, ClockHeard, ParameterChanged, ParameterSet, Rejected, Stamped
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.core.playing import listen, press
from tests.core.test_clock_follower import CONTINUE, QUARTER, START, STOP, in_time, midi, of, pulses, song_position

BAR = 4 * QUARTER


@pytest.fixture
def heart(ballad):
    return Performer({"pop_ballad": ballad}, seed=3, parameters={"transport/source": "link"})


def session(begin, bars, port=LINK_PORT):
    """So many bars of a session at 120, its first bar line at `begin`."""
    marks = [
        Stamped(s.at, type(s.event)(port, s.event.data))
        for n in range(bars)
        for s in [song_position(begin + n * BAR, 16 * n)]
    ]
    return in_time(marks, pulses(begin, bars * 96, port=port))


def ask(at, path):
    return Stamped(Micros(at), ActionRequested(path, (), "test"))


def test_who_starts_in_a_session_starts_at_its_next_bar_line(heart):
    beats = of(Beat, listen(heart, in_time(session(1_000_000, 4), [ask(3_300_000, "transport/start")]), 8_000_000))
    assert beats[0].at == pytest.approx(5_000_000, abs=50)
    assert (beats[0].event.bar, beats[0].event.beat) == (1, 1)


def test_a_stop_takes_the_waiting_start_back(heart):
    asked = [ask(3_300_000, "transport/start"), ask(3_400_000, "transport/stop")]
    assert not of(Beat, listen(heart, in_time(session(1_000_000, 4), asked), 8_000_000))


def test_who_goes_on_in_a_session_does_so_at_a_bar_line_of_both(heart):
    asked = [ask(1_300_000, "transport/start"), ask(6_200_000, "transport/stop"), ask(6_300_000, "transport/continue")]
    beats = of(Beat, listen(heart, in_time(session(1_000_000, 6), asked), 8_500_000))
    later = [s for s in beats if s.at > 6_300_000]
    assert later[0].at == pytest.approx(7_000_000, abs=50)
    assert later[0].event.beat == 1
    assert later[0].event.bar == 3


def test_the_others_start_and_stop_the_band(heart):
    words = [midi(2_999_999, START, LINK_PORT), midi(6_100_000, STOP, LINK_PORT)]
    beats = of(Beat, listen(heart, in_time(session(1_000_000, 4), words), 9_000_000))
    assert beats[0].at == pytest.approx(3_000_000, abs=50)
    assert len(beats) == 7


def test_who_comes_later_is_where_the_others_are(heart):
    words = [song_position(2_124_990, 9), midi(2_124_995, CONTINUE)]
    words = [Stamped(s.at, type(s.event)(LINK_PORT, s.event.data)) for s in words]
    beats = of(Beat, listen(heart, in_time(session(1_000_000, 4), words), 6_000_000))
    assert (beats[0].event.bar, beats[0].event.beat) == (1, 4)
    assert beats[0].at == pytest.approx(2_500_000, abs=500)


def test_anyone_may_set_the_tempo_of_a_session_and_the_session_says_when(heart):
    turned = [Stamped(Micros(3_100_000), ParameterSet("transport/tempo", 90.0, "osc"))]
    outputs = listen(heart, in_time(session(1_000_000, 4), turned), 3_200_000)
    assert not of(Rejected, outputs)
    assert ParameterChanged("transport/tempo", 90.0, "osc") in [s.event for s in of(ParameterChanged, outputs)]
    assert heart.timeline.tempo_bpm == pytest.approx(120, abs=0.1)


def test_without_a_session_the_band_keeps_its_own_time(heart):
    turned = [Stamped(Micros(100_000), ParameterSet("transport/tempo", 90.0, "osc"))]
    outputs = listen(heart, [*turned, press(200_000, 60)], 3_000_000)
    beats = of(Beat, outputs)
    assert [s.at for s in beats[:2]] == pytest.approx([200_000, 200_000 + 60e6 / 90], abs=2)


def test_a_session_that_is_lost_leaves_the_band_playing(heart):
    script = in_time(session(1_000_000, 2), [midi(999_999, START, LINK_PORT)])
    outputs = listen(heart, script, 8_000_000)
    assert [s.event.state for s in of(ClockHeard, outputs)] == ["locking", "locked", "lost"]
    assert len(of(Beat, outputs)) == 14


def test_a_midi_clock_means_nothing_in_a_session_nor_a_session_to_who_follows_a_clock(heart, ballad):
    assert not of(ClockHeard, listen(heart, session(1_000_000, 2, port="daw"), 4_000_000))
    other = Performer({"pop_ballad": ballad}, parameters={"transport/source": "clock"})
    assert not of(ClockHeard, listen(other, session(1_000_000, 2), 4_000_000))
