"""MIDI clock out, in virtual time: every pulse where it belongs, and the words around them."""

from dataclasses import replace
from itertools import pairwise

import trio

from realtime.core.events import Stamped, TransportChanged
from realtime.core.timeline import Timeline
from realtime.core.units import Micros, Ticks
from realtime.edges.clock import VirtualClock
from realtime.edges.clock_out import ClockOut
from tests.fakes import run_in_virtual_time

PULSE, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
QUARTER = 500_000


class Song:
    """A timeline that a test turns."""

    def __init__(self, clock_out, clock):
        self.timeline = Timeline()
        self._clock_out = clock_out
        self._clock = clock

    def turn(self, *, playing, position=0, ticks=None):
        at = self._clock.now()
        if ticks is not None:
            self.timeline = self.timeline.with_position(Ticks(ticks), at)
        self._clock_out().send([Stamped(at, TransportChanged(playing, self.timeline.tempo_bpm, "4/4", position))])


def keep_time(script, until):
    """What is sent, each with its time; `script` is an async function of the song and the clock."""

    async def main():
        clock = VirtualClock()
        sent = []
        made = []
        song = Song(lambda: made[0], clock)
        made.append(ClockOut(lambda data, at: sent.append((clock.now(), data)), clock, lambda: song.timeline))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(made[0].run)
            nursery.start_soon(script, song, clock)
            await clock.sleep_until(Micros(until))
            nursery.cancel_scope.cancel()
        made[0].close()
        return sent

    return run_in_virtual_time(main)


async def nothing(song, clock):
    await trio.lowlevel.checkpoint()


def pulse_times(sent):
    return [at for at, data in sent if data == PULSE]


def test_pulses_run_at_the_tempo_before_any_music():
    sent = keep_time(nothing, 4 * QUARTER - 1)
    assert len(pulse_times(sent)) == 96
    assert all(abs(at - n * QUARTER / 24) <= 1 for n, at in enumerate(pulse_times(sent)))
    assert sent[-1][1] == STOP


def test_the_first_pulse_after_a_start_is_the_start():
    async def begin(song, clock):
        await clock.sleep_until(Micros(1_003_000))
        song.turn(playing=True, ticks=0)

    sent = keep_time(begin, 3_000_000)
    place = [data for _, data in sent].index(START)
    assert sent[place][0] == 1_003_000
    after = pulse_times(sent[place:])
    assert all(abs(at - (1_003_000 + n * QUARTER / 24)) <= 1 for n, at in enumerate(after))


def test_going_on_names_the_next_sixteenth_and_continues_just_before_it():
    async def go_on(song, clock):
        await clock.sleep_until(Micros(1_000_000))
        song.turn(playing=True, position=4 * 3840 + 100, ticks=100)  # a little after the fifth bar line

    sent = keep_time(go_on, 2_000_000)
    words = [(at, data) for at, data in sent if data != PULSE]
    sixteenth = 65
    assert words[0] == (1_000_000, bytes((0xF2, sixteenth & 0x7F, sixteenth >> 7)))
    assert words[1][1] == CONTINUE
    follow = sent[sent.index(words[1]) + 1]
    assert follow[1] == PULSE
    assert abs(follow[0] - (1_000_000 + (240 - 100) * QUARTER / 960)) <= 2


def test_a_stop_is_told_and_the_pulses_go_on():
    async def stop(song, clock):
        song.turn(playing=True, ticks=0)
        await clock.sleep_until(Micros(1_000_000))
        song.turn(playing=False)

    sent = keep_time(stop, 2_000_000 - 1)
    place = sent.index((1_000_000, STOP))
    assert len(pulse_times(sent[place:])) in (47, 48)


def test_a_new_tempo_moves_the_pulses_and_loses_none():
    async def faster(song, clock):
        await clock.sleep_until(Micros(1_000_000))
        song.timeline = song.timeline.with_tempo(240.0, clock.now())

    times = pulse_times(keep_time(faster, 2_000_000 - 1))
    assert len(times) in (144, 145)
    assert all(9_000 < later - earlier < 22_000 for earlier, later in pairwise(times))


def test_a_line_that_is_steered_back_and_forth_sends_each_pulse_once():
    async def steer(song, clock):
        for step in range(200):
            await trio.sleep(0.01)
            wobble = 300 if step % 2 else -300
            song.timeline = replace(song.timeline, origin_micros=Micros(song.timeline.origin_micros + wobble))

    times = pulse_times(keep_time(steer, 2_000_000 - 1))
    assert len(times) in (95, 96, 97)
    assert all(later - earlier > 18_000 for earlier, later in pairwise(times))


def test_ticks_that_count_anew_at_a_bar_line_move_no_pulse():
    async def another_meter(song, clock):
        song.turn(playing=True, ticks=0)
        await clock.sleep_until(Micros(1_950_000))
        line = song.timeline
        song.timeline = replace(line, origin_ticks=Ticks(line.origin_ticks - 3840))
        song.turn(playing=True, position=None)

    sent = keep_time(another_meter, 4_000_000 - 1)
    assert [data for _, data in sent if data != PULSE] == [START, STOP]
    times = pulse_times(sent)
    assert len(times) == 192
    assert all(abs(later - earlier - QUARTER / 24) <= 2 for earlier, later in pairwise(times))


def test_after_a_count_in_the_start_is_told_just_before_the_first_beat():
    async def count_in(song, clock):
        song.turn(playing=True, ticks=-3840)
        await trio.lowlevel.checkpoint()

    sent = keep_time(count_in, 3_000_000)
    place = [data for _, data in sent].index(START)
    assert sent[place + 1][1] == PULSE
    assert abs(sent[place + 1][0] - 2_000_000) <= 2
