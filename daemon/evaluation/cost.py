"""What the heart costs: processor time a bar of a whole band, under chords that go round and under surprises."""

import random
import time
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

from daemon.evaluation.practice import LOOPS, Practice
from realtime.core.events import Input, Stamped
from realtime.core.performer import Performer
from realtime.core.style import Style
from realtime.core.units import Micros
from realtime.core.weights import Weights

CHORDS: Final = ("C", "Am", "F", "G", "Dm7", "E7", "Bb", "Cmaj7")
BARS_LEFT_OUT: Final = 8
"""Before the whole band is in, and while everything is done for the first time."""


def changes(style: Style, bars: int) -> Practice:
    """Two chords a bar, by chance: much to be wrong about."""
    chance, player = random.Random(1), Practice(style)
    player.start()
    half = player.beats_per_bar / 2
    for number in range(2 * bars):
        player.chord(number * half, chance.choice(CHORDS), half)
    return player


def rounds(style: Style, bars: int) -> Practice:
    """A chord a bar, four that go round: what is to come is known."""
    player = Practice(style)
    player.start()
    player.comp(LOOPS[0][bar % len(LOOPS[0])] for bar in range(bars))
    return player


def milliseconds_by_bar(player: Practice, bars: int, heart: Performer) -> Iterator[float]:
    """Processor time that each bar takes."""
    script: Sequence[Stamped[Input]] = sorted(player.script, key=lambda stamped: stamped.at)
    began, place = time.process_time(), 0
    for bar in range(bars):
        line = player.at((bar + 1) * player.beats_per_bar)
        first = place
        while place < len(script) and script[place].at < line:
            place += 1
        _drive(heart, script[first:place], line)
        now = time.process_time()
        yield 1000.0 * (now - began)
        began = now


def _drive(heart: Performer, script: Sequence[Stamped[Input]], until: Micros) -> None:
    """As `offline.play` does, but the music goes on afterwards."""
    for stamped in script:
        _wait(heart, stamped.at)
        heart.receive(stamped.event, stamped.at)
    _wait(heart, until)


def _wait(heart: Performer, until: Micros) -> None:
    while (wakeup := heart.next_wakeup()) is not None and wakeup < until:
        heart.advance(wakeup)


def cost_of(player: Practice, bars: int, weights: Weights | None = None) -> float:
    """The median of milliseconds a bar."""
    style = player.style
    heart = Performer({style.name: style}, parameters={"style": style.name}, weights=weights)
    times = list(milliseconds_by_bar(player, bars, heart))
    return round(median(times[BARS_LEFT_OUT:]), 2)
