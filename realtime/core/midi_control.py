"""MIDI control: what is bound turns knobs and presses buttons instead of making music; and MIDI learn.

Rules. A message that is bound is not heard as music, and one that is not bound is left alone; the end of a note, or of
a pedal, goes where its beginning went. A fader takes hold of a knob only where the knob stands (soft takeover), so
nothing jumps. What is learnt is told, and kept by whoever keeps things.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from realtime.core.events import (
    ActionRequested,
    ControlBound,
    ControlForgotten,
    ParameterSet,
    Rejected,
    Value,
)
from realtime.core.midi_binding import BadBinding, Binding, Kind, check_target, message_text, read_binding
from realtime.core.midi_codec import MidiMessage
from realtime.core.parameters import ACTIONS, PARAMETERS, Parameter, check_action, coerce
from realtime.core.units import clamp

MOST_BINDINGS: Final = 256
SOURCE: Final = "midi"
PREFIX: Final = "midi/"
"""In front of the actions that are for here."""

Consequence = ParameterSet | ActionRequested | ControlBound | ControlForgotten
_Key = tuple[str, int, int]
"""A port, a channel, and a note or controller."""

_KINDS: Final[dict[str, Kind]] = {
    "note_on": "note",
    "note_off": "note",
    "control": "control",
    "program": "program",
}
_FIRST_PEDAL, _LAST_PEDAL = 64, 69
_FIRST_MODE_MESSAGE: Final = 120
"""Controllers from here up are no controllers: all sound off, reset … They are never bound."""

_DOWN: Final = 64
"""Pedals and buttons are down from the middle on (MIDI 1.0, controllers 64-69)."""

_NEAR: Final = 2
"""A fader this near the knob, in 127ths, has met it."""


@dataclass(slots=True)
class _Held:
    """Where a control was, and the value that it gave the knob: while the knob stands there, it has hold of it."""

    position: int | None = None
    gave: Value | None = None


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What is to be bound to the next thing that moves. `seen` are controllers, and where they first stood."""

    target: str
    mode: str
    source: str
    seen: dict[_Key, int] = field(default_factory=dict)


class MidiControl:
    """The bindings of one performer.

    Args:
        parameters: where the knobs stand; read live, never written.
    """

    def __init__(self, parameters: Mapping[str, Value]) -> None:
        self._parameters = parameters
        self._bindings: dict[Binding, _Held] = {}
        self._lesson: _Lesson | None = None
        self._taken: set[_Key] = set()
        """Notes that were taken: their ends are taken, too."""
        self._pedals: set[_Key] = set()
        """Pedals that the music knows as down."""

    @property
    def bound(self) -> tuple[ControlBound, ...]:
        """What is bound, in the order of binding."""
        return tuple(_told(binding, "") for binding in self._bindings)

    @property
    def learning(self) -> str:
        """What will be bound to the next thing that moves; empty for nothing."""
        return self._lesson.target if self._lesson else ""

    def act(self, event: ActionRequested) -> Iterator[ControlBound | ControlForgotten | Rejected]:
        """`midi/learn` (target, mode), `midi/bind` (target, message, port, mode, value), `midi/forget` (target)."""
        words = [str(argument) for argument in event.arguments]
        try:
            match event.path:
                case "midi/learn":
                    self._learn(words[0], "".join(words[1:2]), event.source)
                case "midi/bind":
                    target, message, port, mode = [*words, "", ""][:4]
                    value = event.arguments[4] if len(words) > 4 else ""
                    yield from self._bind(read_binding(target, message, port, mode, value), event.source)
                case _:
                    yield from self._forget("".join(words[:1]), event.source)
        except BadBinding as problem:
            yield Rejected(f"{event.path}: {problem}", event.source)

    def take(self, port: str, message: MidiMessage) -> Sequence[Consequence] | None:
        """What a message does, if it is bound or being learnt: for the performer to do or tell. None: it is music."""
        kind = _KINDS.get(message.kind)
        if kind is None or (kind == "control" and message.a >= _FIRST_MODE_MESSAGE):
            return None
        key = (port, message.channel, message.a)
        if message.kind == "note_off" and key not in self._taken:
            return None
        consequences: list[Consequence] = list(self._listen(key, kind, message))
        found = [] if consequences else [b for b in self._bindings if b.covers(port, kind, message)]
        for binding in found:
            consequences += self._move(binding, message)
        is_taken = bool(consequences or found)
        if kind == "note":
            (self._taken.add if message.kind == "note_on" and is_taken else self._taken.discard)(key)
            return consequences if is_taken or message.kind == "note_off" else None
        is_for_music = self._ends_pedal(key, message, is_taken=is_taken)
        return consequences if is_taken and not is_for_music else None

    # ----------------------------------------------------------------------------------- learning, binding

    def _learn(self, target: str, mode: str, source: str) -> None:
        if target:
            check_target(target, mode)
        self._lesson = _Lesson(target, mode, source) if target else None

    def _listen(self, key: _Key, kind: Kind, message: MidiMessage) -> Iterator[ControlBound | ControlForgotten]:
        """The lesson: a key, a program, a button pressed, a controller that moves; what cannot do it is passed by."""
        lesson = self._lesson
        if lesson is None or message.kind == "note_off" or not _has_moved(lesson, key, kind, message):
            return
        try:
            text = message_text(kind, message.a, message.channel + 1)
            yield from self._bind(read_binding(lesson.target, text, key[0], lesson.mode), lesson.source)
        except BadBinding:
            return
        self._lesson = None

    def _bind(self, binding: Binding, source: str) -> Iterator[ControlBound | ControlForgotten]:
        for old in [old for old in self._bindings if old.shares_message(binding)]:
            yield from self._drop(old, source)
        if len(self._bindings) >= MOST_BINDINGS:
            raise BadBinding(f"{MOST_BINDINGS} are bound, which is the most")
        self._bindings[binding] = _Held()
        yield _told(binding, source)

    def _forget(self, target: str, source: str) -> Iterator[ControlForgotten]:
        self._lesson = None
        found = [binding for binding in self._bindings if target in ("", binding.target)]
        if target and not found:
            raise BadBinding(f"nothing is bound to {target!r:.80}")
        for binding in found:
            yield from self._drop(binding, source)

    def _drop(self, binding: Binding, source: str) -> Iterator[ControlForgotten]:
        del self._bindings[binding]
        yield ControlForgotten(binding.target, binding.message, binding.port, source)

    # -------------------------------------------------------------------------------------------- playing

    def _ends_pedal(self, key: _Key, message: MidiMessage, *, is_taken: bool) -> bool:
        """Whether a pedal comes up that the music knows as down: it was bound meanwhile, but this is for the music."""
        if message.kind != "control" or not _FIRST_PEDAL <= message.a <= _LAST_PEDAL:
            return False
        is_end = message.b < _DOWN and key in self._pedals
        if is_end:
            self._pedals.discard(key)
        elif message.b >= _DOWN and not is_taken:
            self._pedals.add(key)
        return is_end

    def _move(self, binding: Binding, message: MidiMessage) -> Iterator[ParameterSet | ActionRequested]:
        least = _DOWN if message.kind == "control" else 0
        is_down = message.kind == "program" or (message.kind != "note_off" and message.b >= least)
        held = self._bindings[binding]
        if binding.target in ACTIONS:
            if _is_pressed(held, message, is_down=is_down):
                yield ActionRequested(binding.target, check_action(binding.target, binding.arguments), SOURCE)
            return
        value = self._turned(binding, held, message, is_down=is_down)
        if value is None:
            return
        coerced = held.gave = coerce(binding.target, value)
        if coerced != self._parameters[binding.target]:
            yield ParameterSet(binding.target, coerced, SOURCE)

    def _turned(self, binding: Binding, held: _Held, message: MidiMessage, *, is_down: bool) -> Value | None:
        """What the target is set to; None for nothing."""
        parameter, now = PARAMETERS[binding.target], self._parameters[binding.target]
        match binding.mode:
            case "absolute" | "jump":
                before, held.position = held.position, message.b
                has_hold = binding.mode == "jump" or held.gave == now or _meets(before, message.b, parameter, now)
                return _value_at(parameter, message.b) if has_hold else None
            case "relative":
                return _stepped(parameter, now, message.b - 128 if message.b >= 64 else message.b)
            case "offset":
                return _stepped(parameter, now, message.b - 64)
            case "hold":
                return is_down
            case "press" | "toggle":
                if not _is_pressed(held, message, is_down=is_down):
                    return None
                has_value = binding.mode == "press" and binding.value != ""
                return binding.value if has_value else _next(parameter, now)


def _told(binding: Binding, source: str) -> ControlBound:
    return ControlBound(binding.target, binding.message, binding.port, binding.mode, binding.value, source)


def _has_moved(lesson: _Lesson, key: _Key, kind: Kind, message: MidiMessage) -> bool:
    """Whether a message is a deliberate one: a button must go down, a fader must stand elsewhere than before."""
    if kind != "control" or lesson.mode in ("relative", "offset"):
        return True
    is_turned = lesson.target in PARAMETERS and PARAMETERS[lesson.target].kind != "bool"
    if not is_turned or lesson.mode in ("press", "toggle", "hold"):
        return message.b >= _DOWN
    return lesson.seen.setdefault(key, message.b) != message.b


def _is_pressed(held: _Held, message: MidiMessage, *, is_down: bool) -> bool:
    """Down now, and, for what sends its whole way down as a pedal does, up before."""
    was_down, held.position = bool(held.position), int(is_down)
    return is_down and not (message.kind == "control" and was_down)


def _meets(before: int | None, position: int, parameter: Parameter, now: Value) -> bool:
    """Whether a fader that was at `before` and is at `position` has come to where the knob stands, or gone past it."""
    stands = _place(parameter, now)
    if abs(position - stands) <= _NEAR:
        return True
    return before is not None and (before - stands) * (position - stands) <= 0


def _place(parameter: Parameter, value: Value) -> float:
    """Where a fader for this value would stand, 0..127."""
    if parameter.kind == "choice":
        return 127 * parameter.choices.index(str(value)) / max(1, len(parameter.choices) - 1)
    return 127 * (float(value) - parameter.low) / (parameter.high - parameter.low)


def _value_at(parameter: Parameter, position: int) -> Value:
    """What a fader at 0..127 means."""
    match parameter.kind:
        case "choice":
            return parameter.choices[position * len(parameter.choices) // 128]
        case "bool":
            return position >= _DOWN
        case _:
            value = parameter.low + (parameter.high - parameter.low) * position / 127
            return round(value) if parameter.kind == "int" else value


def _stepped(parameter: Parameter, now: Value, steps: int) -> Value:
    """So many clicks further; a click is a 127th, a whole number, or the next choice."""
    match parameter.kind:
        case "choice":
            place = parameter.choices.index(str(now)) + steps
            return parameter.choices[round(clamp(place, 0, len(parameter.choices) - 1))]
        case "bool":
            return steps > 0 if steps else now
        case "int":
            return int(now) + steps
        case _:
            return float(now) + steps * (parameter.high - parameter.low) / 127


def _next(parameter: Parameter, now: Value) -> Value:
    """The other position of a switch, or the next choice, round and round."""
    if parameter.kind == "choice":
        return parameter.choices[(parameter.choices.index(str(now)) + 1) % len(parameter.choices)]
    return not now
