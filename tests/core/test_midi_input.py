"""One input's messages; an MPE keyboard's channels made one."""

import pytest

from realtime.core.midi_codec import MidiMessage
from realtime.core.midi_input import WHOLE_ZONE, MidiInput


@pytest.fixture
def seaboard() -> MidiInput:
    keyboard = MidiInput()
    keyboard.feed(WHOLE_ZONE)
    return keyboard


def test_a_note_on_the_drums_channel_of_a_zone_is_a_note_like_any_other(seaboard: MidiInput) -> None:
    assert seaboard.feed(b"\x99\x3c\x50") == [MidiMessage("note_on", 0, 60, 80)]


def test_a_finger_that_slides_presses_and_bends_says_nothing_to_the_band(seaboard: MidiInput) -> None:
    assert seaboard.feed(b"\x92\x3c\x50\xe2\x00\x10\xd2\x20\xb2\x4a\x33\xa2\x3c\x11")[1:] == []


def test_a_key_that_two_fingers_hold_goes_up_with_the_second(seaboard: MidiInput) -> None:
    assert len(seaboard.feed(b"\x91\x3c\x50\x92\x3c\x50")) == 2
    assert seaboard.feed(b"\x81\x3c\x40") == []
    assert seaboard.feed(b"\x82\x3c\x40") == [MidiMessage("note_off", 0, 60, 64)]


def test_a_member_that_says_all_notes_off_ends_its_own(seaboard: MidiInput) -> None:
    seaboard.feed(b"\x91\x3c\x50\x92\x40\x50")
    assert seaboard.feed(b"\xb1\x7b\x00") == [MidiMessage("note_off", 0, 60, 64)]


def test_the_pedal_and_the_wheel_of_the_manager_channel_are_the_zones(seaboard: MidiInput) -> None:
    pedal = seaboard.feed(b"\xb0\x40\x7f\xe0\x00\x50")
    assert [message.kind for message in pedal] == ["control", "bend"]


def test_two_zones_share_the_channels_and_the_later_one_takes_what_it_wants() -> None:
    keyboard = MidiInput()
    keyboard.feed(b"\xb0\x65\x00\xb0\x64\x06\xb0\x06\x0a")  # channels 2 to 11
    keyboard.feed(b"\xbf\x65\x00\xbf\x64\x06\xbf\x06\x07")  # channels 9 to 15: the lower one keeps 2 to 8
    assert [m.channel for m in keyboard.feed(b"\x97\x3c\x50\x98\x3d\x50\x9e\x3e\x50")] == [0, 15, 15]


def test_a_plain_keyboard_with_a_bend_range_sets_up_no_zone() -> None:
    keyboard = MidiInput()
    assert len(keyboard.feed(b"\xb0\x65\x00\xb0\x64\x00\xb0\x06\x0c")) == 3
    assert keyboard.feed(b"\x91\x3c\x50") == [MidiMessage("note_on", 1, 60, 80)]
