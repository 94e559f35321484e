"""Laws of the scheduler: any notes, cut and moved at any time."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.band.note import BandNote
from realtime.core.events import NoteOff, NoteOn
from realtime.core.scheduler import RELEASE_AHEAD, Scheduler
from realtime.core.timeline import Timeline
from realtime.core.units import Micros, Ticks

CHANNELS = {"bass": 1, "keys": 2, "pad": 2}

notes = st.builds(
    lambda part, pitch, start, length, lag: BandNote(part, pitch, 80, Ticks(start), Ticks(start + length), lag),
    st.sampled_from(sorted(CHANNELS)),
    st.integers(58, 62),
    st.integers(0, 4000),
    st.integers(1, 3000),
    st.integers(-20_000, 20_000),
)
cuts = st.tuples(st.just("cut"), st.sets(st.sampled_from(sorted(CHANNELS))), st.integers(0, 5000))
holds = st.tuples(st.just("hold"), st.sets(st.sampled_from(sorted(CHANNELS))), st.integers(0, 5000))
tempi = st.tuples(st.just("tempo"), st.floats(40, 300))
silences = st.tuples(st.just("silence"), st.sets(st.sampled_from(sorted(CHANNELS))))
adds = st.tuples(st.just("add"), notes)
steps = st.lists(st.tuples(st.integers(0, 400_000), st.one_of(adds, adds, adds, cuts, holds, tempi, silences)))


def run(script):
    """Everything a scheduler releases, in the order it does, with the moment of its release."""
    scheduler, timeline, now, released = Scheduler(), Timeline(), Micros(0), []

    def advance(until):
        nonlocal now
        while (due := scheduler.next_release(timeline)) is not None and due <= until:
            now = Micros(max(now, due))
            released.extend((now, out) for out in scheduler.release(now, timeline, CHANNELS.__getitem__, ()))
        now = Micros(until)

    for gap, (what, *how) in script:
        advance(now + gap)
        match what:
            case "add":
                scheduler.add(how[0])
            case "cut":
                scheduler.cut(how[0], Ticks(how[1]))
            case "hold":
                scheduler.hold_until(how[0], Ticks(how[1]))
            case "tempo":
                timeline = timeline.with_tempo(how[0], now)
            case "silence":
                released.extend((now, out) for out in scheduler.silence_sounding(now, how[0]))
    advance(now + 60_000_000)
    return sorted(released, key=lambda release: release[1].at)  # as a receiver gets them


@given(steps)
def test_a_key_is_never_struck_twice_without_rising_and_always_rises(script):
    owed = Counter()
    for _, out in run(script):
        match out.event:
            case NoteOn(_, channel, pitch, _):
                owed[channel, pitch] += 1
                assert owed[channel, pitch] == 1
            case NoteOff(_, channel, pitch):
                owed[channel, pitch] -= 1
                assert owed[channel, pitch] == 0
    assert not +owed


@given(steps)
def test_a_note_ends_after_it_began_and_by_the_same_part(script):
    began = {}
    for _, out in run(script):
        match out.event:
            case NoteOn(part, channel, pitch, _):
                began[channel, pitch] = (part, out.at)
            case NoteOff(part, channel, pitch):
                assert began[channel, pitch][0] == part
                assert out.at >= began[channel, pitch][1]


@given(steps)
def test_nothing_is_released_in_the_past_or_too_far_ahead(script):
    for now, out in run(script):
        if isinstance(out.event, NoteOn):
            assert now <= out.at <= now + 2 * RELEASE_AHEAD


@given(st.lists(notes, max_size=20), st.integers(0, 5000))
def test_after_a_cut_nothing_of_the_part_begins_later(waiting, at):
    scheduler, timeline = Scheduler(), Timeline()
    for note in waiting:
        scheduler.add(note)
    scheduler.cut({"bass"}, Ticks(at))
    for out in scheduler.release(Micros(10_000_000), timeline, CHANNELS.__getitem__, ()):
        if isinstance(out.event, NoteOn) and out.event.part == "bass":
            assert any(note.pitch == out.event.pitch and note.start < at for note in waiting)


def test_a_flood_of_notes_is_refused_and_counted():
    scheduler = Scheduler()
    for _ in range(5000):
        scheduler.add(BandNote("bass", 40, 80, Ticks(0), Ticks(10)))
    assert scheduler.dropped == 5000 - 4096
