"""The book of styles: which there are, which is played, and which is to be from the next bar line on.

Rules. A style begins at a bar line that no intro, break or ending covers; one of another meter brings its own meter
along, and beats are counted anew from there. A style that is read again while the band plays takes its old self's place
in the same way. Its drum kit comes with it, unless the player has chosen another.
"""

import json
from collections.abc import Mapping
from typing import Final

from realtime.core.accompanist import Accompanist
from realtime.core.events import ParameterChanged, Rejected, Stamped, StyleGiven, TransportChanged, Value
from realtime.core.meter import Meter
from realtime.core.parameters import DEFAULTS
from realtime.core.style import Style
from realtime.core.style_reader import StyleError, parse_style
from realtime.core.transport import Transport
from realtime.core.units import Micros

KIT: Final = "part/drums/instrument"
KIT_INSTRUMENTS: Final = {"standard": str(DEFAULTS.get(KIT, "")), "brushes": "brush_kit"}


class BadStyle(ValueError):
    """A style that is not there, or cannot be played; the text says what was seen and what is allowed."""


def style_named(styles: Mapping[str, Style], name: str) -> Style:
    """The style of that name.

    Raises:
        BadStyle: there is none.
    """
    if name not in styles:
        raise BadStyle(f"style: one of {', '.join(sorted(styles))}, but was {name!r}")
    return styles[name]


class StyleBook:
    """Hands one band its styles."""

    def __init__(self, styles: Mapping[str, Style], band: Accompanist, parameters: dict[str, Value]) -> None:
        """`parameters` are the performer's own: a style's kit is written there."""
        self._styles = dict(styles)
        self._band = band
        self._parameters = parameters
        self._next: Style | None = None
        self._kit_is_chosen = parameters.get(KIT) != DEFAULTS.get(KIT)
        self._take_kit(Micros(0))

    def choose(self, name: str, transport: Transport, at: Micros) -> None:
        """The player wants to hear another style.

        Raises:
            BadStyle: there is none of that name; nothing has changed.
        """
        self._turn_to(style_named(self._styles, name), transport, at)

    def give(self, event: StyleGiven, transport: Transport, at: Micros) -> None:
        """A style was written, or written anew.

        Raises:
            BadStyle: it cannot be played; the old one stays.
        """
        try:
            mapping = json.loads(event.text)
            if not isinstance(mapping, dict):
                raise BadStyle(f"style {event.name}: must be a JSON object, but was {event.text!r:.60}")
            style = parse_style(mapping, event.name)
        except (StyleError, ValueError, RecursionError) as problem:
            raise BadStyle(str(problem)) from None
        self._styles[event.name] = style
        if event.name == self._parameters["style"]:
            self._turn_to(style, transport, at)

    def choose_kit(self) -> None:
        """The player has chosen what the drums are played on: styles leave it alone from now on."""
        self._kit_is_chosen = True

    def take_up(self, transport: Transport, at: Micros) -> bool:
        """The next beat is about to be prepared: whether another style begins on it, and it is to be played anew."""
        band, style, number = self._band, self._next, transport.next_beat
        if style is None or not self._is_free(number):
            return False
        if style.meter != band.meter:
            self.count_anew(style.meter, transport, at)
        self._begin_bar(style, at)
        return True

    def count_anew(self, meter: Meter, transport: Transport, at: Micros) -> None:
        """The next beat, which is about to be prepared, begins a bar in `meter`, and counts as beat 0."""
        band, number = self._band, transport.next_beat
        begins, bars = band.meter.start_of_beat(number), -(-number // band.meter.beats_per_bar)
        problem = band.count_anew(meter, number, at, transport.timeline)
        transport.count_anew(begins, bars)
        self._tell_meter(transport, at)
        if problem:
            band.outbox.append(Stamped(at, Rejected(problem, "style")))

    def _is_free(self, number: int) -> bool:
        """Whether a style may begin on a beat: at a bar line that no intro, break or ending covers."""
        bar, beat = divmod(number, self._band.meter.beats_per_bar)
        is_cued = self._band.leader.cues.on(bar) is not None or self._band.arranger.is_over(number, self._band.meter)
        return beat == 0 and not is_cued

    def _begin_bar(self, style: Style, at: Micros) -> None:
        self._next = None
        self._band.leader.style = style
        self._take_kit(at)

    def _turn_to(self, style: Style, transport: Transport, at: Micros) -> None:
        """While nothing plays a style begins at once."""
        self._next = style
        number, band = transport.next_beat, self._band
        if not transport.playing:
            self.begin(transport, at)
        elif transport.prepared == number and style.meter == band.meter and self._is_free(number):
            self._begin_bar(style, at)  # the bar line is that near
            band.copyist.recast(number, at, transport.timeline)

    def begin(self, transport: Transport, at: Micros) -> None:
        """The music stands still, or starts from the top: a style that is still to come is there."""
        style, self._next = self._next, None
        if style is None:
            return
        self._band.leader.style = style
        if style.meter != self._band.meter:
            self._band.begin(style.meter)
            self._tell_meter(transport, at)
        self._take_kit(at)

    def _take_kit(self, at: Micros) -> None:
        instrument = KIT_INSTRUMENTS[self._band.leader.style.kit]
        if KIT in self._parameters and not self._kit_is_chosen and self._parameters[KIT] != instrument:
            self._parameters[KIT] = instrument
            self._band.outbox.append(Stamped(at, ParameterChanged(KIT, instrument, "style")))

    def _tell_meter(self, transport: Transport, at: Micros) -> None:
        told = TransportChanged(transport.playing, transport.timeline.tempo_bpm, str(self._band.meter))
        self._band.outbox.append(Stamped(at, told))
