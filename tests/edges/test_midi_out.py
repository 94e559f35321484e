import trio
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.events import Beat, ControlChange, NoteOff, NoteOn, Output, PitchBend, Stamped
from realtime.core.units import Micros
from realtime.edges.clock import VirtualClock
from realtime.edges.midi_out import MidiOut, encode
from tests.fakes import hanging, run_in_virtual_time

ON = NoteOn("bass", 1, 40, 90)
OFF = NoteOff("bass", 1, 40)


def stamped(at: int, event: Output) -> Stamped[Output]:
    return Stamped(Micros(at), event)


def play(outputs: list[Stamped[Output]], until: int, *, thru: bool = False) -> list[tuple[int, bytes]]:
    """Everything a MidiOut sends, each with its time, before it is closed at `until`; and on being closed."""

    async def main() -> list[tuple[int, bytes]]:
        clock = VirtualClock()
        sent: list[tuple[int, bytes]] = []
        midi = MidiOut(lambda data, *_: sent.append((clock.now(), data)), clock, thru=thru)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(midi.run)
            midi.send(outputs)
            await clock.sleep_until(Micros(until))
            nursery.cancel_scope.cancel()
        midi.close()
        midi.close()
        return sent

    return run_in_virtual_time(main)


def test_each_output_has_its_bytes() -> None:
    assert encode(ON) == b"\x91\x28\x5a"
    assert encode(OFF) == b"\x81\x28\x40"
    assert encode(ControlChange("keys", 2, 64, 127)) == b"\xb2\x40\x7f"
    assert encode(PitchBend("solo", 4, 0)) == b"\xe4\x00\x40"
    assert encode(PitchBend("solo", 4, -8192)) == b"\xe4\x00\x00"
    assert encode(PitchBend("solo", 4, 8191)) == b"\xe4\x7f\x7f"
    assert encode(Beat(0, 1, 1, 120.0)) is None


def test_notes_leave_at_their_times() -> None:
    sent = play([stamped(1_000, ON), stamped(2_500, OFF), stamped(0, Beat(0, 1, 1, 96.0))], 5_000)
    assert sent[:2] == [(1_000, b"\x91\x28\x5a"), (2_500, b"\x81\x28\x40")]


def test_a_late_note_is_sent_at_once_and_counted() -> None:
    async def main() -> None:
        clock = VirtualClock()
        sent: list[bytes] = []
        midi = MidiOut(lambda data, *_: sent.append(data), clock)
        await clock.sleep_until(Micros(100_000))
        midi.send([stamped(80_000, ON)])
        assert sent == [b"\x91\x28\x5a"]
        assert (midi.statistics().late, midi.statistics().worst_late) == (1, 20_000)

    run_in_virtual_time(main)


def test_the_off_of_an_old_note_goes_before_a_new_note_on_the_same_key() -> None:
    sent = play([stamped(1_000, ON), stamped(2_000, ON), stamped(2_000, OFF), stamped(3_000, OFF)], 5_000)
    assert [data[0] for _, data in sent[:4]] == [0x91, 0x81, 0x91, 0x81]


def test_a_note_ended_before_it_began_is_never_heard() -> None:
    async def main() -> None:
        clock = VirtualClock()
        sent: list[bytes] = []
        midi = MidiOut(lambda data, *_: sent.append(data), clock)
        midi.send([stamped(15_000, ON), stamped(2_000, OFF)])
        await clock.sleep_until(Micros(20_000))
        midi.send([])
        assert sent == []
        assert midi.statistics().cancelled == 1

    run_in_virtual_time(main)


def test_a_note_off_without_its_note_is_not_sent_but_counted() -> None:
    async def main() -> None:
        sent: list[bytes] = []
        midi = MidiOut(lambda data, *_: sent.append(data), VirtualClock())
        midi.send([stamped(0, OFF)])
        assert (sent, midi.statistics().unmatched) == ([], 1)

    run_in_virtual_time(main)


def test_the_player_is_passed_on_only_with_thru_and_turning_it_off_leaves_nothing_hanging() -> None:
    on, off = NoteOn("player", 0, 60, 100), NoteOff("player", 0, 60)
    assert play([stamped(0, on), stamped(10, off)], 100) == []
    assert len(play([stamped(0, on), stamped(10, off)], 100, thru=True)) == 2 + 3

    async def main() -> None:
        sent: list[bytes] = []
        midi = MidiOut(lambda data, *_: sent.append(data), VirtualClock(), thru=True)
        midi.send([stamped(0, on)])
        midi.thru = False
        midi.send([stamped(0, ControlChange("player", 0, 1, 5)), stamped(0, off)])
        assert sent == [b"\x90\x3c\x64", b"\x80\x3c\x40"]

    run_in_virtual_time(main)


def test_the_player_is_passed_on_on_channel_1_whatever_channel_it_came_on() -> None:
    on, off = NoteOn("player", 5, 60, 100), NoteOff("player", 5, 60)
    sent = play([stamped(0, on), stamped(0, PitchBend("player", 5, 0)), stamped(10, off)], 100, thru=True)
    assert [data[0] & 0x0F for _, data in sent] == [0] * (3 + 3)
    assert hanging([data for _, data in sent]) == {}


def test_closing_ends_what_sounds_then_quiets_every_channel_used() -> None:
    sent = play([stamped(0, ON), stamped(900, OFF)], 500)
    assert [data for _, data in sent] == [
        b"\x91\x28\x5a",
        b"\x81\x28\x40",
        b"\xb1\x40\x00",
        b"\xb1\x78\x00",
        b"\xb1\x7b\x00",
    ]


keys = st.tuples(st.sampled_from(["bass", "keys", "player"]), st.integers(1, 2), st.integers(60, 61))


@st.composite
def performances(draw: st.DrawFn) -> list[Stamped[Output]]:
    """What a heart may say: notes in any overlap, each on with its off, not before it, in the order
    decided."""
    said: list[tuple[int, int, Output]] = []
    for number, (key, began, length) in enumerate(
        draw(st.lists(st.tuples(keys, st.integers(0, 300), st.integers(0, 100)), max_size=30))
    ):
        part, channel, pitch = key
        said.append((began, 2 * number, NoteOn(part, channel, pitch, 64)))
        said.append((began + length, 2 * number + 1, NoteOff(part, channel, pitch)))
    return [stamped(at, event) for at, _, event in sorted(said, key=lambda one: one[:2])]


@given(performances(), st.integers(0, 450), st.booleans())
def test_every_note_on_has_its_note_off_whenever_it_is_closed(
    outputs: list[Stamped[Output]], until: int, thru: bool
) -> None:
    sent = play(outputs, until, thru=thru)
    assert hanging([data for _, data in sent]) == {}
    assert [at for at, _ in sent] == sorted(at for at, _ in sent)


@given(performances(), st.lists(st.integers(1, 60), max_size=8))
def test_every_note_off_follows_its_note_on_however_the_outputs_are_dealt_out(
    outputs: list[Stamped[Output]], steps: list[int]
) -> None:
    async def main() -> list[bytes]:
        clock = VirtualClock()
        sent: list[bytes] = []
        midi = MidiOut(lambda data, *_: sent.append(data), clock)
        left = list(outputs)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(midi.run)
            for step in [*steps, 1_000]:
                now = clock.now()
                due = [one for one in left if one.at <= now + 20]
                left = [one for one in left if one.at > now + 20]
                midi.send(due)
                await clock.sleep_until(Micros(now + step))
            midi.send(left)
            nursery.cancel_scope.cancel()
        assert midi.statistics().unmatched == 0
        midi.close()
        return sent

    sounding: dict[int, int] = {}
    sent = run_in_virtual_time(main)
    for data in sent:
        if data[0] & 0xF0 in (0x80, 0x90):
            key = data[0] & 0x0F, data[1]
            sounding[key] = sounding.get(key, 0) + (1 if data[0] & 0xF0 == 0x90 else -1)
            assert sounding[key] >= 0
    assert not any(sounding.values())
