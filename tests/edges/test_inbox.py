import threading

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.events import ActionRequested, Input, MidiReceived, ParameterSet, PortChanged
from realtime.core.units import Micros
from realtime.edges.inbox import ROOM_FOR_ENDINGS, Inbox, is_ending
from tests.fakes import run_in_virtual_time

NOTE_ON = MidiReceived("k", b"\x90\x3c\x40")
NOTE_OFF = MidiReceived("k", b"\x80\x3c\x40")
KNOB = ParameterSet("energy", 0.5)


def test_what_is_put_in_wakes_the_reader_in_order_of_its_stamps() -> None:
    async def main() -> None:
        inbox = Inbox()
        with trio.fail_after(1):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(inbox.wait)
                inbox.put(NOTE_OFF, Micros(7))
                inbox.put(NOTE_ON, Micros(3))
        assert [stamped.at for stamped in inbox.drain()] == [3, 7]
        assert inbox.drain() == []
        inbox.close()

    run_in_virtual_time(main)


def test_nothing_that_several_threads_put_in_is_lost_and_the_reader_never_sleeps_through_it() -> None:
    threads, each = 4, 500

    async def main() -> list[int]:
        inbox = Inbox()

        def put(number: int) -> None:
            for n in range(each):
                inbox.put(MidiReceived(str(number), bytes([n % 128])), Micros(n))

        workers = [threading.Thread(target=put, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        found: list[int] = []
        with trio.fail_after(30):
            while len(found) < threads * each:
                await inbox.wait()
                found += [stamped.at for stamped in inbox.drain()]
        for worker in workers:
            worker.join()
        assert inbox.statistics().lost == 0
        inbox.close()
        return found

    found = trio.run(main)
    assert sorted(found) == sorted(list(range(each)) * threads)


def test_in_a_crowd_knobs_give_way_to_notes_and_notes_to_note_offs() -> None:
    inbox = Inbox(capacity=10)
    assert [inbox.put(KNOB, Micros(0)) for _ in range(7)] == [True] * 5 + [False] * 2
    assert [inbox.put(NOTE_ON, Micros(0)) for _ in range(7)] == [True] * 5 + [False] * 2
    assert all(inbox.put(NOTE_OFF, Micros(0)) for _ in range(ROOM_FOR_ENDINGS))
    assert not inbox.put(NOTE_OFF, Micros(0))
    assert len(inbox.drain()) == 10 + ROOM_FOR_ENDINGS
    assert (inbox.statistics().lost, inbox.statistics().lost_endings) == (5, 1)
    assert inbox.put(KNOB, Micros(0))
    inbox.close()


@pytest.mark.parametrize(
    ("event", "ending"),
    [
        (NOTE_OFF, True),
        (NOTE_ON, False),
        (MidiReceived("k", b"\x91\x3c\x00"), True),
        (MidiReceived("k", b"\xb0\x40\x00"), True),
        (MidiReceived("k", b"\xb0\x40\x7f"), False),
        (MidiReceived("k", b"\xb0\x7b\x00"), True),
        (MidiReceived("k", b"\xfc"), True),
        (MidiReceived("k", b""), False),
        (MidiReceived("k", b"\xb0"), False),
        (ActionRequested("transport/panic"), True),
        (ActionRequested("fill"), False),
        (PortChanged("k", present=False), True),
        (PortChanged("k", present=True), False),
        (KNOB, False),
    ],
)
def test_what_ends_a_note_is_known_from_what_begins_one(event: Input, ending: bool) -> None:
    assert is_ending(event) is ending


@given(st.lists(st.sampled_from([NOTE_ON, NOTE_OFF, KNOB]), max_size=200), st.integers(2, 20))
def test_every_input_is_either_received_or_counted_as_lost(events: list[Input], capacity: int) -> None:
    inbox = Inbox(capacity)
    accepted = sum(inbox.put(event, Micros(n)) for n, event in enumerate(events))
    assert len(inbox.drain()) == accepted
    statistics = inbox.statistics()
    assert (statistics.received, statistics.lost) == (accepted, len(events) - accepted)
    assert statistics.lost_endings == 0
    inbox.close()


def test_a_closed_inbox_does_no_harm_to_a_late_callback() -> None:
    inbox = Inbox()
    inbox.close()
    inbox.put(NOTE_ON, Micros(0))
    inbox.close()


def test_an_inbox_that_could_hold_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="2 or more"):
        Inbox(capacity=1)
