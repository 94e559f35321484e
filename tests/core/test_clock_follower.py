"""The band under somebody else's clock: started, stopped, placed and paced by MIDI clock."""

import pytest

from realtime.core.events import (
    ActionRequested,
    Beat,
    ClockHeard,
    MidiReceived,
    ParameterChanged,
    ParameterSet,
    Rejected,
    Stamped,
    TransportChanged,
)
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.core.playing import listen, notes_owed, press

START, CONTINUE, STOP, PULSE = b"\xfa", b"\xfb", b"\xfc", b"\xf8"
PULSE_MICROS = 20_833.333  # 120 quarters a minute
QUARTER = 500_000


@pytest.fixture
def heart(ballad):
    return Performer({"pop_ballad": ballad}, seed=3, parameters={"transport/source": "clock"})


def midi(at, data, port="daw"):
    return Stamped(Micros(round(at)), MidiReceived(port, data))


def pulses(begin, count, period=PULSE_MICROS, port="daw"):
    return [midi(begin + n * period, PULSE, port) for n in range(count)]


def song_position(at, sixteenths):
    return midi(at, bytes([0xF2, sixteenths & 0x7F, sixteenths >> 7]))


def in_time(*scripts):
    return sorted((stamped for script in scripts for stamped in script), key=lambda stamped: stamped.at)


def of(kind, outputs):
    return [stamped for stamped in outputs if isinstance(stamped.event, kind)]


def test_the_first_pulse_after_a_start_is_the_first_beat(heart):
    outputs = listen(heart, [midi(990_000, START), *pulses(1_000_000, 24 * 9)], 5_400_000)
    beats = of(Beat, outputs)
    assert [(s.event.bar, s.event.beat) for s in beats[:5]] == [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1)]
    assert [round((s.at - 1_000_000) / QUARTER, 2) for s in beats[:9]] == list(range(9))


def test_pulses_alone_start_nothing_but_tell_the_tempo(heart):
    outputs = listen(heart, pulses(0, 24 * 8), 4_000_000)
    assert not of(Beat, outputs)
    assert [s.event.state for s in of(ClockHeard, outputs)] == ["locking", "locked"]
    assert of(ParameterChanged, outputs)[-1].event == ParameterChanged("transport/tempo", 120.0, "clock")


def test_a_song_position_and_a_continue_start_in_the_middle_of_the_song(heart):
    # Sixteenth 72 is the third beat of the fifth bar.
    script = [song_position(10, 72), midi(20, CONTINUE), *pulses(1_000_000, 24 * 4)]
    beats = of(Beat, listen(heart, script, 2_900_000))
    assert [(s.event.bar, s.event.beat) for s in beats] == [(5, 3), (5, 4), (6, 1), (6, 2)]
    assert beats[0].at == pytest.approx(1_000_000, abs=2)


def test_a_continue_after_a_stop_goes_on_where_it_was(heart):
    # Stopped just before the second beat's second sixteenth: it goes on from there.
    first = [midi(0, START), *pulses(1_000_000, 24 * 5 + 6), midi(3_624_000, STOP)]
    second = [midi(5_000_000, CONTINUE), *pulses(6_000_000, 24 * 4)]
    beats = of(Beat, listen(heart, first + second, 7_900_000))
    later = [(s.event.bar, s.event.beat) for s in beats if s.at > 5_000_000]
    assert later[0] == (2, 3)
    assert next(s.at for s in beats if s.at > 5_000_000) == pytest.approx(6_000_000 + 0.75 * QUARTER, abs=2_000)


def test_the_band_follows_a_new_tempo(heart):
    faster = PULSE_MICROS / 1.25
    turn = 1_000_000 + 24 * 8 * PULSE_MICROS
    script = [midi(990_000, START), *pulses(1_000_000, 24 * 8), *pulses(turn, 24 * 8, faster)]
    beats = of(Beat, listen(heart, script, round(turn + 7.5 * 24 * faster)))
    expected = [turn + n * 24 * faster for n in range(4, 8)]
    assert [s.at for s in beats[12:16]] == pytest.approx(expected, abs=4_000)
    assert beats[15].event.tempo_bpm == pytest.approx(150, abs=0.5)


def test_when_the_clock_is_lost_the_music_goes_on_and_says_so(heart):
    script = [midi(990_000, START), *pulses(1_000_000, 24 * 8)]
    outputs = listen(heart, script, 9_000_000)
    assert [s.event.state for s in of(ClockHeard, outputs)] == ["locking", "locked", "lost"]
    beats = of(Beat, outputs)
    assert len(beats) == 16
    assert beats[15].at == pytest.approx(1_000_000 + 15 * QUARTER, abs=3_000)


def test_a_clock_that_comes_back_is_followed_from_where_the_music_is(heart):
    gap = 1_000_000 + 24 * 12 * PULSE_MICROS
    script = [midi(990_000, START), *pulses(1_000_000, 24 * 8), *pulses(gap, 24 * 4)]
    outputs = listen(heart, script, round(gap + 2 * QUARTER - 10_000))
    assert [s.event.state for s in of(ClockHeard, outputs)][-1] == "locked"
    numbers = [s.event.number for s in of(Beat, outputs)]
    assert numbers == list(range(14))


def test_a_second_clock_is_not_listened_to_while_the_first_is_there(heart):
    script = in_time(
        [midi(990_000, START)], pulses(1_000_000, 24 * 8), pulses(1_000_500, 24 * 16, PULSE_MICROS / 2, "other")
    )
    beats = of(Beat, listen(heart, script, 4_900_000))
    assert len(beats) == 8
    assert beats[-1].event.tempo_bpm == pytest.approx(120, abs=0.1)


def test_under_a_clock_the_tempo_is_not_ours_to_set_and_notes_start_nothing(heart):
    script = [press(1_000, 60), Stamped(Micros(2_000), ParameterSet("transport/tempo", 90.0, "osc"))]
    outputs = listen(heart, script, 1_000_000)
    assert not of(TransportChanged, outputs)
    assert "transport/source internal" in of(Rejected, outputs)[0].event.reason


def test_a_clock_means_nothing_while_the_band_keeps_its_own_time(ballad):
    heart = Performer({"pop_ballad": ballad})
    outputs = listen(heart, [midi(0, START), *pulses(1_000, 24 * 8)], 4_000_000)
    assert not of(Beat, outputs)
    assert not of(ClockHeard, outputs)


def test_a_loop_in_the_song_begins_again_with_every_note_let_go(heart):
    once = [midi(990_000, START), *pulses(1_000_000, 24 * 8)]
    again = [song_position(5_000_100, 0), midi(5_000_200, CONTINUE), *pulses(5_010_000, 24 * 8)]
    played = [press(at, pitch) for at in (1_000_100, 3_000_100, 5_010_100) for pitch in (48, 60, 64, 67)]
    outputs = listen(heart, in_time(once, again, played), 8_800_000)
    assert [s.event.bar for s in of(Beat, outputs)].count(1) == 8
    assert not notes_owed(outputs)


def test_the_player_may_start_the_band_while_the_clock_runs(heart):
    script = in_time(pulses(0, 24 * 12), [Stamped(Micros(2_003_000), ActionRequested("transport/start"))])
    beats = of(Beat, listen(heart, script, 5_900_000))
    assert len(beats) >= 7
    assert beats[4].at - beats[3].at == pytest.approx(QUARTER, abs=200)
