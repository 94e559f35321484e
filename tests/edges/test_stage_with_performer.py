"""The real heart on the live stage: what it plays live is what a replay gives, and nothing is left hanging."""

import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime.core.events import ActionRequested, Input, MidiReceived, Output, ParameterSet, Stamped
from realtime.core.offline import play
from realtime.core.performer import Performer
from realtime.core.style import Style
from realtime.core.units import Micros, Ticks
from realtime.edges.clock import VirtualClock
from realtime.edges.inbox import Inbox
from realtime.edges.midi_out import MidiOut
from realtime.edges.stage import Stage
from tests.fakes import RememberingSink, hanging, run_in_virtual_time

happenings = st.one_of(
    st.builds(
        lambda on, pitch, velocity: MidiReceived("k", bytes([on, pitch, velocity])),
        st.sampled_from([0x80, 0x90]),
        st.integers(40, 80),
        st.integers(0, 127),
    ),
    st.sampled_from(["start", "stop", "panic", "continue"]).map(lambda name: ActionRequested("transport/" + name)),
    st.floats(60, 240).map(lambda tempo: ParameterSet("transport/tempo", tempo)),
    st.booleans().map(lambda value: ParameterSet("part/bass/mute", value)),
)
scripts = st.lists(
    st.tuples(st.integers(0, 6_000_000), st.sampled_from([0, 0, 300, 30_000]), happenings), max_size=40
).map(lambda script: sorted(script, key=lambda one: one[0]))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=scripts, more=st.integers(0, 2_000_000))
def test_the_real_heart_plays_live_what_a_replay_gives_and_leaves_nothing_hanging(
    ballad: Style, script: list[tuple[int, int, Input]], more: int
) -> None:
    memory, sent, inputs = RememberingSink(), [], []

    def record(kind: str, stamped: Stamped, _: Ticks) -> None:
        if kind == "input":
            inputs.append(stamped)

    async def main() -> Stage:
        clock, inbox = VirtualClock(), Inbox()
        midi = MidiOut(lambda data, *_: sent.append(data), clock)
        heart = Performer({"pop_ballad": ballad}, seed=3)
        stage = Stage(heart, clock, inbox, [midi, memory], record=record)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(midi.run)
                await nursery.start(stage.run)
                inbox.put(ActionRequested("transport/start"), clock.now())
                for at, age, event in script:
                    await clock.sleep_until(Micros(at))
                    inbox.put(event, Micros(max(0, at - age)))
                await clock.sleep_until(Micros((script[-1][0] if script else 0) + more))
                nursery.cancel_scope.cancel()
        finally:
            midi.close()
            inbox.close()
        assert midi.statistics().unmatched == 0
        return stage

    stage = run_in_virtual_time(main)
    replayed: list[Stamped[Output]] = list(play(Performer({"pop_ballad": ballad}, seed=3), inputs, stage.ended_at))
    assert replayed == memory.taken
    assert hanging(sent) == {}
    assert stage.statistics().stuck == 0
    assert [sink.failures for sink in stage.statistics().sinks] == [0, 0]
