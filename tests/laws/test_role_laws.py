"""Laws of the roles: whatever is changed while they play, no note is left, and what is played is the same again."""

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.events import ActionRequested, MidiReceived, NoteOn, ParameterSet, PortChanged, Stamped
from realtime.core.offline import play
from realtime.core.parameters import MODES
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.core.playing import asked_in_steps, in_order, notes_owed
from tests.laws.test_performer_laws import the_end_of

BEAT = 60_000_000 // 120
ROLES = MODES[2:]

knobs = st.one_of(
    st.sampled_from(MODES).map(lambda mode: ParameterSet("mode", mode, "law")),
    st.sampled_from(MODES).map(lambda mode: ParameterSet("mode", mode, "law")),
    st.floats(40, 300).map(lambda bpm: ParameterSet("transport/tempo", bpm, "law")),
    st.sampled_from(["pop_ballad", "again"]).map(lambda style: ParameterSet("style", style, "law")),
    st.booleans().map(lambda value: ParameterSet("part/solo/mute", value, "law")),
    st.booleans().map(lambda value: ParameterSet("part/drums/solo", value, "law")),
    st.integers(1, 16).map(lambda channel: ParameterSet("part/solo/channel", channel, "law")),
    st.sampled_from([1, 2, 4]).map(lambda bars: ParameterSet("trade/bars", bars, "law")),
    st.sampled_from(["panic", "stop", "start", "continue"]).map(lambda what: ActionRequested(f"transport/{what}")),
    st.sampled_from(["song/next", "fill", "ending"]).map(ActionRequested),
    st.booleans().map(lambda down: MidiReceived("in", bytes([0xB0, 64, 127 * down]))),
    st.just(PortChanged("in", present=False)),
)


@st.composite
def sessions(draw):
    """Chords in the left hand, a melody with gaps in the right, and knobs turned at any moment."""
    script = [
        Stamped(Micros(0), ActionRequested("transport/start")),
        Stamped(Micros(0), ActionRequested("chart", ("| C | Am7 | D7 | G7 |",))),
    ]
    bars = draw(st.integers(4, 12))
    for bar in range(bars):
        root = draw(st.sampled_from([36, 41, 43, 45]))
        for pitch in (root, root + 4, root + 7):
            script.append(Stamped(Micros(bar * 4 * BEAT), MidiReceived("in", bytes([0x90, pitch, 70]))))
            script.append(Stamped(Micros((bar * 4 + 4) * BEAT - 30_000), MidiReceived("in", bytes([0x80, pitch, 0]))))
        for half in draw(st.lists(st.integers(0, 7), max_size=6, unique=True)):
            pitch, begin = draw(st.integers(60, 84)), bar * 4 * BEAT + half * BEAT // 2 + draw(st.integers(0, 20_000))
            script.append(Stamped(Micros(begin), MidiReceived("in", bytes([0x90, pitch, 90]))))
            if draw(st.integers(0, 9)):  # now and then a key stays down
                script.append(Stamped(Micros(begin + BEAT // 3), MidiReceived("in", bytes([0x80, pitch, 0]))))
    for at, event in draw(st.lists(st.tuples(st.integers(0, bars * 4 * BEAT), knobs), max_size=8)):
        script.append(Stamped(Micros(at), event))
    return sorted(script, key=lambda stamped: stamped.at)


def performer(ballad, mode):
    return Performer({"pop_ballad": ballad, "again": ballad}, seed=5, parameters={"mode": mode, "trade/bars": 1})


@given(sessions(), st.sampled_from(ROLES))
@settings(max_examples=80)
def test_every_note_ends_whatever_is_changed_while_a_role_plays(ballad, script, mode):
    outputs = list(play(performer(ballad, mode), script, the_end_of(script)))
    assert not notes_owed(outputs)


@given(sessions(), st.sampled_from(ROLES), st.lists(st.integers(3_000, 200_000), min_size=1, max_size=8))
@settings(max_examples=30)
def test_a_role_plays_the_same_however_often_it_is_asked(ballad, script, mode, steps):
    until = the_end_of(script)
    asked = asked_in_steps(performer(ballad, mode), script, until, steps)
    assert in_order(asked) == in_order(play(performer(ballad, mode), script, until))


@given(sessions(), st.integers(0, 12))
@settings(max_examples=30)
def test_once_the_role_is_to_comp_the_soloist_begins_nothing(ballad, script, bar):
    at = Micros(bar * 4 * BEAT)
    script = [stamped for stamped in script if getattr(stamped.event, "path", "") != "mode"]
    script = sorted([*script, Stamped(at, ParameterSet("mode", "comp"))], key=lambda stamped: stamped.at)
    for stamped in play(performer(ballad, "trade"), script, the_end_of(script)):
        if isinstance(stamped.event, NoteOn) and stamped.event.part == "solo":
            assert stamped.at <= at + 20_000, "only what had left already"
