"""When to hedge: a beat of which the band is unsure, with a second chord that is nearly as likely."""

from typing import Final

from realtime.core.band.hedge import Hedge, hedge_between
from realtime.core.planner import Planner

RIVAL_SHARE: Final = 0.3
"""How likely the second chord must be against the first to be worth playing around."""


def hedge_on(planner: Planner, number: int) -> Hedge | None:
    """What to play on beat `number` instead of the chord that is planned; None where that will do."""
    place, chord = number - planner.first_ahead, planner.chord_on(number)
    if chord is None or planner.is_sure_of(number) or not 0 <= place < len(planner.ahead):
        return None
    distribution = planner.ahead[place].distribution
    rival = planner.oracle.expectation(planner.oracle.without(distribution, chord), number)
    if rival.chord is None or rival.probability < RIVAL_SHARE * planner.oracle.mass_of(distribution, chord):
        return None
    return hedge_between(chord, rival.chord)
