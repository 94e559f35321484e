"""What OSC tells of the sound: the state as before, what is wrong, and a histogram that fits a datagram."""

from dataclasses import replace

import trio

from realtime.edges.engine_statistics import EngineStatistics
from realtime.edges.osc_packet import build, read
from realtime.edges.osc_state import histogram_message, sound_message, standing, state_message
from tests.edges.test_osc_port import Rig, in_a_rig, settle
from tests.fakes import a_snapshot

FINE = EngineStatistics(
    running=True,
    sent=1,
    refused=0,
    xruns=2,
    late=3,
    voices=4,
    callback_p50=50,
    callback_p99=90,
    callback_worst=400,
    peaks={},
    lost=False,
    device="jack:sideman 48000 Hz/256",
    load_p50=1.5,
    load_p99=3.0,
    load_p999=4.5,
    load_worst=12.0,
    thrift=2,
    load_histogram=tuple((1.09**n, n + 1) for n in range(192)),
)
GONE = replace(FINE, lost=True, state="lost", losses=1, trouble="the audio device is gone; no JACK server answers")


def test_the_state_says_what_is_wrong_after_what_it_always_said() -> None:
    music = (1, 1, 1, 120.0, "C", "C major")
    assert state_message(a_snapshot(), None) == ("/sideman/state", (*music, ""))
    assert state_message(a_snapshot(), FINE) == ("/sideman/state", (*music, ""))
    assert state_message(a_snapshot(), GONE)[1][-1] == "the audio device is gone; no JACK server answers"
    assert state_message(a_snapshot(troubles=("the disk is full",)), GONE)[1][-1].startswith("the disk is full; the a")


def test_latency_is_told_where_somebody_measures_it() -> None:
    told = {"input_p50_ms": 0.1, "input_p99_ms": 0.5, "notes": 12, "late_notes": 1, "worst_late_ms": 7.25}
    messages = dict(standing(a_snapshot(latency=told), None))
    assert messages["/sideman/latency"] == (0.1, 0.5, 12, 1, 7.25)
    assert list(dict(standing(a_snapshot(), None))) == ["/sideman/state"]


def test_sound_is_told_with_its_counts_and_its_distance_from_the_deadline() -> None:
    address, values = sound_message(GONE)
    assert address == "/sideman/sound"
    assert values == ("lost", "jack:sideman 48000 Hz/256", 1, 2, 3, 1.5, 3.0, 4.5, 12.0, 2)


def test_the_largest_histogram_fits_a_datagram_and_keeps_the_buckets_near_the_deadline() -> None:
    datagram = build(histogram_message(FINE))
    assert len(datagram) < 1_400
    (message,) = read(datagram)
    assert message.arguments[-1] == 192


def test_a_device_that_goes_is_told_within_a_quarter_of_a_second_and_a_refresh_brings_the_histogram() -> None:
    sound = FINE

    async def main(rig: Rig) -> None:
        nonlocal sound
        rig.port.watch_sound(lambda: sound)
        await trio.sleep(1)
        rig.fixed.heard()
        sound = GONE
        await trio.sleep(0.26)
        heard = dict(rig.fixed.heard())
        assert heard["/sideman/state"][-1] == GONE.trouble
        assert heard["/sideman/sound"][0] == "lost"
        rig.surface.say("/sideman/refresh")
        await settle()
        assert "/sideman/sound/histogram" in dict(rig.surface.heard())
        assert rig.fixed.heard() == []

    in_a_rig(main)
