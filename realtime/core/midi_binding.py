"""A binding: a note, controller, program or pedal, and the knob it turns or the button it presses; and how people write
one.
"""

from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from realtime.core.events import Value
from realtime.core.midi_codec import MidiMessage
from realtime.core.parameters import ACTIONS, PARAMETERS, BadValue, Parameter, check_action, coerce

Kind = Literal["note", "control", "program"]
Mode = Literal["absolute", "jump", "relative", "offset", "press", "toggle", "hold"]
"""How a message moves its target.

absolute: the position is the value, once it has met the value (soft takeover); jump: it is, at once.
relative: an endless knob, 1..63 up and 127..65 down (two's complement); offset: one that says 65.. up, 63.. down.
press: acts when pressed. toggle: each press turns a switch over. hold: a switch is on while the key or pedal is down.
"""

MODES: Final[tuple[Mode, ...]] = get_args(Mode)
_WORDS: Final[dict[str, Kind]] = {"cc": "control", "note": "note", "program": "program"}


class BadBinding(ValueError):
    """This cannot be bound; the text says what was seen and what is allowed."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A message and what it does. `channel` counts from 1, 0 means any; `port` is part of a port's name, empty any.

    `value` is what a press sets the target to, or an action's argument; empty for none.
    """

    target: str
    kind: Kind
    number: int
    channel: int = 0
    port: str = ""
    mode: Mode = "absolute"
    value: Value = ""

    @property
    def message(self) -> str:
        """The message, as people write it: "cc 21", "note 36 ch 10"."""
        return message_text(self.kind, self.number, self.channel)

    @property
    def arguments(self) -> tuple[Value, ...]:
        """What an action is given."""
        return () if self.value == "" else (self.value,)

    def covers(self, port: str, kind: Kind, message: MidiMessage) -> bool:
        """Whether a message from `port` is this one."""
        mine = kind == self.kind and message.a == self.number and self.channel in (0, message.channel + 1)
        return mine and self.port.lower() in port.lower()

    def shares_message(self, other: "Binding") -> bool:
        """Whether both wait for the same message."""
        return (self.message, self.port) == (other.message, other.port)


def message_text(kind: Kind, number: int, channel: int) -> str:
    """A message as people write it; channel 0 is any, and is left out."""
    word = next(word for word, meant in _WORDS.items() if meant == kind)
    return f"{word} {number}" + (f" ch {channel}" if channel else "")


def read_binding(target: str, message: str, port: str = "", mode: str = "", value: Value = "") -> Binding:
    """The binding that these words describe: ("energy", "cc 21"), ("fill", "note 36 ch 10", "nanoPAD").

    Raises:
        BadBinding: they describe none.
    """
    check_target(target, mode)
    kind, number, channel = _read_message(message)
    binding = Binding(target, kind, number, channel, port, cast(Mode, mode or _usual_mode(target, kind)), value)
    _check(binding)
    return binding


def check_target(target: str, mode: str) -> None:
    """Raises `BadBinding` if there is no such target, or no such mode; no mode at all will do."""
    if target not in PARAMETERS and target not in ACTIONS:
        raise BadBinding(f"target: a parameter or an action, but was {target!r:.80}")
    if mode and mode not in MODES:
        raise BadBinding(f"mode: one of {', '.join(MODES)}, but was {mode!r:.80}")


def _read_message(text: str) -> tuple[Kind, int, int]:
    words = text.lower().split()
    numbers = [int(word) for word in words[1::2] if word.isascii() and word.isdecimal() and len(word) < 4]
    is_whole = len(words) in (2, 4) and len(numbers) == len(words) // 2 and words[2:3] in ([], ["ch"])
    if not is_whole or words[0] not in _WORDS or numbers[0] > 127 or not 1 <= (numbers[1:] or [1])[0] <= 16:
        raise BadBinding(f"message: as 'cc 21', 'note 36', 'program 5' or 'cc 21 ch 3', but was {text!r:.80}")
    return _WORDS[words[0]], numbers[0], (numbers[1:] or [0])[0]


def _usual_mode(target: str, kind: Kind) -> Mode:
    if target in ACTIONS:
        return "press"
    if PARAMETERS[target].kind == "bool":
        return "toggle"
    return "absolute" if kind == "control" and PARAMETERS[target].kind != "text" else "press"


def _check(binding: Binding) -> None:
    """Raises `BadBinding` if the message cannot do to the target what it is to do."""
    target, mode = binding.target, binding.mode
    allowed: tuple[str, ...] = ("press",)
    try:
        if target in ACTIONS:
            check_action(target, binding.arguments)
        else:
            if binding.value != "":
                coerce(target, binding.value)
            allowed = _modes_of(PARAMETERS[target], binding)
    except BadValue as problem:
        raise BadBinding(f"value: {problem}") from None
    if mode not in allowed:
        how = ", ".join(allowed) or "nothing without a value to set"
        raise BadBinding(f"mode: {binding.message} can do to {target}: {how}; but was {mode}")


def _modes_of(parameter: Parameter, binding: Binding) -> tuple[str, ...]:
    presses: tuple[str, ...] = ("press",) if binding.value != "" or parameter.kind == "choice" else ()
    if parameter.kind == "bool":
        presses = (*presses, "toggle", "hold")
    turns = ("absolute", "jump", "relative", "offset") if binding.kind == "control" else ()
    return presses if parameter.kind == "text" else (*turns, *presses)
