"""The one table of everything that can be turned or pressed, and how a value from outside becomes one of ours.

OSC addresses are `/sideman/` + path; configuration, learning and documentation read the same table. A number out of
range is clamped (a fader past its end is not an error); a value of the wrong kind, or no number, is refused.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from realtime.core.events import BAND_PARTS, CHANNEL_OF_PART, Part, Value
from realtime.core.sound_table import INSTRUMENT_OF_PART, INSTRUMENTS, KNOBS, PREFIX
from realtime.core.units import MAX_TEMPO_BPM, MIN_TEMPO_BPM, clamp

Kind = Literal["float", "int", "bool", "choice", "text"]


MEMORIES: Final = ("off", "hold", "loop")
"""Bass, keys and pad rest after a while; the last chord goes on; the chords go on as they were going round."""

SOURCES: Final = ("internal", "clock", "link", "follow")
"""Our own, MIDI clock, an Ableton Link session, or the player's."""

HANDS: Final = ("full", "split", "fingered", "bass")
"""The whole keyboard; keys below the split; three or more of those; the whole keyboard, the lowest key the bass."""


MODES: Final = ("listen", "comp", "answer", "trade", "duet", "harmonise")
"""Plays nothing; accompanies; and, accompanying, answers phrases, trades bars, plays a second voice, or harmonises."""


class BadValue(ValueError):
    """The value sent for a parameter cannot be understood; the text says what was seen and what is allowed."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A knob: its path, what it holds, and what it means."""

    path: str
    kind: Kind
    default: Value
    help: str
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """The allowed values, for people."""
        match self.kind:
            case "choice":
                return "one of " + ", ".join(self.choices)
            case "bool":
                return "0 or 1"
            case "text":
                return "a text of at most 64 characters"
            case "int":
                return f"a whole number {self.low:g} to {self.high:g}"
            case "float":
                return f"a number {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """A button: its path and how many arguments it may carry."""

    path: str
    help: str
    least_arguments: int = 0
    most_arguments: int = 0
    zero_counts: bool = False
    """Whether a single 0 is an argument, and not a button let go."""


def _part_parameters() -> list[Parameter]:
    table: list[Parameter] = []
    for part in BAND_PARTS:
        at = f"part/{part}/"
        table += [
            Parameter(at + "level", "float", 0.8, f"how loud the {part} are in the mix; 0.8 is 0 dB"),
            Parameter(at + "mute", "bool", default=False, help=f"silence the {part}"),
            Parameter(at + "solo", "bool", default=False, help=f"hear only the {part} (and other soloed parts)"),
            Parameter(at + "density", "float", 0.5, f"how busily the {part} play"),
            Parameter(at + "channel", "int", CHANNEL_OF_PART[part] + 1, f"MIDI channel of the {part}", 1, 16),
            Parameter(at + "program", "int", 0, f"program chosen where the {part}' MIDI goes; 0: none is sent", 0, 128),
            Parameter(
                at + "bank", "int", 0, f"bank of the {part}' program: 128 × controller 0 + controller 32", 0, 16_383
            ),
        ]
    return table


def _sound_parameters() -> list[Parameter]:
    """The engine's own knobs, as it declares them, and who plays what."""
    table = [
        Parameter(f"part/{part}/instrument", "choice", instrument, "what the part plays on", choices=INSTRUMENTS)
        for part, instrument in INSTRUMENT_OF_PART.items()
    ]
    for knob in KNOBS:
        at, about = PREFIX + knob.name, knob.help.removesuffix(".")
        if knob.curve == "switch":
            table.append(Parameter(at, "bool", knob.default >= 0.5, about))
        else:
            table.append(Parameter(at, "float", knob.default, about, knob.low, knob.high, knob.unit))
    return table


PARAMETERS: Final[dict[str, Parameter]] = {
    parameter.path: parameter
    for parameter in [
        Parameter("transport/tempo", "float", 96.0, "tempo", MIN_TEMPO_BPM, MAX_TEMPO_BPM, "quarters a minute"),
        Parameter("transport/source", "choice", "internal", "whose time is followed", choices=SOURCES),
        Parameter("transport/sync", "bool", default=True, help="start with the player's first note"),
        Parameter("transport/sync_stop", "bool", default=False, help="stop when all keys are up, start with the next"),
        Parameter("transport/count_in", "int", 0, "sticks before the first bar, with transport/start", 0, 4, "bars"),
        Parameter("transport/count_in/sync", "bool", default=False, help="count in too if a note starts the music"),
        Parameter("mode", "choice", "comp", "what the band does", choices=MODES),
        Parameter("trade/bars", "int", 4, "how long each turn is, where the band trades with you", 1, 16, "bars"),
        Parameter("solo/model", "bool", default=False, help="let the phrase model play solos where it answers in time"),
        Parameter("harmonise/voices", "int", 2, "how many voices are added under each of your notes", 1, 3),
        Parameter("harmonise/voicing", "choice", "close", "how they lie", choices=("close", "drop2")),
        Parameter("style", "text", "pop_ballad", "which style the band plays"),
        Parameter("variation", "choice", "auto", "groove variation", choices=("auto", "A", "B", "C", "D")),
        Parameter("energy", "float", 0.5, "how hard the band plays, when it does not follow the player"),
        Parameter("energy/follow", "bool", default=True, help="follow the player's dynamics"),
        Parameter("swing", "float", 0.0, "how far off-beat sixteenths are delayed, as a share of a full triplet"),
        Parameter("creativity", "float", 0.3, "how often the band chooses something less usual"),
        Parameter("complexity", "int", 4, "how far from your chords the band's own additions may go", 1, 10),
        Parameter("lookahead", "int", 8, "how far ahead the band plans", 1, 32, "beats"),
        Parameter("commit", "int", 1, "how far ahead the band decides for good", 1, 8, "beats"),
        Parameter("commit/threshold", "float", 0.5, "how likely a chord must be for the band to be there before you"),
        Parameter("commit/hedge", "bool", default=True, help="unsure, play what two likely chords share"),
        Parameter("hold/memory", "choice", "off", "what the band does when your hands rest", choices=MEMORIES),
        Parameter("listen/hands", "choice", "full", "which keys make chords", choices=HANDS),
        Parameter(
            "listen/split",
            "int",
            60,
            "from this key on up there is melody: for chords where hands are split, for roles always",
            0,
            127,
        ),
        *_part_parameters(),
        *_sound_parameters(),
    ]
}

ACTIONS: Final[dict[str, ActionSpec]] = {
    action.path: action
    for action in [
        ActionSpec("transport/start", "start from the first bar"),
        ActionSpec("transport/stop", "stop, and let every note go"),
        ActionSpec("transport/continue", "go on from where the music stopped"),
        ActionSpec("transport/panic", "silence everything at once; the music goes on"),
        ActionSpec("transport/tap", "tap the tempo: two taps or more"),
        ActionSpec("transport/meter", "time signature: numerator, denominator", 2, 2),
        ActionSpec("fill", "play a fill up to the next bar line"),
        ActionSpec("intro", "bars to begin with: from the next bar line on, or as the music starts; which one", 0, 1),
        ActionSpec("break", "a bar of silence, or what the style writes, at the next bar line; which one", 0, 1),
        ActionSpec("ending", "the style's ending, at the next bar line; then the music stops; which one", 0, 1),
        ActionSpec("fade", "fade out over so many bars (4), then stop; 0 takes it back", 0, 1, zero_counts=True),
        ActionSpec("key", "set the key (as 'Eb major'), or '' to listen again", 1, 1),
        ActionSpec("chord", "set the chord heard (as 'Am7'), for the present beat", 1, 1),
        ActionSpec("chart", "the song's chords, as '| C | Am7 D7 | G7 |'; '' takes the chart away", 1, 1),
        ActionSpec("plan/accept", "keep what the band foresees", 0, 1),
        ActionSpec("plan/veto", "drop what the band foresees; the next best is taken", 0, 1),
        ActionSpec(
            "plan/hold", "stay on the present chord: beats, -1 until released, 0 to release", 0, 1, zero_counts=True
        ),
        ActionSpec("song/next", "another song begins; what was heard stays known"),
        ActionSpec("midi/learn", "bind what moves next to a parameter or action ('' to stop); mode", 1, 2),
        ActionSpec("midi/bind", "bind a message, as 'cc 21': target, message, port, mode, value", 2, 5),
        ActionSpec("midi/forget", "what is bound to a parameter or action is music again; all, without one", 0, 1),
        ActionSpec("session/start", "a new session begins, recorded anew; the music stops"),
        ActionSpec("session/stop", "the music stops, and what is recorded is written; play on, and it is not recorded"),
        ActionSpec("session/mark", "put a mark into the session log", 0, 1),
    ]
}


def _number(parameter: Parameter, value: object) -> float:
    if isinstance(value, int | float) and not math.isnan(value):
        return clamp(value, parameter.low, parameter.high)
    raise BadValue(f"{parameter.path}: {parameter.allowed}, but was {value!r}")


def coerce(path: str, value: object) -> Value:
    """`value` as the parameter at `path` holds it: kinds converted, ranges clamped.

    OSC controllers send floats for everything, so 1.0 is accepted for a switch and for a whole number.

    Raises:
        KeyError: there is no such parameter.
        BadValue: the value is of the wrong kind, not a number, or not one of the choices.
    """
    parameter = PARAMETERS[path]
    match parameter.kind:
        case "float":
            return float(_number(parameter, value))
        case "int":
            return round(_number(parameter, value))
        case "bool":
            if isinstance(value, bool | int | float) and not math.isnan(value):
                return bool(value >= 0.5)
        case "choice":
            if isinstance(value, str) and value in parameter.choices:
                return value
        case "text":
            if isinstance(value, str) and 0 < len(value) <= 64 and value.isprintable():
                return value
    raise BadValue(f"{path}: {parameter.allowed}, but was {value!r:.80}")


def check_action(path: str, arguments: Sequence[object]) -> tuple[Value, ...]:
    """The arguments of the action at `path`, if there are as many as it takes and all are numbers or text.

    Raises:
        KeyError: there is no such action.
        BadValue: too few or too many arguments, or one that is neither number nor text.
    """
    spec = ACTIONS[path]
    if len(arguments) > spec.most_arguments:
        # A button on a tablet sends 1.0 when pressed: tolerated where nothing is expected.
        arguments = arguments[: spec.most_arguments]
    if len(arguments) < spec.least_arguments:
        raise BadValue(f"{path}: takes {spec.least_arguments} arguments ({spec.help}), but got {len(arguments)}")
    checked: list[Value] = []
    for argument in arguments:
        if not isinstance(argument, float | int | bool | str) or (
            isinstance(argument, float) and not math.isfinite(argument)
        ):
            raise BadValue(f"{path}: arguments must be numbers or text, but got {argument!r:.80}")
        checked.append(argument)
    return tuple(checked)


DEFAULTS: Final[dict[str, Value]] = {path: parameter.default for path, parameter in PARAMETERS.items()}

_SWITCHES: Final = tuple((part, f"part/{part}/mute", f"part/{part}/solo") for part in BAND_PARTS)


def muted_parts(values: Mapping[str, Value]) -> frozenset[Part]:
    """The band's parts that are not to be heard: muted ones, and all others while any is soloed."""
    soloed = [part for part, _, solo in _SWITCHES if values[solo]]
    return frozenset(part for part, mute, _ in _SWITCHES if values[mute] or (soloed and part not in soloed))
