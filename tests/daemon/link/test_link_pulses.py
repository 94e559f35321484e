"""A Link session told as MIDI clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.link.pulses import CONTINUE, PULSE, START, STOP, LinkPulses
from daemon.link.wire import Session

BAR = 4.0


def played(pulses, until):
    """Every message up to a time, with its time."""
    said = []
    while (due := pulses.due()) is not None and due <= until:
        said += [(due, message) for message in pulses.pulse()]
    return said


def words(said):
    return [(at, message) for at, message in said if message != PULSE and message[0] != 0xF2]


@given(tempo=st.floats(20, 400), beat=st.floats(0, 1e5), at=st.integers(0, 10**12))
def test_there_are_twenty_four_pulses_a_beat_on_the_session_s_beats(tempo, beat, at):
    session = Session(tempo_bpm=tempo, at=at, beat=beat)
    pulses = LinkPulses(BAR)
    pulses.take(session, at)
    times = [t for t, message in played(pulses, at + 5_000_000) if message == PULSE]
    assert len(times) == pytest.approx(5 * tempo / 60 * 24, abs=1.01)
    for t in times:
        assert session.beat_at(t) * 24 == pytest.approx(round(session.beat_at(t) * 24), abs=1e-3 + 2e-6 * tempo)


@given(beat=st.floats(0, 1e4))
def test_a_song_position_stands_before_the_pulse_of_every_bar_line_and_nowhere_else(beat):
    session = Session(tempo_bpm=120.0, at=0, beat=beat)
    pulses = LinkPulses(BAR)
    pulses.take(session, 0)
    for at, message in played(pulses, 6_000_000):
        if message[0] == 0xF2:
            assert session.beat_at(at) / BAR == pytest.approx(round(session.beat_at(at) / BAR), abs=1e-4)


def test_when_the_others_start_the_band_starts_with_their_bar():
    pulses = LinkPulses(BAR)
    pulses.take(Session(tempo_bpm=120.0, at=0, beat=1.2, playing=True, start_beat=4.0), 0)
    ((at, message),) = words(played(pulses, 4_000_000))
    assert message == START
    assert at == 1_400_000


def test_who_comes_later_goes_on_where_the_others_are():
    pulses = LinkPulses(BAR)
    pulses.take(Session(tempo_bpm=120.0, at=0, beat=9.1, playing=True, start_beat=4.0), 0)
    said = played(pulses, 4_000_000)
    ((at, message),) = words(said)
    assert message == CONTINUE
    position = next(message for when, message in said if message[0] == 0xF2)
    assert position == bytes((0xF2, 21, 0))  # beat 9.25 is five beats and a sixteenth after beat 4
    assert at == 75_000


def test_a_start_that_is_ours_is_not_told_us_again():
    pulses = LinkPulses(BAR)
    pulses.take(Session(tempo_bpm=120.0, at=0, beat=3.9), 0)
    pulses.band_plays = True
    pulses.take(Session(tempo_bpm=120.0, at=100_000, beat=4.1, playing=True, start_beat=4.0), 100_000)
    assert words(played(pulses, 4_000_000)) == []


def test_when_the_others_stop_the_band_stops_at_once_and_starts_with_them_again():
    pulses = LinkPulses(BAR)
    pulses.take(Session(tempo_bpm=120.0, at=0, beat=3.9, playing=True, start_beat=4.0), 0)
    assert [message for _, message in words(played(pulses, 200_000))] == [START]
    pulses.band_plays = True
    assert pulses.take(Session(tempo_bpm=120.0, at=300_000, beat=4.5), 300_000) == [STOP]
    pulses.band_plays = False
    pulses.take(Session(tempo_bpm=120.0, at=400_000, beat=4.7, playing=True, start_beat=8.0), 400_000)
    assert [message for _, message in words(played(pulses, 4_000_000))] == [START]


def test_a_new_tempo_neither_loses_a_beat_nor_plays_one_twice():
    pulses = LinkPulses(BAR)
    first = Session(tempo_bpm=120.0, at=0, beat=0.0)
    pulses.take(first, 0)
    before = [at for at, message in played(pulses, 1_000_000) if message == PULSE]
    faster = Session(tempo_bpm=180.0, at=1_000_000, beat=first.beat_at(1_000_000))
    pulses.take(faster, 1_003_000)
    after = [at for at, message in played(pulses, 2_000_000) if message == PULSE]
    assert len(before) == 48
    assert after[0] == pytest.approx(1_000_000 + 60e6 / 180 / 24, abs=2)
