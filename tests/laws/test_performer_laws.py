"""Laws of the heart: whatever happens, whenever it is asked."""

import json
import tomllib
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.events import (
    ActionRequested,
    MidiReceived,
    NoteOff,
    NoteOn,
    ParameterSet,
    PortChanged,
    Stamped,
    StyleGiven,
)
from realtime.core.offline import play
from realtime.core.parameters import ACTIONS, PARAMETERS, check_action, coerce
from realtime.core.performer import Performer
from realtime.core.scheduler import RELEASE_AHEAD
from realtime.core.style_reader import parse_style
from realtime.core.units import Micros
from tests.conftest import STYLES
from tests.core.playing import asked_in_steps, in_order, notes_owed

SECOND = 1_000_000
MAPPINGS = {
    name: tomllib.loads((STYLES / f"{name}.toml").read_text()) for name in ("pop_ballad", "waltz", "slow_blues")
}
BOOK = {name: parse_style(mapping, name) for name, mapping in MAPPINGS.items()}


def a_parameter(path):
    parameter = PARAMETERS[path]
    match parameter.kind:
        case "choice":
            values = st.sampled_from(parameter.choices)
        case "text":
            values = st.sampled_from(["pop_ballad", "waltz", "slow_blues", "no_such_style"])
        case _:
            values = st.floats(allow_nan=False)
    return values.map(lambda value: ParameterSet(path, coerce(path, value), "law"))


def an_action(path):
    argument = st.one_of(st.integers(-5, 40), st.sampled_from(["Am7", "F/A", "Eb major", "", "?", "N"]))
    spec = ACTIONS[path]
    count = st.integers(spec.least_arguments, spec.most_arguments)
    arguments = count.flatmap(lambda n: st.lists(argument, min_size=n, max_size=n))
    return arguments.map(lambda values: ActionRequested(path, check_action(path, values), "law"))


note_ons = st.builds(
    lambda pitch, velocity: MidiReceived("in", bytes([0x90, pitch, velocity])), st.integers(36, 84), st.integers(1, 127)
)
note_offs = st.builds(lambda pitch: MidiReceived("in", bytes([0x80, pitch, 0])), st.integers(36, 84))
pedal = st.sampled_from([0, 127]).map(lambda value: MidiReceived("in", bytes([0xB0, 64, value])))
rubbish = st.binary(max_size=12).map(lambda data: MidiReceived("in", data))
knobs = st.sampled_from(sorted(PARAMETERS)).flatmap(a_parameter)
buttons = st.sampled_from(sorted(ACTIONS)).flatmap(an_action)
ports = st.booleans().map(lambda present: PortChanged("in", present))
styles = st.sampled_from([ParameterSet("style", name, "law") for name in MAPPINGS]) | st.builds(
    StyleGiven, st.sampled_from(sorted(MAPPINGS)), st.sampled_from([*map(json.dumps, MAPPINGS.values()), "{}", "?"])
)
inputs = st.one_of(note_ons, note_ons, note_ons, note_offs, pedal, rubbish, knobs, buttons, ports, styles)
gaps = st.one_of(st.integers(0, 50_000), st.integers(0, 2 * SECOND))


@st.composite
def scripts(draw):
    now, script = 0, [Stamped(Micros(0), ActionRequested("transport/start"))]
    for gap, event in draw(st.lists(st.tuples(gaps, inputs), max_size=40)):
        now += gap
        script.append(Stamped(Micros(now), event))
    return script


@st.composite
def tunes(draw):
    """A player who plays chords in time, some bars of them, with knobs turned in between."""
    beat = SECOND * 60 // 96
    script, now = [Stamped(Micros(0), ActionRequested("transport/start"))], 0
    chords = st.tuples(st.integers(48, 59), st.sampled_from([(0, 4, 7), (0, 3, 7), (0, 4, 7, 10)]), st.integers(1, 4))
    for root, shape, beats in draw(st.lists(chords, min_size=6, max_size=14)):
        late = draw(st.integers(0, 30_000))
        for interval in shape:
            script.append(Stamped(Micros(now + late), MidiReceived("in", bytes([0x90, root + interval, 80]))))
        if draw(st.integers(0, 3)) == 0:
            script.append(Stamped(Micros(now + beat // 2), draw(st.one_of(knobs, buttons, ports, styles))))
        now += beats * beat
        for interval in shape:
            script.append(Stamped(Micros(now - 40_000), MidiReceived("in", bytes([0x80, root + interval, 0]))))
    return script


performances = st.one_of(scripts(), tunes())


def moments(script):
    """The script by its moments: what happens at the same microsecond is one."""
    return [(at, [stamped.event for stamped in group]) for at, group in groupby(script, lambda stamped: stamped.at)]


def the_end_of(script):
    return Micros(script[-1].at + 3 * SECOND)


@given(performances)
@settings(max_examples=60)
def test_every_note_on_has_exactly_one_note_off_whatever_happens(script):
    outputs = list(play(Performer(BOOK), script, the_end_of(script)))
    assert not notes_owed(outputs)


@given(performances)
@settings(max_examples=30)
def test_a_note_off_is_never_stamped_before_its_note_on(script):
    began = {}
    for stamped in play(Performer(BOOK), script, the_end_of(script)):
        match stamped.event:
            case NoteOn(part, channel, pitch, _):
                began[part, channel, pitch] = stamped.at
            case NoteOff(part, channel, pitch):
                assert stamped.at >= began[part, channel, pitch]


@given(performances, st.lists(st.integers(5_000, 300_000), min_size=1, max_size=20))
@settings(max_examples=40)
def test_what_comes_out_does_not_depend_on_when_it_is_asked_for(script, steps):
    until = the_end_of(script)
    asked = asked_in_steps(Performer(BOOK), script, until, steps)
    assert in_order(asked) == in_order(play(Performer(BOOK), script, until))


@given(performances)
@settings(max_examples=30)
def test_the_same_inputs_give_the_same_outputs(script):
    until = the_end_of(script)
    first = list(play(Performer(BOOK, seed=7), script, until))
    assert list(play(Performer(BOOK, seed=7), script, until)) == first


@given(performances)
@settings(max_examples=30)
def test_outputs_are_due_now_or_at_most_the_release_time_ahead(script):
    heart = Performer(BOOK)
    for at, events in moments(script):
        for event in events:
            heart.receive(event, at)
        due = heart.advance(at)
        assert all(out.at <= at + 2 * RELEASE_AHEAD for out in due)
        assert due == sorted(due, key=lambda out: out.at)
        heart.snapshot()


@given(performances)
@settings(max_examples=20)
def test_a_heart_left_alone_always_says_when_to_come_back_in_time(script):
    heart = Performer(BOOK)
    for at, events in moments(script):
        for event in events:
            heart.receive(event, at)
        heart.advance(at)
        wakeup = heart.next_wakeup()
        assert wakeup is None or wakeup > at
