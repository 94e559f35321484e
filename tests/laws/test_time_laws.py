"""Laws of time: ticks and microseconds, bars and beats, chance."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.chance import Chance
from realtime.core.meter import ALLOWED_DENOMINATORS, Meter
from realtime.core.timeline import Timeline
from realtime.core.units import MAX_TEMPO_BPM, MIN_TEMPO_BPM, Micros, Ticks

micros = st.integers(-(10**11), 10**11).map(Micros)
ticks = st.integers(-(10**9), 10**9).map(Ticks)
tempi = st.floats(MIN_TEMPO_BPM, MAX_TEMPO_BPM)
timelines = st.builds(
    lambda origin, position, tempo: Timeline().with_position(position, origin).with_tempo(tempo, origin),
    micros,
    ticks,
    tempi,
)
meters = st.builds(Meter, st.integers(1, 32), st.sampled_from(ALLOWED_DENOMINATORS))


@given(timelines, ticks)
def test_ticks_to_micros_and_back_is_the_same_tick(timeline, at):
    assert timeline.ticks_at(timeline.micros_at(at)) == at


@given(timelines, micros)
def test_a_moment_is_never_before_the_tick_it_is_in_and_is_before_the_next(timeline, at):
    tick = timeline.ticks_at(at)
    assert timeline.micros_at(tick) <= at < timeline.micros_at(Ticks(tick + 1))


@given(timelines, micros, tempi)
def test_a_tempo_change_does_not_move_the_present(timeline, at, tempo):
    assert timeline.with_tempo(tempo, at).ticks_at(at) == timeline.ticks_at(at)


@given(timelines, ticks, ticks)
def test_later_ticks_are_later(timeline, one, other):
    assert (timeline.micros_at(one) < timeline.micros_at(other)) == (one < other)


@given(meters, ticks)
def test_every_tick_lies_in_its_beat_and_its_bar(meter, at):
    beat, bar = meter.beat_of(at), meter.bar_of(at)
    assert meter.start_of_beat(beat) <= at < meter.start_of_beat(beat + 1)
    assert meter.start_of_bar(bar) <= at < meter.start_of_bar(bar + 1)


@given(meters, ticks)
def test_the_next_bar_line_is_a_bar_line_at_most_a_bar_away(meter, at):
    line = meter.next_bar(at)
    assert line % meter.bar_ticks == 0
    assert at <= line < at + meter.bar_ticks


@given(st.integers(), st.lists(st.one_of(st.integers(), st.text())))
def test_chance_is_within_its_range_and_the_same_when_asked_again(seed, keys):
    value = Chance(seed).uniform(*keys)
    assert 0.0 <= value < 1.0
    assert Chance(seed).uniform(*keys) == value


@given(st.integers(0, 2**32))
def test_chance_is_spread_evenly_over_neighbouring_questions(seed):
    draws = [Chance(seed).uniform(bar, "hat") for bar in range(400)]
    assert 0.4 < sum(draws) / len(draws) < 0.6
    assert len(set(draws)) == len(draws)
