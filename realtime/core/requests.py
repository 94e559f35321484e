"""What the player asks of the band in so many words: this key, this chord, this chart; keep that, drop it, stay here.

Each request is an action of `parameters.ACTIONS`; where the music stands is the transport's to say.
"""

from collections.abc import Callable
from typing import Final

from realtime.core.accompanist import Accompanist
from realtime.core.band.cue import CueName, NoSuchPassage, passage_of
from realtime.core.chart import BadChart, parse_chart
from realtime.core.chart_follower import ChartFollower
from realtime.core.chord import BadChord, parse_chord
from realtime.core.events import ActionRequested, Value
from realtime.core.key_finder import BadKey, parse_key
from realtime.core.transport import Transport
from realtime.core.units import Micros

MOST_BEATS_HELD: Final = 100_000


class BadRequest(ValueError):
    """A request that cannot be met; the text says what was seen and what is allowed."""


class Requests:
    """Carries them out on one band."""

    def __init__(self, band: Accompanist, start: Callable[[Micros], None]) -> None:
        """`start` starts the music, for those that begin it."""
        self._band = band
        self._start = start

    def act(self, event: ActionRequested, transport: Transport, at: Micros) -> None:
        """Does what the player asks; an action that is not a request, such as a mark, changes nothing.

        Raises:
            BadRequest: it cannot be done; nothing has changed.
        """
        band, text = self._band, str(event.arguments[0]) if event.arguments else ""
        try:
            match event.path:
                case "fill":
                    self._fill(transport, at)
                case "intro" | "break" | "ending" as cue:
                    self._cue(cue, event.arguments, transport, at)
                case "key":
                    band.listener.key_override = parse_key(text) if text else None
                case "chord":
                    number = transport.prepared if transport.playing else -1
                    band.override_chord(parse_chord(text), number, at, transport.timeline)
                case "chart":
                    chart = parse_chart(text, band.meter.beats_per_bar) if text.strip() else None
                    band.planner.chart = ChartFollower(chart) if chart else None
                case "plan/accept" | "plan/veto" | "plan/hold" as path:
                    self._plan(path, event.arguments, transport, at)
                case "song/next":
                    band.begin_song()
                case _:
                    pass
        except (BadKey, BadChord, BadChart, NoSuchPassage) as problem:
            raise BadRequest(str(problem)) from None

    def _plan(self, path: str, arguments: tuple[Value, ...], transport: Transport, at: Micros) -> None:
        match path:
            case "plan/accept":
                self._band.planner.pinned.add(transport.next_beat)
            case "plan/veto":
                self._veto(transport, at)
            case _:
                self._hold(arguments, transport, at)

    def _fill(self, transport: Transport, at: Micros) -> None:
        """What is left of the bar is a fill; in its last beat that is too little, and the next bar is one."""
        self._band.arranger.fill_bar = transport.next_beat // self._band.meter.beats_per_bar
        if transport.playing:
            self._band.copyist.recast(max(0, transport.next_beat - 1), at, transport.timeline)

    def change_variation(self, transport: Transport, at: Micros) -> None:
        """Another variation is wished: the rest of the bar is a fill, and leads into it."""
        leader, arranger = self._band.leader, self._band.arranger
        beats, following = self._band.meter.beats_per_bar, transport.next_beat
        present = max(0, following - 1)
        leader.phrasing.forget_from(present // beats + 1)
        if not transport.playing:
            return
        if leader.is_led_elsewhere(str(self._band.parameters["variation"]), present // beats):
            arranger.fill_bar = present // beats
        self._band.copyist.recast(present, at, transport.timeline)

    def _cue(self, name: CueName, arguments: tuple[Value, ...], transport: Transport, at: Micros) -> None:
        """Begins at the next bar line, though its first beat be written already; the argument is which one."""
        if not transport.playing and name != "intro":
            raise BadRequest(f"{name}: nothing is playing")
        which = arguments[0] if arguments else None
        if isinstance(which, str) and not which.isdecimal():
            raise BadRequest(f"{name}: takes the number of one, but was {which!r:.40}")
        passage = passage_of(self._band.leader.style, name, None if which is None else int(which))
        if not transport.playing:
            self._start(at)
        bar = transport.next_bar(self._band.meter)
        self._band.leader.cues.ask(name, bar, passage)
        self._band.prospect.begin_cue(self._band.leader.cues.on(bar), self._band.meter.beats_per_bar)
        if transport.prepared >= 0:
            self._band.copyist.recast(bar * self._band.meter.beats_per_bar, at, transport.timeline)

    def _veto(self, transport: Transport, at: Micros) -> None:
        """The player does not want what comes: a hold ends, else the next best takes the next beat's place."""
        number = transport.next_beat
        if self._band.hold.chord is not None:
            self._band.copyist.replan(self._band.hold.release(transport.prepared), at, transport.timeline)
            return
        self._band.planner.veto(number)
        self._band.copyist.replan([number], at, transport.timeline)

    def _hold(self, arguments: tuple[Value, ...], transport: Transport, at: Micros) -> None:
        """The band stays on the present chord for so many beats more; -1 (or nothing): until it is released with 0."""
        beats = arguments[0] if arguments else -1
        if isinstance(beats, str):
            raise BadRequest(
                f"plan/hold: takes a number of beats, -1 until released, 0 to release, but was {beats!r:.40}"
            )
        hold, present = self._band.hold, transport.prepared
        if beats == 0:
            changed = hold.release(present)
        elif not transport.playing or self._band.planner.chord_on(present) is None:
            raise BadRequest("plan/hold: there is no chord yet to stay on")
        else:
            changed = hold.begin(present, round(max(-1, min(beats, MOST_BEATS_HELD))))
        self._band.copyist.replan(changed, at, transport.timeline)
