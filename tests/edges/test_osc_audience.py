import pytest

from realtime.core.events import ChordHeard, ParameterChanged, ParameterSet, Rejected
from realtime.core.units import Micros
from realtime.edges.osc_audience import MAX_SENT_VALUES, MAX_SUBSCRIBERS, Audience, TooMany, peer_of, source_of

FIXED = ("127.0.0.1", 9000)
TABLET = ("10.0.0.5", 50_000)
NOW = Micros(0)


def changed(value: float, source: str) -> ParameterChanged:
    return ParameterChanged("energy", value, source)


def test_a_source_says_who_sent_it() -> None:
    assert peer_of(source_of(TABLET)) == TABLET
    assert peer_of(source_of(("::1", 8000))) == ("::1", 8000)
    assert peer_of("midi:nord") is peer_of("osc:") is peer_of("osc:x:y") is peer_of("") is None


def test_a_subscriber_hears_everything_at_the_port_it_named() -> None:
    audience = Audience(FIXED)
    assert audience.subscribe(TABLET, 9001, NOW) == ("10.0.0.5", 9001)
    assert set(audience.listeners_of(ChordHeard("C", 1.0), NOW)) == {FIXED, ("10.0.0.5", 9001)}
    assert audience.reply_address(TABLET) == ("10.0.0.5", 9001)
    audience.unsubscribe(TABLET, None)
    assert audience.listeners_of(ChordHeard("C", 1.0), NOW) == [FIXED]


def test_a_subscription_lasts_a_minute_and_can_be_renewed() -> None:
    audience = Audience(None)
    audience.subscribe(TABLET, None, NOW)
    assert audience.everyone(Micros(59_999_999)) == [TABLET]
    audience.subscribe(TABLET, None, Micros(30_000_000))
    assert audience.everyone(Micros(60_000_000)) == [TABLET]
    assert audience.everyone(Micros(90_000_000)) == []


def test_one_too_many_is_refused_but_renewing_is_not() -> None:
    audience = Audience(None)
    for port in range(MAX_SUBSCRIBERS):
        audience.subscribe(("10.0.0.5", 1 + port), None, NOW)
    with pytest.raises(TooMany, match="32"):
        audience.subscribe(TABLET, None, NOW)
    audience.subscribe(("10.0.0.5", 1), None, NOW)
    audience.subscribe(TABLET, None, Micros(60_000_001))
    assert len(audience) == 1


def test_unsubscribing_a_port_ends_it_whoever_on_that_machine_subscribed_it() -> None:
    audience = Audience(None)
    audience.subscribe(TABLET, 9001, NOW)
    audience.unsubscribe(("10.0.0.6", 1), 9001)
    assert len(audience) == 1
    audience.unsubscribe(("10.0.0.5", 1), 9001)
    assert len(audience) == 0


def test_who_turned_a_knob_is_not_told_unless_the_value_became_another() -> None:
    audience = Audience(FIXED)
    audience.subscribe(TABLET, 9001, NOW)
    source = source_of(TABLET)
    audience.remember_sent(ParameterSet("energy", 0.5, source), 0.5)
    assert audience.listeners_of(changed(0.5, source), NOW) == [FIXED]
    audience.remember_sent(ParameterSet("energy", 1.0, source), 1.7)
    assert ("10.0.0.5", 9001) in audience.listeners_of(changed(1.0, source), NOW)


def test_a_stranger_is_told_of_a_clamped_value_and_of_nothing_else() -> None:
    audience = Audience(FIXED)
    source = source_of(TABLET)
    audience.remember_sent(ParameterSet("energy", 1.0, source), 1.7)
    assert audience.listeners_of(changed(1.0, source), NOW) == [FIXED, TABLET]
    audience.remember_sent(ParameterSet("energy", 1.0, source), 1.0)
    assert audience.listeners_of(changed(1.0, source), NOW) == [FIXED]


def test_a_knob_turned_elsewhere_is_told_to_all() -> None:
    audience = Audience(FIXED)
    audience.subscribe(TABLET, None, NOW)
    assert set(audience.listeners_of(changed(0.5, "midi"), NOW)) == {FIXED, TABLET}


def test_what_was_rejected_is_told_to_its_sender_only() -> None:
    audience = Audience(FIXED)
    assert audience.listeners_of(Rejected("no", source_of(TABLET)), NOW) == [TABLET]
    assert audience.listeners_of(Rejected("no", "midi"), NOW) == [FIXED]


def test_what_was_sent_is_remembered_within_bounds() -> None:
    audience = Audience(None)
    for port in range(3 * MAX_SENT_VALUES):
        audience.remember_sent(ParameterSet("energy", 1.0, f"osc:h:{port}"), 2.0)
    assert len(audience._sent_values) == MAX_SENT_VALUES
