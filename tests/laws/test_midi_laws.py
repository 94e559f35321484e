"""Laws of the MIDI codec: any bytes, in any pieces."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.midi_codec import MidiMessage, MidiParser, encode

channel_messages = st.one_of(
    st.builds(
        MidiMessage,
        st.sampled_from(["note_off", "poly_pressure", "control", "bend"]),
        st.integers(0, 15),
        st.integers(0, 127),
        st.integers(0, 127),
    ),
    st.builds(MidiMessage, st.just("note_on"), st.integers(0, 15), st.integers(0, 127), st.integers(1, 127)),
    st.builds(MidiMessage, st.sampled_from(["program", "pressure"]), st.integers(0, 15), st.integers(0, 127)),
)
real_time = st.sampled_from([0xF8, 0xFA, 0xFB, 0xFC, 0xFE])


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_without_an_error(data):
    MidiParser().feed(data)


@given(st.binary(max_size=200), st.lists(st.integers(1, 5)))
def test_how_bytes_are_cut_into_pieces_changes_nothing(data, cuts):
    whole, pieces = MidiParser(), MidiParser()
    messages, rest = [], data
    for cut in cuts:
        messages += pieces.feed(rest[:cut])
        rest = rest[cut:]
    messages += pieces.feed(rest)
    assert messages == whole.feed(data)
    assert pieces.rejected == whole.rejected


@given(st.lists(channel_messages))
def test_what_is_encoded_is_parsed_back(messages):
    parser = MidiParser()
    assert parser.feed(b"".join(encode(message) for message in messages)) == messages
    assert parser.rejected == 0


@given(st.lists(channel_messages, min_size=1), st.data())
def test_real_time_bytes_may_stand_anywhere(messages, data):
    plain = b"".join(encode(message) for message in messages)
    at = data.draw(st.integers(0, len(plain)))
    byte = data.draw(real_time)
    parsed = MidiParser().feed(plain[:at] + bytes([byte]) + plain[at:])
    assert [message for message in parsed if message.kind != "system"] == messages


@given(st.lists(st.tuples(st.integers(0, 127), st.integers(0, 127)), min_size=1), st.integers(0, 15))
def test_running_status_is_understood_and_velocity_zero_ends_a_note(notes, channel):
    data = bytes([0x90 | channel]) + bytes(byte for note in notes for byte in note)
    expected = [
        MidiMessage("note_on" if velocity else "note_off", channel, pitch, velocity) for pitch, velocity in notes
    ]
    assert MidiParser().feed(data) == expected


@given(st.binary(min_size=1, max_size=60))
def test_after_any_rubbish_a_whole_message_is_heard(rubbish):
    parser = MidiParser()
    parser.feed(rubbish)
    assert MidiMessage("note_on", 3, 60, 100) in parser.feed(bytes([0x93, 60, 100]))
