"""The change of sessions where it cannot be had: nothing happens to the one that is on."""

import trio

from daemon.session_heart import SessionHeart
from daemon.take import NotTaken
from realtime.core.events import ActionRequested, Beat
from realtime.core.performer import Performer
from realtime.core.units import Micros
from tests.fakes import run_in_virtual_time

START = ActionRequested("session/start", (), "test")


def test_where_there_can_be_no_new_session_that_is_said_and_the_music_goes_on(ballad):
    said, asked = [], []

    def begin(parameters, memory):
        raise OSError("disk full")

    async def main():
        performer = Performer({"pop_ballad": ballad})
        heart = SessionHeart(performer, NotTaken(()), begin=begin, first=list, finish=asked.append, say=said.append)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(heart.run, asked.append)
            heart.receive(ActionRequested("transport/start"), Micros(1))
            heart.receive(START, Micros(2))
            while not said:
                await trio.lowlevel.checkpoint()
            nursery.cancel_scope.cancel()
        outputs = heart.advance(Micros(5_000_000))
        assert heart.snapshot().playing
        assert len([one for one in outputs if isinstance(one.event, Beat)]) > 5

    run_in_virtual_time(main)
    assert said == ["no new session: disk full; the present one goes on"]
    assert not asked


def test_what_is_ready_twice_changes_sessions_once(ballad):
    performer = Performer({"pop_ballad": ballad})
    heart = SessionHeart(performer, NotTaken(()), begin=lambda *_: None, first=list, finish=print, say=print)
    heart.receive(ActionRequested("transport/start"), Micros(1))
    heart.receive(ActionRequested("session/start", (), "session"), Micros(2))
    heart.advance(Micros(1_000_000))
    assert heart.snapshot().playing
