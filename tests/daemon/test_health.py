"""What is told of the process around the band."""

from daemon.health import Health
from realtime.core.events import ClockHeard, Output, Stamped
from realtime.core.units import Micros
from realtime.edges.midi_port import MidiPortStatistics
from tests.fakes import a_snapshot

FINE = MidiPortStatistics(0, 0, 0, 0, notes=9, late=2, worst_late=30_300, inputs=(), outputs=())


def said(health: Health, *events: Output) -> tuple[str, ...]:
    health.send([Stamped(Micros(0), event) for event in events])
    return health.snapshot().troubles


def test_everybodys_troubles_are_told_with_the_hearts_picture() -> None:
    troubles = ["no MIDI input 'moog' is plugged in"]
    health = Health(a_snapshot, [lambda: troubles])
    health.watch(lambda: ("the disk is full",))
    assert said(health) == (*troubles, "the disk is full")
    troubles.clear()
    assert said(health) == ("the disk is full",)
    assert health.snapshot().chord == "C"


def test_a_clock_that_is_lost_is_told_until_it_is_back() -> None:
    health = Health(a_snapshot)
    assert said(health, ClockHeard("locked", "nord", 120.0)) == ()
    assert said(health, ClockHeard("lost", "nord", 120.0)) == (
        "the clock at nord is lost; the band goes on in its tempo",
    )
    assert said(health, ClockHeard("locking", "nord", 0.0)) == ()


def test_late_notes_are_told_in_milliseconds() -> None:
    health = Health(a_snapshot)
    assert health.snapshot().latency == {}
    health.midi = lambda: FINE
    assert health.snapshot().latency == {"notes": 9, "late_notes": 2, "worst_late_ms": 30.3}
