"""Laws of MPE: an expressive keyboard is heard as a plain one."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.keyboard import Keyboard
from realtime.core.midi_codec import MidiMessage, encode
from realtime.core.midi_input import LOWER, UPPER, MidiInput
from realtime.core.units import Micros

Stream = tuple[list[MidiMessage], list[MidiMessage], int, int]


def configuration(manager: int, members: int) -> bytes:
    """The MPE configuration message."""
    return b"".join(bytes((0xB0 | manager, *pair)) for pair in ((101, 0), (100, 6), (6, members)))


expressions = st.one_of(
    st.tuples(st.just("bend"), st.integers(0, 127), st.integers(0, 127)),
    st.tuples(st.just("pressure"), st.integers(0, 127), st.just(0)),
    st.tuples(st.just("poly_pressure"), st.integers(0, 127), st.integers(0, 127)),
    st.tuples(st.just("control"), st.sampled_from([1, 6, 7, 11, 38, 64, 74, 98, 99, 100, 101]), st.integers(0, 127)),
)


@st.composite
def played_twice(draw: st.DrawFn) -> Stream:
    """The same performance on an MPE keyboard, each note on a channel of its own, and on a plain one; manager and
    number of members."""
    manager, count = draw(st.sampled_from([LOWER, UPPER])), draw(st.integers(1, 15))
    members = [abs(manager - number) for number in range(1, count + 1)]
    expressive: list[MidiMessage] = []
    plain: list[MidiMessage] = []
    held: dict[int, int] = {}

    def express() -> None:
        for kind, a, b in draw(st.lists(expressions, max_size=2)):
            expressive.append(MidiMessage(kind, draw(st.sampled_from(members)), a, b))  # type: ignore[arg-type]

    for _ in range(draw(st.integers(1, 20))):
        express()
        pitch = draw(st.integers(55, 62))
        if draw(st.integers(0, 5)) == 0:
            message = MidiMessage("control", manager, draw(st.sampled_from([64, 66, 123])), draw(st.integers(0, 127)))
            held = {} if message.a == 123 else held
            expressive.append(message)
            plain.append(replace(message, channel=0))
        elif pitch in held:
            channel = held.pop(pitch)
            expressive.append(MidiMessage("note_off", channel, pitch, 64))
            plain.append(MidiMessage("note_off", 0, pitch, 64))
        else:
            held[pitch] = draw(st.sampled_from(members))
            velocity = draw(st.integers(1, 127))
            expressive.append(MidiMessage("note_on", held[pitch], pitch, velocity))
            plain.append(MidiMessage("note_on", 0, pitch, velocity))
    express()
    return expressive, plain, manager, count


def heard(messages: list[MidiMessage]) -> list[set[int]]:
    """What sounds after each note."""
    keyboard, sounding = Keyboard(), []
    for at, message in enumerate(messages):
        keyboard.take(message, Micros(at))
        if message.kind in ("note_on", "note_off"):
            sounding.append({note.pitch for note in keyboard.sounding()})
    return sounding


@given(played_twice())
def test_an_mpe_keyboard_is_heard_as_its_twin_with_one_channel(stream: Stream) -> None:
    expressive, plain, manager, count = stream
    keyboard = MidiInput()
    assert [message.a for message in keyboard.feed(configuration(manager, count))] == [101, 100]
    merged = keyboard.feed(b"".join(encode(message) for message in expressive))
    assert [replace(message, channel=0) for message in merged] == plain
    assert {message.channel for message in merged} <= {manager}
    assert heard([replace(message, channel=0) for message in merged]) == heard(plain)


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_by_a_keyboard_with_a_zone(data: bytes) -> None:
    keyboard = MidiInput()
    keyboard.feed(configuration(LOWER, 15))
    keyboard.feed(data)


@given(played_twice())
def test_without_a_zone_every_message_passes_as_it_is(stream: Stream) -> None:
    safe = [m for m in stream[0] if not (m.kind == "control" and m.a in (6, 100, 101))]
    assert MidiInput().feed(b"".join(encode(message) for message in safe)) == safe


@given(played_twice())
def test_a_zone_that_is_set_up_anew_lets_go_what_it_held(stream: Stream) -> None:
    expressive, _, manager, count = stream
    keyboard = MidiInput()
    keyboard.feed(configuration(manager, count))
    merged = keyboard.feed(b"".join(encode(message) for message in expressive if message.kind.startswith("note")))
    merged += keyboard.feed(configuration(manager, 0))
    down: set[int] = set()
    for message in merged:
        if message.kind == "note_on":
            down.add(message.a)
        elif message.kind == "note_off":
            down.discard(message.a)
    assert not down
    assert keyboard.feed(bytes((0x91, 60, 1))) == [MidiMessage("note_on", 1, 60, 1)]
