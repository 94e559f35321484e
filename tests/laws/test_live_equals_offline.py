"""The band plays the same live, through the stage on a virtual clock, as offline: same inputs, same outputs."""

import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.core.offline import play
from realtime.core.performer import Performer
from realtime.core.units import Micros
from realtime.edges.clock import VirtualClock
from realtime.edges.inbox import Inbox
from realtime.edges.stage import Stage
from tests.fakes import RememberingSink, run_in_virtual_time
from tests.laws.test_performer_laws import performances, the_end_of


def play_live(heart, script, until, lateness):
    """Puts each input into the inbox `lateness` µs after its stamp; what was received, heard, and when it ended."""
    received, sink = [], RememberingSink()

    def record(kind, stamped, _ticks):
        if kind == "input":
            received.append(stamped)

    async def main():
        clock, inbox = VirtualClock(), Inbox()
        stage = Stage(heart, clock, inbox, [sink], record=record)
        try:
            async with trio.open_nursery() as nursery:
                await nursery.start(stage.run)
                for stamped in script:
                    await clock.sleep_until(Micros(stamped.at + lateness))
                    inbox.put(stamped.event, stamped.at)
                await clock.sleep_until(until)
                nursery.cancel_scope.cancel()
        finally:
            inbox.close()
        return stage.ended_at

    ended_at = run_in_virtual_time(main)
    return received, sink.taken, ended_at


@given(performances, st.sampled_from([0, 0, 700, 30_000]))
@settings(max_examples=40)
def test_what_is_played_live_is_what_an_offline_run_of_its_inputs_gives(ballad, script, lateness):
    heart = Performer({"pop_ballad": ballad}, seed=5)
    received, heard, ended_at = play_live(heart, script, Micros(the_end_of(script) + lateness), lateness)
    assert len(received) == len(script)
    assert heard == list(play(Performer({"pop_ballad": ballad}, seed=5), received, ended_at))
