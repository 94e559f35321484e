import pytest

from realtime.edges.midi_backend import MidiUnavailable
from realtime.edges.midi_loopback import HELD_MESSAGES, Loopback


def test_what_is_sent_can_be_read_once_by_port() -> None:
    loopback = Loopback()
    first, second = loopback.speak("a", virtual=True), loopback.speak("b", virtual=True)
    first.send(b"\x01")
    second.send(b"\x02")
    assert loopback.read("a") == [b"\x01"]
    assert loopback.read("a") == []
    assert loopback.read("b") == [b"\x02"]


def test_nobody_reading_costs_no_memory() -> None:
    loopback = Loopback()
    mouth = loopback.speak("sideman out", virtual=True)
    for _ in range(HELD_MESSAGES + 10):
        mouth.send(b"\xf8")
    assert len(loopback.read()) == HELD_MESSAGES


def test_what_is_not_plugged_in_cannot_be_opened() -> None:
    loopback = Loopback()
    with pytest.raises(MidiUnavailable, match="not plugged in"):
        loopback.listen("x", print, virtual=False)
    with pytest.raises(MidiUnavailable, match="not plugged in"):
        loopback.speak("x", virtual=False)


def test_a_closed_end_is_no_longer_listed_and_hears_nothing() -> None:
    loopback = Loopback()
    heard: list[bytes] = []
    ear, mouth = loopback.listen("in", heard.append, virtual=True), loopback.speak("out", virtual=True)
    assert (loopback.sources(), loopback.destinations()) == (["out"], ["in"])
    ear.close()
    mouth.close()
    loopback.push(b"\x90\x01\x01", "in")
    assert (loopback.sources(), loopback.destinations(), heard) == ([], [], [])
    loopback.close()
