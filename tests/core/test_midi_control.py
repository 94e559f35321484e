"""MIDI control and MIDI learn: what is bound turns knobs, presses buttons, and is not heard as music."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.events import (
    ActionRequested,
    ControlBound,
    ControlForgotten,
    MidiReceived,
    NoteOff,
    NoteOn,
    ParameterChanged,
    ParameterSet,
    Rejected,
    Stamped,
    TransportChanged,
)
from realtime.core.midi_binding import BadBinding, Binding, read_binding
from realtime.core.midi_codec import MidiMessage
from realtime.core.midi_control import MOST_BINDINGS, MidiControl
from realtime.core.parameters import ACTIONS, DEFAULTS, PARAMETERS
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.core.playing import listen


def cc(number, value, channel=0):
    return MidiMessage("control", channel, number, value)


def on(pitch, velocity=90, channel=0):
    return MidiMessage("note_on", channel, pitch, velocity)


def off(pitch, channel=0):
    return MidiMessage("note_off", channel, pitch, 0)


class Desk:
    """A control with its knobs: what it asks for is done."""

    def __init__(self, *bindings):
        self.values = dict(DEFAULTS)
        self.control = MidiControl(self.values)
        for words in bindings:
            self.act("midi/bind", *words)

    def act(self, path, *arguments):
        return list(self.control.act(ActionRequested(path, arguments, "test")))

    def take(self, message, port="pad"):
        asked = self.control.take(port, message)
        for one in asked or ():
            if isinstance(one, ParameterSet):
                self.values[one.path] = one.value
        return asked

    def turn(self, number, *positions):
        for position in positions:
            self.take(cc(number, position))


def test_a_fader_takes_hold_only_where_the_knob_stands():
    desk = Desk(("energy", "cc 21"))
    desk.turn(21, 0, 10, 20)
    assert desk.values["energy"] == 0.5
    desk.turn(21, 60, 63, 70)
    assert desk.values["energy"] == pytest.approx(70 / 127)
    desk.values["energy"] = 0.1  # somebody else turns it
    desk.turn(21, 71, 72)
    assert desk.values["energy"] == 0.1
    desk.turn(21, 5, 40)
    assert desk.values["energy"] == pytest.approx(40 / 127)


def test_a_fader_that_leaps_over_the_knob_has_met_it():
    desk = Desk(("energy", "cc 21"))
    desk.turn(21, 20, 110)
    assert desk.values["energy"] == pytest.approx(110 / 127)


def test_a_fader_that_jumps_needs_not_meet_the_knob():
    desk = Desk(("energy", "cc 21", "", "jump"))
    desk.turn(21, 127)
    assert desk.values["energy"] == 1.0


@given(st.lists(st.integers(0, 127), min_size=1), st.sampled_from(sorted(PARAMETERS)))
def test_a_fader_gives_only_values_that_the_knob_can_hold_and_its_ends_are_the_ends(positions, path):
    parameter = PARAMETERS[path]
    if parameter.kind == "text" or not (parameter.kind != "choice" or parameter.choices):
        return
    desk = Desk((path, "cc 21", "", "jump"))
    desk.turn(21, *positions, 127)
    match parameter.kind:
        case "choice":
            assert desk.values[path] == parameter.choices[-1]
        case "bool":
            assert desk.values[path] is True
        case _:
            assert desk.values[path] == pytest.approx(parameter.high)


@pytest.mark.parametrize(("mode", "up", "down"), [("relative", 1, 127), ("offset", 65, 63)])
def test_an_endless_knob_goes_by_steps_from_wherever_the_knob_stands(mode, up, down):
    desk = Desk(("energy", "cc 1", "", mode), ("listen/split", "cc 2", "", mode), ("variation", "cc 3", "", mode))
    desk.turn(1, up, up, down)
    assert desk.values["energy"] == pytest.approx(0.5 + 1 / 127)
    desk.turn(2, up, up, up)
    assert desk.values["listen/split"] == 63
    desk.turn(3, up, up)
    assert desk.values["variation"] == "B"
    desk.turn(3, *[down] * 9)
    assert desk.values["variation"] == "auto"


def test_a_pad_presses_a_button_turns_a_switch_over_and_goes_through_choices():
    desk = Desk(("fill", "note 36"), ("part/bass/mute", "note 37"), ("variation", "note 38"))
    assert desk.take(on(36)) == [ActionRequested("fill", (), "midi")]
    assert desk.take(off(36)) == []
    for expected in (True, False):
        desk.take(on(37))
        desk.take(off(37))
        assert desk.values["part/bass/mute"] is expected
    desk.take(on(38))
    assert desk.values["variation"] == "A"


def test_a_pedal_that_sends_its_whole_way_down_presses_once():
    desk = Desk(("fill", "cc 64"))
    asked = [one for value in (10, 70, 100, 127, 90, 20, 0, 127) for one in desk.take(cc(64, value))]
    assert len(asked) == 2


def test_a_switch_can_be_on_for_as_long_as_a_pedal_or_a_key_is_down():
    desk = Desk(("part/pad/solo", "cc 67", "", "hold"), ("part/keys/solo", "note 40", "", "hold"))
    for down, up, path in ((cc(67, 127), cc(67, 0), "part/pad/solo"), (on(40), off(40), "part/keys/solo")):
        desk.take(down)
        assert desk.values[path] is True
        desk.take(up)
        assert desk.values[path] is False


def test_a_press_can_set_a_value_and_give_an_action_its_argument():
    desk = Desk(("style", "program 5", "", "", "waltz"), ("plan/hold", "note 36", "", "", 4))
    assert desk.take(MidiMessage("program", 0, 5)) == [ParameterSet("style", "waltz", "midi")]
    assert desk.take(on(36)) == [ActionRequested("plan/hold", (4,), "midi")]


def test_ports_and_channels_are_told_apart():
    desk = Desk(("energy", "cc 21 ch 2", "nano", "jump"))
    for port, channel in (("nanoKONTROL", 0), ("Nord", 1)):
        assert desk.take(cc(21, 5, channel), port) is None
    assert desk.take(cc(21, 5, 1), "nanoKONTROL")


def test_the_end_of_a_note_goes_where_its_beginning_went():
    desk = Desk()
    assert desk.take(on(36)) is None
    desk.act("midi/bind", "fill", "note 36")
    assert desk.take(off(36)) is None  # the music holds it
    assert desk.take(on(36))
    desk.act("midi/forget", "fill")
    assert desk.take(off(36)) == []
    assert desk.take(on(36)) is None


def test_a_pedal_bound_while_it_is_down_still_comes_up_for_the_music():
    desk = Desk()
    assert desk.take(cc(64, 127)) is None
    desk.act("midi/bind", "fill", "cc 64")
    assert desk.take(cc(64, 0)) is None
    assert desk.take(cc(64, 127)) == [ActionRequested("fill", (), "midi")]
    assert desk.take(cc(64, 0)) == []


def test_learn_binds_the_fader_that_moves_and_not_the_one_that_only_stands():
    desk = Desk()
    assert desk.act("midi/learn", "energy") == []
    assert desk.control.learning == "energy"
    assert desk.take(on(60)) is None  # no fader
    assert desk.take(cc(7, 100)) is None
    assert desk.take(cc(21, 40)) is None
    assert desk.take(cc(7, 100)) is None
    assert desk.take(cc(21, 41)) == [ControlBound("energy", "cc 21 ch 1", "pad", "absolute", "", "test")]
    assert desk.control.learning == ""
    desk.turn(21, 64, 80)
    assert desk.values["energy"] == pytest.approx(80 / 127)


def test_learn_binds_the_pad_that_is_struck_and_it_is_not_heard():
    desk = Desk()
    desk.act("midi/learn", "fill")
    assert desk.take(on(36)) == [ControlBound("fill", "note 36 ch 1", "pad", "press", "", "test")]
    assert desk.take(off(36)) == []


def test_learn_can_be_given_up():
    desk = Desk()
    desk.act("midi/learn", "fill")
    desk.act("midi/learn", "")
    assert desk.take(on(36)) is None


def test_a_message_that_is_bound_again_leaves_what_it_did_before():
    desk = Desk(("fill", "note 36"))
    assert desk.act("midi/bind", "break", "note 36") == [
        ControlForgotten("fill", "note 36", "", "test"),
        ControlBound("break", "note 36", "", "press", "", "test"),
    ]
    assert desk.take(on(36)) == [ActionRequested("break", (), "midi")]


@pytest.mark.parametrize(
    "words",
    [
        ("no/such", "cc 1"),
        ("energy", "cc 128"),
        ("energy", "cc"),
        ("energy", "sysex 1"),
        ("energy", "cc 1 ch 17"),
        ("energy", "cc 1 ch 0"),
        ("energy", "cc ٣"),
        ("energy", "note 36"),
        ("energy", "cc 1", "", "wave"),
        ("energy", "cc 1", "", "toggle"),
        ("style", "cc 1"),
        ("fill", "cc 1", "", "absolute"),
        ("chord", "note 36"),
        ("mode", "note 36", "", "press", "sing"),
        ("part/bass/mute", "note 36", "", "absolute"),
    ],
)
def test_what_cannot_be_bound_is_refused_with_the_reason(words):
    with pytest.raises(BadBinding, match=r"^(target|message|mode|value): "):
        read_binding(*words)
    (refused,) = Desk().act("midi/bind", *words)
    assert isinstance(refused, Rejected)


def test_there_is_an_end_to_how_much_can_be_bound():
    desk = Desk(*[("fill", f"note {n % 128} ch {n // 128 + 1}") for n in range(MOST_BINDINGS)])
    (refused,) = desk.act("midi/bind", "fill", "cc 1")
    assert isinstance(refused, Rejected)


kinds = st.sampled_from(["note", "control", "program"])


@given(kinds, st.integers(0, 127), st.integers(0, 16), st.sampled_from(sorted([*PARAMETERS, *ACTIONS])))
def test_a_binding_can_be_read_from_the_words_it_is_told_in(kind, number, channel, target):
    binding = Binding(target, kind, number, channel)
    try:
        again = read_binding(target, binding.message, "", "", "")
    except BadBinding:
        return
    assert (again.message, again.target) == (binding.message, target)


messages = st.builds(
    MidiMessage,
    st.sampled_from(["note_on", "note_off", "control", "program", "bend", "pressure"]),
    st.integers(0, 1),
    st.sampled_from([36, 60, 64, 67, 120, 123]),
    st.integers(1, 127),
)
acts = st.one_of(
    st.tuples(
        st.just("midi/learn"), st.sampled_from(["", "energy", "fill", "part/bass/mute", "variation", "nonsense"])
    ),
    st.tuples(
        st.just("midi/bind"),
        st.sampled_from(["energy", "fill", "part/bass/mute"]),
        st.sampled_from(["note 36", "cc 64", "cc 67 ch 2", "note 60 ch 1"]),
    ),
    st.tuples(st.just("midi/forget"), st.sampled_from(["", "fill", "energy"])),
)


@given(st.lists(messages | acts, max_size=60))
def test_whatever_is_bound_and_forgotten_the_music_hears_an_end_of_every_note_it_heard_begin(script):
    desk, held, pressed, pedals = Desk(), set(), set(), set()
    for step in [*script, *(off(pitch, channel) for pitch in (36, 60, 64, 67, 120, 123) for channel in (0, 1))]:
        if isinstance(step, tuple):
            desk.act(*step)
            continue
        key = (step.channel, step.a)
        if step.kind == "note_on" and key in pressed:
            continue  # no key goes down twice
        is_music = desk.take(step) is None
        if step.kind == "note_on":
            pressed.add(key)
            held |= {key} if is_music else set()
        elif step.kind == "note_off":
            assert is_music or key not in held
            held.discard(key)
            pressed.discard(key)
        elif step.kind == "control" and step.a in (64, 67):
            pedals = pedals | {key} if is_music and step.b >= 64 else pedals - {key} if is_music else pedals
            assert step.b >= 64 or key not in pedals
    assert not held


def test_bound_notes_make_no_sound_and_start_no_music_and_their_echo_says_midi(ballad):
    heart = Performer({"pop_ballad": ballad})
    script = [
        Stamped(Micros(0), ActionRequested("midi/bind", ("part/bass/level", "cc 21", "", "jump"), "test")),
        Stamped(Micros(0), ActionRequested("midi/bind", ("transport/start", "note 36"), "test")),
        Stamped(Micros(10), MidiReceived("in", bytes([0xB0, 21, 127]))),
        Stamped(Micros(20), MidiReceived("in", bytes([0x90, 36, 90, 36, 0]))),
    ]
    told = [stamped.event for stamped in listen(heart, script, 1_000)]
    assert ParameterChanged("part/bass/level", 1.0, "midi") in told
    assert any(isinstance(event, TransportChanged) and event.playing for event in told)
    assert not [event for event in told if isinstance(event, NoteOn | NoteOff) and event.part == "player"]
    seen = heart.snapshot()
    assert [bound.target for bound in seen.controls] == ["part/bass/level", "transport/start"]
    assert seen.learning == ""
