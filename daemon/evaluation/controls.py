"""How soon each control is heard: from the press to the first thing the band does otherwise, and at which boundary.

Each control is used at every sixteenth of a bar, in a song that the band knows, and what is played is held against the
same song without it. A control is prompt if nothing is otherwise before its boundary, and something is within a bar
after it; the boundary is now, the next beat, or the next bar line.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal

from daemon.evaluation.practice import Practice
from realtime.core.events import (
    ActionRequested,
    ControlChange,
    Input,
    NoteOff,
    NoteOn,
    Output,
    ParameterSet,
    Stamped,
    Value,
)
from realtime.core.offline import Heart, play
from realtime.core.performer import Performer
from realtime.core.style import Style
from realtime.core.units import Micros

Boundary = Literal["now", "beat", "bar"]

SONG: Final = ("C", "Am", "F", "G") * 4
ASKED_BAR: Final = 9
PLACES: Final = 16
EARLY: Final = 0.12
"""Beats: so much before its boundary a note may belong to it, because players lead."""


@dataclass(frozen=True, slots=True)
class Control:
    """A press, and the boundary at which it should be heard."""

    name: str
    event: Input
    boundary: Boundary
    is_led_into: bool = False
    """Whether the drums lead into it by a fill, from now on."""


@dataclass(frozen=True, slots=True)
class Latency:
    """How soon a control was heard. Beats from the press; µs that the heart took to receive it, the median."""

    name: str
    boundary: Boundary
    least_beats: float
    mean_beats: float
    most_beats: float
    before_boundary: int
    """How often something was otherwise before the boundary: never, if all is well."""
    unheard: int
    heart_micros: int


LED_INTO: Final = ("variation",)


def controls(other_style: str) -> tuple[Control, ...]:
    """All of them; `other_style` is a style to change to."""
    turned: tuple[tuple[str, float | str | bool, Boundary], ...] = (
        ("variation", "D", "bar"), ("style", other_style, "bar"), ("energy", 1.0, "beat"), ("swing", 1.0, "beat"),
        ("part/drums/density", 0.0, "beat"), ("part/bass/density", 0.0, "beat"), ("part/keys/density", 0.0, "beat"),
        ("part/drums/mute", True, "now"), ("part/keys/solo", True, "now"),
    )  # fmt: skip
    pressed: tuple[tuple[str, Boundary], ...] = (
        ("fill", "now"), ("break", "bar"), ("ending", "bar"), ("intro", "bar"), ("fade", "now"),
        ("transport/stop", "now"), ("transport/panic", "now"),
    )  # fmt: skip
    return (
        *(Control(path, ParameterSet(path, value), boundary, path in LED_INTO) for path, value, boundary in turned),
        *(Control(path, ActionRequested(path), boundary) for path, boundary in pressed),
    )


class _Timed:
    """A heart of which it is known how long it takes to receive one event."""

    def __init__(self, heart: Heart, event: Input | None) -> None:
        self._heart = heart
        self._event = event
        self.micros = 0
        self.advance, self.next_wakeup, self.silence = heart.advance, heart.next_wakeup, heart.silence

    def receive(self, event: Input, at: Micros) -> None:
        before = time.perf_counter_ns()
        self._heart.receive(event, at)
        if event is self._event:
            self.micros = (time.perf_counter_ns() - before) // 1000


def measure(styles: dict[str, Style], style: Style, control: Control, places: Sequence[int] = range(PLACES)) -> Latency:
    """One control, at these sixteenths of a bar."""
    player = Practice(style)
    player.start()
    player.comp(SONG)
    plain = _but_drums(set(_played(player, styles, style, None)[0]), control)
    per_bar, delays, early, unheard = player.beats_per_bar, [], 0, 0
    spent: list[int] = []
    for place in places:
        asked = ASKED_BAR * per_bar + (place + 0.37) * per_bar / PLACES
        played, micros = _played(player, styles, style, Stamped(player.at(asked), control.event))
        changed = sorted(at for at, _ in plain ^ _but_drums(set(played), control))
        spent.append(micros)
        first = changed[0] / player.at(1) if changed else None
        boundary = _boundary(asked, control.boundary, per_bar)
        if first is None or first > boundary + per_bar + EARLY:
            unheard += 1
        else:
            delays.append(first - asked)
            early += first < boundary - EARLY
    few = delays or [0.0]
    mean = sum(few) / len(few)
    return Latency(control.name, control.boundary, min(few), mean, max(few), early, unheard, round(median(spent)))


def _but_drums(played: set[tuple[int, Output]], control: Control) -> set[tuple[int, Output]]:
    """What counts: where the drums lead into what was asked for, what the others play."""
    return {(at, event) for at, event in played if not control.is_led_into or getattr(event, "part", "") != "drums"}


def _boundary(asked: float, boundary: Boundary, beats_per_bar: int) -> float:
    match boundary:
        case "now":
            return asked
        case "beat":
            return float(int(asked) + 1)
        case "bar":
            return float((int(asked) // beats_per_bar + 1) * beats_per_bar)


def _played(
    player: Practice, styles: dict[str, Style], style: Style, control: Stamped[Input] | None
) -> tuple[list[tuple[int, Output]], int]:
    values: dict[str, Value] = {"style": style.name, "variation": "C", "energy/follow": False, "part/bass/density": 0.5}
    heart = _Timed(Performer(styles, parameters=values), control.event if control else None)
    script = sorted([*player.script, *([control] if control else [])], key=lambda stamped: stamped.at)
    return list(_notes(play(heart, script, player.at(len(SONG) * player.beats_per_bar)))), heart.micros


def _notes(outputs: Iterable[Stamped[Output]]) -> Iterable[tuple[int, Output]]:
    for stamped in outputs:
        if isinstance(stamped.event, NoteOn | NoteOff | ControlChange) and stamped.event.part != "player":
            yield stamped.at, stamped.event
